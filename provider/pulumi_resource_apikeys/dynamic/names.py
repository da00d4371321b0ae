"""Names of properties: as a Python program writes them, and as they stand in the state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_FIRST_STEP = re.compile(r'\["(\w+)"\]|(\w+)(?=[.\[]|\Z)')


def camel(name: str) -> str:
    """The name as it stands in the state: `key_id` → `keyId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def path_in_state(path: str, names: Collection[str]) -> str:
    """A property path as the engine takes it: `emergency_triggers.git_sha` → `emergencyTriggers.git_sha`.

    The first step is camel-cased if it is one of `names`; what comes behind it is named by the user and stays.
    """
    first = _FIRST_STEP.match(path)
    name = (first[1] or first[2]) if first is not None else ""
    return path.replace(name, camel(name), 1) if name in names else path

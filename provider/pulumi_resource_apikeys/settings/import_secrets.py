"""The secrets of keys that are imported, from whoever has them at hand: from the environment alone, for one command.

They are no option of the provider: an option would stay in the state of the provider, and in that of every later run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from collections.abc import Mapping

IMPORT_SECRET = "APIKEYS_IMPORT_SECRET"  # noqa: S105 - the name of a variable
"""The variable of the one key that is imported; that of one of several has the key's id behind it."""


def import_secrets(environment: Mapping[str, str]) -> dict[str, SecretStr]:
    """The secrets by their variables' names, written as `variable_of` does; an empty one counts as not set."""
    given = {_normal(name): value.strip() for name, value in environment.items() if name.startswith(IMPORT_SECRET)}
    return {name: SecretStr(value) for name, value in given.items() if value}


def variable_of(key_id: str) -> str:
    """The variable of the key of that id, such as `APIKEYS_IMPORT_SECRET_0B9D5C1E_6A53_4C1E_9A51_2F7F3A3D7C10`."""
    return f"{IMPORT_SECRET}_{_normal(key_id)}"


def _normal(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "_", text.upper())

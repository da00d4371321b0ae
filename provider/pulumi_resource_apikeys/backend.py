"""Where the stack's state is kept, as Pulumi's own command finds it: by its environment, else by who is logged in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def backend_of(environment: Mapping[str, str]) -> str:
    """The address of the backend (`https://…`, `file://…`, `s3://…`), empty if it can't be found out.

    A backend that the project's own file names is not seen. See `PULUMI_BACKEND_URL` and `credentials.json` in Pulumi's
    documentation of backends.
    """
    named = environment.get("PULUMI_BACKEND_URL")
    if named:
        return named
    try:
        home = Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
        current = json.loads((home / "credentials.json").read_text(encoding="utf-8"))["current"]
    except (OSError, RuntimeError, ValueError, KeyError, TypeError):
        return ""
    return current if isinstance(current, str) else ""

"""The executable `apikeys` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXECUTABLE = Path(sys.executable).with_name("apikeys")


@dataclass(frozen=True)
class Said:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """What it wrote, read as JSON."""
        return json.loads(self.out)


def apikeys(
    *arguments: str, environment: Mapping[str, str] | None = None, folder: Path | None = None, given: str = ""
) -> Said:
    """Run `apikeys` with these arguments and these settings, and no others of Pulumi or the provider."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "APIKEYS_"))}
    done = subprocess.run(
        [EXECUTABLE, *arguments],
        cwd=folder,
        env={**inherited, "COLUMNS": "200", **(environment or {})},
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)

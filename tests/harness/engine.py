"""The real engine and its language hosts, as `make engine` finds or builds them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "engine.py"


def engine_folder() -> Path:
    """The folder with `pulumi` and its Python host; building them takes some minutes, once."""
    return _folder("engine")


def hosts_folder() -> Path:
    """The folder with the language hosts of Node, Go and YAML; building them takes some minutes, once."""
    return _folder("hosts")


def _folder(kit: str) -> Path:
    told = subprocess.run([sys.executable, str(TOOL), kit], check=True, stdout=subprocess.PIPE, text=True)
    return Path(told.stdout.strip())

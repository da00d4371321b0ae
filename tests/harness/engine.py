"""The real engine, as `make engine` finds or builds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "engine.py"


def engine_folder() -> Path:
    """The folder with `pulumi` and its Python host; building them takes some minutes, once."""
    told = subprocess.run([sys.executable, str(TOOL)], check=True, stdout=subprocess.PIPE, text=True)
    return Path(told.stdout.strip())

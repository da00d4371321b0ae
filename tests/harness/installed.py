"""What is installed beside the tests, asked of pip once, for Pulumi's Python host, which asks before each command."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

KNOWN_PIP = Path(__file__).with_name("known_pip")
QUESTION = ["list", "-v", "--format", "json"]


@functools.cache
def _answers() -> TemporaryDirectory[str]:
    """A folder with pip's answer, until this process ends."""
    folder = TemporaryDirectory(prefix="installed-")
    asked = subprocess.run([sys.executable, "-m", "pip", *QUESTION], check=True, stdout=subprocess.PIPE, text=True)
    name = f"{sys.prefix} {' '.join(QUESTION)}".replace(os.sep, "_")
    Path(folder.name, name).write_text(asked.stdout)
    return folder


def environment(python_path: str) -> dict[str, str]:
    """The variables with which `python -m pip` answers at once; `python_path` is what PYTHONPATH is without them."""
    paths = [str(KNOWN_PIP), *([python_path] if python_path else [])]
    return {"PYTHONPATH": os.pathsep.join(paths), "HARNESS_PIP_ANSWERS": _answers().name}

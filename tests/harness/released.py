"""What `make release` makes, for tests that install it; kept in the checkout's `.cache`, by what it is made from."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from harness.packages import CACHE, CHECKOUT, alone

MADE_FROM = [
    "provider",
    "sdk",
    "examples/ci-preview/python/requirements.txt",
    "tools/release.py",
    "tools/project_page.py",
    "tools/plugin_executable.py",
]
NOT_SOURCES = {"node_modules", "bin", "__pycache__", "build"}


def released(*parts: str) -> Path:
    """The folder with the wanted parts, of those that `release.py --only` names, each made once."""
    folder = CACHE / f"release-{_digest()}"
    with alone("release"):
        for part in parts:
            done = folder.with_name(f"{folder.name}.{part}")
            if not done.exists():
                tool = [sys.executable, str(CHECKOUT / "tools" / "release.py"), "--only", part, "--out", str(folder)]
                tool += ["--python", f"{sys.version_info.major}.{sys.version_info.minor}"]
                made = subprocess.run(tool, capture_output=True, text=True, check=False)
                assert made.returncode == 0, made.stderr
                done.touch()
    return folder


def _digest() -> str:
    digest = hashlib.sha256()
    files = [CHECKOUT / "pyproject.toml", CHECKOUT / "README.md", CHECKOUT / "PulumiPlugin.yaml"]
    for name in MADE_FROM:
        files += sorted(file for file in [CHECKOUT / name, *(CHECKOUT / name).rglob("*")] if file.is_file())
    for file in files:
        if not NOT_SOURCES.intersection(file.parts) and ".egg-info" not in str(file):
            digest.update(str(file.relative_to(CHECKOUT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]

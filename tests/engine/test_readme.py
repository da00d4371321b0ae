"""The README's first steps, as written."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from harness.stack import bare_environment

CHECKOUT = Path(__file__).parents[2]
INSTALLS = ("python3 -m venv", "pip install")
"""What the environment of the tests has already; `test_released.py` installs from nothing."""


def test_the_first_steps_make_a_key_and_reach_the_emulator_alone(tmp_path: Path, engine_bin: Path) -> None:
    found = re.search(r"<!-- tested: first key -->\n```sh\n(.*?)```", (CHECKOUT / "README.md").read_text(), re.DOTALL)
    assert found is not None
    lines = [line for line in found[1].splitlines() if not line.startswith(INSTALLS)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    ready = f"until apikeys-emulator keys --url http://127.0.0.1:{port} >/dev/null 2>&1; do :; done"
    script = "\n".join(lines).replace("8123", port).replace("\nmkdir state", f"\n{ready}\nmkdir state")
    assert ready in script
    example = tmp_path / "examples" / "basic" / "python"
    shutil.copytree(CHECKOUT / "examples" / "basic" / "python", example, ignore=shutil.ignore_patterns("venv", "state"))
    (example / "venv").symlink_to(sys.prefix)
    # An endpoint of the user's environment must not lead the steps elsewhere.
    own = {"HOME": str(tmp_path), "PULUMI_SKIP_UPDATE_CHECK": "1", "APIKEYS_ENDPOINT": "http://127.0.0.1:1"}

    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={**bare_environment(engine_bin), **own},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "+ 3 created" in done.stdout
    assert "- 3 deleted" in done.stdout
    assert "using pulumi-resource-apikeys from" not in done.stdout

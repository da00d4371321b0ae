"""Schemathesis against the running emulator, with its default checks: the server does what its document says."""

import os
import subprocess
import sys
from pathlib import Path

from apikeys_emulator.testing import Emulator

EXAMPLES_A_CALL = 15


def test_the_server_does_what_its_document_says(own_emulator: Emulator, tmp_path: Path) -> None:
    hooks = {"SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{own_emulator.url}/api/v1/openapi.json"),
            *("--header", f"Authorization: Bearer {own_emulator.token()}"),
            *("--max-examples", str(EXAMPLES_A_CALL), "--continue-on-failure", "--no-color"),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        env={**os.environ, **hooks},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout
    assert "Traceback" not in own_emulator.stderr()
    assert all(count > EXAMPLES_A_CALL for operation, count in own_emulator.counts().items() if operation != "clerk")

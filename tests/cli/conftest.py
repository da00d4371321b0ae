"""For tests of the executable `apikeys`: a project of the emulator's, and the settings that lead there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from uuid import uuid4

import pytest

from apikeys_cli.__main__ import main
from apikeys_emulator.testing import Emulator
from harness.command_line import Said

TOKEN_LIFE = 3600


@pytest.fixture
def project() -> str:
    """A project's UUID, new for each test."""
    return str(uuid4())


@pytest.fixture
def settings(emulator: Emulator, project: str) -> dict[str, str]:
    """The provider's settings by its environment variables."""
    return {
        "APIKEYS_ENDPOINT": emulator.url,
        "APIKEYS_TOKEN": emulator.token(ttl_seconds=TOKEN_LIFE),
        "APIKEYS_PROJECT_ID": project,
    }


@pytest.fixture
def run(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Runs `apikeys` with these settings, in this process: another one would take half a second to start."""

    def run(*arguments: str, **options: str) -> Said:
        with monkeypatch.context() as changed:
            for name in [name for name in os.environ if name.startswith(("PULUMI_", "APIKEYS_"))]:
                changed.delenv(name)
            for name, value in {"COLUMNS": "200", **settings, **options}.items():
                changed.setenv(name, value)
            changed.setattr(sys, "argv", ["apikeys", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        written = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, written.out, written.err)

    return run

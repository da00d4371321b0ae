"""For tests of the executable `apikeys`: a project of the emulator's, and the settings that lead there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from harness.command_line import Said, apikeys

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
def run(settings: dict[str, str]) -> Callable[..., Said]:
    """Runs `apikeys` with these settings."""

    def run(*arguments: str, **options: str) -> Said:
        return apikeys(*arguments, environment={**settings, **options})

    return run

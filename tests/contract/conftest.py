"""A running emulator for contract tests: one process a worker, reset before each test; a project for each test."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from apikeys_emulator.testing import Emulator


@pytest.fixture(scope="session")
def shared_emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Emulator:
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def own_emulator() -> Iterator[Emulator]:
    """For a test that restarts or stops it, or counts its keys."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def project_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def api(emulator: Emulator) -> Iterator[httpx.Client]:
    """An HTTP client with a valid token, below `/api/v1`."""
    headers = {"Authorization": f"Bearer {emulator.token()}"}
    with httpx.Client(base_url=f"{emulator.url}/api/v1", headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def keys_path(project_id: str) -> str:
    """The path of the test's own project."""
    return f"/projects/{project_id}/keys"

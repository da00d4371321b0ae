"""For contract tests: a project for each, and a client."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from apikeys_emulator.testing import Emulator


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

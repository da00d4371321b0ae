"""What the unit tests of lifecycles share: a clock, and keys in memory by its time."""

from __future__ import annotations

import httpcore
import pytest

from fakes.clock import FakeClock
from fakes.http import by_httpx
from fakes.keys import FakeKeys
from pulumi_resource_apikeys.keys.run import Run, run_of


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keys(clock: FakeClock) -> FakeKeys:
    return FakeKeys(clock)


@pytest.fixture
def run(keys: FakeKeys, clock: FakeClock) -> Run:
    """A run that has seen nothing yet and writes nothing down."""
    return run_of(keys, clock)


@pytest.fixture(autouse=True)
def mocked_http(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test with `httpx_mock`: it answers what the provider sends."""
    if "httpx_mock" in request.fixturenames:
        monkeypatch.setattr(httpcore.AsyncConnectionPool, "handle_async_request", by_httpx)

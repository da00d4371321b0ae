"""What the unit tests of lifecycles share: a clock, and keys in memory by its time."""

from __future__ import annotations

import pytest

from fakes.clock import FakeClock
from fakes.keys import FakeKeys


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keys(clock: FakeClock) -> FakeKeys:
    return FakeKeys(clock)

"""What holds for all tests: how cases are made up, and the emulators that they may use."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from apikeys_emulator.testing import Emulator

# A shell that starts the suite in the background lets it ignore Ctrl-C, and so all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same cases in every run, so that a red run is red for what was changed, and no case fails for a busy machine.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def shared_emulator() -> Iterator[Emulator]:
    """A server of the API in another process, for all tests of a worker."""
    with Emulator() as running:
        yield running


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Emulator:
    """That server as at its start, but for the keys of earlier tests, which are in other projects."""
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def own_emulator() -> Iterator[Emulator]:
    """One for a test that restarts or stops it, or counts all its keys."""
    with Emulator() as emulator:
        yield emulator

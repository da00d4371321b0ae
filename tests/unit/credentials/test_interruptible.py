"""Tokens of a run that is cancelled: a source that hangs keeps nobody waiting, one that answers still serves."""

import asyncio
import sys
from pathlib import Path

import pytest

from fakes.clock import FakeClock
from harness.processes import alive, eventually
from pulumi_resource_apikeys.credentials.interruptible import InterruptibleTokens
from pulumi_resource_apikeys.credentials.tokens import Tokens
from pulumi_resource_apikeys.errors import CancelledRunError
from pulumi_resource_apikeys.interruption import InterruptibleClock
from pulumi_resource_apikeys.settings import TokenCommand

HANGING = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
print("begun", file=sys.stderr, flush=True)
time.sleep(600)
"""


@pytest.fixture
def clock() -> InterruptibleClock:
    return InterruptibleClock(FakeClock())


async def test_a_source_that_hangs_is_waited_for_no_longer_once_the_run_is_cancelled(
    clock: InterruptibleClock, tmp_path: Path
) -> None:
    pid, begun = tmp_path / "pid", asyncio.Event()
    command = TokenCommand((sys.executable, "-c", HANGING, str(pid)))
    tokens = InterruptibleTokens(Tokens([command], clock, lambda _line: begun.set()), clock, grace=0.01)
    before = asyncio.all_tasks()
    waiters = [asyncio.ensure_future(tokens.token()) for _ in range(3)]
    await begun.wait()
    clock.interrupt()
    for outcome in await asyncio.gather(*waiters, return_exceptions=True):
        assert isinstance(outcome, CancelledRunError)
    assert asyncio.all_tasks() == before
    eventually(lambda: not alive(int(pid.read_text())), "the program ends")


async def test_a_source_that_answers_soon_serves_after_the_run_was_cancelled_too(
    clock: InterruptibleClock,
) -> None:
    tokens = InterruptibleTokens(Tokens([TokenCommand(("printf", "opaque"))], clock, lambda _line: None), clock)
    clock.interrupt()
    assert (await tokens.token()).get_secret_value() == "opaque"


async def test_a_caller_who_gives_up_ends_the_wait(clock: InterruptibleClock, tmp_path: Path) -> None:
    begun = asyncio.Event()
    command = TokenCommand((sys.executable, "-c", HANGING, str(tmp_path / "pid")))
    tokens = InterruptibleTokens(Tokens([command], clock, lambda _line: begun.set()), clock)
    before = asyncio.all_tasks()
    waiter = asyncio.ensure_future(tokens.token())
    await begun.wait()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    assert waiter.cancelled()
    assert asyncio.all_tasks() == before
    eventually(lambda: not alive(int((tmp_path / "pid").read_text())), "the program ends")


async def test_what_is_refused_and_accepted_is_passed_on(clock: InterruptibleClock) -> None:
    tokens = InterruptibleTokens(Tokens([TokenCommand(("printf", "opaque"))], clock, lambda _line: None), clock)
    for _ in range(3):
        tokens.refused(await tokens.token())
        tokens.accepted(await tokens.token())
    assert (await tokens.token()).get_secret_value() == "opaque"

"""Runs that are interrupted or killed while keys are made: every key left is in the state, or the user is told."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from apikeys_emulator.testing import Emulator
from harness.processes import alive, eventually, up_under_way
from harness.stack import Stack
from harness.variants import DYNAMIC, both

KEYS = 10
AT_ONCE = 3
"""How many calls the provider makes at once, so that some creates wait for their turn."""
LATENCY_MS = 3000
SLOW_END = """
import atexit, sys, time
if any("pulumi-resource-apikeys" in argument for argument in sys.orig_argv):
    atexit.register(time.sleep, 10)
"""
QUIET = 0.5
"""Seconds; a state that was not written for that long is written whole."""


@pytest.fixture
def stack(new_stack: Callable[..., Stack], project: str) -> Stack:
    """A stack of keys yet to be made, with a provider that makes few at once."""
    made = new_stack(environment={"APIKEYS_MAX_CONCURRENCY": str(AT_ONCE)})
    made.declare({f"key{number}": {"args": {"project_id": project}} for number in range(KEYS)})
    return made


def under_way(emulator: Emulator) -> list[str | None]:
    return [call.key_id for call in emulator.calls() if call.operation == "create" and call.status is None]


def in_flight(emulator: Emulator) -> Callable[[], bool]:
    return lambda: len(under_way(emulator)) == AT_ONCE


def at_rest(stack: Stack) -> Callable[[], bool]:
    return lambda: time.time() - stack.checkpoint.stat().st_mtime > QUIET


def secrets(stack: Stack) -> dict[str, str]:
    """The secrets of the keys in the state, by the keys' ids."""
    outputs = [fact["outputs"] or {} for fact in stack.facts().values()]
    return {each["keyId"]: each["key"]["plaintext"].strip('"') for each in outputs if "keyId" in each}


def assert_the_state_knows_all(stack: Stack, emulator: Emulator, project: str) -> None:
    known = secrets(stack)
    assert {key.key_id for key in emulator.active_keys(project)} == known.keys()
    assert all(emulator.verify(secret) for secret in known.values())


def assert_made_and_told_of(stack: Stack, emulator: Emulator, project: str, left: set[str]) -> None:
    """The next `up` makes all keys, and tells of each that is left of the one before, or has revoked it."""
    after = stack.up()

    assert after.ok, after.output
    told = [warning for warning in after.warnings() if "was revoked: a run" in warning or "in no state" in warning]
    assert {key_id for key_id in left if any(key_id in warning for warning in told)} == left
    revoked = {key_id for key_id in left if any(re.search(rf"\b{key_id}\)? was revoked", warning) for warning in told)}
    known = secrets(stack)
    assert len(known) == KEYS
    assert {key.key_id for key in emulator.active_keys(project)} == known.keys() | (left - revoked)
    assert all(emulator.verify(secret) for secret in known.values())


def made_until_the_end(stack: Stack, emulator: Emulator) -> int:
    """How many keys were made: those in flight, and with a dynamic host, which is told of no interrupt, others too."""
    made = emulator.counts()["create"]
    assert made >= AT_ONCE if stack.module == DYNAMIC else made == AT_ONCE
    return made


@both
@pytest.mark.parametrize("group", [True, False], ids=["as a terminal does", "to the engine alone"])
def test_an_interrupt_lets_creates_in_flight_finish_and_sends_no_other(
    stack: Stack, emulator: Emulator, project: str, group: bool
) -> None:
    emulator.fault("create", "latency", times=None, latency_ms=LATENCY_MS)

    with up_under_way(stack) as command:
        eventually(in_flight(emulator), "creates are in flight")
        command.interrupt(group=group)
        result = command.result()

    assert not result.ok, result.output
    assert len(emulator.active_keys(project)) == made_until_the_end(stack, emulator)
    assert_the_state_knows_all(stack, emulator, project)

    emulator.clear_faults()
    after = stack.up()

    assert after.ok, after.output
    assert len(emulator.active_keys(project)) == KEYS
    assert_the_state_knows_all(stack, emulator, project)


PREMATURE = "exited prematurely"
"""What the engine says of a plugin that did not answer its Cancel in time."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_cancel_lets_creates_in_flight_finish_and_is_told_of_no_plugin(
    stack: Stack, emulator: Emulator, project: str, number: signal.Signals
) -> None:
    emulator.fault("create", "latency", times=None, latency_ms=LATENCY_MS)

    with up_under_way(stack) as command:
        eventually(in_flight(emulator), "creates are in flight")
        for plugin in command.plugins():
            os.kill(plugin, number)
        result = command.result()

    assert not result.ok, result.output
    assert PREMATURE not in result.output
    assert "the run was cancelled" in result.output
    assert_the_state_knows_all(stack, emulator, project)


def test_plugins_whose_interpreters_end_slowly_take_no_time_from_one_another(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, tmp_path: Path
) -> None:
    # So it is on a busy machine: the engine lets its plugins end one after the other, and gives them 5 s together.
    (tmp_path / "sitecustomize.py").write_text(SLOW_END)
    stack = new_stack(environment={"PYTHONPATH": str(tmp_path)}, warm=False)
    arguments = {"endpoint": emulator.url, "token": {"$secret": emulator.token()}}
    stack.declare(
        {
            "own": {"type": "Provider", "args": arguments},
            "ours": {"args": {"project_id": project}},
            "theirs": {"args": {"project_id": project}, "options": {"provider": "own"}},
        }
    )

    commands = [stack.up(), stack.up("--refresh"), stack.destroy()]

    for each in commands:
        assert each.ok, each.output
        assert PREMATURE not in each.output


@both
def test_a_second_interrupt_leaves_no_key_that_the_state_does_not_know_or_the_next_up_tells_of(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    emulator.fault("create", "latency", times=None, latency_ms=LATENCY_MS)

    with up_under_way(stack) as command:
        eventually(in_flight(emulator), "creates are in flight")
        plugins = command.plugins()
        command.interrupt(group=True)
        command.interrupt(group=True)
        result = command.result()
        eventually(lambda: not any(map(alive, plugins)), "the plugin ends")

    assert not result.ok, result.output
    assert plugins
    assert made_until_the_end(stack, emulator)
    left = {key.key_id for key in emulator.active_keys(project)} - secrets(stack).keys()
    assert not left or stack.module == DYNAMIC, "a dynamic host hears late that the engine takes no answer any more"

    emulator.clear_faults()
    assert_made_and_told_of(stack, emulator, project, left)


@both
def test_a_killed_plugin_leaves_at_most_the_keys_in_flight_and_the_next_up_tells_of_them(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    emulator.fault("create", "latency", times=None, latency_ms=LATENCY_MS)

    with up_under_way(stack) as command:
        eventually(in_flight(emulator), "creates are in flight")
        for plugin in command.plugins():
            os.kill(plugin, signal.SIGKILL)
        result = command.result()

    assert not result.ok, result.output
    eventually(lambda: not under_way(emulator), "the server is done")
    left = {key.key_id for key in emulator.active_keys(project)}
    assert len(left) == AT_ONCE
    assert secrets(stack) == {}

    emulator.clear_faults()
    assert_made_and_told_of(stack, emulator, project, left)


@both
def test_a_killed_engine_leaves_a_plugin_that_revokes_what_it_could_not_deliver_and_ends(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    emulator.fault("create", "latency", times=None, latency_ms=LATENCY_MS)

    with up_under_way(stack) as command:
        eventually(in_flight(emulator), "creates are in flight")
        plugins = command.plugins()
        eventually(at_rest(stack), "the engine has written what it began; killed amid that, it leaves an empty file")
        command.kill()
        command.result()
        eventually(lambda: not any(map(alive, plugins)), "the plugin ends")

    assert plugins
    assert emulator.active_keys(project) == []
    assert len(emulator.keys(project)) == made_until_the_end(stack, emulator)

    emulator.clear_faults()
    unlocked = stack.run("cancel", "--yes", "--stack", stack.name)
    assert unlocked.ok, unlocked.output
    after = stack.up()

    assert after.ok, after.output
    assert len(emulator.active_keys(project)) == KEYS
    assert_the_state_knows_all(stack, emulator, project)

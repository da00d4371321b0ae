"""A day later: credentials that the state remembers have expired, and fresh ones are at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.token_program import TokenProgram
from harness.variants import both

DAY = 86400.0


def explicit(emulator: Emulator, project: str, token: str) -> dict[str, dict[str, Any]]:
    """A program whose own provider holds the token, which the engine keeps in the state."""
    arguments = {"endpoint": emulator.url, "project_id": project, "token": {"$secret": token}}
    return {"own": {"type": "Provider", "args": arguments}, "deploy": {"options": {"provider": "own"}}}


@pytest.fixture
def fresh(tmp_path: Path, emulator: Emulator) -> dict[str, str]:
    """An environment with a source that gives tokens by the server's clock."""
    return {"APIKEYS_TOKEN_COMMAND": json.dumps(TokenProgram(tmp_path, emulator.url).argv)}


@both
def test_an_expired_token_is_refused_before_any_call_with_its_age_and_ways_out(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    token = emulator.token(ttl_seconds=-2 * 3600)
    stack = new_stack(token=token)
    stack.declare({"deploy": {"args": {"project_id": project}}})

    up = stack.up()

    assert not up.ok
    (error,) = up.errors()
    assert "token of the environment: the token expired 2 h" in error
    for way in ("tokenFile", "tokenCommand", "clerkSecretKey"):
        assert way in error
    assert token not in up.output
    assert set(emulator.counts().values()) == {0}


def test_an_expired_token_in_the_state_gives_way_to_the_environment(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, fresh: dict[str, str]
) -> None:
    stack = new_stack(token=None)
    stack.declare(explicit(emulator, project, emulator.token(ttl_seconds=-DAY)))
    up = stack.under(**fresh).up()
    assert up.ok, up.output
    before = stack.facts()
    emulator.reset_counts()

    stale = stack.refresh()

    assert not stale.ok
    assert "the token expired 1 d" in stale.output
    assert set(emulator.counts().values()) == {0}
    assert stack.facts() == before

    refresh, destroy = stack.under(**fresh).refresh(), stack.under(**fresh).destroy()

    assert refresh.ok, refresh.output
    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []


def test_a_token_in_the_state_that_the_server_refuses_gives_way_to_the_environment(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, fresh: dict[str, str]
) -> None:
    stack = new_stack(token=None)
    stack.declare(explicit(emulator, project, emulator.token()))
    assert stack.up().ok
    emulator.set_clock(offset_seconds=DAY)

    stale, destroy = stack.destroy(), stack.under(**fresh).destroy()

    assert not stale.ok
    assert "401" in stale.output
    assert not stale.shows_traceback()
    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []


@pytest.mark.parametrize("command", ["preview", "up", "refresh", "destroy"])
def test_a_new_token_in_the_stack_serves_where_the_state_remembers_the_old_one(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, command: str
) -> None:
    stack = new_stack(token=None)
    stack.configure("--secret", "apikeys:token", emulator.token())
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    emulator.set_clock(offset_seconds=DAY)
    stack.configure("--secret", "apikeys:token", emulator.token())

    done = getattr(stack, command)()

    assert done.ok, done.output
    assert len(emulator.active_keys(project)) == (0 if command == "destroy" else 1)


@both
def test_a_source_moved_from_the_stack_to_the_environment_serves_at_once(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, fresh: dict[str, str]
) -> None:
    stack = new_stack(token=None)
    token_file = stack.folder / "token.jwt"
    token_file.write_text(emulator.token())
    stack.configure("--plaintext", "apikeys:tokenFile", str(token_file))
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    token_file.unlink()
    assert stack.run("config", "rm", "apikeys:tokenFile", "--stack", stack.name).ok

    up = stack.under(**fresh).up()

    assert up.counts() == {"unchanged": 2}, up.output

"""Offline on the real engine: previews without token, server or even an address, and no write at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack
from harness.variants import DYNAMIC, both

NOTICE = "the provider is offline: reads answer the last known state, and writes fail"
REFUSAL = "the provider is offline, so nothing was changed"
CLOSED = "http://127.0.0.1:1"


def program(project: str, *, changed: bool) -> dict[str, dict[str, Any]]:
    """A stack before a change, and after it: a key replaced, one made, one removed, and two renewals come due."""
    every = "2ms" if changed else "30d"
    return {
        "kept": {"args": {"project_id": project}},
        "kept-too": {"args": {"project_id": project, "name": "kept-too", "expires_in": "90d"}},
        "replaced": {"args": {"project_id": project, "scopes": ["write" if changed else "read"]}},
        "renewed": {"args": {"project_id": project, "rotate_after": every}},
        "rotated": {"type": "RotatingAPIKey", "args": {"project_id": project, "rotate_every": every, "overlap": "1ms"}},
        "new" if changed else "removed": {"args": {"project_id": project}},
    }


@pytest.fixture
def emulator(own_emulator: Emulator) -> Emulator:
    return own_emulator


@pytest.fixture
def left(stack: Stack, emulator: Emulator, project: str) -> Stack:
    """A stack that is up; then its server went away, its program changed, and here is neither token nor address."""
    stack.declare(program(project, changed=False))
    up = stack.up()
    assert up.counts() == {"created": 7}, up.output
    emulator.stop()
    stack.endpoint = stack.token = None
    stack.declare(program(project, changed=True))
    return stack


def offline(stack: Stack, where: str) -> Stack:
    """The stack with offline set in one of the two places."""
    if where == "environment":
        return stack.under(APIKEYS_OFFLINE="1")
    stack.configure("apikeys:offline", "true")
    return stack


def told(result: Result) -> list[str]:
    """The warnings, but for the one that the short overlap of this program earns; without a resource's name."""
    heard = [warning for warning in result.warnings() if "so `pulumi up` runs too rarely" not in warning]
    return [warning[warning.find(NOTICE) :] if NOTICE in warning else warning for warning in heard]


@both
@pytest.mark.parametrize("endpoint", [None, CLOSED])
@pytest.mark.parametrize("where", ["stack", "environment"])
def test_a_preview_shows_the_right_operations_and_warns_once(left: Stack, where: str, endpoint: str | None) -> None:
    left.endpoint = endpoint

    preview = offline(left, where).preview()

    assert preview.ok, preview.output
    operations = {"to create": 1, "to update": 1, "to delete": 1, "to replace": 2}
    assert preview.counts() == {**operations, "changes": 5, "unchanged": 3}, preview.output
    assert told(preview) == [NOTICE]
    assert "rotates: " in preview.output
    assert "is replaced: due since" in preview.output


@both
@pytest.mark.parametrize("where", ["stack", "environment"])
def test_an_up_fails_at_its_first_write_and_all_is_as_it_was(
    left: Stack, emulator: Emulator, project: str, where: str
) -> None:
    before = left.facts()
    elsewhere = offline(left, where)

    up = elsewhere.up("--continue-on-error")

    assert not up.ok
    assert told(up) == [NOTICE]
    errors = sorted(error for error in up.errors() if not error.startswith("resource "))
    assert len(errors) >= 4, up.output
    assert all(REFUSAL in error and project in error for error in errors), errors
    assert not up.has_traceback or left.module == DYNAMIC
    after = left.facts()
    assert {name: kept for name, kept in after.items() if not name.startswith(("default", "infra"))} == {
        name: kept for name, kept in before.items() if not name.startswith(("default", "infra"))
    }
    emulator.start()
    assert len(emulator.active_keys(project)) == 6
    assert len(emulator.keys(project)) == 6


@both
def test_a_refresh_changes_nothing_and_a_destroy_destroys_nothing(
    left: Stack, emulator: Emulator, project: str
) -> None:
    elsewhere, before = left.under(APIKEYS_OFFLINE="1"), left.facts()

    refresh, destroy = elsewhere.refresh(), elsewhere.destroy()

    assert refresh.counts() == {"unchanged": 7}, refresh.output
    assert told(refresh) == [NOTICE]
    assert not destroy.ok
    assert all(error.startswith("could not revoke") and REFUSAL in error for error in destroy.errors())
    assert left.facts() == before
    emulator.start()
    assert len(emulator.active_keys(project)) == 6


@both
def test_a_new_stack_needs_nothing_for_a_preview_and_gets_nothing_from_an_up(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack(endpoint=None, token=None).under(APIKEYS_OFFLINE="1")
    stack.declare(program(project, changed=False))

    preview, up = stack.preview(), stack.up()

    assert preview.counts() == {"to create": 7}, preview.output
    assert not up.ok
    assert all(error.startswith("could not create") and REFUSAL in error for error in up.errors())
    assert emulator.keys() == []
    assert not [name for name in stack.facts() if name in program(project, changed=False)]


def test_an_import_has_no_last_known_state_to_answer(stack: Stack, emulator: Emulator, project: str) -> None:
    key = emulator.add_key(project)

    imported = stack.under(APIKEYS_OFFLINE="1").import_key("theirs", f"{project}/{key.key_id}")

    assert not imported.ok
    assert f"could not read API key {project}/{key.key_id}: {REFUSAL}" in imported.output
    assert set(emulator.counts().values()) == {0}


def test_a_state_that_an_offline_run_wrote_is_online_again_without_the_setting(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare({"kept": {"args": {"project_id": project}}})
    assert stack.up().ok
    stack.configure("apikeys:offline", "true")
    emulator.reset_counts()
    unchanged = stack.up()
    assert unchanged.ok, unchanged.output
    assert set(emulator.counts().values()) == {0}
    assert stack.run("config", "rm", "apikeys:offline", "--stack", stack.name).ok

    destroy = stack.destroy()

    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []

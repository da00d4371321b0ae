"""Changes of what the program says: every one replaces the key, without a moment in which none works."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both


def declare(stack: Stack, args: dict[str, Any], **options: Any) -> None:
    stack.declare(
        {
            "deploy": {"args": args, "options": options},
            "service": {"type": "Consumer", "args": {"key": {"$output": "deploy.key"}}},
        }
    )


def lines_in_order(output: str, *patterns: str) -> bool:
    """Whether lines with these patterns follow each other."""
    return re.search(".*".join(patterns), output, re.DOTALL) is not None


@both
def test_a_replacement_makes_the_new_key_then_updates_dependents_then_revokes_the_old(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    declare(stack, {"project_id": project, "name": "first", "scopes": ["read", "write"]})
    assert stack.up().ok
    old = stack.outputs()

    declare(stack, {"project_id": project, "name": "first", "scopes": ["write", "read"]})
    reordered = stack.up()

    assert reordered.counts() == {"unchanged": 3}, reordered.output

    changes: list[tuple[str, dict[str, Any]]] = [
        ("scopes", {"project_id": project, "name": "first", "scopes": ["read"]}),
        ("name", {"project_id": project, "name": "second", "scopes": ["read"]}),
    ]
    for changed, args in changes:
        emulator.reset_counts()
        declare(stack, args)

        up = stack.up()

        assert up.counts() == {"updated": 1, "replaced": 1, "changes": 2, "unchanged": 1}, up.output
        assert f"[diff: ~{changed}]" in up.output
        assert lines_in_order(
            up.output, "deploy created replacement", "service updated", "deploy deleting original", "deploy deleted"
        ), up.output
        assert [call.operation for call in emulator.calls() if call.operation != "list"] == ["create", "revoke"]
        new = stack.outputs()
        (revoked,) = [call.key_id for call in emulator.calls() if call.operation == "revoke"]
        assert revoked == old["deploy.key_id"]
        assert [key.key_id for key in emulator.active_keys(project)] == [new["deploy.key_id"]]
        assert emulator.verify(new["deploy.key"])
        old = new


@both
def test_deleting_before_replacing_is_the_users_choice(stack: Stack, emulator: Emulator, project: str) -> None:
    declare(stack, {"project_id": project, "name": "first"}, delete_before_replace=True)
    assert stack.up().ok
    emulator.reset_counts()
    declare(stack, {"project_id": project, "name": "second"}, delete_before_replace=True)

    up = stack.up()

    assert up.ok, up.output
    assert [call.operation for call in emulator.calls() if call.operation != "list"] == ["revoke", "create"]
    assert [key.name for key in emulator.active_keys(project)] == ["second"]


@both
def test_ignored_changes_change_nothing(stack: Stack, emulator: Emulator, project: str) -> None:
    declare(stack, {"project_id": project, "scopes": ["read"]}, ignore_changes=["scopes"])
    assert stack.up().ok
    declare(stack, {"project_id": project, "scopes": ["write"]}, ignore_changes=["scopes"])

    up = stack.up()

    assert up.counts() == {"unchanged": 3}, up.output
    assert [key.scopes for key in emulator.active_keys(project)] == [["read"]]


@both
def test_a_change_in_place_replaces_where_the_user_says_so(stack: Stack, emulator: Emulator, project: str) -> None:
    args = {"project_id": project, "scopes": ["read", "write"], "rotate_after": "30d"}
    declare(stack, args)
    assert stack.up().ok

    declare(stack, {**args, "rotate_after": "60d"})
    in_place = stack.up()
    declare(stack, {**args, "rotate_after": "90d", "scopes": ["write", "read"]}, replace_on_changes=["rotateAfter"])
    replaced = stack.up()

    assert in_place.counts() == {"updated": 1, "unchanged": 2}, in_place.output
    assert replaced.counts()["replaced"] == 1, replaced.output
    assert emulator.counts()["create"] == 2
    assert len(emulator.active_keys(project)) == 1


@both
def test_a_resource_renamed_with_an_alias_keeps_its_key(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare({"old": {"args": {"project_id": project}}})
    assert stack.up().ok
    before = stack.outputs()
    stack.declare({"new": {"args": {"project_id": project}, "options": {"aliases": [{"name": "old"}]}}})

    up = stack.up()

    assert up.counts() == {"unchanged": 2}, up.output
    after = stack.outputs()
    assert (after["new.key"], after["new.name"]) == (before["old.key"], before["old.name"])
    assert [key.state for key in emulator.keys(project)] == ["active"]


@both
@pytest.mark.parametrize("command", ["up", "destroy"])
def test_a_retained_key_lives_on(stack: Stack, emulator: Emulator, project: str, command: str) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}, "options": {"retain_on_delete": True}}})
    assert stack.up().ok
    stack.declare({})

    done = stack.up() if command == "up" else stack.destroy()

    assert done.ok, done.output
    assert len(emulator.active_keys(project)) == 1
    assert emulator.counts()["revoke"] == 0


@both
def test_a_protected_key_can_be_neither_replaced_nor_destroyed(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare({"deploy": {"args": {"project_id": project, "name": "first"}, "options": {"protect": True}}})
    assert stack.up().ok
    before = stack.facts()
    stack.declare({"deploy": {"args": {"project_id": project, "name": "second"}, "options": {"protect": True}}})

    replace, destroy = stack.up(), stack.destroy()

    assert not replace.ok
    assert not destroy.ok
    assert stack.facts() == before
    assert [key.name for key in emulator.active_keys(project)] == ["first"]


@both
def test_a_targeted_run_leaves_the_other_keys_alone(stack: Stack, emulator: Emulator, project: str) -> None:
    names = ("one", "two")
    stack.declare({name: {"args": {"project_id": project, "scopes": ["read"]}} for name in names})
    assert stack.up().ok
    urns = {name: stack.resource(name)["urn"] for name in names}
    before = stack.outputs()

    by_hand = stack.up("--replace", urns["one"])

    assert by_hand.counts() == {"replaced": 1, "unchanged": 2}, by_hand.output
    after = stack.outputs()
    assert after["one.key_id"] != before["one.key_id"]
    assert after["two.key_id"] == before["two.key_id"]
    assert len(emulator.active_keys(project)) == 2

    stack.declare({name: {"args": {"project_id": project, "scopes": ["write"]}} for name in names})
    targeted = stack.up("--target", urns["two"])

    assert targeted.counts()["replaced"] == 1, targeted.output
    scopes = {key.key_id: key.scopes for key in emulator.active_keys(project)}
    assert scopes.pop(after["one.key_id"]) == ["read"]
    assert list(scopes.values()) == [["write"]]

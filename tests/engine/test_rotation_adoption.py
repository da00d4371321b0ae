"""Adoption of keys made by hand, as docs/rotation.md walks through it, and rotation of `APIKey` by replacement."""

from __future__ import annotations

from datetime import timedelta

from harness.variants import both
from harness.world import World
from pulumi_resource_apikeys.model.times import format_instant


def test_a_key_made_by_hand_is_adopted_rotated_at_the_next_run_and_revoked_after_its_overlap(world: World) -> None:
    by_hand = world.emulator.add_key(world.project, "deploy-by-hand", scopes=["deploy"])
    imported = world.stack.import_key("deploy", f"{world.project}/{by_hand.key_id}", "RotatingAPIKey")
    assert imported.ok, imported.output
    assert world.live() == {by_hand.key_id}

    world.declare({"scopes": ["deploy"]})
    preview = world.preview()
    assert "rotates: the current key was imported, and its secret can't be had" in preview.output, preview.output
    assert any("its secret can't be had: the API shows it only when a key is made" in t for t in preview.warnings())
    world.up()

    managed = world.outputs()
    assert world.emulator.verify(managed.key)
    assert managed.previous_key_id == by_hand.key_id
    assert managed.previous_key == ""
    assert world.emulator.verify(by_hand.key), "whoever holds the old key goes on for the overlap"
    assert world.preview().counts() == {"unchanged": 2}

    world.time.pass_by(days=7)
    world.up()
    assert world.live() == {managed.key_id}
    assert not world.emulator.verify(by_hand.key)


def test_an_adopted_api_key_that_is_due_is_replaced_at_the_next_run(world: World) -> None:
    made_at = format_instant(world.time.now - timedelta(days=100))
    by_hand = world.emulator.add_key(world.project, "deploy-by-hand", created_at=made_at)
    world.stack.import_key("deploy", f"{world.project}/{by_hand.key_id}")
    world.stack.declare({"deploy": {"args": {"project_id": world.project, "rotate_after": "90d"}}})
    up = world.up()
    since = format_instant(world.time.now - timedelta(days=10))
    assert f"is replaced: due since {since}, every 90 d (rotateAfter)" in up.output, up.output
    (live,) = world.live()
    assert live != by_hand.key_id
    assert world.emulator.verify(world.stack.outputs()["deploy.key"])


@both
def test_api_keys_are_replaced_with_the_reason_new_first_then_dependents_and_the_old_last(world: World) -> None:
    by_age = {"args": {"project_id": world.project, "rotate_after": "30d"}}
    by_end = {"args": {"project_id": world.project, "expires_in": "40d", "renew_before": "5d"}}
    consumer = {"type": "Consumer", "args": {"age": {"$output": "age.key"}, "end": {"$output": "end.key"}}}
    world.stack.declare({"age": by_age, "end": by_end, "app": consumer})
    world.up()
    start, old = world.time.now, world.live()

    world.time.move_to(start + timedelta(days=29))
    assert world.preview().counts() == {"unchanged": 4}
    world.time.move_to(start + timedelta(days=36))
    preview = world.preview()
    for words in (
        f"is replaced: due since {format_instant(start + timedelta(days=30))[:16]}",
        f"is replaced: due since {format_instant(start + timedelta(days=35))}, 5 d before the key's end (renewBefore)",
    ):
        assert preview.output.partition("\nDiagnostics:\n")[2].count(words) == 1, preview.output
    world.emulator.reset_counts()
    up = world.up()

    assert up.counts()["replaced"] == 2, up.output
    calls = [call.operation for call in world.emulator.calls() if call.operation != "list"]
    assert calls == ["create", "create", "revoke", "revoke"]
    updated, deleted = up.output.index(" app updated"), up.output.index(" deleting original")
    assert updated < deleted, "dependents have the new key before the old one ends"
    assert not old & world.live()
    assert len(world.live()) == 2
    assert world.preview().counts() == {"unchanged": 4}


@both
def test_a_change_of_triggers_replaces_an_api_key_and_a_change_of_rotate_after_alone_does_not(world: World) -> None:
    def declare(version: int, after: str) -> None:
        args = {"project_id": world.project, "triggers": {"version": version}, "rotate_after": after}
        world.stack.declare({"deploy": {"args": args}})

    declare(1, "30d")
    world.up()
    before = world.live()
    declare(1, "60d")
    assert world.up().counts() == {"updated": 1, "unchanged": 1}
    assert world.live() == before
    declare(2, "60d")
    assert world.up().counts()["replaced"] == 1
    assert not world.live() & before

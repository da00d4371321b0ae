"""`RotatingAPIKey` on the real engine: why it rotates, what becomes of older keys, and what the user reads."""

from __future__ import annotations

from datetime import timedelta

from harness.variants import DYNAMIC, both
from harness.world import World
from pulumi_resource_apikeys.model.times import format_instant

pytestmark = both


def said(output: str, words: str) -> int:
    """How often the diagnostics, or else the output, say those words."""
    return output.partition("\nDiagnostics:\n")[2].count(words)


def test_a_rotation_that_is_due_is_told_with_reason_and_date_and_shows_in_the_dependents(world: World) -> None:
    world.declare({}, consumer=True)
    world.up()
    first = world.outputs()
    due = format_instant(world.time.now + timedelta(days=30))
    assert first.next_rotation_at == due
    assert (first.previous_key, first.previous_key_id, first.previous_revokes_at) == ("", "", "")

    world.time.pass_by(days=31)
    preview = world.preview()
    assert said(preview.output, f"rotates: due since {due}, every 30 d") == 1, preview.output
    assert preview.counts() == {"to update": 2, "unchanged": 1}
    up = world.up()
    assert said(up.output, f"rotates: due since {due}, every 30 d") == 1, up.output

    second = world.outputs()
    assert second.previous_key == first.key
    assert second.previous_key_id == first.key_id
    assert second.previous_revokes_at == format_instant(world.time.now + timedelta(days=7))
    assert world.live() == {first.key_id, second.key_id}
    assert (first.generation, second.generation) == (1, 2)
    assert world.stack.resource("deploy")["id"] == f"{world.project}/{first.key_id}"
    kept = world.stack.facts()["app"]["outputs"]
    assert str(kept).count(second.key) >= 1


def test_changed_inputs_rotate_and_the_previous_key_keeps_its_overlap(world: World) -> None:
    world.declare({"scopes": ["a"], "triggers": {"v": 1}})
    world.up()
    first = world.outputs()
    world.declare({"scopes": ["a", "b"], "triggers": {"v": 2}, "name": "other"})

    up = world.up()

    second = world.outputs()
    assert said(up.output, "rotates: name changed and scopes changed and triggers changed") == 1, up.output
    assert world.live() == {first.key_id, second.key_id}
    world.time.pass_by(days=7)
    over = format_instant(world.time.now)
    assert said(world.up().output, f"revokes the previous key: its overlap was over on {over}") == 1
    assert world.live() == {second.key_id}


def test_the_order_of_scopes_and_the_form_of_a_duration_mean_nothing(world: World) -> None:
    world.declare({"scopes": ["a", "b"]})
    world.up()
    world.declare({"scopes": ["b", "a"], "rotate_every": "P30D", "overlap": "168h"})
    assert world.preview().counts() == {"unchanged": 2}


def test_keys_revoked_by_hand_are_rotated_or_forgotten_at_the_next_run_and_the_other_one_stays(world: World) -> None:
    world.declare({})
    world.up()
    first = world.outputs()
    world.declare({"triggers": {"v": 2}})
    world.up()
    second = world.outputs()
    world.emulator.revoke(second.key_id)

    preview = world.preview()
    up = world.up()

    third = world.outputs()
    assert said(preview.output, "rotates: the current key is revoked") == 1, preview.output
    assert up.counts()["updated"] == 1
    assert world.live() == {first.key_id, third.key_id}
    assert third.previous_key == first.key
    assert world.preview().counts() == {"unchanged": 2}

    world.emulator.revoke(first.key_id)
    world.up()
    assert (world.outputs().previous_key, world.outputs().previous_key_id) == ("", "")
    assert world.live() == {third.key_id}


def test_the_servers_own_end_of_each_key_is_the_backstop(world: World) -> None:
    world.declare({"expires_after": "40d"})
    world.up()
    (key,) = world.emulator.active_keys(world.project)
    assert key.expires_at is not None
    assert key.expires_at[:19] == format_instant(world.time.now + timedelta(days=40))[:19]

    world.time.pass_by(days=41)
    up = world.up()

    assert said(up.output, "rotates: the current key is expired") == 1, up.output
    assert len(world.live()) == 1


def test_a_previous_key_that_is_still_used_is_told_of_and_stays_until_max_overlap(world: World) -> None:
    world.declare({"retire": "whenUnused", "max_overlap": "20d"})
    world.up()
    first = world.outputs()
    world.declare({"retire": "whenUnused", "max_overlap": "20d", "triggers": {"v": 2}})
    world.up()

    world.time.pass_by(days=8)
    assert world.emulator.verify(first.key)
    world.time.pass_by(hours=2)
    waits = world.up()
    assert said(waits.output, "the previous key was still used") == 1, waits.output
    assert waits.counts() == {"unchanged": 2}
    assert first.key_id in world.live()

    world.time.pass_by(days=12)
    assert world.emulator.verify(first.key)
    ends = world.up()
    assert said(ends.output, "revokes the previous key: maxOverlap was over on") == 1, ends.output
    assert world.live() == {world.outputs().key_id}


def test_a_previous_key_that_nobody_uses_any_more_is_revoked_after_its_overlap(world: World) -> None:
    world.make_two_keys(retire="whenUnused")
    world.time.pass_by(days=7)
    assert said(world.up().output, "and it was never used") == 1
    assert world.live() == {world.outputs().key_id}


def test_an_emergency_revokes_every_older_key_at_once(world: World) -> None:
    world.make_two_keys(emergency_triggers={"incident": "none"})
    assert len(world.live()) == 2
    world.declare({"emergency_triggers": {"incident": "INC-7"}, "triggers": {"v": 2}})

    up = world.up()

    assert said(up.output, "rotates: emergencyTriggers changed") == 1, up.output
    assert world.live() == {world.outputs().key_id}
    assert world.outputs().previous_key == ""


def test_an_emergency_whose_revoke_fails_keeps_the_new_key_and_the_next_run_finishes(world: World) -> None:
    world.declare({"emergency_triggers": {"incident": "none"}})
    world.up()
    first = world.outputs()
    world.declare({"emergency_triggers": {"incident": "INC-7"}})
    world.emulator.fault("revoke", "status", None, status=403, detail="not now")

    done = world.stack.up()

    assert done.ok is (world.stack.module == DYNAMIC), "a dynamic provider can't fail and still have its state saved"
    assert "not now" in done.output
    assert "The new key is in the state; the next `pulumi up` tries again to revoke the old one" in done.output
    world.emulator.clear_faults()
    up = world.up()
    second = world.outputs()
    assert said(up.output, "revokes the previous key: the emergency rotation could not revoke it") == 1, up.output
    assert world.live() == {second.key_id} != {first.key_id}
    assert world.emulator.verify(second.key)
    assert world.emulator.counts()["create"] == 2
    assert world.preview().counts() == {"unchanged": 2}


def test_settings_that_can_not_hold_are_refused_in_the_preview_by_the_propertys_name(world: World) -> None:
    world.declare({"overlap": "30d", "expires_after": "36d", "max_overlap": "10d"})
    refused = world.stack.preview()
    assert not refused.ok
    for problem in (
        "overlap value {30d} has a problem: must be shorter than rotateEvery (30d)",
        "expiresAfter value {36d} has a problem: must be at least rotateEvery + overlap (30d + 30d)",
        "maxOverlap value {10d} has a problem: only means something with retire",
    ):
        assert problem in refused.output, refused.output

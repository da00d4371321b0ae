"""What goes wrong around a rotation, each with its defined result: clocks, absence, interrupted runs, two at once.

The table in docs/rotation.md tells these results to users.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from harness.variants import both
from harness.world import World
from pulumi_resource_apikeys.model.times import format_instant

pytestmark = both


def test_a_stack_not_run_for_a_year_rotates_once_keeps_the_old_key_and_foretells_the_next_lateness(
    world: World,
) -> None:
    world.declare({})
    world.up()
    first = world.outputs()

    world.time.pass_by(days=365)
    up = world.up()

    assert any("this rotation comes 335 d late" in warning for warning in up.warnings()), up.output
    assert world.live() == {first.key_id, world.outputs().key_id}
    assert world.emulator.verify(first.key)
    ahead = world.preview().warnings()
    due = format_instant(world.time.now + timedelta(days=30))
    assert any(f"the next rotation is due on {due}, and the last one came 335 d late" in told for told in ahead), ahead

    world.time.pass_by(days=30)
    punctual = world.up()
    assert not punctual.warnings(), punctual.output
    assert not world.preview().warnings()


def test_a_clock_set_back_rotates_and_revokes_nothing(world: World) -> None:
    world.make_two_keys()
    live = world.live()
    world.time.clock.moment -= timedelta(days=400)
    assert world.up().counts() == {"unchanged": 2}
    assert world.live() == live


def test_a_clock_that_ran_ahead_once_does_not_put_off_the_next_rotation(world: World) -> None:
    world.declare({})
    world.up()
    world.time.clock.moment += timedelta(days=365)
    ran_ahead = world.up()
    assert world.outputs().generation == 2
    assert any("ahead of the server's, and the dates of rotations" in told for told in ran_ahead.warnings())

    world.time.clock.moment -= timedelta(days=365)
    world.time.pass_by(days=29)
    world.up()
    assert world.outputs().generation == 2
    world.time.pass_by(days=1, minutes=1)
    world.up()
    assert world.outputs().generation == 3


def test_a_clock_that_was_behind_at_the_rotation_does_not_shorten_the_overlap(world: World) -> None:
    world.declare({})
    world.up()
    world.declare({"triggers": {"v": 2}})
    world.time.clock.moment -= timedelta(days=100)
    behind = world.up()
    assert any("behind the server's, and the dates of rotations" in told for told in behind.warnings())
    world.time.clock.moment += timedelta(days=100)
    world.time.pass_by(days=6)
    world.up()
    assert len(world.live()) == 2
    world.time.pass_by(days=1, minutes=1)
    world.up()
    assert len(world.live()) == 1


def test_a_server_whose_clock_is_behind_changes_nothing_of_our_dates(world: World) -> None:
    world.time.server_ahead = -timedelta(hours=5)
    world.time.pass_by(days=0)
    world.declare({"expires_after": "40d"})
    world.up()
    for day, generation, live in ((29, 1, 1), (30, 2, 2), (36, 2, 2), (37, 2, 1)):
        world.time.move_to(world.time.start + timedelta(days=day))
        world.up()
        assert (world.outputs().generation, len(world.live())) == (generation, live), day


def test_a_third_key_never_lives_where_the_previous_one_can_not_be_revoked(world: World) -> None:
    world.make_two_keys()
    live = world.live()
    world.declare({"triggers": {"v": 3}})
    world.emulator.fault("revoke", "status", None, status=403, detail="not now")
    failed = world.stack.up()
    assert not failed.ok
    assert "not now" in failed.output
    assert world.live() == live
    world.emulator.clear_faults()
    world.up()
    assert len(world.live()) == 2


def test_a_create_that_fails_after_the_third_key_went_is_made_up_for_at_the_next_run(world: World) -> None:
    world.make_two_keys()
    second = world.outputs()
    world.declare({"triggers": {"v": 3}})
    world.emulator.fault("create", "status", None, status=422, detail="no more keys today")
    failed = world.stack.up()
    assert not failed.ok
    assert "no more keys today" in failed.output
    assert world.live() == {second.key_id}
    world.emulator.clear_faults()
    world.up()
    assert world.live() == {second.key_id, world.outputs().key_id}
    assert world.preview().counts() == {"unchanged": 2}


@pytest.mark.parametrize("base", [None, "deploy"])
def test_a_key_that_a_state_put_back_does_not_know_is_told_of_by_each_run_and_left_alive(
    world: World, tmp_path: Path, base: str | None
) -> None:
    """Also two runs at once: each starts from the same state, and one of the states stays."""
    world.declare({"name": base})
    world.up()
    state, kept = world.stack.folder / "state", tmp_path / "kept"
    shutil.copytree(state, kept)
    world.time.pass_by(days=30)
    world.up()
    lost = world.outputs().key_id
    shutil.rmtree(state)
    shutil.copytree(kept, state)

    for days in (0, 7):
        world.time.pass_by(days=days)
        told = world.up().warnings()
        assert any(lost in words and "is active and in no state" in words for words in told), told
        assert lost in world.live()

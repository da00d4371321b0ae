"""Day by day on the real engine: a rotating key does what it says on the days it says, and nothing on the others.

`make two-years` lives through 730 days in the same way.
"""

from __future__ import annotations

from harness.variants import both
from harness.world import World


@both
def test_a_daily_run_rotates_and_revokes_on_the_computed_days_and_previews_are_quiet_on_the_others(
    world: World,
) -> None:
    world.declare({"rotate_every": "3d", "overlap": "1d"}, consumer=True)
    world.up()
    consumers = [world.outputs().key]
    made = revoked = 0

    for day in range(1, 6):
        world.time.pass_by(days=1)
        assert all(world.emulator.verify(key) for key in consumers)
        before = world.live()
        preview, up = world.preview(), world.up()
        after = world.live()

        made, revoked = made + len(after - before), revoked + len(before - after)
        assert len(after - before) == (day % 3 == 0), up.output
        assert len(before - after) == (day > 3 and day % 3 == 1), up.output
        assert 1 <= len(after) <= 2
        quiet = before == after
        assert preview.counts() == ({"unchanged": 3} if quiet else {"to update": 2, "unchanged": 1}), preview.output
        assert up.counts() == ({"unchanged": 3} if quiet else {"updated": 2, "unchanged": 1}), up.output
        if not quiet:
            outputs = world.outputs()
            consumers = [key for key in (outputs.key, outputs.previous_key) if key]
        assert len(consumers) == len(after)
        assert all(world.emulator.verify(key) for key in consumers)

    assert (made, revoked) == (1, 1)

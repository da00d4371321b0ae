"""What is an emergency: triggers that are new or changed, and not those that are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.keys import PROJECT, FakeKeys
from pulumi_resource_apikeys.model.values import UNKNOWN
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, DiffRequest
from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle

if TYPE_CHECKING:
    from fakes.clock import FakeClock
    from pulumi_resource_apikeys.model.values import Props, Value

EMERGENCY = ("rotates: emergencyTriggers changed",)
PERHAPS = ("rotates: emergencyTriggers may change, which is known only when it runs",)


@pytest.mark.parametrize(
    ("old", "new", "notes"),
    [
        ({"incident": "1", "drill": "1"}, {"incident": "2", "drill": "1"}, EMERGENCY),
        ({"incident": "1", "drill": "1"}, {"incident": "1", "drill": "1", "more": "1"}, EMERGENCY),
        ({"incident": "1", "drill": "1"}, {"incident": "2"}, EMERGENCY),
        ({"incident": "1", "drill": "1"}, {"incident": True}, EMERGENCY),
        ({"incident": "1", "drill": "1"}, {"incident": UNKNOWN}, PERHAPS),
        ({"incident": "1", "drill": "1"}, UNKNOWN, PERHAPS),
        ({"incident": "1", "drill": "1"}, {"incident": "1"}, ()),
        ({"incident": "1", "drill": "1"}, {}, ()),
        ({"incident": "1", "drill": "1"}, None, ()),
        ({}, {"incident": "1"}, EMERGENCY),
        (None, {"incident": "1"}, EMERGENCY),
        (None, None, ()),
        (None, {}, ()),
    ],
)
async def test_an_emergency_is_what_is_new_or_changed(
    keys: FakeKeys, clock: FakeClock, old: Value, new: Value, notes: tuple[str, ...]
) -> None:
    lifecycle = RotatingAPIKeyLifecycle(keys, clock, PROJECT)

    def inputs(emergency: Value, olds: Props) -> Props:
        news: Props = {"rotateEvery": "30d", "overlap": "7d", "emergencyTriggers": emergency}
        return lifecycle.check(CheckRequest("service", news, olds)).inputs

    live = await lifecycle.create(inputs(old, {}))
    news = inputs(new, live.inputs)

    difference = await lifecycle.diff(DiffRequest(live.id, live.state, live.inputs, news))

    assert difference.notes == notes


async def test_triggers_that_are_taken_out_and_put_back_make_no_new_key(keys: FakeKeys, clock: FakeClock) -> None:
    lifecycle = RotatingAPIKeyLifecycle(keys, clock, PROJECT)
    inputs: Props = {"projectId": PROJECT, "name": "service", "rotateEvery": "30d", "overlap": "7d"}
    with_triggers: Props = {**inputs, "emergencyTriggers": {"incident": "1"}}
    made = await lifecycle.create(with_triggers)

    without = await lifecycle.update(made.id, made.state, inputs)
    again = await lifecycle.update(made.id, without.state, with_triggers)

    assert made.state["keyId"] == without.state["keyId"] == again.state["keyId"]
    assert keys.counts["mint"] == 1

"""An `APIKey` that an alias makes a `RotatingAPIKey`: the key goes on, with all outputs that the type promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from fakes.keys import PROJECT, FakeKeys
from pulumi_resource_apikeys.model.facts import names_of
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, DiffRequest, Live
from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle
from pulumi_resource_apikeys.resources.rotating_api_key.properties import RotatingAPIKeyState

if TYPE_CHECKING:
    from fakes.clock import FakeClock
    from pulumi_resource_apikeys.model.values import Props

ROTATING: Props = {"rotateEvery": "30d", "overlap": "7d"}
OPTIONAL = {"scopes", "expiresAfter", "retire", "maxOverlap", "triggers", "emergencyTriggers", "expiresAt"}
PROMISED = set(names_of(RotatingAPIKeyState)) - OPTIONAL


async def a_key(keys: FakeKeys, clock: FakeClock) -> Live:
    lifecycle = APIKeyLifecycle(keys, clock, PROJECT)
    news: Props = {"triggers": {"build": "1"}, "rotateAfter": "90d"}
    return await lifecycle.create(lifecycle.check(CheckRequest("deploy", news)).inputs)


def wanted(lifecycle: RotatingAPIKeyLifecycle, before: Live, **news: object) -> Props:
    asked: Props = {**ROTATING, "triggers": {"build": "1"}, **news}  # type: ignore[dict-item] # what tests give
    checked = lifecycle.check(CheckRequest("deploy", asked, before.inputs))
    assert checked.problems == ()
    return checked.inputs


@pytest.fixture
def rotating(keys: FakeKeys, clock: FakeClock) -> RotatingAPIKeyLifecycle:
    return RotatingAPIKeyLifecycle(keys, clock, PROJECT)


async def test_the_key_stays_and_no_promised_output_is_missing(
    rotating: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock
) -> None:
    before = await a_key(keys, clock)
    inputs = wanted(rotating, before)

    difference = await rotating.diff(DiffRequest(before.id, before.state, before.inputs, inputs))
    shown = await rotating.preview(inputs, before.state)
    after = await rotating.update(before.id, before.state, inputs)

    assert (difference.notes, difference.replaces) == ((), [])
    assert shown == after.state
    assert after.state.keys() >= PROMISED
    assert None not in after.state.values()
    assert {name for name in after.state if not name.startswith("__")} <= {*PROMISED, *OPTIONAL}
    assert after.state["key"] == before.state["key"]
    assert (after.state["generation"], after.state["keyName"]) == (1, before.state["name"])
    assert after.state["rotatedAt"] == before.state["createdAt"]
    assert keys.counts["mint"] == 1
    RotatingAPIKeyState.model_validate(after.state)

    again = await rotating.diff(DiffRequest(before.id, after.state, inputs, inputs))
    assert again.changes == {}


async def test_a_key_older_than_the_rotation_allows_rotates_at_once(
    rotating: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock
) -> None:
    before = await a_key(keys, clock)
    clock.advance(31 * 86400)

    after = await rotating.update(before.id, before.state, wanted(rotating, before))

    assert (after.state["generation"], after.state["previousKeyId"]) == (2, before.state["keyId"])
    assert after.state["previousKey"] == before.state["key"]
    assert after.state.keys() >= PROMISED


async def test_an_imported_one_rotates_since_its_secret_can_not_be_had(
    rotating: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock
) -> None:
    by_hand = keys.add("by-hand")
    before = await APIKeyLifecycle(keys, clock, PROJECT).read(f"{PROJECT}/{by_hand.key_id}", {}, {})
    assert isinstance(before, Live)
    inputs = wanted(rotating, before, emergencyTriggers={"incident": "none"})

    difference = await rotating.diff(DiffRequest(before.id, before.state, before.inputs, inputs))
    after = await rotating.update(before.id, before.state, inputs)

    assert difference.notes == ("rotates: the current key was imported, and its secret can't be had",)
    assert {key.key_id for key in keys.live} == {by_hand.key_id, after.state["keyId"]}
    assert after.state["generation"] == 1


async def test_a_refresh_fills_them_in_too(rotating: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock) -> None:
    before = await a_key(keys, clock)
    state = {name: value for name, value in before.state.items() if name not in {"createdAt", "key"}}

    found = await rotating.read(before.id, before.inputs, state)

    assert isinstance(found, Live)
    assert (found.state["key"], found.state["generation"]) == (SecretStr(""), 0)
    assert found.state["rotatedAt"] is not None

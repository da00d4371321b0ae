"""A key of another endpoint: nothing is asked or done about it, and the words say where it lives and what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from fakes.clock import FakeClock
from fakes.keys import PROJECT, FakeKeys
from pulumi_resource_apikeys.errors import ApiKeysError, ElsewhereError, UnconfirmedPlaceError
from pulumi_resource_apikeys.keys.ownership import Owner
from pulumi_resource_apikeys.model.states import ENDPOINT
from pulumi_resource_apikeys.model.values import Props
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.lifecycle import DEFAULTS, Difference, DiffRequest, Gone, Lifecycle, Live
from pulumi_resource_apikeys.settings import Settings
from pulumi_resource_apikeys.wiring import placed

HERE, THERE = "https://api.example.com", "https://old.example.com:8443"
API_KEY, ROTATING = RESOURCES
OWNER = Owner("infra", "dev", f"app:index:Service${API_KEY}", "it's")
INPUTS: Mapping[str, Props] = {
    API_KEY: {"projectId": PROJECT, "name": "deploy", DEFAULTS: []},
    ROTATING: {"projectId": PROJECT, "name": "deploy", "rotateEvery": "30d", "overlap": "7d", DEFAULTS: []},
}
Call = Callable[[Lifecycle, str, Live], Awaitable[object]]


def diffed(lifecycle: Lifecycle, token: str, live: Live, *, refreshed: bool = False) -> Awaitable[Difference]:
    return lifecycle.diff(DiffRequest(live.id, live.state, INPUTS[token], INPUTS[token], refreshed, OWNER))


def read(lifecycle: Lifecycle, token: str, live: Live) -> Awaitable[Live | Gone]:
    return lifecycle.read(live.id, INPUTS[token], live.state, OWNER)


CALLS: Mapping[str, Call] = {
    "diff": diffed,
    "refreshed": lambda lifecycle, token, live: diffed(lifecycle, token, live, refreshed=True),
    "preview": lambda lifecycle, token, live: lifecycle.preview(INPUTS[token], live.state),
    "read": read,
    "update": lambda lifecycle, token, live: lifecycle.update(live.id, live.state, INPUTS[token], OWNER),
    "delete": lambda lifecycle, _token, live: lifecycle.delete(live.id, live.state, OWNER),
}


class TwoPlaces:
    """Keys in memory, and lifecycles of any endpoint over them."""

    def __init__(self, token: str, keys: FakeKeys, clock: FakeClock) -> None:
        self.token = token
        self.keys = keys
        self.clock = clock

    def at(self, endpoint: str = HERE, **more: Any) -> Lifecycle:
        """The lifecycle of a provider that is set to that endpoint."""
        inner = RESOURCES[self.token](self.keys, self.clock, PROJECT)
        return placed(inner, self.keys, Settings(endpoint=endpoint, **more), endpoint)

    async def made(self, endpoint: str = HERE) -> Live:
        """A key that was made at that endpoint, and no call since."""
        live = await self.at(endpoint).create(INPUTS[self.token], OWNER)
        self.keys.calls.clear()
        return live


def unmarked(live: Live) -> Live:
    """As an earlier version left it."""
    return Live(live.id, {name: value for name, value in live.state.items() if name != ENDPOINT}, live.inputs)


@pytest.fixture(params=[API_KEY, ROTATING], ids=["APIKey", "RotatingAPIKey"])
def world(request: pytest.FixtureRequest, keys: FakeKeys, clock: FakeClock) -> TwoPlaces:
    return TwoPlaces(request.param, keys, clock)


async def test_a_made_read_or_updated_key_remembers_its_endpoint(world: TwoPlaces) -> None:
    live = await world.made("https://API.example.com:443/")
    seen = await read(world.at(), world.token, live)
    changed = await world.at().update(live.id, live.state, INPUTS[world.token], OWNER)

    assert isinstance(seen, Live)
    assert [each.state[ENDPOINT] for each in (live, seen, changed)] == [HERE] * 3


async def test_an_imported_key_remembers_its_endpoint(world: TwoPlaces) -> None:
    remote = world.keys.add("by-hand")
    found = await world.at().read(f"{PROJECT}/{remote.key_id}", {}, {}, OWNER)
    assert isinstance(found, Live)
    assert found.state[ENDPOINT] == HERE


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_nothing_is_asked_or_done_about_a_key_of_another_endpoint(world: TwoPlaces, call: Call) -> None:
    live = await world.made(THERE)

    with pytest.raises(ElsewhereError) as caught:
        await call(world.at(), world.token, live)

    told = str(caught.value)
    assert world.keys.calls == []
    assert len(world.keys.live) == 1
    for words in (
        f"({live.state['keyId']}) of project {PROJECT} lives at {THERE}, but the provider is set to {HERE}",
        "nothing was sent or changed",
        f"set endpoint back to {THERE}",
        "destroy the keys there",
        f"APIKEYS_FORMER_ENDPOINTS={THERE}",
    ):
        assert words in told


async def test_the_previous_key_is_named_too(keys: FakeKeys, clock: FakeClock) -> None:
    world = TwoPlaces(ROTATING, keys, clock)
    live = await world.made(THERE)
    both = Live(live.id, {**live.state, "previousKeyId": "a-previous-id"}, live.inputs)
    with pytest.raises(ElsewhereError, match=r"with its previous key \(a-previous-id\)"):
        await world.at().delete(both.id, both.state, OWNER)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_another_form_of_the_same_address_is_here(world: TwoPlaces, call: Call) -> None:
    live = await world.made(HERE)
    await call(world.at("https://API.EXAMPLE.com:443"), world.token, live)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_renamed_host_is_here_and_a_read_remembers_its_new_name(world: TwoPlaces, call: Call) -> None:
    live = await world.made(THERE)
    renamed = world.at(former_endpoints=("https://first.example.com", "https://OLD.example.com:8443/"))

    await call(renamed, world.token, live)
    seen = await read(renamed, world.token, await world.made(THERE))

    assert isinstance(seen, Live)
    assert seen.state[ENDPOINT] == HERE


@pytest.mark.parametrize("call", [CALLS[name] for name in CALLS if name != "preview"])
async def test_the_users_word_that_it_is_the_same_api_is_checked(world: TwoPlaces, call: Call) -> None:
    live = await world.made(THERE)
    world.keys.keys.clear()

    with pytest.raises(UnconfirmedPlaceError) as caught:
        await call(world.at(former_endpoints=(THERE,)), world.token, live)

    assert world.keys.counts == {"list": 1}
    told = str(caught.value)
    assert f"lives at {THERE}. By formerEndpoints, {HERE} is the same API, but it lists no such key" in told
    assert """`pulumi state delete 'urn:pulumi:dev::infra::app:index:Service$apikeys:index:APIKey::it'"'"'s'`""" in told


async def test_a_revoked_key_tells_as_well_that_it_is_the_same_api(world: TwoPlaces) -> None:
    live = await world.made(THERE)
    world.keys.change(str(live.state["keyId"]), is_active=False)
    await world.at(former_endpoints=(THERE,)).delete(live.id, live.state, OWNER)


class TestStatesOfEarlierVersions:
    """They name no endpoint."""

    @pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
    async def test_live_at_the_present_one(self, world: TwoPlaces, call: Call) -> None:
        await call(world.at(), world.token, unmarked(await world.made()))

    async def test_get_their_mark_by_a_read_without_a_difference(self, world: TwoPlaces) -> None:
        live = unmarked(await world.made())
        seen = await read(world.at(), world.token, live)
        assert isinstance(seen, Live)
        assert {**seen.state, "key": None} == {**live.state, ENDPOINT: HERE, "key": None}
        assert not (await diffed(world.at(), world.token, seen)).changes

    async def test_get_none_where_the_server_lacks_the_key(self, keys: FakeKeys, clock: FakeClock) -> None:
        world = TwoPlaces(ROTATING, keys, clock)
        live = unmarked(await world.made(THERE))
        keys.keys.clear()
        seen = await read(world.at(), ROTATING, live)
        assert isinstance(seen, Live)
        assert ENDPOINT not in seen.state

    @pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
    async def test_live_where_the_provider_was_set_before(self, world: TwoPlaces, call: Call) -> None:
        live = unmarked(await world.made(THERE))
        with pytest.raises(ElsewhereError, match=f"lives at {THERE}"):
            await call(world.at(moved_from=f"{THERE}/"), world.token, live)
        assert world.keys.calls == []

    async def test_that_are_marked_by_now_are_where_they_say(self, world: TwoPlaces) -> None:
        await read(world.at(moved_from=THERE), world.token, await world.made())


class TestAnEndpointThatIsOnlyRemembered:
    """A run that refreshes first reads by it, before the program names the one of today."""

    async def test_stops_no_read_and_no_diff_of_a_refresh(self, world: TwoPlaces) -> None:
        live = await world.made(THERE)
        remembering = world.at(endpoint_remembered=True)

        found = await read(remembering, world.token, live)
        difference = await diffed(remembering, world.token, live, refreshed=True)

        assert isinstance(found, Live)
        assert (found.id, found.state, found.inputs) == (live.id, live.state, INPUTS[world.token])
        (warning,) = found.warnings
        assert warning.startswith("not refreshed: ")
        assert THERE in warning
        assert difference == Difference()
        assert world.keys.calls == []

    @pytest.mark.parametrize("call", [CALLS[name] for name in CALLS if name not in {"read", "refreshed"}])
    async def test_stops_all_else(self, world: TwoPlaces, call: Call) -> None:
        live = await world.made(THERE)
        with pytest.raises(ElsewhereError):
            await call(world.at(endpoint_remembered=True), world.token, live)

    async def test_lets_a_read_check_no_word_of_the_user(self, world: TwoPlaces) -> None:
        live = await world.made(THERE)
        world.keys.keys.clear()
        found = await read(world.at(former_endpoints=(THERE,), endpoint_remembered=True), world.token, live)
        assert isinstance(found, Live)
        assert found.state == live.state


async def test_a_failure_that_keeps_its_state_keeps_the_endpoint_in_it(keys: FakeKeys, clock: FakeClock) -> None:
    world = TwoPlaces(ROTATING, keys, clock)
    live = await world.made()
    keys.revoke_fails(ApiKeysError("no"))
    urgent = {**INPUTS[ROTATING], "emergencyTriggers": {"leak": 1}}

    half = await world.at().update(live.id, live.state, urgent, OWNER)

    assert half.partial_failures
    assert half.state["keyId"] != live.state["keyId"]
    assert isinstance(half.state["key"], SecretStr)
    assert half.state[ENDPOINT] == HERE

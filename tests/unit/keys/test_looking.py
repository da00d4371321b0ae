"""Looking for keys: a key is absent only if two lists, with a while between them, both lack it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from fakes.clock import START, FakeClock
from fakes.keys import OTHER_PROJECT, PROJECT, FakeKeys, uuid
from pulumi_resource_apikeys.clock import Deadline
from pulumi_resource_apikeys.errors import ServerFailedError, Subject
from pulumi_resource_apikeys.keys.looking import SECOND_LOOK, SECOND_LOOK_YOUNG, KeyLookup
from pulumi_resource_apikeys.keys.port import RemoteKey

FAILED = ServerFailedError(Subject("list", PROJECT), "500 internal error", status=500)
OLD = START - timedelta(days=1)
YOUNG = START - timedelta(minutes=1)


@pytest.fixture
def lookup(keys: FakeKeys, clock: FakeClock) -> KeyLookup:
    return KeyLookup(keys, clock)


async def test_what_is_listed_needs_one_look(lookup: KeyLookup, keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    listing = await lookup.list_with(PROJECT, {key.key_id: START})
    assert [found.key_id for found in listing] == [key.key_id]
    assert (keys.counts["list"], clock.slept) == (1, [])


@pytest.mark.parametrize("fields", [{"is_active": False}, {"expires_at": "2026-01-01T00:00:00Z"}])
async def test_a_key_that_is_listed_as_dead_is_not_absent(
    lookup: KeyLookup, keys: FakeKeys, clock: FakeClock, fields: dict[str, object]
) -> None:
    key = keys.add("deploy", **fields)
    await lookup.list_with(PROJECT, {key.key_id: START})
    assert clock.slept == []


async def test_a_key_is_known_by_any_form_of_its_id(lookup: KeyLookup, keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    await lookup.list_with(PROJECT, {key.key_id.upper(): START})
    assert clock.slept == []


@pytest.mark.parametrize(
    ("made_at", "waits"),
    [
        (YOUNG, SECOND_LOOK_YOUNG),
        (START + timedelta(days=1), SECOND_LOOK_YOUNG),
        (OLD, SECOND_LOOK),
        (None, SECOND_LOOK),
    ],
)
async def test_what_a_list_lacks_is_looked_for_again_after_a_while(
    lookup: KeyLookup, keys: FakeKeys, clock: FakeClock, made_at: datetime | None, waits: float
) -> None:
    await lookup.list_with(PROJECT, {uuid(1): made_at})
    assert clock.slept == [waits]
    assert [asked.fresh for asked in keys.calls] == [False, True]


async def test_the_second_look_finds_what_the_first_one_lacked(
    lookup: KeyLookup, keys: FakeKeys, clock: FakeClock
) -> None:
    key = keys.add("deploy")
    keys.lag = 5
    clock.advance(1)
    listing = await lookup.list_with(PROJECT, {key.key_id: START})
    assert [found.key_id for found in listing] == [key.key_id]


async def test_how_young_a_key_is_goes_by_the_servers_time(keys: FakeKeys) -> None:
    ahead = FakeClock(START + timedelta(days=300))
    await KeyLookup(keys, ahead).list_with(PROJECT, {uuid(1): YOUNG})
    assert ahead.slept == [SECOND_LOOK_YOUNG]


async def test_the_longest_wait_of_all_sought_is_waited_once(
    lookup: KeyLookup, keys: FakeKeys, clock: FakeClock
) -> None:
    await lookup.list_with(PROJECT, {uuid(1): OLD, uuid(2): YOUNG, uuid(3): OLD})
    assert (clock.slept, keys.counts["list"]) == ([SECOND_LOOK_YOUNG], 2)


async def test_looks_of_others_count(lookup: KeyLookup, clock: FakeClock) -> None:
    await lookup.list_with(PROJECT, {})
    clock.advance(1.5)
    await lookup.list_with(PROJECT, {uuid(1): OLD})
    assert clock.slept == [SECOND_LOOK - 1.5]
    await lookup.list_with(PROJECT, {uuid(1): OLD})
    assert clock.slept == [SECOND_LOOK - 1.5], "two lists lacked it long enough apart"


async def test_a_list_that_had_it_begins_the_wait_anew(lookup: KeyLookup, keys: FakeKeys, clock: FakeClock) -> None:
    await lookup.list_with(PROJECT, {})
    key = keys.add("deploy")
    await lookup.list_with(PROJECT, {key.key_id: OLD})
    clock.advance(60)
    keys.keys.clear()
    await lookup.list_with(PROJECT, {key.key_id: OLD})
    assert clock.slept == [SECOND_LOOK]


async def test_a_list_that_is_shared_is_one_look(clock: FakeClock) -> None:
    class Sharing(FakeKeys):
        shared: Sequence[RemoteKey] | None = None

        async def list(
            self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
        ) -> Sequence[RemoteKey]:
            if self.shared is None or fresh:
                self.shared = await super().list(project_id, fresh=fresh, deadline=deadline)
            return self.shared

    keys = Sharing(clock)
    lookup = KeyLookup(keys, clock)
    await lookup.list_with(PROJECT, {})
    clock.advance(3)
    await lookup.list_with(PROJECT, {uuid(1): OLD})
    assert keys.counts["list"] == 2, "the same list twice is no second look"


async def test_projects_are_looked_at_one_by_one(lookup: KeyLookup, clock: FakeClock) -> None:
    await lookup.list_with(OTHER_PROJECT, {})
    clock.advance(60)
    await lookup.list_with(PROJECT, {uuid(1): OLD})
    assert clock.slept == [SECOND_LOOK]


@pytest.mark.parametrize("failing", [1, 2])
async def test_a_look_that_fails_is_an_error_and_no_absence(
    lookup: KeyLookup, keys: FakeKeys, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    async def fails_then(seconds: float) -> None:
        clock.advance(seconds)
        keys.list_fails(FAILED)

    monkeypatch.setattr(clock, "sleep", fails_then)
    if failing == 1:
        keys.list_fails(FAILED)
    with pytest.raises(ServerFailedError):
        await lookup.list_with(PROJECT, {uuid(1): OLD})

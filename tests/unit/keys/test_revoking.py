"""Revoking: a key is forgotten only once the list, or the server's own word and time, says that it is dead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakes.clock import START, FakeClock
from fakes.keys import PROJECT, FakeKeys, uuid
from pulumi_resource_apikeys.errors import (
    AdminManagedError,
    ApiKeysError,
    CredentialError,
    ForbiddenError,
    NotFoundError,
    ServerFailedError,
    Subject,
    UnreachableError,
)
from pulumi_resource_apikeys.keys.identity import KeyPath
from pulumi_resource_apikeys.keys.revoking import LOOKS, revoke
from pulumi_resource_apikeys.model.times import format_instant

SUBJECT = Subject("revoke", PROJECT, "deploy")
NO_LIST = ServerFailedError(Subject("list", PROJECT), "500 internal error", status=500)
FORBIDDEN = ForbiddenError(SUBJECT, "not yours", status=403)


class Pretending(FakeKeys):
    """A server that says that it revoked a key and did not."""

    async def revoke(self, project_id: str, key_id: str, **_more: object) -> bool:
        self.asked = (project_id, key_id)
        return True


def path(key_id: str) -> KeyPath:
    return KeyPath(PROJECT, key_id)


async def test_a_revoked_key_is_seen_so_in_a_fresh_list(keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    assert await revoke(keys, clock, path(key.key_id), "deploy") == ()
    assert [(asked.verb, asked.fresh) for asked in keys.calls] == [("revoke", False), ("list", True)]
    assert clock.slept == []


async def test_a_key_that_is_no_longer_there_is_as_good_as_revoked(keys: FakeKeys, clock: FakeClock) -> None:
    assert await revoke(keys, clock, path(uuid(1)), "deploy") == ()


async def test_the_server_is_asked_with_the_keys_age_in_mind(keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    await revoke(keys, clock, path(key.key_id), "deploy", START)
    assert keys.said_made_at == {key.key_id: START}


@pytest.mark.parametrize(("lag", "looks"), [(0.5, 2), (3, 3), (9, 4)])
async def test_a_list_that_lags_behind_is_looked_at_again(
    keys: FakeKeys, clock: FakeClock, lag: float, looks: int
) -> None:
    key = keys.add("deploy")
    clock.advance(60)
    keys.lag = lag
    assert await revoke(keys, clock, path(key.key_id), "deploy") == ()
    assert keys.counts["list"] == looks


async def test_a_success_without_effect_is_an_error_that_says_so(clock: FakeClock) -> None:
    keys = Pretending(clock)
    key = keys.add("deploy")
    with pytest.raises(ApiKeysError) as caught:
        await revoke(keys, clock, path(key.key_id), "deploy")
    for part in ('"deploy"', key.key_id, PROJECT, "that it is revoked", "still lists it as active", "Run again"):
        assert part in str(caught.value)
    assert clock.slept == list(LOOKS[1:])


async def test_a_success_that_no_list_can_confirm_is_one_with_words(keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    keys.list_fails(NO_LIST)
    (words,) = await revoke(keys, clock, path(key.key_id), "deploy")
    for part in ('"deploy"', key.key_id, PROJECT, "could not be checked", "500 internal error"):
        assert part in words


async def test_a_refused_one_of_a_live_key_is_an_error_after_one_look(keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    keys.revoke_fails(None)
    with pytest.raises(ApiKeysError, match="success: false"):
        await revoke(keys, clock, path(key.key_id), "deploy")
    assert keys.counts["list"] == 1


async def test_a_refused_one_that_no_list_can_judge_is_an_error(keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    keys.revoke_fails(None)
    keys.list_fails(NO_LIST)
    with pytest.raises(ServerFailedError):
        await revoke(keys, clock, path(key.key_id), "deploy")


@pytest.mark.parametrize("fields", [{"is_active": False}, {"expires_at": format_instant(START)}])
async def test_a_refused_one_of_a_dead_key_is_success(
    keys: FakeKeys, clock: FakeClock, fields: dict[str, object]
) -> None:
    key = keys.add("deploy", **fields)
    keys.revoke_fails(None)
    assert await revoke(keys, clock, path(key.key_id), "deploy") == ()


@pytest.mark.parametrize("tells_time", [True, False])
async def test_a_key_past_its_end_by_our_clock_alone_is_not_dead(clock: FakeClock, tells_time: bool) -> None:
    ours = FakeClock(START + timedelta(days=2))
    keys = FakeKeys(clock)
    keys.tells_time = tells_time
    key = keys.add("deploy", expires_at=format_instant(START + timedelta(days=1)))
    keys.revoke_fails(None)
    with pytest.raises(ApiKeysError, match="still lists it as active"):
        await revoke(keys, ours, path(key.key_id), "deploy")


@pytest.mark.parametrize(
    "error",
    [
        ServerFailedError(SUBJECT, "500", status=500),
        NotFoundError(SUBJECT, "404", status=404),
        UnreachableError(SUBJECT, "dropped", may_have_acted=True),
        FORBIDDEN,
        CredentialError("no token"),
    ],
)
async def test_a_failed_one_is_an_error_also_of_a_key_past_its_end(
    keys: FakeKeys, clock: FakeClock, error: ApiKeysError
) -> None:
    key = keys.add("deploy", expires_at=format_instant(START - timedelta(days=1)))
    keys.revoke_fails(error)
    with pytest.raises(type(error)) as caught:
        await revoke(keys, clock, path(key.key_id), "deploy")
    assert caught.value is error


async def test_a_key_of_administrators_is_told_as_such(keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy", is_admin_managed=True)
    keys.revoke_fails(FORBIDDEN)
    with pytest.raises(AdminManagedError, match="not yours"):
        await revoke(keys, clock, path(key.key_id), "deploy")


@pytest.mark.parametrize("list_fails", [True, False])
async def test_where_the_list_does_not_say_so_a_403_is_that(keys: FakeKeys, clock: FakeClock, list_fails: bool) -> None:
    key = keys.add("deploy", is_admin_managed=list_fails)
    keys.revoke_fails(FORBIDDEN)
    if list_fails:
        keys.list_fails(NO_LIST)
    with pytest.raises(ForbiddenError) as caught:
        await revoke(keys, clock, path(key.key_id), "deploy")
    assert caught.value is FORBIDDEN


async def test_a_list_that_names_a_key_twice_says_that_it_lives(keys: FakeKeys, clock: FakeClock) -> None:
    key = keys.add("deploy")
    keys.revoke_fails(None)
    keys.keys["the same once more"] = key
    keys.change(key.key_id, is_active=False)
    with pytest.raises(ApiKeysError, match="still lists it as active"):
        await revoke(keys, clock, path(key.key_id), "deploy")

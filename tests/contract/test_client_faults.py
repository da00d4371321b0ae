"""The provider's client against every fault of the emulator: what it returns or raises, and what is on the server."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from apikeys_emulator.testing import Emulator
from fakes.keys import new_key
from fakes.quick_clock import QuickClock
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.clock import Clock, SystemClock
from pulumi_resource_apikeys.credentials.tokens import Tokens
from pulumi_resource_apikeys.errors import (
    BadAnswerError,
    CredentialError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    RemoteError,
    ServerFailedError,
    UnauthorizedError,
    UnreachableError,
)
from pulumi_resource_apikeys.settings import ClerkSession, Settings

SETTINGS = Settings(max_retries=2, request_timeout=5.0)


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
async def client(emulator: Emulator, clock: QuickClock) -> AsyncIterator[ApiClient]:
    made = build(emulator, clock, SETTINGS)
    yield made
    await made.aclose()


def build(emulator: Emulator, clock: Clock, settings: Settings) -> ApiClient:
    source = ClerkSession(SecretStr(emulator.clerk_secret_key), "sess_1", emulator.url)
    return ApiClient(settings, emulator.url, Tokens([source], clock, lambda _line: None), clock)


PASSING: list[dict[str, Any]] = [
    *[{"kind": "status", "status": status} for status in (408, 425, 429, 500, 502, 503, 504)],
    {"kind": "status", "status": 503, "retry_after": "2"},
    {"kind": "status", "status": 429, "retry_after": "Wed, 01 Jan 2020 00:00:00 GMT"},
    {"kind": "html"},
    {"kind": "latency", "latency_ms": 20},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "truncate"},
    {"kind": "empty"},
]
PERHAPS_DONE: list[tuple[dict[str, Any], type[RemoteError], int]] = [
    ({"kind": "status", "status": 429}, RateLimitedError, 0),
    ({"kind": "status", "status": 429, "retry_after": "2"}, RateLimitedError, 0),
    ({"kind": "status", "status": 429, "work": True}, RateLimitedError, 1),
    ({"kind": "status", "status": 503, "retry_after": "2"}, ServerFailedError, 0),
    ({"kind": "status", "status": 503, "retry_after": "2", "work": True}, ServerFailedError, 1),
    ({"kind": "status", "status": 302, "work": True}, BadAnswerError, 1),
    ({"kind": "status", "status": 400, "work": True}, RejectedError, 1),
    ({"kind": "status", "status": 413, "work": True}, RejectedError, 1),
    ({"kind": "status", "status": 499, "work": True}, RejectedError, 1),
    ({"kind": "html", "status": 401, "work": True}, UnauthorizedError, 1),
    ({"kind": "html", "status": 403, "work": True}, ForbiddenError, 1),
    ({"kind": "html", "status": 404, "work": True}, NotFoundError, 1),
    ({"kind": "html", "status": 422, "work": True}, RejectedError, 1),
    ({"kind": "status", "status": 500}, ServerFailedError, 0),
    ({"kind": "status", "status": 504, "work": True}, ServerFailedError, 1),
    ({"kind": "status", "status": 503}, ServerFailedError, 0),
    ({"kind": "drop_before"}, UnreachableError, 0),
    ({"kind": "drop_after"}, UnreachableError, 1),
    ({"kind": "truncate"}, UnreachableError, 1),
    ({"kind": "empty"}, BadAnswerError, 1),
]


@pytest.mark.parametrize("fault", PASSING, ids=str)
async def test_a_list_gets_over_a_fault_that_passes(
    client: ApiClient, emulator: Emulator, project_id: str, fault: dict[str, Any]
) -> None:
    emulator.add_keys(3, project_id)
    emulator.fault("list", **fault)
    assert len(await client.list(project_id)) == 3


@pytest.mark.parametrize("fault", PASSING, ids=str)
async def test_a_revoke_gets_over_a_fault_that_passes(
    client: ApiClient, emulator: Emulator, project_id: str, fault: dict[str, Any]
) -> None:
    emulator.set_behaviour(revoke_again="not_found")
    key = emulator.add_key(project_id)
    emulator.fault("revoke", **fault)
    assert await client.revoke(project_id, key.key_id, label=key.name)
    assert emulator.active_keys(project_id) == []


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "empty"])
async def test_a_revoke_that_was_done_but_never_answered_is_seen_in_the_list(
    client: ApiClient, emulator: Emulator, project_id: str, kind: Any
) -> None:
    key = emulator.add_key(project_id)
    emulator.fault("revoke", kind, times=None)
    assert await client.revoke(project_id, key.key_id, label=key.name)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "status": 500}, ServerFailedError),
        ({"kind": "html"}, ServerFailedError),
        ({"kind": "drop_before"}, UnreachableError),
        ({"kind": "unauthorized"}, UnauthorizedError),
    ],
    ids=str,
)
async def test_a_revoke_that_is_never_done_is_an_error(
    client: ApiClient, emulator: Emulator, project_id: str, fault: dict[str, Any], kind: type[RemoteError]
) -> None:
    key = emulator.add_key(project_id)
    emulator.fault("revoke", times=None, **fault)
    with pytest.raises(kind, match=f'could not revoke API key "{key.name}" in project {project_id}'):
        await client.revoke(project_id, key.key_id, label=key.name)
    assert len(emulator.active_keys(project_id)) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ({"kind": "status", "status": 500}, ServerFailedError, "500 Internal Server Error: the emulator was told to"),
        ({"kind": "html"}, ServerFailedError, "502 Bad Gateway: it answered text/html instead of JSON"),
        ({"kind": "drop_before"}, UnreachableError, "was lost before the whole answer"),
        ({"kind": "truncate"}, UnreachableError, "was lost before the whole answer"),
        ({"kind": "empty"}, BadAnswerError, "200 OK, but the body is empty"),
        ({"kind": "status", "status": 302}, BadAnswerError, "redirects are not followed"),
        ({"kind": "unauthorized"}, UnauthorizedError, "401 Unauthorized"),
    ],
    ids=str,
)
async def test_a_list_under_a_fault_that_stays_is_an_error_never_an_empty_list(  # noqa: PLR0913, PLR0917 - fixtures and cases
    client: ApiClient, emulator: Emulator, project_id: str, fault: dict[str, Any], kind: type[RemoteError], words: str
) -> None:
    emulator.add_key(project_id)
    emulator.fault("list", times=None, **fault)
    with pytest.raises(kind, match=words):
        await client.list(project_id)


async def test_a_create_gets_over_a_slow_answer(client: ApiClient, emulator: Emulator, project_id: str) -> None:
    emulator.fault("create", "latency", latency_ms=20)
    minted = await client.mint(new_key(project_id, "deploy"))
    assert [key.key_id for key in emulator.active_keys(project_id)] == [minted.remote.key_id]


async def test_one_401_is_got_over_with_a_new_token(emulator: Emulator, project_id: str) -> None:
    key = emulator.add_key(project_id)
    client = build(emulator, SystemClock(), SETTINGS)
    emulator.fault("list", "unauthorized")
    emulator.fault("create", "unauthorized")
    emulator.fault("revoke", "unauthorized")
    await asyncio.gather(client.list(project_id), client.mint(new_key(project_id, "deploy")))
    assert await client.revoke(project_id, key.key_id, label=key.name)
    await client.aclose()
    assert [key.name for key in emulator.active_keys(project_id)] == ["deploy"]


@pytest.mark.parametrize(("fault", "kind", "made"), PERHAPS_DONE, ids=str)
async def test_a_create_that_may_have_been_done_is_sent_once_and_uncertain(  # noqa: PLR0913, PLR0917 - the same
    client: ApiClient, emulator: Emulator, project_id: str, fault: dict[str, Any], kind: type[RemoteError], made: int
) -> None:
    emulator.fault("create", **fault)
    with pytest.raises(kind) as caught:
        await client.mint(new_key(project_id, "deploy"))
    assert caught.value.may_have_acted
    assert len(emulator.active_keys(project_id)) == made
    assert emulator.counts()["create"] == 1


async def test_a_create_that_is_answered_too_late_is_uncertain(
    emulator: Emulator, clock: QuickClock, project_id: str
) -> None:
    client = build(emulator, clock, replace(SETTINGS, request_timeout=0.2))
    emulator.fault("create", "latency", latency_ms=5000)
    await client.list(project_id)
    with pytest.raises(UnreachableError) as caught:
        await client.mint(new_key(project_id, "deploy"))
    await client.aclose()
    assert caught.value.may_have_acted


async def test_a_rate_limit_is_met_by_slowing_down_all_and_none_fails(
    client: ApiClient, emulator: Emulator, project_id: str, clock: QuickClock
) -> None:
    async def mint(name: str) -> None:
        while True:
            try:
                await client.mint(new_key(project_id, name))
            except RateLimitedError:
                continue
            return

    emulator.fault("create", "status", times=30, status=429, retry_after="3")
    await asyncio.gather(*[mint(f"key-{n}") for n in range(40)])
    assert len(emulator.active_keys(project_id)) == 40
    assert clock.waited >= 3


async def test_a_rate_limit_that_stays_is_told_in_time(
    client: ApiClient, emulator: Emulator, project_id: str, clock: QuickClock
) -> None:
    emulator.fault("list", "status", times=None, status=429, retry_after="20", detail="too many calls")
    with pytest.raises(RateLimitedError, match="429 Too Many Requests: too many calls"):
        await client.list(project_id)
    assert clock.waited <= 300


async def test_clerks_faults_are_got_over(client: ApiClient, emulator: Emulator, project_id: str) -> None:
    emulator.fault("clerk", "status", status=429, retry_after="4")
    emulator.fault("clerk", "status", status=500)
    emulator.fault("clerk", "drop_before")
    emulator.fault("clerk", "truncate")
    emulator.fault("clerk", "empty")
    assert await client.list(project_id) == ()
    assert emulator.counts()["clerk"] == 6


async def test_a_clerk_that_stays_away_is_one_clear_error(
    client: ApiClient, emulator: Emulator, project_id: str
) -> None:
    emulator.fault("clerk", "status", times=None, status=500, detail="out of order")
    with pytest.raises(CredentialError, match="Clerk answered 500 out of order"):
        await client.list(project_id)
    assert emulator.counts()["list"] == 0


async def test_a_create_cancelled_while_it_waits_leaves_the_client_usable(
    client: ApiClient, emulator: Emulator, project_id: str
) -> None:
    emulator.fault("create", "latency", latency_ms=60_000)
    started = time.monotonic()
    create = asyncio.ensure_future(client.mint(new_key(project_id, "deploy")))
    while not emulator.counts()["create"]:  # noqa: ASYNC110 - the server is another process
        await asyncio.sleep(0)
    create.cancel()
    with pytest.raises(asyncio.CancelledError):
        await create
    assert await client.list(project_id) == ()
    assert time.monotonic() - started < 30

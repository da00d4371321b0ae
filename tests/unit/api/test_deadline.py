"""The time that an operation may take: it ends every wait of that operation and of no other, and is told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from pytest_httpx import HTTPXMock

from fakes.clock import FakeClock
from fakes.keys import new_key
from fakes.tokens import FakeTokens
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.clock import OPERATION_LIMIT, Deadline, SystemClock
from pulumi_resource_apikeys.errors import RateLimitedError, RemoteError, ServerFailedError
from pulumi_resource_apikeys.settings import Settings

PROJECT = "5f0c8a52-93a1-4d43-8d2e-0d5c6a1f7b10"
ENDPOINT = "https://api.example.com"
NO_KEYS: dict[str, Any] = {"method": "GET", "text": "null", "headers": {"content-type": "application/json"}}
LIMITED: dict[str, Any] = {"status_code": 429, "json": {"detail": "slow down"}, "headers": {"retry-after": "60"}}
ENDLESS: dict[str, Any] = {"status_code": 500, "json": {"detail": "out of order"}, "is_reusable": True}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def client(clock: FakeClock) -> AsyncIterator[ApiClient]:
    made = ApiClient(replace(Settings(), max_retries=20), ENDPOINT, FakeTokens(), clock)
    yield made
    await made.aclose()


@pytest.fixture
async def real(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiClient]:
    """A client in real time, one call at once, that gives no call a whole second after its deadline."""
    monkeypatch.setattr("pulumi_resource_apikeys.api.exchange.LEAST_LIMIT", 0.01)
    made = ApiClient(Settings(max_concurrency=1), ENDPOINT, FakeTokens(), SystemClock())
    yield made
    await made.aclose()


def soon(seconds: float = 0.05) -> Deadline:
    return Deadline.of_operation(SystemClock(), seconds)


class Held:
    """An answer that comes when the test lets it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.sent = asyncio.Event()
        self.let_go = asyncio.Event()
        self._answer = answer

    async def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.sent.set()
        await self.let_go.wait()
        return self._answer


@pytest.mark.parametrize(
    ("timeout", "seconds"), [(0.0, OPERATION_LIMIT), (-1.0, OPERATION_LIMIT), (10.0, 10.0), (1800.0, OPERATION_LIMIT)]
)
def test_an_operation_has_the_time_that_the_engine_gives_and_five_minutes_at_most(
    clock: FakeClock, timeout: float, seconds: float
) -> None:
    clock.advance(7.0)
    assert Deadline.of_operation(clock, timeout).left(clock) == seconds


def test_of_a_deadline_that_passed_nothing_is_left(clock: FakeClock) -> None:
    deadline = Deadline.of_operation(clock, 10.0)
    clock.advance(11.0)
    assert deadline.left(clock) == 0


async def test_it_ends_the_wait_for_calls_that_are_under_way(real: ApiClient, httpx_mock: HTTPXMock) -> None:
    answer = Held(httpx.Response(500))
    httpx_mock.add_callback(answer)
    first = asyncio.ensure_future(real.mint(new_key(PROJECT, "first")))
    await answer.sent.wait()
    with pytest.raises(RemoteError) as caught:
        await real.mint(new_key(PROJECT, "second"), deadline=soon())
    assert "was over while it waited for other calls to end; nothing was sent" in str(caught.value)
    assert not caught.value.may_have_acted
    first.cancel()
    await asyncio.wait({first})


async def test_it_ends_the_wait_for_a_token(real: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_tokens: object) -> SecretStr:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("cancelled before")

    monkeypatch.setattr(FakeTokens, "token", never)
    with pytest.raises(RemoteError, match="while it waited for a token") as caught:
        await real.mint(new_key(PROJECT, "deploy"), deadline=soon(0.02))
    assert not caught.value.may_have_acted


async def test_once_it_is_over_no_key_is_made_but_it_can_still_be_looked_for(
    client: ApiClient, clock: FakeClock, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(**NO_KEYS)
    deadline = Deadline.of_operation(clock, 10)
    clock.advance(11)
    with pytest.raises(RemoteError, match="was over before it was sent; nothing was sent"):
        await client.mint(new_key(PROJECT, "deploy"), deadline=deadline)
    assert await client.list(PROJECT, deadline=deadline) == ()


@pytest.mark.parametrize("retry_after", ["60", "4"])
async def test_it_ends_the_wait_for_a_rate_limit(
    client: ApiClient, clock: FakeClock, httpx_mock: HTTPXMock, retry_after: str
) -> None:
    httpx_mock.add_response(**{**LIMITED, "headers": {"retry-after": retry_after}}, is_reusable=True)
    with pytest.raises(RateLimitedError, match="slow down"):
        await client.revoke(PROJECT, "k-1", label="deploy", deadline=Deadline.of_operation(clock, 10))
    assert clock.monotonic() <= 10


async def test_it_ends_retries(client: ApiClient, clock: FakeClock, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="DELETE", **ENDLESS)
    httpx_mock.add_response(method="GET", status_code=404)
    with pytest.raises(ServerFailedError, match="out of order"):
        await client.revoke(PROJECT, "k-1", label="deploy", deadline=Deadline.of_operation(clock, 10))
    assert clock.monotonic() <= 10


async def test_without_one_a_call_has_five_minutes(client: ApiClient, clock: FakeClock, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(**LIMITED)
    httpx_mock.add_response(**NO_KEYS)
    assert await client.list(PROJECT) == ()
    assert 60 <= clock.monotonic() <= OPERATION_LIMIT


async def test_a_short_one_ends_the_wait_for_a_shared_list_for_its_owner_alone(
    real: ApiClient, httpx_mock: HTTPXMock
) -> None:
    answer = Held(httpx.Response(200, json=[{"key_id": "k-1", "name": "deploy"}]))
    httpx_mock.add_callback(answer)
    hurried = asyncio.ensure_future(real.list(PROJECT, deadline=soon()))
    patient = asyncio.ensure_future(real.list(PROJECT))
    with pytest.raises(RemoteError, match=r"could not list .* was over before it answered"):
        await hurried
    answer.let_go.set()
    assert [key.key_id for key in await patient] == ["k-1"]
    assert len(httpx_mock.get_requests()) == 1


async def test_when_all_who_wait_for_a_list_gave_up_its_call_ends_too(real: ApiClient, httpx_mock: HTTPXMock) -> None:
    answer = Held(httpx.Response(200, json=[]))
    httpx_mock.add_callback(answer)
    with pytest.raises(RemoteError, match="was over"):
        await real.list(PROJECT, deadline=soon())
    httpx_mock.add_response(**NO_KEYS)
    assert await real.list(PROJECT) == ()


async def test_a_list_that_failed_until_then_tells_the_last_failure(real: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(**LIMITED)
    with pytest.raises(RateLimitedError, match="slow down; and the time that this may take was over") as caught:
        await real.list(PROJECT, deadline=soon())
    assert (caught.value.status, caught.value.retry_after) == (429, 60.0)

"""The time that the engine gives an operation: it ends every wait, and what is told says so and not something else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from pytest_httpx import HTTPXMock

from fakes.clock import FakeClock
from fakes.tokens import FakeTokens
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.api.time_limit import time_limit
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.errors import RateLimitedError, RemoteError, ServerFailedError
from pulumi_resource_apikeys.settings import Settings

PROJECT = "5f0c8a52-93a1-4d43-8d2e-0d5c6a1f7b10"
ENDPOINT = "https://api.example.com"
NO_KEYS: dict[str, Any] = {"method": "GET", "text": "null", "headers": {"content-type": "application/json"}}
LIMITED: dict[str, Any] = {"status_code": 429, "json": {"detail": "slow down"}, "headers": {"retry-after": "60"}}


async def test_it_ends_the_wait_for_calls_that_are_under_way(httpx_mock: HTTPXMock) -> None:
    client = ApiClient(Settings(max_concurrency=1), ENDPOINT, FakeTokens(), SystemClock())
    sent = asyncio.Event()

    async def never(_request: httpx.Request) -> httpx.Response:
        sent.set()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("cancelled before")

    httpx_mock.add_callback(never)
    first = asyncio.ensure_future(client.mint(PROJECT, "first", None, None))
    await sent.wait()
    with time_limit(SystemClock(), 0.05), pytest.raises(RemoteError) as caught:
        await client.mint(PROJECT, "second", None, None)
    assert "was over while it waited for other calls to end; nothing was sent" in str(caught.value)
    assert not caught.value.uncertain
    first.cancel()
    await asyncio.wait({first})
    await client.aclose()


async def test_it_ends_the_wait_for_a_token() -> None:
    class SlowTokens(FakeTokens):
        async def token(self) -> SecretStr:
            await asyncio.get_running_loop().create_future()
            raise AssertionError("cancelled before")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pulumi_resource_apikeys.api.exchange.LEAST_LIMIT", 0.01)
        client = ApiClient(Settings(), ENDPOINT, SlowTokens(), SystemClock())
        with time_limit(SystemClock(), 0.02), pytest.raises(RemoteError, match="while it waited for a token"):
            await client.list(PROJECT)
    await client.aclose()


async def test_once_it_is_over_no_key_is_made_but_it_can_still_be_looked_for(httpx_mock: HTTPXMock) -> None:
    clock = FakeClock()
    client = ApiClient(Settings(), ENDPOINT, FakeTokens(), clock)
    httpx_mock.add_response(**NO_KEYS)
    with time_limit(clock, 10):
        clock.advance(11)
        with pytest.raises(RemoteError, match="was over before it was sent; nothing was sent"):
            await client.mint(PROJECT, "deploy", None, None)
        assert await client.list(PROJECT) == ()
    await client.aclose()


@pytest.mark.parametrize("retry_after", ["60", "4"])
async def test_it_ends_the_wait_for_a_rate_limit(httpx_mock: HTTPXMock, retry_after: str) -> None:
    clock = FakeClock()
    client = ApiClient(Settings(), ENDPOINT, FakeTokens(), clock)
    httpx_mock.add_response(**{**LIMITED, "headers": {"retry-after": retry_after}}, is_reusable=True)
    with time_limit(clock, 10), pytest.raises(RateLimitedError, match="slow down"):
        await client.mint(PROJECT, "deploy", None, None)
    assert clock.monotonic() <= 10
    await client.aclose()


async def test_it_ends_retries(httpx_mock: HTTPXMock) -> None:
    clock = FakeClock()
    client = ApiClient(replace(Settings(), max_retries=20), ENDPOINT, FakeTokens(), clock)
    httpx_mock.add_response(status_code=500, json={"detail": "out of order"}, is_reusable=True)
    with time_limit(clock, 10), pytest.raises(ServerFailedError, match="out of order"):
        await client.list(PROJECT)
    assert clock.monotonic() <= 10
    await client.aclose()


async def test_none_is_none(httpx_mock: HTTPXMock) -> None:
    clock = FakeClock()
    client = ApiClient(Settings(), ENDPOINT, FakeTokens(), clock)
    httpx_mock.add_response(**LIMITED)
    httpx_mock.add_response(**NO_KEYS)
    with time_limit(clock, 0):
        assert await client.list(PROJECT) == ()
    assert clock.monotonic() >= 60
    await client.aclose()

"""A long run with tokens that live two seconds, on a slow API: every call passes, and few tokens are fetched."""

import asyncio
import time

import pytest
from pydantic import SecretStr

from apikeys_emulator.testing import Emulator
from fakes.keys import new_key
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.credentials.tokens import Tokens
from pulumi_resource_apikeys.settings import ClerkSession, Settings

LIFE = 2.0


@pytest.mark.timeout(120)
async def test_a_run_that_outlives_its_tokens_many_times(project_id: str) -> None:
    with Emulator(token_ttl_seconds=LIFE) as emulator:
        emulator.fault("create", "latency", times=None, latency_ms=200)
        clock = SystemClock()
        source = ClerkSession(SecretStr(emulator.clerk_secret_key), "sess_1", emulator.url)
        client = ApiClient(
            Settings(max_concurrency=2), emulator.url, Tokens([source], clock, lambda _line: None), clock
        )
        started = time.monotonic()
        await asyncio.gather(*[client.mint(new_key(project_id, f"key-{n}")) for n in range(60)])
        took = time.monotonic() - started
        await client.aclose()
        counts = emulator.counts()
        assert len(emulator.active_keys(project_id)) == 60
    assert took >= 3 * LIFE
    # Its times are whole seconds, so a token of two seconds lives between one and two.
    assert counts["clerk"] <= took / (LIFE / 2 * 0.8) + 1
    assert counts["create"] - 60 <= counts["clerk"]

"""`customTimeouts`: what the engine allows an operation holds for all calls made for it, and for no others."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from fakes.clock import FakeClock
from fakes.engine import Driver, struct
from fakes.keys import PROJECT, FakeKeys, lost_answer, new_key
from fakes.served import Served
from pulumi_resource_apikeys.clock import OPERATION_LIMIT, Deadline
from pulumi_resource_apikeys.keys.run import run_of

API_KEY, ROTATING = "apikeys:index:APIKey", "apikeys:index:RotatingAPIKey"
ARGS: dict[str, dict[str, Any]] = {API_KEY: {}, ROTATING: {"rotateEvery": "30d", "overlap": "7d"}}


def urn_of(token: str) -> str:
    return f"urn:pulumi:dev::app::{token}::deploy"


async def all_calls(plugin: Served, token: str, timeout: float) -> dict[str, set[float | None]]:
    """When the calls of each kind must end, seconds after the operation began, where it makes, reads and deletes."""
    driver = Driver(plugin.driver.stub, urn_of(token))
    seen: defaultdict[str, set[float | None]] = defaultdict(set)
    inputs = (await driver.check(ARGS[token])).inputs

    async def watched(call: Any) -> Any:
        plugin.keys.calls.clear()
        began = plugin.clock.monotonic()
        answer = await call
        for asked in plugin.keys.calls:
            seen[asked.verb].add(None if asked.deadline is None else asked.deadline.ends - began)
        return answer

    plugin.keys.mint_fails(lost_answer(), made=True)
    create = provider_pb2.CreateRequest(urn=driver.urn, properties=struct(inputs), timeout=timeout)
    made = await watched(driver.stub.Create(create))
    about: dict[str, Any] = {"id": made.id, "urn": driver.urn, "properties": made.properties}
    await watched(driver.stub.Read(provider_pb2.ReadRequest(**about, inputs=struct(inputs))))
    await watched(driver.stub.Delete(provider_pb2.DeleteRequest(**about, timeout=timeout)))
    return seen


@pytest.mark.parametrize("token", [API_KEY, ROTATING])
async def test_every_call_of_an_operation_ends_by_its_time_limit(plugin: Served, token: str) -> None:
    seen = await all_calls(plugin, token, 40.0)
    assert seen["mint"] == {40.0}
    assert seen["revoke"] == {40.0}
    assert seen["list"] == {40.0, None}  # a read has none


@pytest.mark.parametrize("token", [API_KEY, ROTATING])
async def test_without_one_all_tries_of_a_create_take_five_minutes_together(plugin: Served, token: str) -> None:
    seen = await all_calls(plugin, token, 0.0)
    assert seen["mint"] == {OPERATION_LIMIT}


async def test_a_limit_is_not_longer_than_five_minutes(plugin: Served) -> None:
    assert (await all_calls(plugin, API_KEY, 3600.0))["mint"] == {OPERATION_LIMIT}


async def test_a_key_that_nobody_took_is_revoked_without_the_limit_of_its_create(
    plugin: Served, driver: Driver
) -> None:
    inputs = (await driver.check({})).inputs
    plugin.keys.hold()
    call = driver.stub.Create(provider_pb2.CreateRequest(urn=driver.urn, properties=struct(inputs), timeout=10.0))
    await plugin.keys.minting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await driver.check({})
    plugin.keys.release()
    await plugin.servicer.calls.drain()
    assert plugin.keys.live == []
    assert {asked.deadline for asked in plugin.keys.calls if asked.verb == "revoke"} == {None}


async def test_of_two_deadlines_the_sooner_one_counts_and_the_run_itself_has_none() -> None:
    clock = FakeClock()
    keys = FakeKeys(clock)
    run = run_of(keys, clock)
    bounded = run.within(Deadline(20.0))
    for deadline in (None, Deadline(10.0), Deadline(30.0)):
        await bounded.keys.list(PROJECT, deadline=deadline)
        await bounded.keys.mint(new_key(PROJECT, "deploy"), deadline=deadline)
        await bounded.keys.revoke(PROJECT, "k", label="deploy", deadline=deadline)
    assert [asked.deadline for asked in keys.calls] == [Deadline(ends) for ends in (20.0, 10.0, 20.0) for _ in range(3)]
    await run.keys.list(PROJECT)
    assert keys.calls[-1].deadline is None
    assert (bounded.watch, bounded.lookup, bounded.journal) == (run.watch, run.lookup, run.journal)

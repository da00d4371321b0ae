"""Writes run to their end: through a Cancel, through a client that goes away, through the end of the plugin."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from fakes.clock import FakeClock
from fakes.engine import URN, Driver, struct
from fakes.keys import PROJECT, FakeKeys, lost_answer
from pulumi_resource_apikeys import wiring
from pulumi_resource_apikeys.interruption import InterruptibleClock
from pulumi_resource_apikeys.keys.run import run_of
from pulumi_resource_apikeys.plugin.server import PluginServer
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from fakes.engine import Resource
    from fakes.served import Served

REFUSED = "the run was cancelled before this began; nothing was done"


async def test_a_create_in_flight_at_a_cancel_finishes_and_answers(plugin: Served, driver: Driver) -> None:
    inputs = (await driver.check({})).inputs
    plugin.keys.hold()
    creating = asyncio.ensure_future(driver.create(inputs))
    await plugin.keys.minting.wait()
    await driver.stub.Cancel(empty_pb2.Empty())
    assert not creating.done()
    plugin.keys.release()
    made = await creating
    assert [f"{PROJECT}/{key.key_id}" for key in plugin.keys.live] == [made.id]


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
async def test_after_a_cancel_no_write_begins(plugin: Served, driver: Driver, verb: str) -> None:
    made = await driver.made()
    await driver.stub.Cancel(empty_pb2.Empty())
    calls = list(plugin.keys.calls)
    writes: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
        "create": lambda: driver.create(made.inputs),
        "update": lambda: driver.update(made, made.inputs),
        "delete": lambda: driver.delete(made),
    }
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await writes[verb]()
    assert caught.value.details() == REFUSED
    assert plugin.keys.calls == calls


async def test_a_plugin_that_another_engine_configures_after_a_cancel_writes_again(driver: Driver) -> None:
    await driver.stub.Cancel(empty_pb2.Empty())
    await driver.configure({"endpoint": "https://api.example.com", "projectId": PROJECT})
    assert (await driver.made()).id


async def test_after_a_cancel_reading_goes_on(driver: Driver) -> None:
    made = await driver.made()
    await driver.stub.Cancel(empty_pb2.Empty())
    assert await driver.refresh(made) == made
    assert (await driver.check({})).failures == []
    assert await driver.preview(made.inputs)


async def test_a_create_whose_client_went_away_runs_to_its_end_and_its_key_is_revoked(
    plugin: Served, driver: Driver
) -> None:
    inputs = (await driver.check({})).inputs
    plugin.keys.hold()
    call = driver.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=struct(inputs)))
    await plugin.keys.minting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await driver.check({})
    plugin.keys.release()
    await plugin.servicer.calls.drain()
    assert plugin.keys.counts == {"list": 2, "mint": 1, "revoke": 1}
    assert plugin.keys.live == []


async def test_a_key_whose_client_goes_away_while_its_warnings_are_told_is_revoked(
    plugin: Served, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = asyncio.Event()

    async def never(*_words: object) -> None:
        telling.set()
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(plugin.servicer._log, "warn", never)
    inputs = (await driver.check({})).inputs
    plugin.keys.mint_fails(lost_answer(), made=True)
    call = driver.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=struct(inputs)))
    await telling.wait()
    assert len(plugin.keys.live) == 1
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await driver.check({})
    await plugin.servicer.calls.drain()
    assert plugin.keys.live == []


async def test_an_update_whose_client_went_away_revokes_nothing(plugin: Served, driver: Driver) -> None:
    made = await driver.made(rotateAfter="9d")
    request = provider_pb2.UpdateRequest(
        id=made.id, urn=URN, olds=struct(made.outputs), news=struct({**made.inputs, "rotateAfter": "8d"})
    )
    call = driver.stub.Update(request)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await driver.check({})
    await plugin.servicer.calls.drain()
    assert [key.key_id for key in plugin.keys.live] == [made.outputs["keyId"]]


async def test_a_create_that_fails_with_nobody_there_is_silent(
    plugin: Served, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    inputs = (await driver.check({})).inputs
    plugin.keys.hold()
    plugin.keys.mint_fails(RuntimeError("very-secret"))
    call = driver.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=struct(inputs)))
    await plugin.keys.minting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await driver.check({})
    plugin.keys.release()
    await plugin.servicer.calls.drain()
    gc.collect()
    assert caplog.text == ""


async def test_writes_run_side_by_side(plugin: Served, driver: Driver) -> None:
    inputs = [(await driver.check({"name": f"key-{number}"})).inputs for number in range(20)]
    plugin.keys.hold()
    creating = [asyncio.ensure_future(driver.create(each)) for each in inputs]
    while plugin.keys.counts["mint"] < 20:
        await driver.check({})
    plugin.keys.release()
    made: list[Resource] = await asyncio.gather(*creating)
    assert len({each.id for each in made}) == 20


class TestServer:
    """The server itself, as the process runs it."""

    @pytest.fixture
    async def keys(self) -> FakeKeys:
        return FakeKeys(FakeClock())

    @pytest.fixture
    async def server(self, keys: FakeKeys) -> AsyncIterator[PluginServer]:
        server = PluginServer(FakeClock(), {})
        clock = InterruptibleClock(FakeClock())
        run = run_of(keys, clock)
        lifecycle = APIKeyLifecycle(keys, clock, PROJECT, run)
        services = wiring.Services({"apikeys:index:APIKey": lifecycle}, run, None, clock)
        server.servicer._build = lambda _found: services
        yield server
        keys.release()
        await server.stop()

    @staticmethod
    def driver(channel: grpc.aio.Channel) -> Driver:
        return Driver(provider_pb2_grpc.ResourceProviderStub(channel))  # type: ignore[arg-type] # the stubs say so for aio

    async def test_its_end_lets_a_create_in_flight_answer(self, server: PluginServer, keys: FakeKeys) -> None:
        port = await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            driver = self.driver(channel)
            await driver.configure({})
            inputs = (await driver.check({})).inputs
            keys.hold()
            creating = asyncio.ensure_future(driver.create(inputs))
            await keys.minting.wait()
            stopping = asyncio.ensure_future(server.stop())
            await driver.check({})
            assert not stopping.done()
            with pytest.raises(grpc.aio.AioRpcError, match="cancelled before this began"):
                await driver.create(inputs)
            keys.release()
            assert (await creating).id == f"{PROJECT}/{keys.live[0].key_id}"
            await stopping

    async def test_a_message_larger_than_grpcs_default_limit_passes(self, server: PluginServer) -> None:
        port = await server.start()
        no_limit = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=no_limit) as channel:
            driver = self.driver(channel)
            await driver.configure({})
            triggers = {"a": "x" * (5 * 1024 * 1024)}
            assert (await driver.check({"triggers": triggers})).inputs["triggers"] == triggers

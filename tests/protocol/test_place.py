"""The whole plugin against two servers: what it sends to which of them, as the engine configures it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import grpc
import grpc.aio
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from apikeys_emulator.testing import Emulator
from fakes.engine import PROVIDER_URN, Driver, FakeEngine, Resource, Wire, secret, struct
from pulumi_resource_apikeys import wiring
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.plugin.engine_log import EngineLog
from pulumi_resource_apikeys.plugin.servicer import Servicer
from pulumi_resource_apikeys.settings import Settings


@dataclass
class Plugin:
    """A plugin whose engine has met it, its user's configuration of today in `environment`."""

    driver: Driver
    engine: FakeEngine
    environment: dict[str, str]

    async def configure(self, inputs: Wire, olds: Wire | None = None, *, checked: bool = True) -> Wire:
        """Configure it with these inputs, as they come out of the check; `checked` False: from the state."""
        if checked:
            found = await self.driver.check_config(inputs, olds)
            assert found.failures == []
            inputs = found.inputs
        await self.driver.stub.Configure(provider_pb2.ConfigureRequest(args=struct(inputs), urn=PROVIDER_URN))
        return inputs


@pytest.fixture
async def plugin(engine: tuple[FakeEngine, str]) -> AsyncIterator[Plugin]:
    log, environment, clock = EngineLog(), dict[str, str](), SystemClock()

    def build(found: Settings) -> wiring.Services:
        return wiring.build(found, clock, log.inform_soon)

    servicer, server = Servicer(build, environment, log), grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: provider_pb2_grpc.ResourceProviderAsyncStub = provider_pb2_grpc.ResourceProviderStub(channel)  # type: ignore[assignment] # the stubs say so for aio
        await stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=engine[1]))
        yield Plugin(Driver(stub), engine[0], environment)
    await servicer.close()
    await server.stop(grace=None)


@pytest.fixture
def servers(emulator: Emulator, own_emulator: Emulator) -> list[Emulator]:
    """The server of `inputs`, and that of `elsewhere`."""
    return [emulator, own_emulator]


@pytest.fixture
def inputs(emulator: Emulator) -> Wire:
    return {"endpoint": emulator.url, "token": emulator.token(), "projectId": str(uuid4())}


@pytest.fixture
def elsewhere(inputs: Wire, own_emulator: Emulator) -> Wire:
    return {**inputs, "endpoint": own_emulator.url, "token": own_emulator.token()}


async def test_the_state_names_the_endpoint_and_an_unchanged_key_shows_no_difference(
    plugin: Plugin, inputs: Wire, emulator: Emulator
) -> None:
    await plugin.configure(inputs)
    made = await plugin.driver.made()
    seen = await plugin.driver.refresh(made)
    diff = await plugin.driver.diff(seen, seen.inputs)
    imported = await plugin.driver.read(made.id)

    assert [each.outputs["__endpoint"] for each in (made, seen, imported)] == [emulator.url] * 3
    assert diff.changes == provider_pb2.DiffResponse.DIFF_NONE


CALLS: dict[str, Callable[[Driver, Resource], Awaitable[object]]] = {
    "diff": lambda driver, made: driver.diff(made, made.inputs),
    "preview": lambda driver, made: driver.update(made, made.inputs, preview=True),
    "read": lambda driver, made: driver.refresh(made),
    "update": lambda driver, made: driver.update(made, made.inputs),
    "delete": lambda driver, made: driver.delete(made),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_no_call_about_a_key_of_another_endpoint_reaches_a_server(
    plugin: Plugin, inputs: Wire, elsewhere: Wire, servers: list[Emulator], call: Callable[..., Awaitable[object]]
) -> None:
    await plugin.configure(inputs)
    made = await plugin.driver.made()
    await plugin.configure(elsewhere, inputs)
    servers[0].reset_counts()

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(plugin.driver, made)

    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    told = f"lives at {servers[0].url}, but the provider is set to {servers[1].url}"
    assert told in (caught.value.details() or "")
    assert not any(count for server in servers for count in server.counts().values())


async def test_a_read_by_an_endpoint_from_the_state_leaves_the_key_as_it_is_and_warns(
    plugin: Plugin, inputs: Wire, elsewhere: Wire, own_emulator: Emulator
) -> None:
    await plugin.configure(inputs, checked=False)
    made = await plugin.driver.create({"projectId": inputs["projectId"], "name": "deploy"})
    await plugin.configure(elsewhere, checked=False)

    seen = await plugin.driver.refresh(made)
    diff = await plugin.driver.diff(seen, seen.inputs)

    assert (seen.id, seen.outputs, seen.inputs) == (made.id, made.outputs, made.inputs)
    assert diff.changes == provider_pb2.DiffResponse.DIFF_NONE
    (warning,) = plugin.engine.warnings
    assert warning.message.startswith("not refreshed: ")
    assert not any(own_emulator.counts().values())


class TestAnEarlierEndpoint:
    """A provider's own inputs remember it, hidden, for the keys whose state names none."""

    async def test_is_kept_until_it_is_set_back(self, plugin: Plugin, inputs: Wire, elsewhere: Wire) -> None:
        first = await plugin.configure(elsewhere, inputs)
        second = await plugin.configure(elsewhere, first)
        back = await plugin.configure(inputs, second)

        assert [each.get("__movedFrom") for each in (first, second, back)] == [inputs["endpoint"]] * 2 + [None]

    async def test_is_a_secret_where_it_was_one(self, plugin: Plugin, inputs: Wire, elsewhere: Wire) -> None:
        first = await plugin.configure(elsewhere, {**inputs, "endpoint": secret(inputs["endpoint"])})
        second = await plugin.configure(elsewhere, first)
        assert first["__movedFrom"] == second["__movedFrom"] == secret(inputs["endpoint"])

    @pytest.mark.parametrize("checked", [True, False], ids=["by-the-program", "by-the-stack"])
    async def test_is_where_keys_live_whose_state_names_none(
        self, plugin: Plugin, inputs: Wire, elsewhere: Wire, servers: list[Emulator], *, checked: bool
    ) -> None:
        await plugin.configure(inputs)
        made = await plugin.driver.made()
        del made.outputs["__endpoint"]
        if checked:
            await plugin.configure(elsewhere, inputs)
        else:
            plugin.environment.update(APIKEYS_ENDPOINT=servers[1].url, PULUMI_CONFIG="{}")
            await plugin.configure(inputs, checked=False)

        with pytest.raises(grpc.aio.AioRpcError, match=f"lives at {servers[0].url}"):
            await plugin.driver.delete(made)

        assert not any(servers[1].counts().values())
        assert len(servers[0].active_keys(inputs["projectId"])) == 1

"""The plugin's own servicer behind gRPC on loopback, with keys in memory, driven by a stand-in for the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc.aio
import pytest
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from fakes.clock import FakeClock
from fakes.engine import Driver, FakeEngine
from fakes.keys import PROJECT, FakeKeys
from fakes.served import Served
from pulumi_resource_apikeys import wiring
from pulumi_resource_apikeys.interruption import InterruptibleClock
from pulumi_resource_apikeys.keys.run import run_of
from pulumi_resource_apikeys.plugin.engine_log import EngineLog
from pulumi_resource_apikeys.plugin.listening import MESSAGE_LIMIT
from pulumi_resource_apikeys.plugin.servicer import Servicer
from pulumi_resource_apikeys.resources.catalogue import RESOURCES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pulumi_resource_apikeys.keys.run import Run
    from pulumi_resource_apikeys.resources.lifecycle import Lifecycle
    from pulumi_resource_apikeys.settings import Settings

ENDPOINT = "https://api.example.com"
LIMITS = [("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.max_send_message_length", MESSAGE_LIMIT)]
METADATA_LIMIT = 16 * 1024 * 1024
"""Bytes of metadata that the engine takes."""
ENGINE_LIMITS = [
    *LIMITS,
    ("grpc.max_metadata_size", METADATA_LIMIT),
    ("grpc.absolute_max_metadata_size", METADATA_LIMIT),
]


@pytest.fixture
async def engine() -> AsyncIterator[tuple[FakeEngine, str]]:
    servicer, server = FakeEngine(), grpc.aio.server()
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer, f"127.0.0.1:{port}"
    await server.stop(grace=None)


@pytest.fixture
async def served(engine: tuple[FakeEngine, str]) -> AsyncIterator[Served]:
    """A plugin that no engine has met yet. `lifecycles` overrides the real ones where a test puts some in."""
    clock = FakeClock()
    keys, environment, log = FakeKeys(clock), dict[str, str](), EngineLog()
    lifecycles: dict[str, Lifecycle] = {}

    def build(found: Settings) -> wiring.Services:
        if found.offline or found.endpoint is None:
            return wiring.build(found, clock, log.inform_soon)
        interruptible = InterruptibleClock(clock)
        run = run_of(keys, interruptible, detect_revoked=found.detect_revoked)

        def make(token: str, run: Run) -> Lifecycle:
            return RESOURCES[token](run.keys, interruptible, found.project_id, run)

        real = {token: make(token, run) for token in RESOURCES}
        return wiring.Services({**real, **lifecycles}, run, None, interruptible, make=make)

    servicer, server = Servicer(build, environment, log), grpc.aio.server(options=LIMITS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address = f"127.0.0.1:{port}"
    channel = grpc.aio.insecure_channel(address, options=ENGINE_LIMITS)
    stub: provider_pb2_grpc.ResourceProviderAsyncStub = provider_pb2_grpc.ResourceProviderStub(channel)  # type: ignore[assignment] # the stubs say so for aio
    yield Served(servicer, engine[0], engine[1], keys, clock, environment, lifecycles, channel, address, Driver(stub))
    keys.release()
    await channel.close(None)
    await servicer.close()
    await server.stop(grace=None)


@pytest.fixture
async def plugin(served: Served) -> Served:
    """A plugin that the engine has met and configured."""
    await served.driver.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=served.engine_address))
    await served.driver.configure({"endpoint": ENDPOINT, "projectId": PROJECT})
    return served


@pytest.fixture
def driver(plugin: Served) -> Driver:
    return plugin.driver

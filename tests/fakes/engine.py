"""A stand-in for the Pulumi engine: takes what a plugin logs, and calls a plugin as the engine does.

Properties go in and come out as JSON-like data in the wire's own form, so that these tests do not lean on the
plugin's own coding of values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc.aio
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from pulumi_resource_apikeys.plugin.status import DETAILS_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNATURE = "4dabf18193072939515e22adb298388d"
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
TYPE = "apikeys:index:APIKey"
URN = f"urn:pulumi:dev::infra::{TYPE}::deploy"
PROVIDER_URN = "urn:pulumi:dev::infra::pulumi:providers:apikeys::default"

Wire = dict[str, Any]


def secret(value: object) -> Wire:
    """A value marked secret on the wire."""
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": value}


def output(**fields: object) -> Wire:
    """An output value on the wire."""
    return {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", **fields}


def struct(props: Mapping[str, object] | None) -> struct_pb2.Struct:
    """Properties as protobuf."""
    return json_format.ParseDict(dict(props or {}), struct_pb2.Struct())


def plain(message: struct_pb2.Struct) -> Wire:
    """Protobuf as properties."""
    return json_format.MessageToDict(message)


@dataclass
class Logged:
    """Something that the plugin told the user."""

    severity: int
    message: str
    urn: str


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """The engine's side: keeps what is logged."""

    def __init__(self) -> None:
        self.logged: list[Logged] = []

    async def Log(self, request: engine_pb2.LogRequest, _context: object) -> empty_pb2.Empty:  # noqa: N802 - gRPC's name
        self.logged.append(Logged(request.severity, request.message, request.urn))
        return empty_pb2.Empty()

    @property
    def warnings(self) -> list[Logged]:
        """The warnings alone."""
        return [logged for logged in self.logged if logged.severity == engine_pb2.WARNING]


@dataclass
class Checked:
    """A check's answer."""

    inputs: Wire
    failures: list[tuple[str, str]]


@dataclass
class Resource:
    """A resource as the engine's state has it."""

    id: str
    inputs: Wire
    outputs: Wire
    refresh_first: bool


@dataclass
class Driver:
    """Calls a plugin as the engine does; raises `grpc.aio.AioRpcError` where a call fails."""

    stub: provider_pb2_grpc.ResourceProviderAsyncStub
    urn: str = URN
    seed: bytes = b"seed"

    async def check_config(self, news: Wire, olds: Wire | None = None) -> Checked:
        answer = await self.stub.CheckConfig(
            provider_pb2.CheckRequest(urn=PROVIDER_URN, news=struct(news), olds=struct(olds))
        )
        return Checked(plain(answer.inputs), [(failure.property, failure.reason) for failure in answer.failures])

    async def configure(self, args: Wire, urn: str | None = None) -> provider_pb2.ConfigureResponse:
        answer: provider_pb2.ConfigureResponse = await self.stub.Configure(
            provider_pb2.ConfigureRequest(
                args=struct(args), acceptSecrets=True, acceptResources=True, sends_old_inputs=True, urn=urn
            )
        )
        return answer

    async def check(self, news: Wire, olds: Wire | None = None, **more: Any) -> Checked:
        answer = await self.stub.Check(
            provider_pb2.CheckRequest(urn=self.urn, news=struct(news), olds=struct(olds), randomSeed=self.seed, **more)
        )
        return Checked(plain(answer.inputs), [(failure.property, failure.reason) for failure in answer.failures])

    async def preview(self, inputs: Wire) -> Wire:
        answer = await self.stub.Create(
            provider_pb2.CreateRequest(urn=self.urn, properties=struct(inputs), preview=True)
        )
        assert answer.id == ""
        return plain(answer.properties)

    async def create(self, inputs: Wire) -> Resource:
        answer = await self.stub.Create(provider_pb2.CreateRequest(urn=self.urn, properties=struct(inputs)))
        return Resource(answer.id, inputs, plain(answer.properties), answer.refresh_before_update)

    async def made(self, **news: object) -> Resource:
        """Check and create."""
        checked = await self.check(news)
        assert checked.failures == []
        return await self.create(checked.inputs)

    async def diff(self, old: Resource, news: Wire) -> provider_pb2.DiffResponse:
        answer: provider_pb2.DiffResponse = await self.stub.Diff(
            provider_pb2.DiffRequest(
                id=old.id, urn=self.urn, olds=struct(old.outputs), old_inputs=struct(old.inputs), news=struct(news)
            )
        )
        return answer

    async def update(self, old: Resource, news: Wire, *, preview: bool = False) -> provider_pb2.UpdateResponse:
        answer: provider_pb2.UpdateResponse = await self.stub.Update(
            provider_pb2.UpdateRequest(
                id=old.id,
                urn=self.urn,
                olds=struct(old.outputs),
                old_inputs=struct(old.inputs),
                news=struct(news),
                preview=preview,
            )
        )
        return answer

    async def read(self, resource_id: str, inputs: Wire | None = None, outputs: Wire | None = None) -> Resource:
        answer = await self.stub.Read(
            provider_pb2.ReadRequest(id=resource_id, urn=self.urn, inputs=struct(inputs), properties=struct(outputs))
        )
        return Resource(answer.id, plain(answer.inputs), plain(answer.properties), answer.refresh_before_update)

    async def refresh(self, old: Resource) -> Resource:
        return await self.read(old.id, old.inputs, old.outputs)

    async def delete(self, old: Resource) -> None:
        await self.stub.Delete(
            provider_pb2.DeleteRequest(
                id=old.id, urn=self.urn, properties=struct(old.outputs), old_inputs=struct(old.inputs)
            )
        )


def partial_state(error: grpc.aio.AioRpcError) -> provider_pb2.ErrorResourceInitFailed:
    """What a failed call asks the engine to save all the same."""
    details = dict[str, str | bytes](error.trailing_metadata() or ())  # type: ignore[arg-type] # pairs, which the stubs don't know
    status = status_pb2.Status.FromString(details[DETAILS_KEY])  # type: ignore[arg-type] # "-bin" is bytes
    found = provider_pb2.ErrorResourceInitFailed()
    assert status.message == error.details()
    assert status.details[0].Unpack(found)
    return found

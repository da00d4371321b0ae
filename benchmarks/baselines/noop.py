"""A provider of our schema that calls nothing and keeps a state of the same size as ours.

With it, the engine, the program and the language host cost what they cost with any provider in Python.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc.aio
from google.protobuf import empty_pb2, struct_pb2

from baselines.empty import serve
from baselines.values import MADE_BY_SERVER, RESOURCE_ID, SECRET, UNKNOWN
from pulumi_resource_apikeys.plugin.stubs import plugin_pb2, provider_pb2, provider_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable

Answering = dict[str, "Callable[..., object]"]
DEFAULTS = "__defaults"


def checked(request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
    """The inputs with a name."""
    inputs = struct_pb2.Struct()
    inputs.CopyFrom(request.news)
    inputs.update({"name": f"{request.name}-0123456", DEFAULTS: ["name"]})
    return provider_pb2.CheckResponse(inputs=inputs)


def compared(request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
    """Whether anything differs."""
    none, some = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
    return provider_pb2.DiffResponse(changes=none if request.old_inputs == request.news else some)


def created(request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
    """The inputs, and beside them what a server would tell."""
    made = struct_pb2.Struct()
    made.CopyFrom(request.properties)
    del made.fields[DEFAULTS]
    made.update({name: UNKNOWN if request.preview else value for name, value in MADE_BY_SERVER.items()})
    made.update({"key": UNKNOWN if request.preview else SECRET})
    return provider_pb2.CreateResponse(
        id="" if request.preview else RESOURCE_ID, properties=made, refresh_before_update=True
    )


def found(request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
    """What is known already."""
    return provider_pb2.ReadResponse(
        id=request.id, properties=request.properties, inputs=request.inputs, refresh_before_update=True
    )


ANSWERS: Answering = {
    "Handshake": lambda _request: provider_pb2.ProviderHandshakeResponse(
        accept_secrets=True, supports_autonaming_configuration=True
    ),
    "GetPluginInfo": lambda _request: plugin_pb2.PluginInfo(version="0.1.0"),
    "CheckConfig": lambda request: provider_pb2.CheckResponse(inputs=request.news),
    "DiffConfig": lambda _request: provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE),
    "Configure": lambda _request: provider_pb2.ConfigureResponse(
        acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
    ),
    "Check": checked,
    "Diff": compared,
    "Create": created,
    "Read": found,
    "Delete": lambda _request: empty_pb2.Empty(),
    "Cancel": lambda _request: empty_pb2.Empty(),
}


def method(answer: Callable[..., object]) -> Callable[..., object]:
    """A servicer's method that answers so."""

    async def answering(_self: object, request: object, _context: object) -> object:
        return answer(request)

    return answering


async def main() -> None:
    """Serve the provider."""
    methods = {name: method(answer) for name, answer in ANSWERS.items()}
    servicer = type("Noop", (provider_pb2_grpc.ResourceProviderServicer,), methods)()
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    await serve(server)


if __name__ == "__main__":
    asyncio.run(main())

"""A servicer that answers each call with the same message each time: what gRPC itself costs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc.aio
from google.protobuf import empty_pb2, struct_pb2

from baselines.empty import serve
from baselines.values import MADE_BY_SERVER, PROJECT, RESOURCE_ID, SECRET
from pulumi_resource_apikeys.plugin.stubs import provider_pb2, provider_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable

STATE = struct_pb2.Struct()
STATE.update({"projectId": PROJECT, "name": "key-0123456", "scopes": ["builds:read"], **MADE_BY_SERVER, "key": SECRET})

ANSWERS: dict[str, object] = {
    "Handshake": provider_pb2.ProviderHandshakeResponse(accept_secrets=True),
    "Configure": provider_pb2.ConfigureResponse(acceptSecrets=True),
    "Check": provider_pb2.CheckResponse(inputs=STATE),
    "Diff": provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE),
    "Create": provider_pb2.CreateResponse(id=RESOURCE_ID, properties=STATE),
    "Read": provider_pb2.ReadResponse(id=RESOURCE_ID, properties=STATE, inputs=STATE),
    "Delete": empty_pb2.Empty(),
}


def always(answer: object) -> Callable[..., object]:
    """A method that gives that answer."""

    async def method(_self: object, _request: object, _context: object) -> object:
        return answer

    return method


async def main() -> None:
    """Serve the answers."""
    methods = {name: always(answer) for name, answer in ANSWERS.items()}
    servicer = type("Constants", (provider_pb2_grpc.ResourceProviderServicer,), methods)()
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    await serve(server)


if __name__ == "__main__":
    asyncio.run(main())

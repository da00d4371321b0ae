"""Single calls of a provider's process: how many a second, and what one costs, with few or many at a time.

The API behind the provider is the quick one of `api.py`. The baseline is a servicer that answers constants: what gRPC
costs in Python with messages of that size.
"""

from __future__ import annotations

import asyncio
import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc.aio
from google.protobuf import struct_pb2

from bench.figures import BASE, NOW, Figure
from bench.subjects import CONSTANTS, api
from pulumi_resource_apikeys.plugin.stubs import provider_pb2, provider_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bench.processes import Server
    from bench.subjects import Subject

PART = "calls"
PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
AT_ONCE = {1: 200, 16: 800, 256: 800}
"""How many calls are made in all, by how many of them at a time."""
CREATE_AIM = 1.5
"""Milliseconds of the plugin's processor time."""


def urn(number: int) -> str:
    """The URN of a resource."""
    return f"urn:pulumi:dev::infra::apikeys:index:APIKey::key-{number}"


def struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties as protobuf."""
    made = struct_pb2.Struct()
    made.update(dict(props))
    return made


@dataclass(frozen=True)
class Cost:
    """What the calls of one kind cost: seconds in all, and the plugin's processor time, for that many calls."""

    seconds: float
    cpu: float
    number: int


class Plugin:
    """A provider's process as an engine talks to it."""

    def __init__(self, server: Server) -> None:
        """Connect; needs a running event loop. Close it with `aclose`."""
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._server = server

    async def aclose(self) -> None:
        """Hang up."""
        await self._channel.close(None)

    async def configure(self, endpoint: str) -> None:
        """Meet and configure it as the engine does."""
        await self.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
        args = struct({"endpoint": endpoint, "projectId": PROJECT, "token": "a-token"})
        await self.stub.Configure(provider_pb2.ConfigureRequest(args=args))

    async def check(self, number: int) -> struct_pb2.Struct:
        """The checked inputs of a resource. Raises RuntimeError where they are not good."""
        news = struct({"scopes": ["builds:read", "builds:write"], "expiresIn": "90d"})
        request = provider_pb2.CheckRequest(urn=urn(number), name=f"key-{number}", news=news, randomSeed=b"1" * 32)
        answer = await self.stub.Check(request)
        if answer.failures:
            raise RuntimeError(str(answer.failures))
        inputs: struct_pb2.Struct = answer.inputs
        return inputs

    async def create(self, number: int, inputs: struct_pb2.Struct) -> tuple[str, struct_pb2.Struct]:
        """The id and the state of a resource, made."""
        answer = await self.stub.Create(provider_pb2.CreateRequest(urn=urn(number), properties=inputs))
        return answer.id, answer.properties

    async def read(self, number: int, resource_id: str, inputs: struct_pb2.Struct, state: struct_pb2.Struct) -> None:
        """Read a resource that is there. Raises RuntimeError where it is not."""
        answer = await self.stub.Read(
            provider_pb2.ReadRequest(urn=urn(number), id=resource_id, properties=state, inputs=inputs)
        )
        if not answer.id:
            raise RuntimeError(f"{urn(number)} is gone")

    async def cost(self, calls: Sequence[Callable[[], Awaitable[object]]], at_once: int) -> Cost:
        """Make the calls, that many at a time."""
        waiting = iter(calls)

        async def caller() -> None:
            for call in waiting:
                await call()

        cpu, began = self._server.cpu(), time.perf_counter()
        await asyncio.gather(*[caller() for _ in range(at_once)])
        return Cost(time.perf_counter() - began, self._server.cpu() - cpu, len(calls))


async def _costs(server: Server, endpoint: str, at_once: int) -> dict[str, Cost]:
    """What each kind of call costs."""
    plugin = Plugin(server)
    try:
        await plugin.configure(endpoint)
        numbers = range(AT_ONCE[at_once])
        inputs = [await plugin.check(number) for number in numbers]
        warm_id, warm_state = await plugin.create(0, inputs[0])
        await plugin.read(0, warm_id, inputs[0], warm_state)
        made: dict[int, tuple[str, struct_pb2.Struct]] = {}

        async def create(number: int) -> None:
            made[number] = await plugin.create(number, inputs[number])

        async def diff(number: int) -> None:
            resource_id, state = made[number]
            await plugin.stub.Diff(
                provider_pb2.DiffRequest(
                    urn=urn(number), id=resource_id, olds=state, old_inputs=inputs[number], news=inputs[number]
                )
            )

        async def read(number: int) -> None:
            resource_id, state = made[number]
            await plugin.read(number, resource_id, inputs[number], state)

        async def delete(number: int) -> None:
            resource_id, state = made[number]
            await plugin.stub.Delete(
                provider_pb2.DeleteRequest(urn=urn(number), id=resource_id, properties=state, old_inputs=inputs[number])
            )

        kinds: dict[str, Callable[[int], Awaitable[object]]] = {
            "Check": plugin.check,
            "Create": create,
            "Diff": diff,
            "Read": read,
            "Delete": delete,
        }
        found = {}
        for kind, call in kinds.items():
            found[kind] = await plugin.cost([functools.partial(call, number) for number in numbers], at_once)
    finally:
        await plugin.aclose()
    return found


def measure(subjects: Mapping[str, Subject], say: Callable[[str], None]) -> list[Figure]:
    """All calls of all subjects."""
    figures = []
    names = [name for name in (CONSTANTS, BASE, NOW) if name in subjects]
    for at_once, number in AT_ONCE.items():
        costs: dict[str, dict[str, Cost]] = {}
        for name in names:
            say(f"{number} calls of each kind, {at_once} at a time: {name}")
            with api() as server, subjects[name].serving() as plugin:
                costs[name] = asyncio.run(_costs(plugin, f"http://127.0.0.1:{server.port}", at_once))
        for kind in costs[names[0]]:
            case = f"{kind}, {at_once} at a time"
            each = {name: costs[name][kind] for name in names}
            cpu = {name: cost.cpu / cost.number * 1000 for name, cost in each.items()}
            rate = {name: cost.number / cost.seconds for name, cost in each.items()}
            aimed = kind == "Create"
            figures += [
                Figure(PART, case, "CPU, ms", cpu, None if aimed else CONSTANTS, CREATE_AIM if aimed else None),
                Figure(PART, case, "calls a second", rate, CONSTANTS),
            ]
    return figures

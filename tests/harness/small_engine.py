"""A small model of Pulumi's engine in this process: a state, and an `up` that calls a plugin as the real one does.

Each `up` serves a plugin of its own, with the real client behind it, and ends it. What an `up` did is in the state as
soon as it is answered, as the real engine's checkpoints have it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from fakes.engine import Driver, FakeEngine, Resource, partial_state, plain
from pulumi_resource_apikeys.plugin.server import PluginServer
from pulumi_resource_apikeys.plugin.status import DETAILS_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from fakes.engine import Wire
    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.plugin.calls import Calls
    from pulumi_resource_apikeys.resources.lifecycle import Live

WAIT = 60.0
"""Seconds that an `up` may take at most."""


@dataclass(frozen=True)
class Wanted:
    """A resource of the program: its type, such as `APIKey`, and its arguments on the wire."""

    kind: str
    args: Wire


@dataclass
class Kept:
    """A resource of the state."""

    kind: str
    name: str
    resource: Resource

    @property
    def key_ids(self) -> set[str]:
        """The keys that it knows."""
        outputs = self.resource.outputs
        return {outputs[name] for name in ("keyId", "previousKeyId") if outputs.get(name)}

    @property
    def secrets(self) -> dict[str, str]:
        """Its secrets by the ids of their keys; a rotating key without a previous one has empty text for it."""
        outputs = self.resource.outputs
        pairs = (("keyId", "key"), ("previousKeyId", "previousKey"))
        return {
            outputs[key_id]: outputs[key]["value"] for key_id, key in pairs if outputs.get(key_id) and key in outputs
        }


@dataclass
class Run:
    """An `up` under way: its errors, and the way to the plugin."""

    server: PluginServer
    channel: grpc.aio.Channel
    stub: provider_pb2_grpc.ResourceProviderAsyncStub
    errors: list[str] = field(default_factory=list)
    engine_is_gone: bool = False

    async def cancel(self) -> None:
        """What the engine does at an interrupt."""
        await self.stub.Cancel(empty_pb2.Empty())


class SmallEngine:
    """One stack. `doomed` are resources that were replaced and not deleted yet. `said` is all that users were told."""

    def __init__(self, clock: Clock, environment: Mapping[str, str], seed: int = 1) -> None:
        self.environment = dict(environment)
        self.state: dict[str, Kept] = {}
        self.doomed: list[Kept] = []
        self.said: list[str] = []
        self._clock = clock
        self._random = Random(seed)  # noqa: S311 - names, not secrets

    @property
    def key_ids(self) -> set[str]:
        """All keys of the state."""
        return {key_id for kept in self.all_kept for key_id in kept.key_ids}

    @property
    def all_kept(self) -> list[Kept]:
        """All resources of the state."""
        return [*self.state.values(), *self.doomed]

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Run]:
        """Serve a plugin, configured; at the end it stops, and what it said is kept."""
        engine, log_server = FakeEngine(), grpc.aio.server()
        engine_pb2_grpc.add_EngineServicer_to_server(engine, log_server)
        log_port = log_server.add_insecure_port("127.0.0.1:0")
        await log_server.start()
        server = PluginServer(self._clock, self.environment)
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{await server.start()}")
        stub: provider_pb2_grpc.ResourceProviderAsyncStub = provider_pb2_grpc.ResourceProviderStub(channel)  # type: ignore[assignment] # the stubs say so for aio
        run = Run(server, channel, stub)
        try:
            await stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=f"127.0.0.1:{log_port}"))
            await Driver(stub).configure({})
            yield run
        finally:
            if not run.engine_is_gone:
                await run.cancel()  # as the engine does at the end of each run
            await channel.close(None)
            await asyncio.wait_for(server.stop(), WAIT)
            await log_server.stop(None)
            self.said += [*run.errors, *(logged.message for logged in engine.logged)]

    async def up(self, wanted: Mapping[str, Wanted], meanwhile: Callable[[Run], Any] | None = None) -> list[str]:
        """Make the state as wanted; returns the errors. `meanwhile` may do something to the run."""
        async with self.run() as run:
            work = [asyncio.ensure_future(self._step(run, name, each)) for name, each in wanted.items()]
            disturbance = asyncio.ensure_future(meanwhile(run)) if meanwhile is not None else None
            done, late = await asyncio.wait(work, timeout=WAIT) if work else (set(), set())
            assert not late, "a step took too long"
            for step in done:
                step.result()
            if not run.errors:
                gone = [kept for name, kept in self.state.items() if name not in wanted]
                await asyncio.gather(*[self._delete(run, kept) for kept in (*self.doomed, *gone)])
            if disturbance is not None:
                await disturbance
        return run.errors

    async def die(self, wanted: Mapping[str, Wanted], after: float) -> set[str]:
        """Begin an `up` and be gone after some seconds: what was answered by then is in the state.

        Returns the keys whose answers the plugin had sent, some of which may have been on the way.
        """
        async with self.run() as run:
            sent = _watch_answers(run.server.servicer.calls)
            work = [asyncio.ensure_future(self._step(run, name, each)) for name, each in wanted.items()]
            await asyncio.sleep(after)
            run.engine_is_gone = True
            await run.channel.close(None)
            await asyncio.gather(*work, return_exceptions=True)
            run.errors.clear()
        return sent

    async def kill(self, wanted: Mapping[str, Wanted], after: float) -> None:
        """Begin an `up`, and kill the plugin after some seconds: it sends, undoes and writes down nothing from then on.

        What it had sent goes on at the server.
        """
        async with self.run() as run:
            work = [asyncio.ensure_future(self._step(run, name, each)) for name, each in wanted.items()]
            await asyncio.sleep(after)
            run.engine_is_gone = True
            await _end_at_once(run.server)
            await run.channel.close(None)
            await asyncio.gather(*work, return_exceptions=True)
            run.errors.clear()

    def copy(self) -> SmallEngine:
        """Another engine of the same stack, with the state as it is now, as a second run at once has it."""
        other = SmallEngine(self._clock, self.environment, self._random.getrandbits(32))
        other.state = {name: replace(kept) for name, kept in self.state.items()}
        other.doomed = [replace(kept) for kept in self.doomed]
        return other

    def take_state_of(self, other: SmallEngine) -> None:
        """Go on with another engine's state: an older checkpoint, or the one of two runs that wrote last."""
        self.state = {name: replace(kept) for name, kept in other.state.items()}
        self.doomed = [replace(kept) for kept in other.doomed]

    async def refresh(self) -> list[str]:
        """Read all that is in the state; returns the errors."""
        async with self.run() as run:
            await asyncio.gather(*[self._read(run, kept) for kept in list(self.state.values())])
        return run.errors

    def _driver(self, run: Run, kind: str, name: str) -> Driver:
        urn = f"urn:pulumi:dev::infra::apikeys:index:{kind}::{name}"
        return Driver(run.stub, urn, self._random.randbytes(16))

    async def _step(self, run: Run, name: str, wanted: Wanted) -> None:
        driver = self._driver(run, wanted.kind, name)
        try:
            kept = self.state.get(name)
            if kept is not None and kept.resource.refresh_first and not await self._read(run, kept):
                return
            kept = self.state.get(name)
            checked = await driver.check(wanted.args, kept.resource.inputs if kept is not None else None)
            assert checked.failures == []
            if kept is None:
                await self._create(run, driver, wanted.kind, name, checked.inputs)
                return
            difference = await driver.diff(kept.resource, checked.inputs)
            if difference.replaces:
                # The engine checks a replacement as a new resource, so that it gets a name of its own.
                fresh = await driver.check(wanted.args)
                if await self._create(run, driver, wanted.kind, name, fresh.inputs):
                    self.doomed.append(kept)
            elif difference.changes == provider_pb2.DiffResponse.DIFF_SOME:
                await self._update(run, driver, kept, checked.inputs)
        except grpc.aio.AioRpcError as error:
            run.errors.append(error.details() or "")

    async def _create(self, run: Run, driver: Driver, kind: str, name: str, inputs: Wire) -> bool:
        try:
            made = await driver.create(inputs)
        except grpc.aio.AioRpcError as error:
            partial = _partial(error, inputs)
            run.errors.append(error.details() or "")
            if partial is None:
                return False
            made = partial
        self.state[name] = Kept(kind, name, made)
        return True

    async def _update(self, run: Run, driver: Driver, kept: Kept, inputs: Wire) -> None:
        old = kept.resource
        try:
            answer = await driver.update(old, inputs)
        except grpc.aio.AioRpcError as error:
            partial = _partial(error, inputs)
            run.errors.append(error.details() or "")
            kept.resource = partial or old
        else:
            kept.resource = Resource(old.id, inputs, plain(answer.properties), answer.refresh_before_update)

    async def _read(self, run: Run, kept: Kept) -> bool:
        try:
            seen = await self._driver(run, kept.kind, kept.name).refresh(kept.resource)
        except grpc.aio.AioRpcError as error:
            run.errors.append(error.details() or "")
            return False
        if seen.id:
            kept.resource = seen
        else:
            del self.state[kept.name]
        return True

    async def _delete(self, run: Run, kept: Kept) -> None:
        try:
            await self._driver(run, kept.kind, kept.name).delete(kept.resource)
        except grpc.aio.AioRpcError as error:
            run.errors.append(error.details() or "")
            return
        if kept in self.doomed:
            self.doomed.remove(kept)
        else:
            del self.state[kept.name]


async def _end_at_once(server: PluginServer) -> None:
    """End a plugin as a kill does: no call goes on, none begins, and its journal is left as it is."""
    servicer = server.servicer
    calls = servicer.calls
    calls._begin = lambda work: work.close()  # type: ignore[method-assign,assignment,return-value] # a kill asks nobody

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    for services in servicer._built:
        journal = services.run.journal
        journal._write = lambda *_, **__: None  # type: ignore[method-assign]
        if journal._lock is not None:
            journal._lock.release()
        if journal._file is not None:
            journal._file.close()
            journal._file = None
        if services.client is not None and services.client._made is not None:
            services.client._made._exchange.send = never  # type: ignore[method-assign,assignment] # nothing is sent any more
    for task in list(calls._in_flight):
        task.cancel()
    await server._server.stop(None)


def _watch_answers(calls: Calls) -> set[str]:
    """The keys of the writes that are answered from now on."""
    sent: set[str] = set()
    deliver = calls.deliver

    async def watched(result: Live, *rest: Any) -> Any:
        answer = await deliver(result, *rest)
        sent.add(str(result.state["keyId"]))
        return answer

    calls.deliver = watched  # type: ignore[method-assign,assignment] # this is about writes of resources only
    return sent


def _partial(error: grpc.aio.AioRpcError, inputs: Wire) -> Resource | None:
    """The resource that a failed call made all the same, None where it made none."""
    if DETAILS_KEY not in str(error.trailing_metadata()):
        return None
    saved = partial_state(error)
    return Resource(saved.id, plain(saved.inputs) or inputs, plain(saved.properties), saved.refresh_before_update)

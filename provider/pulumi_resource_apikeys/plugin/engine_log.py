"""Words to the user through the engine, each said once, by its `Log` call (pulumirpc.Engine)."""

from __future__ import annotations

import asyncio
import logging

import grpc
import grpc.aio

from .stubs import engine_pb2, engine_pb2_grpc

_LOG = logging.getLogger(__name__)


class EngineLog:
    """Warns and informs the user; the same words about the same resource are said once in a run."""

    def __init__(self) -> None:
        """Begin unattached: until `attach`, words go nowhere, as there is nobody to hear them."""
        self.address = ""
        """Where the engine listens, as `host:port`; empty where no engine was met."""
        self._channel: grpc.aio.Channel | None = None
        self._said: set[tuple[str, str]] = set()
        self._sending: set[asyncio.Task[None]] = set()

    async def attach(self, engine_address: str) -> bool:
        """Connect to the engine at `host:port`; tells whether it is another one than before, which heard nothing."""
        if self._channel is not None and engine_address == self.address:
            return False
        await self.close()
        self.address = engine_address
        self._said.clear()
        self._channel = grpc.aio.insecure_channel(engine_address)
        return True

    async def fail(self, message: str, urn: str = "") -> None:
        """Show an error, beside the resource of that URN where one is given; it fails no call."""
        await self._say(engine_pb2.ERROR, message, urn)

    async def warn(self, message: str, urn: str = "") -> None:
        """Show a warning, beside the resource of that URN where one is given."""
        await self._say(engine_pb2.WARNING, message, urn)

    async def inform(self, message: str, urn: str = "") -> None:
        """Show a line of information, beside the resource of that URN where one is given."""
        await self._say(engine_pb2.INFO, message, urn)

    def inform_soon(self, message: str) -> None:
        """Show a line of information; returns at once."""
        task = asyncio.get_running_loop().create_task(self.inform(message))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _say(self, severity: engine_pb2.LogSeverity.ValueType, message: str, urn: str) -> None:
        if self._channel is None or (message, urn) in self._said:
            return
        self._said.add((message, urn))
        stub: engine_pb2_grpc.EngineAsyncStub = engine_pb2_grpc.EngineStub(self._channel)  # type: ignore[assignment] # the stubs say so for aio
        try:
            await stub.Log(engine_pb2.LogRequest(severity=severity, message=message, urn=urn))
        except grpc.aio.AioRpcError as error:
            _LOG.debug("the engine did not take a message: %s", error.code())

    async def close(self) -> None:
        """Let go of the engine, after all that is being said has been said."""
        if self._sending:
            await asyncio.wait(self._sending)
        if self._channel is not None:
            await self._channel.close(None)
            self._channel = None

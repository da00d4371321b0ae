"""The plugin process: serves the provider on loopback, tells the engine the port, and ends when the engine says so."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from pulumi_resource_apikeys import wiring
from pulumi_resource_apikeys.clock import SystemClock

from .ending import Ending, leave
from .engine_log import EngineLog
from .servicer import Servicer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import Settings

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes; the engine's own limit for a message (sdk/go/common/util/rpcutil)."""
ANSWERED_WITHIN = 5.0
"""Seconds for the answers of writes that are done; an answer that is not out by then counts as undelivered."""


class PluginServer:
    """A provider that listens on a loopback port of the system's choice."""

    def __init__(self, clock: Clock, environment: Mapping[str, str]) -> None:
        """Take the time and the environment to configure from."""
        self.log = EngineLog()

        def build(found: Settings) -> wiring.Services:
            return wiring.build(found, clock, self.log.inform_soon)

        self.servicer = Servicer(build, environment, self.log)
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", MESSAGE_LIMIT),
                ("grpc.max_send_message_length", MESSAGE_LIMIT),
            ]
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self.servicer, self._server)

    async def start(self) -> int:
        """Listen; returns the port."""
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return port

    async def stop(self) -> None:
        """Begin nothing new, let what is in flight finish, and close."""
        self.servicer.cancel_for_good()
        await self.servicer.calls.drain()
        await self._server.stop(grace=ANSWERED_WITHIN)
        await self.servicer.close()


async def serve(engine_address: str | None, parent: int) -> NoReturn:
    """Serve until it is time to end, announcing the port on standard output as the engine expects.

    `parent` is the process that started this one.
    """
    server = PluginServer(SystemClock(), os.environ)
    if engine_address:
        await server.log.attach(engine_address)
    ending = Ending(parent, lambda: server.servicer.was_cancelled, lambda: server.log.address)
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ending.signalled)
    port = await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await ending.due(server.servicer.cancel_for_good)
    await server.stop()
    await leave()


def main(arguments: list[str], parent: int) -> None:
    """Run the plugin; the last argument is the engine's address, where it is no option."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    address = next((argument for argument in arguments[-1:] if not argument.startswith("-")), None)
    asyncio.run(serve(address, parent))

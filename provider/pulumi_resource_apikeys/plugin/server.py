"""The plugin process: serves the provider on loopback, tells the engine the port, and ends when the engine says so."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from pulumi_resource_apikeys import wiring
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.journal import Journal, root_of

from .engine_log import EngineLog
from .servicer import Servicer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import Settings

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes; the engine's own limit for a message (sdk/go/common/util/rpcutil)."""
PARENT_CHECKED_EVERY = 1.0
"""Seconds."""
ANSWERED_WITHIN = 5.0
"""Seconds for the answers of writes that are done; an answer that is not out by then counts as undelivered."""
GONE_WITHIN = 3.0
"""Seconds from when all is done until the process is gone, whatever its threads wait for."""


class PluginServer:
    """A provider that listens on a loopback port of the system's choice."""

    def __init__(self, clock: Clock, environment: Mapping[str, str]) -> None:
        """Take the time and the environment to configure from."""
        self.log = EngineLog()

        def build(found: Settings) -> wiring.Services:
            return wiring.build(found, clock, self.log.inform_soon, Journal(root_of(environment)))

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
        self.servicer.cancel()
        await self.servicer.calls.drain()
        await self._server.stop(grace=ANSWERED_WITHIN)
        await self.servicer.close()


async def serve(engine_address: str | None) -> None:
    """Serve until a signal to end, announcing the port on standard output as the engine expects."""
    server = PluginServer(SystemClock(), os.environ)
    if engine_address:
        await server.log.attach(engine_address)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ended.set)
    port = await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    orphaned = loop.create_task(_parent_gone())
    await asyncio.wait({orphaned, loop.create_task(ended.wait())}, return_when=asyncio.FIRST_COMPLETED)
    await server.stop()
    _be_gone()


def _be_gone() -> None:
    """End the process soon, as the interpreter waits for threads: one that asks for a host's address can take long."""
    last_resort = threading.Timer(GONE_WITHIN, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()


async def _parent_gone() -> None:
    """Return once the process that started this one is gone: a killed engine ends no plugin."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing signals that a parent died
        await asyncio.sleep(PARENT_CHECKED_EVERY)


def main(arguments: list[str]) -> None:
    """Run the plugin; the first argument that is no option is the engine's address."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(serve(next((argument for argument in arguments if not argument.startswith("-")), None)))

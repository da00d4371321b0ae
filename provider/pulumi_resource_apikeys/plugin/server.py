"""The provider behind a gRPC server: what the process runs, and what tests serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys import wiring
from pulumi_resource_apikeys.journal import Journal, root_of

from . import listening
from .engine_log import EngineLog
from .servicer import Servicer
from .stubs import provider_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc.aio

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import Settings

ANSWERED_WITHIN = 5.0
"""Seconds for the answers of writes that are done; an answer that is not out by then counts as undelivered."""


class PluginServer:
    """A provider that listens on a loopback port of the system's choice."""

    def __init__(self, clock: Clock, environment: Mapping[str, str], server: grpc.aio.Server | None = None) -> None:
        """Take the time, the environment to configure from, and the server where one listens already."""
        self.log = EngineLog()

        def build(options: Settings) -> wiring.Services:
            return wiring.build(options, clock, self.log.inform_soon, Journal(root_of(environment)))

        self.servicer = Servicer(build, environment, self.log)
        self._server = server or listening.new_server()
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self.servicer, self._server)

    async def start(self) -> int:
        """Listen; returns the port."""
        return await listening.listen(self._server)

    async def stop(self) -> None:
        """Begin nothing new, let what is in flight finish, and close."""
        self.servicer.cancel_for_good()
        await self.servicer.calls.drain()
        await self._server.stop(grace=ANSWERED_WITHIN)
        await self.servicer.close()

"""An empty gRPC server, as a process that tells its port: what Python and gRPC cost before anything is served."""

from __future__ import annotations

import asyncio
import sys

import grpc.aio


async def serve(server: grpc.aio.Server) -> None:
    """Serve on a port of the system's choice, told on standard output, until killed."""
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


async def main() -> None:
    """Serve nothing."""
    await serve(grpc.aio.server())


if __name__ == "__main__":
    asyncio.run(main())

"""A gRPC server on a loopback port, with nothing of the provider loaded: the process announces the port first."""

from __future__ import annotations

import grpc.aio

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes; the engine's own limit for a message (sdk/go/common/util/rpcutil)."""


def new_server() -> grpc.aio.Server:
    """A server that takes the engine's largest messages; needs a running event loop."""
    return grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
        ]
    )


async def listen(server: grpc.aio.Server) -> int:
    """Listen; returns the port, of the system's choice."""
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return port

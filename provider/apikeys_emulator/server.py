"""Runs the application on a loopback address until it is told to stop."""

import contextlib
import ipaddress
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn

from apikeys_emulator.app import build
from apikeys_emulator.broken import ClosableProtocol
from apikeys_emulator.state import Options, State

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SECONDS_FOR_CALLS_IN_FLIGHT = 1


@dataclass(frozen=True)
class Listening:
    """Where to listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready, and whose end by a signal is an ordinary end."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        sys.stdout.write(f"{self._announcement}\n")
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in STOP_SIGNALS:
            signal.signal(number, self.handle_exit)
        yield

    def stop_when_input_ends(self) -> None:
        """End with the process at the other end of standard input."""
        while os.read(0, 4096):
            pass
        self.should_exit = True


def serve(listening: Listening, options: Options, *, exit_with_parent: bool = False) -> None:
    """Serve until SIGINT or SIGTERM, or the end of standard input; print the URL once connections are taken.

    Raises:
        OSError: the address is taken.
        sqlite3.Error: the database file can't be used.
    """
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    with socket.create_server((listening.host, listening.port), family=family, backlog=2048) as sock:
        # asyncio does this only for sockets that name their protocol; without it an answer may wait 40 ms for an ACK.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = sock.getsockname()[1]
        host = f"[{listening.host}]" if family == socket.AF_INET6 else listening.host
        state = State(options)
        config = uvicorn.Config(
            build(state),
            http=ClosableProtocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=SECONDS_FOR_CALLS_IN_FLIGHT,
        )
        server = _Server(config, f"apikeys-emulator listening on http://{host}:{port}")
        if exit_with_parent:
            threading.Thread(target=server.stop_when_input_ends, daemon=True).start()
        try:
            server.run(sockets=[sock])
        finally:
            state.store.close()

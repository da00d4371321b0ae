"""The plugin process: tells the engine the port, loads and serves the provider, and ends when the engine says so.

Its start is what every command waits for, so things are loaded in the order in which they are needed. First gRPC
alone, and the port is told: the engine connects meanwhile. Then all that the first calls need (Handshake, Configure,
Check). HTTP and the credentials last, in a thread, while the engine runs the program.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading

from .listening import listen, new_server

PARENT_CHECKED_EVERY = 1.0
"""Seconds."""
GONE_WITHIN = 3.0
"""Seconds from when all is done until the process is gone, whatever its threads wait for."""
BUSY_BEFORE = 0.1
"""Seconds after the port is told in which the engine may configure and check; a thread that imports would be in the way
of both. A call of the API that comes sooner imports what it needs itself."""


async def serve(engine_address: str | None) -> None:
    """Serve until a signal to end, announcing the port on standard output as the engine expects."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ended.set)
    parent = os.getppid()
    server = new_server()
    port = await listen(server)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # No await from here on until the servicer is added: a call that comes meanwhile waits, and is not refused.
    from pulumi_resource_apikeys.clock import SystemClock  # noqa: PLC0415 - after the port is told

    from .server import PluginServer  # noqa: PLC0415 - the same

    plugin = PluginServer(SystemClock(), os.environ, server)
    # What is loaded stays: the collector need not look through it again and again.
    gc.freeze()
    gc.enable()
    if engine_address:
        await plugin.log.attach(engine_address)
    loading = loop.create_task(_load_the_rest())
    orphaned = loop.create_task(_gone(parent))
    await asyncio.wait({orphaned, loop.create_task(ended.wait())}, return_when=asyncio.FIRST_COMPLETED)
    loading.cancel()
    await plugin.stop()


async def _serve_and_go(engine_address: str | None) -> None:
    await serve(engine_address)
    _be_gone()


def _be_gone() -> None:
    """End the process soon, as the interpreter waits for threads: one that asks for a host's address can take long."""
    last_resort = threading.Timer(GONE_WITHIN, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()


async def _load_the_rest() -> None:
    """Import HTTP and the credentials while the engine is busy with other things."""
    from pulumi_resource_apikeys.wiring import preload  # noqa: PLC0415 - after the port is told

    await asyncio.sleep(BUSY_BEFORE)
    await asyncio.to_thread(preload)


async def _gone(parent: int) -> None:
    """Return once the process that started this one is gone: a killed engine ends no plugin."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing signals that a parent died
        await asyncio.sleep(PARENT_CHECKED_EVERY)


def main(arguments: list[str]) -> None:
    """Run the plugin; the first argument that is no option is the engine's address."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(_serve_and_go(next((argument for argument in arguments if not argument.startswith("-")), None)))

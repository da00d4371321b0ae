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
from typing import NoReturn

from .listening import listen, new_server

BUSY_BEFORE = 0.1
"""Seconds after the port is told in which the engine may configure and check; a thread that imports would be in the way
of both. A call of the API that comes sooner imports what it needs itself."""


async def serve(engine_address: str | None, parent: int) -> NoReturn:
    """Serve until it is time to end, announcing the port on standard output as the engine expects.

    `parent` is the process that started this one.
    """
    loop = asyncio.get_running_loop()
    signalled = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, signalled.set)
    server = new_server()
    port = await listen(server)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # No await from here on until the servicer is added: a call that comes meanwhile waits, and is not refused.
    from pulumi_resource_apikeys.clock import SystemClock  # noqa: PLC0415 - after the port is told

    from .ending import Ending, leave  # noqa: PLC0415 - the same
    from .server import PluginServer  # noqa: PLC0415 - the same

    plugin = PluginServer(SystemClock(), os.environ, server)
    # What is loaded stays: the collector need not look through it again and again.
    gc.freeze()
    gc.enable()
    ending = Ending(parent, lambda: plugin.servicer.was_cancelled, lambda: plugin.log.address)
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ending.signalled)
    if signalled.is_set():
        ending.signalled()
    if engine_address:
        await plugin.log.attach(engine_address)
    loading = loop.create_task(_load_the_rest())
    await ending.due(plugin.servicer.cancel_for_good)
    loading.cancel()
    await plugin.stop()
    await leave()


async def _load_the_rest() -> None:
    """Import HTTP and the credentials while the engine is busy with other things."""
    from pulumi_resource_apikeys.wiring import preload  # noqa: PLC0415 - after the port is told

    await asyncio.sleep(BUSY_BEFORE)
    await asyncio.to_thread(preload)


def main(arguments: list[str], parent: int) -> None:
    """Run the plugin; the last argument is the engine's address, if it is no option."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    address = next((argument for argument in arguments[-1:] if not argument.startswith("-")), None)
    asyncio.run(serve(address, parent))

"""When the plugin's process ends, and how: at the engine's word or once the engine is gone, and then at once.

The engine ends a plugin by a `Cancel` and then a SIGINT. It takes its plugins one after the other, and gives them 5 s
together: of a plugin whose `Cancel` is not answered by then it says that it "exited prematurely". So an end that takes
long is told of another plugin, and one that comes before its `Cancel` is told of this one.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKED_EVERY = 1.0
"""Seconds between two looks at whether the engine is still there."""
CONNECTED_WITHIN = 1.0
"""Seconds for a connection on this machine."""
LET_GO_WITHIN = 0.5
"""Seconds for what still runs to let go of what it holds, such as a process that it started."""


class Ending:
    """Tells when to end, by the signals that come and by whether the engine is there."""

    def __init__(self, parent: int, was_cancelled: Callable[[], bool], engine_address: Callable[[], str]) -> None:
        """Take the process that started this one, whether the engine's `Cancel` came, and where the engine listens."""
        self._parent = parent
        self._was_cancelled = was_cancelled
        self._engine_address = engine_address
        self._signal = asyncio.Event()

    def signalled(self) -> None:
        """Take note of a signal to end."""
        self._signal.set()

    async def due(self, begin: Callable[[], None]) -> None:
        """Return when it is time to end.

        That is once the process that started this one is gone, as a killed engine ends no plugin, or at a signal that
        comes after the engine's `Cancel`. Whatever ends all processes at once sends one before: then `begin` is called,
        and the engine is served on until its `Cancel` and a signal came, or until it is gone.
        """
        signalled = False
        while os.getppid() == self._parent and not (signalled and await self._engine_gone()):
            if await self._signal_came():
                if self._was_cancelled():
                    return
                begin()
                signalled = True

    async def _signal_came(self) -> bool:
        try:
            await asyncio.wait_for(self._signal.wait(), LOOKED_EVERY)
        except asyncio.TimeoutError:
            return False
        self._signal.clear()
        return True

    async def _engine_gone(self) -> bool:
        """Whether nobody listens any more where the engine did. One that is slow to answer is there."""
        host, _, port = self._engine_address().rpartition(":")
        try:
            _, connection = await asyncio.wait_for(asyncio.open_connection(host, port), CONNECTED_WITHIN)
        except asyncio.TimeoutError:
            return False
        except OSError:
            return True
        connection.close()
        return False


async def leave() -> NoReturn:
    """End this process. No thread is waited for, and the interpreter does not clean up, which takes a while."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=LET_GO_WITHIN)
    os._exit(0)

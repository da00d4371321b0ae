"""The provider served by the test itself, with a clock that the test moves; the engine attaches to it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

from pulumi_resource_apikeys.plugin.server import PluginServer


class MovedClock:
    """A `clock.Clock` whose time of day stands still until it is moved; waits are real.

    Where `shown_in` is given, that file always holds the time, for `moved_host/sitecustomize.py`.
    """

    def __init__(self, now: datetime, shown_in: Path | None = None) -> None:
        self._shown_in = shown_in
        self.moment = now

    @property
    def moment(self) -> datetime:
        """The time that it tells."""
        return self._moment

    @moment.setter
    def moment(self, moment: datetime) -> None:
        self._moment = moment
        if self._shown_in is not None:
            self._shown_in.write_text(moment.isoformat())

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ServedPlugin:
    """A context manager in which the plugin listens on `port`, in a thread of its own."""

    def __init__(self, clock: MovedClock, environment: Mapping[str, str]) -> None:
        self.clock = clock
        self.port = 0
        self._environment = environment
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="served-plugin")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = PluginServer(self.clock, self._environment)
        self.port = await server.start()
        self._ready.set()
        await self._ended.wait()
        await server.stop()

"""The provider served by the test itself, with a clock that the test moves; the engine attaches to it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import TracebackType

from typing_extensions import Self

from apikeys_emulator.testing import Emulator
from pulumi_resource_apikeys.model.times import format_instant
from pulumi_resource_apikeys.plugin.server import PluginServer

YEARS = 10 * 365 * 86400
"""Seconds that a token lives which no moved clock ends."""


class MovedClock:
    """A `clock.Clock` whose time of day stands still until it is moved; waits are real."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

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


class Time:
    """The time of the served plugin and of the server, moved together, or apart by `server_ahead`."""

    def __init__(self, emulator: Emulator, start: datetime | None = None) -> None:
        self.clock = MovedClock(start or datetime.now(timezone.utc).replace(microsecond=0))
        self.server_ahead = timedelta(0)
        self._emulator = emulator
        self.move_to(self.clock.moment)

    @property
    def now(self) -> datetime:
        """The plugin's time."""
        return self.clock.moment

    def move_to(self, moment: datetime) -> None:
        """Let it be that time."""
        self.clock.moment = moment
        self._emulator.set_clock(now=format_instant(moment + self.server_ahead))

    def pass_by(self, **span: float) -> None:
        """Let time pass; the span is given as to `timedelta`."""
        self.move_to(self.now + timedelta(**span))

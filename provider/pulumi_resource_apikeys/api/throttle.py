"""How many calls run at once, and how all of them slow down together when the server limits the rate.

A 429 closes a gate that every call passes; once it opens, calls start one after the other, at first far apart and
closer with each success, until nothing is left of the limit.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from async_timeout import timeout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pulumi_resource_apikeys.clock import Clock

FIRST_PAUSE = 0.5
"""Seconds that the gate stays closed after a 429 that names no time; doubled with each further one."""
LONGEST_PAUSE = 15.0
FIRST_SPACING = 0.05
"""Seconds between the starts of two calls after a 429; doubled with each further one, less with each success."""
LONGEST_SPACING = 2.0
RECOVERY = 0.7
"""What a success leaves of the spacing."""
NO_SPACING = 0.01
"""Seconds; a spacing below this is none."""


class ClosedError(Exception):
    """The gate opens only after the caller's time is up; `seconds` until it opens."""

    def __init__(self, seconds: float) -> None:
        """Take the seconds until the gate opens."""
        self.seconds = seconds
        super().__init__(f"the gate opens in {seconds:g} s")


class NoPlaceError(Exception):
    """So many calls were under way that none ended before the caller's time was up."""


@dataclass(frozen=True)
class Turn:
    """A call's leave to run. `limits_seen` is how many rate limits had been met when it was given."""

    limits_seen: int


class Throttle:
    """The gate of one client."""

    def __init__(self, clock: Clock, max_concurrency: int) -> None:
        """At most `max_concurrency` calls hold a turn at once."""
        self._clock = clock
        self._places = asyncio.Semaphore(max_concurrency)
        self._opens = 0.0
        self._next_start = 0.0
        self._pause = 0.0
        self._spacing = 0.0
        self._limits = 0

    def seconds_closed(self) -> float:
        """How long the gate stays closed."""
        return max(self._opens - self._clock.monotonic(), 0.0)

    @asynccontextmanager
    async def turn(self, ends: float) -> AsyncIterator[Turn]:
        """Wait for a place and for the gate.

        Where that takes longer than until `ends` (monotonic time), raises `NoPlaceError` or `ClosedError`.
        """
        await self._take_place(ends)
        try:
            await self._pass_gate(ends)
            yield Turn(self._limits)
        finally:
            self._places.release()

    async def _take_place(self, ends: float) -> None:
        try:
            async with timeout(max(ends - self._clock.monotonic(), 0.0)):
                await self._places.acquire()
        except asyncio.TimeoutError:
            raise NoPlaceError from None

    def limited(self, turn: Turn, retry_after: float | None) -> None:
        """The server answered 429 and asks to wait that many seconds.

        Calls that were under way together meet the same limit, so only the first of them slows down further.
        """
        if turn.limits_seen == self._limits:
            self._limits += 1
            self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
            self._spacing = min(max(2 * self._spacing, FIRST_SPACING), LONGEST_SPACING)
        pause = self._pause * random.uniform(0.5, 1.0) if retry_after is None else retry_after  # noqa: S311 - no secret
        self._opens = max(self._opens, self._clock.monotonic() + pause)

    def succeeded(self) -> None:
        """The server took a call on."""
        self._pause = 0.0
        self._spacing *= RECOVERY
        if self._spacing < NO_SPACING:
            self._spacing = 0.0

    async def _pass_gate(self, ends: float) -> None:
        while True:
            now = self._clock.monotonic()
            start = max(now, self._opens, self._next_start)
            if start > max(ends, now):
                raise ClosedError(start - now)
            self._next_start = start + self._spacing
            if start <= now:
                return
            await self._clock.sleep(start - now)
            if self._opens <= self._clock.monotonic():
                return

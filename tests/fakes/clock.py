"""`FakeClock`: time that moves only when a test or a sleep moves it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

START = datetime(2026, 11, 24, 12, 0, 0, tzinfo=timezone.utc)


class FakeClock:
    """A `clock.Clock`; sleeping advances it and lets other tasks run."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._monotonic = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

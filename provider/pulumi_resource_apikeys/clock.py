"""The time, as something that is passed in: the real clock here, a moved one in tests."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

OPERATION_LIMIT = 300.0
"""Seconds that one operation takes at most, with all its calls and their retries; engines give more."""


class Clock(Protocol):
    """Tells the time and lets time pass."""

    def now(self) -> datetime:
        """The wall-clock time, timezone-aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, never running backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The wall-clock time, timezone-aware, in UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, never running backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, order=True)
class Deadline:
    """When an operation must be over. It is passed on to every call that is made for that operation, and to no other.

    `ends` is a time of `Clock.monotonic`.
    """

    ends: float

    @classmethod
    def of_operation(cls, clock: Clock, timeout: float = 0.0) -> Deadline:
        """The deadline of an operation that begins now; `timeout` as the engine gives it, 0 seconds for none."""
        return cls(clock.monotonic() + (min(timeout, OPERATION_LIMIT) if timeout > 0 else OPERATION_LIMIT))

    def left(self, clock: Clock) -> float:
        """The seconds that are left, 0 if it has passed."""
        return max(self.ends - clock.monotonic(), 0.0)

"""A clock whose waits end when the run is cancelled, so that nobody waits for a retry that must not come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .errors import CancelledRunError

if TYPE_CHECKING:
    from datetime import datetime

    from .clock import Clock


class InterruptibleClock:
    """Another clock, until `interrupt`; from then on every `sleep` raises CancelledRunError at once."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock that tells the time."""
        self._clock = clock
        self._interrupted = asyncio.Event()

    @property
    def interrupted(self) -> bool:
        """Whether the run was cancelled."""
        return self._interrupted.is_set()

    def interrupt(self) -> None:
        """End all waits, now and later."""
        self._interrupted.set()

    def now(self) -> datetime:
        """The wall-clock time, timezone-aware, in UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, never running backwards."""
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds, or raise CancelledRunError as soon as the run is cancelled."""
        if seconds <= 0:
            await self._clock.sleep(seconds)
            self._raise_if_interrupted()
            return
        waits = {asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._interrupted.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._raise_if_interrupted()

    def _raise_if_interrupted(self) -> None:
        if self._interrupted.is_set():
            raise CancelledRunError("the run was cancelled while this waited to be sent, or sent again")

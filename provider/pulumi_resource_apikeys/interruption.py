"""A clock whose waits end when the run is cancelled, so that nobody waits for a retry that must not come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import CancelledRunError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from .clock import Clock

Result = TypeVar("Result")


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

    async def cut_short(self, work: Coroutine[Any, Any, Result], grace: float, what: str) -> Result:
        """Do work that waits for `what` from outside, and return its result.

        Once the run is cancelled it has `grace` seconds more, then it is cancelled and CancelledRunError raised.
        """
        task = asyncio.ensure_future(work)
        interrupted = asyncio.ensure_future(self._interrupted.wait())
        try:
            await asyncio.wait({task, interrupted}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await asyncio.wait({task}, timeout=grace)
            if not task.done():
                raise CancelledRunError(f"the run was cancelled while this waited for {what}")
            return await task
        finally:
            interrupted.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

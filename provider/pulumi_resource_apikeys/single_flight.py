"""One call that several wait for: made once, its result or error shared, and no waiter can break it for the rest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """A call under way. It begins at the event loop's next turn after the first asked for its result.

    So all who ask in this turn ask before it began; and a call that nobody waits for is not made.
    """

    def __init__(self, call: Callable[[], Coroutine[None, None, Result]]) -> None:
        """Take the call."""
        self._call = call
        self._waiters = 0
        self._abandoned = False
        self._task: asyncio.Task[Result] | None = None

    @property
    def under_way(self) -> bool:
        """Whether its result is still to come, so that one more may wait for it."""
        return not self._abandoned and (self._task is None or not self._task.done())

    async def result(self) -> Result:
        """Wait for the result, or raise the call's error. When the last waiter is cancelled, so is the call."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._call())
            self._task.add_done_callback(_seen)
        self._waiters += 1
        try:
            return await asyncio.shield(self._task)
        finally:
            self._waiters -= 1
            if not self._waiters and not self._task.done():
                self._abandoned = True
                self._task.cancel()
                await asyncio.wait({self._task})


def _seen(task: asyncio.Task[Result]) -> None:
    """Take note of an error that came when nobody waited any more: asyncio would log it with its traceback."""
    if not task.cancelled():
        task.exception()

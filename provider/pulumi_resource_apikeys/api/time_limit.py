"""The time that one operation of the engine may take (a resource's `customTimeouts`), for all calls made within it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_resource_apikeys.clock import Clock

_ENDS: ContextVar[float | None] = ContextVar("_ENDS", default=None)


@contextmanager
def time_limit(clock: Clock, seconds: float) -> Iterator[None]:
    """Calls made within end by then; 0 seconds, as the engine says for no limit, sets none."""
    token = _ENDS.set(clock.monotonic() + seconds if seconds > 0 else None)
    try:
        yield
    finally:
        _ENDS.reset(token)


def ends_by(latest: float) -> float:
    """The time of `clock.monotonic` by which to be done: `latest`, or the limit in force if that is earlier."""
    limit = _ENDS.get()
    return latest if limit is None else min(latest, limit)

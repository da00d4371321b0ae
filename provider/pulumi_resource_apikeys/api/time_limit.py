"""The time that one operation of the engine may take (a resource's `customTimeouts`), where no deadline is passed."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.clock import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_resource_apikeys.clock import Clock

_DEADLINE: ContextVar[Deadline | None] = ContextVar("_DEADLINE", default=None)


@contextmanager
def time_limit(clock: Clock, seconds: float) -> Iterator[None]:
    """Calls made within end by then; 0 seconds, as the engine says for no limit, sets none."""
    token = _DEADLINE.set(Deadline.of_operation(clock, seconds) if seconds > 0 else None)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def deadline_in_force() -> Deadline | None:
    """The deadline of the operation under way."""
    return _DEADLINE.get()

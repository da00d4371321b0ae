"""When keys rotate, retire and end in the time ahead, from the states of stacks alone; pure.

A rotation happens in the `pulumi up` that finds it due, so the times assume a run right then, and go on from there with
the settings of today. What is overdue is due now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.times import describe_duration, later

from .states import ROTATING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from .states import ManagedKey, StackState

YEAR = timedelta(days=365)
MOST = 400
"""Rotations of one resource that are told; one that rotates every hour would fill the calendar with them."""


class EventKind(Enum):
    """What happens. RETIRES: the key before is revoked; ENDS: the server ends a key that exists."""

    ROTATES = "rotates"
    RETIRES = "retires"
    ENDS = "ends"


@dataclass(frozen=True)
class Event:
    """Something that happens to a key of a resource of the stack of that name.

    `due` is when it should happen, `at` when it can happen at the earliest: now, for what is overdue. `number` counts
    the rotations that are ahead.
    """

    at: datetime
    kind: EventKind
    stack: str
    resource: ManagedKey
    due: datetime
    words: str
    number: int = 0

    @property
    def overdue(self) -> bool:
        """Whether it should have happened already."""
        return self.due < self.at


@dataclass(frozen=True)
class Calendar:
    """The events in the order of time. `notes` are sentences about resources of which not all is told."""

    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()


def calendar(stacks: Iterable[StackState], now: datetime, span: timedelta = YEAR) -> Calendar:
    """What happens from now on for that time."""
    until = later(now, span)
    events: list[Event] = []
    notes: list[str] = []
    for stack in stacks:
        for key in stack.keys:
            found = list(_of_resource(stack.name, key, now, until))
            events += [event for event in found if event.at <= until]
            if key.rotate_every and max((event.number for event in found), default=0) >= MOST:
                every = describe_duration(key.rotate_every)
                notes.append(f"{key.name} of {stack.name} rotates every {every}; its first {MOST} rotations are told")
    return Calendar(tuple(sorted(events, key=lambda event: (event.at, event.stack, event.resource.name))), tuple(notes))


def _of_resource(stack: str, key: ManagedKey, now: datetime, until: datetime) -> Iterator[Event]:
    def event(kind: EventKind, due: datetime, words: str, number: int = 0) -> Event:
        return Event(max(due, now), kind, stack, key, due, words, number)

    if key.leaving:
        yield event(EventKind.RETIRES, now, "its replaced key is revoked by the next `pulumi up`")
        return
    if key.previous_retires_at is not None:
        latest = key.previous_ends_latest
        stays = f", at the latest on {latest:%Y-%m-%d}" if latest and latest > key.previous_retires_at else ""
        words = f"its previous key is revoked{' once it is unused' if stays else ''}{stays}"
        yield event(EventKind.RETIRES, key.previous_retires_at, words)
    if key.expires_at is not None and key.expires_at >= now:
        yield event(EventKind.ENDS, key.expires_at, "the server ends its present key, if that still lives")
    due = key.next_rotation_at
    for number in range(1, MOST + 1):
        if due is None or due > until:
            return
        words = "a new key is made" if key.kind == ROTATING else "its key is replaced, and the old one revoked"
        rotation = event(EventKind.ROTATES, due, words, number)
        yield rotation
        if key.overlap is not None:
            yield event(EventKind.RETIRES, later(rotation.at, key.overlap), "its previous key is revoked", number)
        due = later(rotation.at, key.rotate_every) if key.rotate_every else None

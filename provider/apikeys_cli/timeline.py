"""The life of a key as spans and marks on a line of time; pure. The page draws them.

It shows at a look what a key should have done and has not: the time after a due rotation or revoke is a span of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.keys.port import KeyStatus
from pulumi_resource_apikeys.model.times import later

from .findings import Relation

if TYPE_CHECKING:
    from datetime import datetime

    from .audit import AuditedKey


class SpanKind(Enum):
    """What a key is in a span of time. OVERLAP: replaced, and still valid on purpose. OVERDUE: should be no more."""

    LIVE = "live"
    OVERLAP = "overlap"
    OVERDUE = "overdue"
    AHEAD = "ahead"
    AHEAD_OVERLAP = "ahead-overlap"
    DEAD = "dead"


class MarkKind(Enum):
    """What happens at a point in time."""

    USED = "used"
    ROTATION = "rotation"
    END = "end"


@dataclass(frozen=True)
class Span:
    """From one time to another; None for open ends."""

    kind: SpanKind
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Mark:
    """A point in time."""

    kind: MarkKind
    at: datetime


@dataclass(frozen=True)
class Lane:
    """What is drawn of one key, in order."""

    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]


def lane(audited: AuditedKey, now: datetime) -> Lane:
    """The life of a key, as far as it is known."""
    key = audited.key
    resource = audited.owner.resource if audited.owner else None
    due = resource.next_rotation_at if resource and audited.relation is Relation.MANAGED else None
    marks = [Mark(MarkKind.USED, key.used_at)] if key.used_at is not None else []
    marks += [Mark(MarkKind.ROTATION, due)] if due is not None else []
    marks += [Mark(MarkKind.END, key.ends_at)] if key.ends_at is not None else []
    if audited.status is not KeyStatus.ACTIVE:
        return Lane((Span(SpanKind.DEAD, key.made_at, key.ends_at or now),), tuple(marks))
    spans: list[Span] = []
    if resource is not None and audited.relation is Relation.PREVIOUS:
        retires = resource.previous_retires_at
        spans += _until(key.made_at, resource.rotated_at, retires, now)
        spans += [Span(SpanKind.AHEAD_OVERLAP, now, retires)] if retires is not None and retires > now else []
    elif due is not None and resource is not None:
        spans += _until(key.made_at, due, due, now)
        spans += [Span(SpanKind.AHEAD, now, due)] if due > now else []
        if resource.overlap is not None and due > now:
            spans.append(Span(SpanKind.AHEAD_OVERLAP, due, later(due, resource.overlap)))
    else:
        spans += [Span(SpanKind.LIVE, key.made_at, now), Span(SpanKind.AHEAD, now, key.ends_at)]
    return Lane(tuple(spans), tuple(marks))


def _until(made: datetime | None, rotated: datetime | None, due: datetime | None, now: datetime) -> list[Span]:
    """What is past: the key's own time until its rotation, its overlap, and what goes beyond both."""
    spans = [Span(SpanKind.LIVE, made, min(rotated or now, now))]
    if rotated is not None and due is not None and rotated < due:
        spans.append(Span(SpanKind.OVERLAP, rotated, min(due, now)))
    if due is not None and due < now:
        spans.append(Span(SpanKind.OVERDUE, due, now))
    return spans

"""What is wrong with one key, or with one resource: pure functions that give findings with their words.

The words are one line without control characters, whatever names are in them; each form escapes them as it must.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pulumi_resource_apikeys.keys.ownership import mark_of
from pulumi_resource_apikeys.keys.port import KeyStatus, is_young
from pulumi_resource_apikeys.model.times import describe_duration, later
from pulumi_resource_apikeys.text import one_line

from .findings import Finding, FindingKind, Relation
from .states import ROTATING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from pulumi_resource_apikeys.keys.port import RemoteKey

    from .audit import AuditedKey
    from .states import ManagedKey

    Limits = Mapping[FindingKind, timedelta]

    class _Found(Protocol):
        def __call__(
            self, kind: FindingKind, message: str, remedy: str, amount: timedelta | None = None, /
        ) -> Finding: ...


SHOWN = 120
"""Characters of a name that are shown."""
_NEW_KEY = "Run `pulumi up` for the stack, which makes a new key"


def of_key(audited: AuditedKey, now: datetime, limits: Limits) -> Iterator[Finding]:
    """What is wrong with a key that was not revoked."""
    key = audited.key
    subject = f"API key {key.key_id}"
    if audited.shown_name is not None:
        subject = f'API key "{one_line(audited.shown_name, limit=SHOWN)}" ({key.key_id})'
    stack = audited.owner.stack if audited.owner else audited.made_by

    def found(kind: FindingKind, message: str, remedy: str, amount: timedelta | None = None, /) -> Finding:
        return Finding(kind, subject, message, remedy, key.project_id, key.key_id, stack, amount=amount)

    if audited.status is KeyStatus.EXPIRED:
        ended = key.ends_at or now
        yield found(
            FindingKind.EXPIRED,
            f"ended on {day(ended)}, {describe_duration(now - ended)} ago",
            "It can't be used any more. Revoke it in the dashboard to tidy up",
            now - ended,
        )
        return
    yield from _whose(audited, found)
    yield from _ending(audited, now, limits, found)
    if audited.relation not in {Relation.PREVIOUS, Relation.LEAVING}:
        yield from _use(key, now, limits, found)
    if key.is_admin_managed:
        yield found(
            FindingKind.ADMIN_MANAGED,
            "is managed by administrators, and the API lets nobody else revoke it",
            "Nothing is wrong with that. Whoever wants it rotated by a stack asks an administrator to replace it",
        )


def _whose(audited: AuditedKey, found: _Found) -> Iterator[Finding]:
    if audited.relation is Relation.UNMANAGED:
        hint = (
            ". Its name ends as those that this provider makes: perhaps a stack made it that was not given"
            if mark_of(audited.key.name) is not None
            else ""
        )
        maker = one_line(audited.key.created_by or "", limit=SHOWN)
        by = f"; it was made by {maker}" if maker else ""
        yield found(
            FindingKind.UNMANAGED,
            f"is in the state of no stack that was given{by}{hint}",
            "Take it over (`apikeys adopt`), or revoke it if nobody needs it",
        )
    elif audited.relation is Relation.ORPHANED:
        resource = one_line(audited.of_resource.name, limit=SHOWN) if audited.of_resource else ""
        whose = f" for its resource {resource}" if resource else ""
        yield found(
            FindingKind.ORPHANED,
            f"was made by stack {one_line(audited.made_by or '')}{whose}, whose state does not know it",
            "An interrupted run, two at once, a state that was put back, or `pulumi state delete` left it. Find out"
            " whether something uses it, and revoke it in the dashboard",
        )
    elif len(audited.claims) > 1:
        names = one_line(" and ".join(f"{claim.resource.name} of {claim.stack}" for claim in audited.claims))
        yield found(
            FindingKind.SHARED,
            f"is in the states of {names}: whichever replaces it first revokes it for the others",
            "Let one resource keep it, and let Pulumi forget the others by `pulumi state delete`",
        )


def _ending(audited: AuditedKey, now: datetime, limits: Limits, found: _Found) -> Iterator[Finding]:
    """That a key ends soon, unless it is meant to or something renews it before."""
    owner, ends_at = audited.owner, audited.key.ends_at
    if ends_at is None or audited.relation in {Relation.PREVIOUS, Relation.LEAVING}:
        return
    left = ends_at - now
    renewed_at = owner.resource.next_rotation_at if owner else None
    if left > limits[FindingKind.EXPIRING] or (renewed_at is not None and now <= renewed_at < ends_at):
        return
    remedy = (
        "Run `pulumi up` for its stack, which is overdue"
        if renewed_at is not None and renewed_at < now
        else "Set renewBefore or rotateAfter on its resource, or change its end"
        if owner
        else "Make a new key in time, or take it over into a stack that rotates it"
    )
    words = f"ends on {day(ends_at)}, in {describe_duration(left)}, and nothing renews it before"
    yield found(FindingKind.EXPIRING, words, remedy, left)


def _use(key: RemoteKey, now: datetime, limits: Limits, found: _Found) -> Iterator[Finding]:
    used_at = key.used_at
    if used_at is not None:
        idle = now - used_at
        if idle >= limits[FindingKind.UNUSED]:
            yield found(
                FindingKind.UNUSED,
                f"was last used on {day(used_at)}, {describe_duration(idle)} ago",
                "Find out who has it, and revoke it if nobody needs it",
                idle,
            )
    elif key.never_used:
        made_at = key.made_at
        age = now - made_at if made_at is not None else None
        if age is None or age >= limits[FindingKind.NEVER_USED]:
            since = f" since it was made {describe_duration(age)} ago" if age is not None else ""
            yield found(
                FindingKind.NEVER_USED,
                f"was never used{since}",
                "Find out what it was made for, and revoke it if nobody needs it",
                age,
            )


@dataclass(frozen=True)
class Facts:
    """A resource and its stack, and what the listing says of its keys; None for one that is not listed."""

    resource: ManagedKey
    stack: str
    status: KeyStatus
    remote: RemoteKey | None
    previous: RemoteKey | None


def of_resource(facts: Facts, now: datetime, limits: Limits) -> Iterator[Finding]:
    """What is wrong with a resource of a stack."""
    resource = facts.resource
    subject = f"{resource.kind} {one_line(resource.name, limit=SHOWN)} of {one_line(facts.stack)}"

    def found(kind: FindingKind, message: str, remedy: str, amount: timedelta | None = None, /) -> Finding:
        previous = resource.previous_key_id if kind is FindingKind.RETIREMENT_OVERDUE else None
        about = previous or resource.key_id
        return Finding(kind, subject, message, remedy, resource.project_id, about, facts.stack, resource.urn, amount)

    if resource.leaving:
        if facts.status is KeyStatus.ACTIVE:
            yield found(
                FindingKind.RETIREMENT_OVERDUE,
                "was replaced, and its old key is still alive",
                "Run `pulumi up` for the stack, which revokes what it has replaced",
            )
        return
    if facts.status is KeyStatus.ABSENT and is_young(resource.created_at, now):
        return
    if facts.status is not KeyStatus.ACTIVE:
        dead = {KeyStatus.REVOKED: "was revoked", KeyStatus.EXPIRED: "has expired"}.get(facts.status, "is not listed")
        yield found(FindingKind.DEAD_KEY, f"has a key that {dead}", _NEW_KEY)
    else:
        yield from _overdue(resource, now, limits, found)
    if (late := _retirement(facts, now)) is not None and late >= limits[FindingKind.RETIREMENT_OVERDUE]:
        yield found(
            FindingKind.RETIREMENT_OVERDUE,
            f"still has its previous key alive, {describe_duration(late)} after that should have been revoked",
            "Run `pulumi up` for the stack, and do so on a schedule",
            late,
        )
    rare = _too_rare(resource, now)
    if rare is not None:
        yield found(
            FindingKind.SCHEDULE_TOO_RARE, rare, "Run `pulumi up` on a schedule, at least once in every overlap"
        )
    endless = facts.remote is not None and facts.remote.ends_at is None and resource.expires_at is None
    if endless and facts.status is KeyStatus.ACTIVE:
        option = "expiresAfter" if resource.kind == ROTATING else "expiresIn with renewBefore"
        yield found(
            FindingKind.NO_END,
            "has a key that never ends by itself",
            f"Set {option}, so that the server ends the key even if the stack is never run again",
        )


def _overdue(resource: ManagedKey, now: datetime, limits: Limits, found: _Found) -> Iterator[Finding]:
    due = resource.next_rotation_at
    if due is not None and due <= now and now - due >= limits[FindingKind.ROTATION_OVERDUE]:
        yield found(
            FindingKind.ROTATION_OVERDUE,
            f"was due to rotate on {day(due)}, {describe_duration(now - due)} ago",
            "Run `pulumi up` for the stack, and do so on a schedule",
            now - due,
        )


def _retirement(facts: Facts, now: datetime) -> timedelta | None:
    """How late the revoke of a previous key is; None if it is not late. One that is still used may stay for longer."""
    resource, previous = facts.resource, facts.previous
    due = resource.previous_retires_at
    if due is None or previous is None or previous.status_at(now) is not KeyStatus.ACTIVE:
        return None
    latest = resource.previous_ends_latest or due
    if latest > due and previous.used_at is not None and resource.overlap is not None:
        due = min(max(due, later(previous.used_at, resource.overlap)), latest)
    return now - due if due <= now else None


def _too_rare(resource: ManagedKey, now: datetime) -> str | None:
    """Words about runs that come too rarely: later than the overlap in which consumers take over a new key."""
    overlap, due = resource.overlap, resource.next_rotation_at
    if overlap is None:
        return None
    if due is not None and now - due > overlap:
        return f"is {describe_duration(now - due)} late to rotate, which is longer than its overlap"
    if resource.late_by is not None and resource.late_by > overlap:
        return f"rotated {describe_duration(resource.late_by)} late the last time, which is longer than its overlap"
    return None


def day(instant: datetime) -> str:
    """A time for people: its day (UTC)."""
    return f"{instant:%Y-%m-%d}"

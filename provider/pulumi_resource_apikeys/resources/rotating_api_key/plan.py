"""When to rotate and what to revoke: one pure function of what is, what is wanted, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

from pulumi_resource_apikeys.keys.port import KeyStatus
from pulumi_resource_apikeys.model.times import describe_duration, format_instant, later


@dataclass(frozen=True)
class RotationPolicy:
    """What the user wants. `max_overlap` None means that use is not looked at: the clock alone decides."""

    rotate_every: timedelta
    overlap: timedelta
    max_overlap: timedelta | None = None


@dataclass(frozen=True)
class Previous:
    """The key before the current one. `last_used_at` None: never used; `use_known` False: the server did not say.

    `revoke_overdue`: an emergency should have revoked it, and could not. `ended`: it is past its end by the server's
    time.
    """

    status: KeyStatus
    last_used_at: datetime | None = None
    use_known: bool = True
    revoke_overdue: bool = False
    ended: bool = False

    @property
    def dead(self) -> bool:
        """Whether the server says that it can't be used any more; our clock alone does not say so."""
        return self.ended or self.status is KeyStatus.REVOKED

    @property
    def overdue_reason(self) -> str | None:
        """Why it must go whatever its overlap, None if it need not."""
        if self.revoke_overdue:
            return "the emergency rotation could not revoke it"
        return NOT_LISTED if self.status is KeyStatus.ABSENT else None


@dataclass(frozen=True)
class Situation:
    """What is: the keys, when the current one was made and ends, and what the user changed since.

    `rotated_at` is by our clock, `created_at` by the server's. `changed` and `emergency` are reasons in words.
    `late_by` is how late the last timed rotation came. `current_ended`: it is past its end by the server's time.
    """

    current: KeyStatus
    secret_known: bool
    rotated_at: datetime
    created_at: datetime | None = None
    expires_at: datetime | None = None
    previous: Previous | None = None
    changed: tuple[str, ...] = ()
    emergency: str | None = None
    late_by: timedelta = timedelta(0)
    current_ended: bool = False

    @property
    def current_dead(self) -> bool:
        """Whether the server says that the current key can't be used any more; our clock alone does not say so."""
        return self.current_ended or self.current is KeyStatus.REVOKED

    @property
    def current_lost(self) -> bool:
        """Whether the current key does not count as alive: it is dead, or no longer listed."""
        return self.current_dead or self.current is KeyStatus.ABSENT

    def began(self, now: datetime) -> datetime:
        """When the current key's time began.

        That is `rotated_at`; only if it lies in the future, so that our clock ran ahead then or is behind now, the
        server's `created_at` is the better witness.
        """
        if self.rotated_at > now and self.created_at is not None:
            return min(self.rotated_at, self.created_at)
        return self.rotated_at

    def use_decides(self, policy: RotationPolicy, now: datetime) -> bool:
        """Whether the previous key's fate hangs on its use, which only the server knows."""
        over = later(self.began(now), policy.overlap)
        return self.previous is not None and policy.max_overlap is not None and over <= now


class Which(Enum):
    """One of the two keys there are before a step; after `Mint` the current one is no longer the newest."""

    CURRENT = "current"
    PREVIOUS = "previous"


@dataclass(frozen=True)
class Revoke:
    """Revoke a key, for a reason in words."""

    which: Which
    reason: str


@dataclass(frozen=True)
class Forget:
    """Let go of a key that is dead already."""

    which: Which


@dataclass(frozen=True)
class Mint:
    """Make a key, for a reason in words. `late` is how long after its due time a timed rotation comes."""

    reason: str
    late: timedelta = timedelta(0)


Step: TypeAlias = "Revoke | Forget | Mint"


@dataclass(frozen=True)
class Plan:
    """What to do, in this order, and words for the user. A key that no step ends stays."""

    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def mint(self) -> Mint | None:
        """The step that makes a key, None if none does."""
        return next((step for step in self.steps if isinstance(step, Mint)), None)

    @property
    def late(self) -> timedelta:
        """How long after its due time a timed rotation comes."""
        return self.mint.late if self.mint is not None else timedelta(0)

    @property
    def after_mint(self) -> tuple[Revoke | Forget, ...]:
        """The steps after the one that makes a key."""
        begin = self.steps.index(self.mint) + 1 if self.mint is not None else 0
        return tuple(step for step in self.steps[begin:] if not isinstance(step, Mint))

    def end_of(self, which: Which) -> Revoke | Forget | None:
        """The step that ends a key, None if it stays."""
        return next((step for step in self.steps if not isinstance(step, Mint) and step.which is which), None)

    @property
    def survivor(self) -> Which | None:
        """The older key that is the previous one in the end."""
        if self.mint is not None and self.end_of(Which.CURRENT) is None:
            return Which.CURRENT
        return Which.PREVIOUS if self.end_of(Which.PREVIOUS) is None else None


NOT_LISTED = "it is no longer listed, and is revoked to be sure"
EMERGENCY = "an emergency rotation revokes every older key"


def plan(situation: Situation, policy: RotationPolicy, now: datetime) -> Plan:
    """Decide. At most two keys ever live: a previous key that may still live goes before a third is made.

    If the current key is dead, the previous one is the only one that works, and it gets a new overlap.
    """
    due = later(situation.began(now), policy.rotate_every)
    mint = _mint(situation, policy, due, now)
    if mint is None:
        ends, words = _retire(situation.previous, situation, policy, now)
        return Plan(ends, (*_soon_late(situation, policy, due, now), *words))
    outgoing = _outgoing(situation)
    displaced = _displace(situation.previous, situation, policy, now)
    waits = situation.current_lost and any(isinstance(step, Revoke) for step in displaced)
    first, last = ((), displaced) if waits else (displaced, ())
    return Plan((*first, mint, *last, *([outgoing] if outgoing else [])), _late(mint.late, policy))


def _outgoing(situation: Situation) -> Step | None:
    """What ends the current key when a new one is made, None if it becomes the previous one.

    One that is no longer listed counts as dead, and is revoked to be sure, for a list may be wrong.
    """
    if situation.current_dead:
        return Forget(Which.CURRENT)
    if situation.current is KeyStatus.ABSENT:
        return Revoke(Which.CURRENT, NOT_LISTED)
    return Revoke(Which.CURRENT, EMERGENCY) if situation.emergency is not None else None


def _mint(situation: Situation, policy: RotationPolicy, due: datetime, now: datetime) -> Mint | None:
    if situation.emergency is not None:
        return Mint(situation.emergency)
    if situation.current is not KeyStatus.ACTIVE:
        return Mint(f"the current key is {situation.current.value}")
    if not situation.secret_known:
        return Mint("the current key was imported, and its secret can't be had")
    if situation.changed:
        return Mint(" and ".join(situation.changed))
    if due <= now:
        return Mint(f"due since {format_instant(due)}, every {describe_duration(policy.rotate_every)}", now - due)
    return None


def _late(late: timedelta, policy: RotationPolicy) -> tuple[str, ...]:
    if late <= policy.overlap:
        return ()
    warning = (
        f"this rotation comes {describe_duration(late)} late, so `pulumi up` runs too rarely: run it on a schedule,"
        f" at least once every {describe_duration(policy.overlap)}, which is overlap"
    )
    return (warning,)


def _soon_late(situation: Situation, policy: RotationPolicy, due: datetime, now: datetime) -> tuple[str, ...]:
    """Words ahead of a rotation that comes late if the next run lets wait for itself as it did last time."""
    expected = later(now, situation.late_by)
    if situation.late_by <= policy.overlap or expected <= due:
        return ()
    warning = (
        f"the next rotation is due on {format_instant(due)}, and the last one came"
        f" {describe_duration(situation.late_by)} late. If the next `pulumi up` is as long in coming, this one will be"
        f" late too: run it on a schedule, at least once every {describe_duration(policy.overlap)}, which is overlap"
    )
    if situation.expires_at is not None and situation.expires_at <= expected:
        end = format_instant(situation.expires_at)
        warning += f". The current key ends by itself on {end}, and then none would work"
    return (warning,)


def _displace(
    previous: Previous | None, situation: Situation, policy: RotationPolicy, now: datetime
) -> tuple[Step, ...]:
    """What ends the previous key when a new one is made."""
    if previous is None:
        return ()
    if previous.dead:
        return (Forget(Which.PREVIOUS),)
    if situation.emergency is not None:
        return _revoke(EMERGENCY)
    if previous.overdue_reason is not None:
        return _revoke(previous.overdue_reason)
    if situation.current_lost:
        return ()
    over = later(situation.began(now), policy.overlap)
    early = f", before its overlap is over on {format_instant(over)}" if now < over else ""
    return _revoke(f"a newer key replaces it{early}")


def _retire(
    previous: Previous | None, situation: Situation, policy: RotationPolicy, now: datetime
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """What ends the previous key when no new one is made, and words about one that stays."""
    if previous is None:
        return (), ()
    if previous.dead:
        return (Forget(Which.PREVIOUS),), ()
    if previous.overdue_reason is not None:
        return _revoke(previous.overdue_reason), ()
    over = later(situation.began(now), policy.overlap)
    if now < over:
        return (), ()
    if policy.max_overlap is None:
        return _revoke(f"its overlap was over on {format_instant(over)}"), ()
    return _retire_by_use(previous, policy, over, later(situation.began(now), policy.max_overlap), now)


def _retire_by_use(
    previous: Previous, policy: RotationPolicy, over: datetime, limit: datetime, now: datetime
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The same for one whose overlap is over, if it matters whether it is still used."""
    if now >= limit:
        return _revoke(f"maxOverlap was over on {format_instant(limit)}"), ()
    still_needed = _still_needed(previous, policy, over, limit, now)
    if still_needed is not None:
        return (), (still_needed,)
    used_at = previous.last_used_at
    used = "it was never used" if used_at is None else f"it was last used on {format_instant(used_at)}"
    return _revoke(f"its overlap was over on {format_instant(over)}, and {used}"), ()


def _revoke(reason: str) -> tuple[Step, ...]:
    return (Revoke(Which.PREVIOUS, reason),)


def _still_needed(
    previous: Previous, policy: RotationPolicy, over: datetime, limit: datetime, now: datetime
) -> str | None:
    """Words about why a previous key stays although its overlap is over; None if it need not."""
    if not previous.use_known:
        return (
            "the previous key's overlap is over, but the server could not be asked whether it is still used:"
            f" it stays until that is known, at most until {format_instant(limit)}"
        )
    if previous.last_used_at is None or now - previous.last_used_at >= policy.overlap:
        return None
    ago = describe_duration(max(now - previous.last_used_at, timedelta(0)))
    return (
        f"the previous key was still used {ago} ago, although its overlap was over on {format_instant(over)}:"
        f" it stays until it was not used for {describe_duration(policy.overlap)}, at most until"
        f" {format_instant(limit)}. Some consumer has not taken over the new key"
    )

"""When to rotate and what to revoke: one pure function of what is, what is wanted, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

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

    standing: KeyStatus
    last_used_at: datetime | None = None
    use_known: bool = True
    revoke_overdue: bool = False
    ended: bool = False

    @property
    def dead(self) -> bool:
        """Whether the server says that it can't be used any more; our clock alone does not say so."""
        return self.ended or self.standing is KeyStatus.REVOKED


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

    def began(self, now: datetime) -> datetime:
        """When the current key's time began.

        That is `rotated_at`; only where it lies in the future, so that our clock ran ahead then or is behind now, the
        server's `created_at` is the better witness.
        """
        if self.rotated_at > now and self.created_at is not None:
            return min(self.rotated_at, self.created_at)
        return self.rotated_at

    def use_decides(self, policy: RotationPolicy, now: datetime) -> bool:
        """Whether the previous key's fate hangs on its use, which only the server knows."""
        over = later(self.began(now), policy.overlap)
        return self.previous is not None and policy.max_overlap is not None and over <= now


class Outgoing(Enum):
    """What becomes of the current key when a new one is made.

    FORGOTTEN is for a dead one. ABSENT is for one that is no longer listed: it is revoked to be sure, for a list may be
    wrong, and else counts as dead.
    """

    PREVIOUS = "previous"
    REVOKED = "revoked"
    FORGOTTEN = "forgotten"
    ABSENT = "absent"


NOT_ALIVE = frozenset({Outgoing.FORGOTTEN, Outgoing.ABSENT})
"""What becomes of a current key that does not count as alive."""


@dataclass(frozen=True)
class Plan:
    """What to do. `mint` and `revoke_previous` give the reason in words, None for not to do it.

    `forget_previous`: the previous key is dead already. `late` is how long after its due time a timed rotation comes.
    """

    mint: str | None = None
    revoke_previous: str | None = None
    forget_previous: bool = False
    outgoing: Outgoing = Outgoing.PREVIOUS
    warnings: tuple[str, ...] = ()
    late: timedelta = timedelta(0)

    @property
    def revoke_first(self) -> bool:
        """Whether the previous key must go before a key is made, or a third one would be alive for a moment."""
        return self.mint is None or self.outgoing not in NOT_ALIVE


NOT_LISTED = "it is no longer listed, and is revoked to be sure"


def plan(situation: Situation, policy: RotationPolicy, now: datetime) -> Plan:
    """Decide. At most two keys ever live: a previous key that may still live goes before a third is made.

    Where the current key is dead, the previous one is the only one that works, and it gets a new overlap.
    """
    due = later(situation.began(now), policy.rotate_every)
    mint, late = _mint_reason(situation, policy, due, now)
    outgoing = Outgoing.PREVIOUS
    if situation.current_dead:
        outgoing = Outgoing.FORGOTTEN
    elif situation.current is KeyStatus.ABSENT:
        outgoing = Outgoing.ABSENT
    elif situation.emergency is not None:
        outgoing = Outgoing.REVOKED
    warnings = _late(late, policy) if mint is not None else _soon_late(situation, policy, due, now)
    previous = situation.previous
    if previous is None:
        return Plan(mint, outgoing=outgoing, warnings=warnings, late=late)
    if previous.dead:
        return Plan(mint, forget_previous=True, outgoing=outgoing, warnings=warnings, late=late)
    if mint is not None:
        revoke = _displace(previous, situation, outgoing, policy, now)
        return Plan(mint, revoke, outgoing=outgoing, warnings=warnings, late=late)
    revoke, told = _retire(previous, situation, policy, now)
    return Plan(mint, revoke, outgoing=outgoing, warnings=(*warnings, *told), late=late)


def _mint_reason(
    situation: Situation, policy: RotationPolicy, due: datetime, now: datetime
) -> tuple[str | None, timedelta]:
    """Why a key is made, and how late where it is because of the time."""
    never = timedelta(0)
    if situation.emergency is not None:
        return situation.emergency, never
    if situation.current is not KeyStatus.ACTIVE:
        return f"the current key is {situation.current.value}", never
    if not situation.secret_known:
        return "the current key was imported, and its secret can't be had", never
    if situation.changed:
        return " and ".join(situation.changed), never
    if due <= now:
        return f"due since {format_instant(due)}, every {describe_duration(policy.rotate_every)}", now - due
    return None, never


def _late(late: timedelta, policy: RotationPolicy) -> tuple[str, ...]:
    if late <= policy.overlap:
        return ()
    told = (
        f"this rotation comes {describe_duration(late)} late, so `pulumi up` runs too rarely: run it on a schedule,"
        f" at least once every {describe_duration(policy.overlap)}, which is overlap"
    )
    return (told,)


def _soon_late(situation: Situation, policy: RotationPolicy, due: datetime, now: datetime) -> tuple[str, ...]:
    """Words ahead of a rotation that comes late if the next run lets wait for itself as it did last time."""
    expected = later(now, situation.late_by)
    if situation.late_by <= policy.overlap or expected <= due:
        return ()
    told = (
        f"the next rotation is due on {format_instant(due)}, and the last one came"
        f" {describe_duration(situation.late_by)} late. If the next `pulumi up` is as long in coming, this one will be"
        f" late too: run it on a schedule, at least once every {describe_duration(policy.overlap)}, which is overlap"
    )
    if situation.expires_at is not None and situation.expires_at <= expected:
        told += f". The current key ends by itself on {format_instant(situation.expires_at)}, and then none would work"
    return (told,)


def _displace(
    previous: Previous, situation: Situation, outgoing: Outgoing, policy: RotationPolicy, now: datetime
) -> str | None:
    """Why the previous key must go when a new one is made."""
    if situation.emergency is not None:
        return "an emergency rotation revokes every older key"
    if previous.revoke_overdue:
        return "the emergency rotation could not revoke it"
    if previous.standing is KeyStatus.ABSENT:
        return NOT_LISTED
    if outgoing in NOT_ALIVE:
        return None
    over = later(situation.began(now), policy.overlap)
    return "a newer key replaces it" + (f", before its overlap is over on {format_instant(over)}" if now < over else "")


def _retire(
    previous: Previous, situation: Situation, policy: RotationPolicy, now: datetime
) -> tuple[str | None, tuple[str, ...]]:
    if previous.revoke_overdue or previous.standing is KeyStatus.ABSENT:
        return "the emergency rotation could not revoke it" if previous.revoke_overdue else NOT_LISTED, ()
    over = later(situation.began(now), policy.overlap)
    if now < over:
        return None, ()
    reason = f"its overlap was over on {format_instant(over)}"
    if policy.max_overlap is None:
        return reason, ()
    limit = later(situation.began(now), policy.max_overlap)
    if now >= limit:
        return f"maxOverlap was over on {format_instant(limit)}", ()
    still_needed = _still_needed(previous, policy, over, limit, now)
    if still_needed is not None:
        return None, (still_needed,)
    used_at = previous.last_used_at
    used = "it was never used" if used_at is None else f"it was last used on {format_instant(used_at)}"
    return f"{reason}, and {used}", ()


def _still_needed(
    previous: Previous, policy: RotationPolicy, over: datetime, limit: datetime, now: datetime
) -> str | None:
    """Words about why a previous key stays although its overlap is over; None where it need not."""
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

"""When to rotate and what to revoke: one pure function of what is, what is wanted, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from pulumi_resource_apikeys.model.remote import Standing
from pulumi_resource_apikeys.model.times import describe_duration, format_instant


@dataclass(frozen=True)
class Policy:
    """What the user wants. `max_overlap` None means that use is not looked at: the clock alone decides."""

    rotate_every: timedelta
    overlap: timedelta
    max_overlap: timedelta | None = None


@dataclass(frozen=True)
class Previous:
    """The key before the current one. `last_used_at` None: never used; `use_known` False: the server was not asked.

    `condemned`: an emergency should have revoked it, and could not.
    """

    standing: Standing
    last_used_at: datetime | None = None
    use_known: bool = True
    condemned: bool = False


@dataclass(frozen=True)
class Situation:
    """What is: the keys, when the current one was made, and what the user changed since, in words.

    `rotated_at` is by our clock, `created_at` by the server's.
    """

    current: Standing
    secret_known: bool
    rotated_at: datetime
    created_at: datetime | None = None
    previous: Previous | None = None
    changed: tuple[str, ...] = ()
    emergency: bool = False

    def began(self, now: datetime) -> datetime:
        """When the current key's time began.

        That is `rotated_at`; only where it lies in the future, so that our clock ran ahead then or is behind now, the
        server's `created_at` is the better witness.
        """
        if self.rotated_at > now and self.created_at is not None:
            return min(self.rotated_at, self.created_at)
        return self.rotated_at


class Outgoing(Enum):
    """What becomes of the current key when a new one is made."""

    PREVIOUS = "previous"
    REVOKED = "revoked"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Plan:
    """What to do, in this order: revoke the previous key, make a new one, see to the one that was current.

    `mint` and `revoke_previous` give the reason in words, None for not to do it. `forget_previous`: the previous key is
    dead already. `late` is how long after its due time a timed rotation comes.
    """

    mint: str | None = None
    revoke_previous: str | None = None
    forget_previous: bool = False
    outgoing: Outgoing = Outgoing.PREVIOUS
    warnings: tuple[str, ...] = ()
    late: timedelta = timedelta(0)

    @property
    def acts(self) -> bool:
        """Whether there is anything to do."""
        return self.mint is not None or self.revoke_previous is not None or self.forget_previous


def plan(situation: Situation, policy: Policy, now: datetime) -> Plan:
    """Decide. At most two keys ever live: a previous key that is still alive goes before a third is made."""
    due = situation.began(now) + policy.rotate_every
    mint = _mint_reason(situation, policy, due, now)
    previous = situation.previous
    forget = previous is not None and previous.standing is not Standing.ACTIVE
    revoke: str | None = None
    warnings: tuple[str, ...] = ()
    if previous is not None and not forget:
        if mint is not None:
            revoke = (
                "an emergency rotation revokes every older key" if situation.emergency else "a newer key replaces it"
            )
        elif previous.condemned:
            revoke = "the emergency rotation could not revoke it"
        else:
            revoke, warnings = _retire(previous, situation, policy, now)
    outgoing = Outgoing.PREVIOUS
    if situation.current is not Standing.ACTIVE:
        outgoing = Outgoing.FORGOTTEN
    elif situation.emergency:
        outgoing = Outgoing.REVOKED
    late = max(now - due, timedelta(0)) if mint is not None and situation.current is Standing.ACTIVE else timedelta(0)
    return Plan(mint, revoke, forget, outgoing, warnings, late)


def _mint_reason(situation: Situation, policy: Policy, due: datetime, now: datetime) -> str | None:
    if situation.emergency:
        return "emergencyTriggers changed"
    if situation.current is not Standing.ACTIVE:
        return f"the current key is {situation.current.value}"
    if situation.changed:
        return f"{' and '.join(situation.changed)} changed"
    if not situation.secret_known:
        return "the current key was imported, and its secret can't be had"
    if due <= now:
        return f"due since {format_instant(due)}, every {describe_duration(policy.rotate_every)}"
    return None


def _retire(
    previous: Previous, situation: Situation, policy: Policy, now: datetime
) -> tuple[str | None, tuple[str, ...]]:
    over = situation.began(now) + policy.overlap
    if now < over:
        return None, ()
    reason = f"its overlap was over on {format_instant(over)}"
    if policy.max_overlap is None:
        return reason, ()
    limit = situation.began(now) + policy.max_overlap
    if now >= limit:
        return f"maxOverlap was over on {format_instant(limit)}", ()
    if not previous.use_known:
        told = (
            "the previous key's overlap is over, but the server could not be asked whether it is still used:"
            f" it stays until that is known, at most until {format_instant(limit)}"
        )
        return None, (told,)
    if previous.last_used_at is not None and now - previous.last_used_at < policy.overlap:
        ago = describe_duration(now - previous.last_used_at)
        told = (
            f"the previous key was still used {ago} ago, although its overlap was over on {format_instant(over)}:"
            f" it stays until it was not used for {describe_duration(policy.overlap)}, at most until"
            f" {format_instant(limit)}. Some consumer has not taken over the new key"
        )
        return None, (told,)
    return f"{reason}, and it was not used since then", ()

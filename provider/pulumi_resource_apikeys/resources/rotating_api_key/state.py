"""Between a `RotatingAPIKey`'s properties and the planner: what is, what is wanted, and the state after a step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import SecretStr

from pulumi_resource_apikeys.keys.port import KeyStatus, MintedKey, RemoteKey, ended, find, status_in
from pulumi_resource_apikeys.model.facts import OnChange, changing, names_of, property_in
from pulumi_resource_apikeys.model.times import (
    FIRST_INSTANT,
    describe_duration,
    format_instant,
    later,
    parse_duration,
    read_instant,
)
from pulumi_resource_apikeys.model.values import Props, Value, has_unknown
from pulumi_resource_apikeys.resources.checking import visible

from .plan import Previous, RotationPolicy, Situation, Which
from .properties import RotatingAPIKeyArgs, RotatingAPIKeyState

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_PREVIOUS: Props = {"previousKey": SecretStr(""), "previousKeyId": "", "previousRevokesAt": ""}
"""The outputs of the previous key if there is none: an absent one would be unknown in every preview."""

SKEW = timedelta(minutes=10)
"""How far our clock may be off the server's before that is worth a thought."""

NONSENSE = timedelta(days=3660)
"""A time that lies further ahead is no clock's."""


def policy(args: RotatingAPIKeyArgs) -> RotationPolicy:
    """What checked inputs ask for. Raises ValueError if a duration can't be read."""
    every, overlap = parse_duration(args.rotate_every), parse_duration(args.overlap)
    if args.retire != "whenUnused":
        return RotationPolicy(every, overlap)
    return RotationPolicy(every, overlap, parse_duration(args.max_overlap) if args.max_overlap else every)


def situation(
    state: RotatingAPIKeyState, inputs: Props, now: datetime, listing: Sequence[RemoteKey] | None
) -> Situation:
    """What is, by the state, and by the project's list if there is one."""
    made_for = state.props
    return Situation(
        current=_current(state, now, listing),
        current_ended=listing is not None and find(listing, state.key_id) is not None and ended(listing, state.key_id),
        secret_known=bool(state.key),
        rotated_at=read_instant(state.rotated_at) or state.made_at or FIRST_INSTANT,
        created_at=state.made_at,
        expires_at=state.ends_at,
        previous=_previous(state, now, listing),
        changed=_words(made_for, inputs, OnChange.ROTATE),
        emergency=None if state.generation == 0 else " and ".join(_emergencies(made_for, inputs)) or None,
        late_by=timedelta(seconds=state.late_by or 0),
    )


def _words(made_for: Props, inputs: Props, what: OnChange) -> tuple[str, ...]:
    """Words about the inputs that are not what the current key was made for, of those whose change does that."""
    changes = (_changed(name, made_for.get(name), inputs.get(name)) for name in changing(RotatingAPIKeyArgs, what))
    return tuple(words for words in changes if words is not None)


def _changed(name: str, old: Value, new: Value) -> str | None:
    if (not old and not new) or property_in(RotatingAPIKeyArgs, name).same(old, new):
        return None
    return f"{name} may change, which is known only when it runs" if has_unknown(new) else f"{name} changed"


def _emergencies(made_for: Props, inputs: Props) -> list[str]:
    """Words about emergency triggers that are new or changed; to take one out, or all of them, is no emergency."""
    changes = []
    for name in changing(RotatingAPIKeyArgs, OnChange.ROTATE_AT_ONCE):
        old, new = made_for.get(name), inputs.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            old = {trigger: value for trigger, value in old.items() if trigger in new}
        words = _changed(name, old, new) if new else None
        changes += [words] if words is not None else []
    return changes


def _current(state: RotatingAPIKeyState, now: datetime, listing: Sequence[RemoteKey] | None) -> KeyStatus:
    if listing is not None:
        return status_in(listing, state.key_id, now)
    seen = KeyStatus(state.key_status or KeyStatus.ACTIVE.value)
    if seen in {KeyStatus.ACTIVE, KeyStatus.EXPIRED} and state.ends_at is not None:
        return KeyStatus.EXPIRED if state.ends_at <= now else KeyStatus.ACTIVE
    return seen


def _previous(state: RotatingAPIKeyState, now: datetime, listing: Sequence[RemoteKey] | None) -> Previous | None:
    if not state.previous_key_id:
        return None
    if listing is None:
        return Previous(KeyStatus.ACTIVE, use_known=False, revoke_overdue=state.revoke_overdue)
    remote = find(listing, state.previous_key_id)
    if remote is None:
        return Previous(KeyStatus.ABSENT, use_known=False, revoke_overdue=state.revoke_overdue)
    return Previous(
        status_in(listing, state.previous_key_id, now),
        last_used_at=remote.used_at,
        use_known=remote.use_told,
        revoke_overdue=state.revoke_overdue,
        ended=ended(listing, state.previous_key_id),
    )


def with_settings(state: RotatingAPIKeyState, inputs: Props) -> RotatingAPIKeyState:
    """The state with the inputs that hold without a rotation, and the dates that follow from them."""
    held = changing(RotatingAPIKeyArgs, OnChange.HOLD, OnChange.NEXT_KEY)
    settled = {**state.props, **{name: inputs.get(name) for name in held}}
    return schedule(RotatingAPIKeyState.of(settled), RotatingAPIKeyArgs.of_checked(inputs))


def schedule(state: RotatingAPIKeyState, args: RotatingAPIKeyArgs) -> RotatingAPIKeyState:
    """The state with the dates that follow from `rotatedAt` and the inputs in force."""
    began = read_instant(state.rotated_at)
    if began is None:
        return state
    wanted = policy(args)
    dates = {"next_rotation_at": format_instant(later(began, wanted.rotate_every))}
    if state.previous_key_id and not state.revoke_overdue:
        dates["previous_revokes_at"] = format_instant(later(began, wanted.overlap))
    return state.model_copy(update=dates)


def without_previous(state: RotatingAPIKeyState) -> RotatingAPIKeyState:
    """The state once the previous key is no more."""
    return RotatingAPIKeyState.of({**state.props, **NO_PREVIOUS})


def surviving(before: RotatingAPIKeyState, which: Which | None) -> dict[str, Value]:
    """An older key as the previous one, with its secret if that is known; empty if there is no such key."""
    key_id, key = before.key_id, before.key
    if which is Which.PREVIOUS:
        key_id, key = before.previous_key_id, before.previous_key
    return {"previousKeyId": key_id, "previousKey": key} if which is not None and key_id else {}


def after_rotation(
    made: RotatingAPIKeyState, inputs: Props, older: Props, *, overdue: bool, late: timedelta
) -> RotatingAPIKeyState:
    """The state after a rotation, with the older key that is left, if `overdue` to be revoked at once."""
    ends: dict[str, Value] = {"previousRevokesAt": made.rotated_at} if overdue else {}
    whole = RotatingAPIKeyState.of({**made.props, **older, **ends})
    if late:
        whole = whole.model_copy(update={"late_by": late.total_seconds()})
    return schedule(whole, RotatingAPIKeyArgs.of_checked(inputs))


def minted_state(
    minted: MintedKey, inputs: Props, now: datetime, generation: int, expires_at: str | None
) -> RotatingAPIKeyState:
    """The state that a new key brings, with the inputs it was made for."""
    remote = minted.remote
    return RotatingAPIKeyState.of(
        {
            **visible(inputs),
            **NO_PREVIOUS,
            **_of_key(remote),
            "key": minted.secret,
            "expiresAt": expires_at,
            "rotatedAt": format_instant(_made_at(remote, now).replace(microsecond=0)),
            "generation": generation,
        }
    )


def _of_key(remote: RemoteKey) -> dict[str, Value]:
    return {
        "keyId": remote.key_id,
        "keyName": remote.name,
        "keyPrefix": remote.key_prefix,
        "keyStatus": KeyStatus.ACTIVE.value,
        "createdAt": remote.created_at,
    }


def _made_at(remote: RemoteKey, now: datetime) -> datetime:
    """When a new key's time begins: now, but if our clock is behind, it may be set right before the overlap is over.

    The server's time counts then, so that no key is revoked too early.
    """
    created_at = remote.made_at or now
    return created_at if now + SKEW < created_at < now + NONSENSE else now


def skew_warning(remote: RemoteKey, now: datetime) -> str | None:
    """Words about a clock of ours that is off the server's, as a new key shows."""
    created_at = remote.made_at
    if created_at is None or abs(created_at - now) <= SKEW:
        return None
    side = "behind" if created_at > now else "ahead of"
    return (
        f"this machine's clock is {describe_duration(created_at - now)} {side} the server's, and the dates of rotations"
        " and of keys' ends go by it: set it right"
    )


def complete(props: Props, now: datetime) -> RotatingAPIKeyState:
    """Read a state with all outputs that the type promises, also if an alias made an `APIKey` one of this type."""
    state = RotatingAPIKeyState.of(props)
    if "generation" in props:
        return state
    ours = names_of(RotatingAPIKeyState)
    return RotatingAPIKeyState.of(
        {
            **NO_PREVIOUS,
            "keyName": state.name,
            "keyStatus": KeyStatus.ACTIVE.value,
            "rotatedAt": state.created_at or format_instant(now.replace(microsecond=0)),
            "generation": 1 if state.key else 0,
            **{name: value for name, value in props.items() if name in ours or name.startswith("__")},
        }
    )


def adopted(remote: RemoteKey, inputs: Props, now: datetime) -> RotatingAPIKeyState:
    """The state of an imported key; generation 0 tells that this resource did not make it."""
    return RotatingAPIKeyState.of(
        {
            **visible(inputs),
            **NO_PREVIOUS,
            **_of_key(remote),
            "expiresAt": remote.expires_at,
            "rotatedAt": remote.created_at or format_instant(now.replace(microsecond=0)),
            "generation": 0,
        }
    )


def sought(state: RotatingAPIKeyState) -> dict[str, datetime | None]:
    """The ids of the keys that the state knows, with the times at which they were made as far as those are known."""
    return {key_id: state.made_at if key_id == state.key_id else None for key_id in state.key_ids}

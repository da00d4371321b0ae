"""Between a `RotatingAPIKey`'s properties and the planner: what is, what is wanted, and the state after a step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pydantic import SecretStr

from pulumi_resource_apikeys.keys.identity import replaced_ids
from pulumi_resource_apikeys.keys.port import KeyStatus, MintedKey, RemoteKey, ended, find, status_in
from pulumi_resource_apikeys.model.facts import OnChange, changing, names_of, property_in
from pulumi_resource_apikeys.model.times import (
    describe_duration,
    format_instant,
    instant,
    later,
    parse_duration,
)
from pulumi_resource_apikeys.model.values import Props, Value, has_unknown, text
from pulumi_resource_apikeys.resources.checking import visible

from .plan import Previous, RotationPolicy, Situation
from .properties import RotatingAPIKeyArgs, RotatingAPIKeyState

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_PREVIOUS: Props = {"previousKey": SecretStr(""), "previousKeyId": "", "previousRevokesAt": ""}
"""The outputs of the previous key where there is none: an absent one would be unknown in every preview."""

LATE_BY = "__lateBy"
"""Hidden in the state: how many seconds after its due time the last timed rotation came."""

SKEW = timedelta(minutes=10)
"""How far our clock may be off the server's before that is worth a thought."""

NONSENSE = timedelta(days=3660)
"""A time that lies further ahead is no clock's."""


def policy(inputs: Props) -> RotationPolicy:
    """What checked inputs ask for. Raises ValueError where a duration can't be read."""
    every = parse_duration(str(inputs["rotateEvery"]))
    overlap = parse_duration(str(inputs["overlap"]))
    if inputs.get("retire") != "whenUnused":
        return RotationPolicy(every, overlap)
    longest = text(inputs, "maxOverlap")
    return RotationPolicy(every, overlap, parse_duration(longest) if longest else every)


def situation(state: Props, inputs: Props, now: datetime, listing: Sequence[RemoteKey] | None) -> Situation:
    """What is, by the state, and by the project's list where there is one."""
    created_at = instant(state, "createdAt")
    adopted = state.get("generation") in (0, 0.0)
    late = state.get(LATE_BY)
    return Situation(
        current=_current(state, now, listing),
        current_ended=listing is not None and _ended(listing, text(state, "keyId")),
        secret_known=bool(state.get("key")),
        rotated_at=instant(state, "rotatedAt") or created_at or datetime.min.replace(tzinfo=timezone.utc),
        created_at=created_at,
        expires_at=instant(state, "expiresAt"),
        previous=_previous(state, now, listing),
        changed=tuple(
            words for name in changing(RotatingAPIKeyArgs, OnChange.ROTATE) if (words := _changed(name, state, inputs))
        ),
        emergency=None if adopted else _emergency(state, inputs),
        late_by=timedelta(seconds=late) if isinstance(late, (int, float)) else timedelta(0),
    )


def _changed(name: str, state: Props, inputs: Props) -> str | None:
    """Words about an input that is not what the current key was made for, None where it is."""
    old, new = state.get(name), inputs.get(name)
    if (not old and not new) or property_in(RotatingAPIKeyArgs, name).same(old, new):
        return None
    return f"{name} may change, which is known only when it runs" if has_unknown(new) else f"{name} changed"


def _emergency(state: Props, inputs: Props) -> str | None:
    """Words about emergency triggers that are new or changed; to take one out, or all of them, is no emergency."""
    old, new = state.get("emergencyTriggers"), inputs.get("emergencyTriggers")
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        left = {name: value for name, value in old.items() if name in new}
        return _changed("emergencyTriggers", {"emergencyTriggers": left}, inputs)
    return _changed("emergencyTriggers", state, inputs) if new else None


def _current(state: Props, now: datetime, listing: Sequence[RemoteKey] | None) -> KeyStatus:
    if listing is not None:
        return status_in(listing, text(state, "keyId") or "", now)
    seen = KeyStatus(text(state, "keyStatus") or KeyStatus.ACTIVE.value)
    expires_at = instant(state, "expiresAt")
    if seen in {KeyStatus.ACTIVE, KeyStatus.EXPIRED} and expires_at is not None:
        return KeyStatus.EXPIRED if expires_at <= now else KeyStatus.ACTIVE
    return seen


def _ended(listing: Sequence[RemoteKey], key_id: str | None) -> bool:
    """Whether the list has the key, and it can't be used any more by the server's word."""
    return key_id is not None and find(listing, key_id) is not None and ended(listing, key_id)


def _previous(state: Props, now: datetime, listing: Sequence[RemoteKey] | None) -> Previous | None:
    key_id = text(state, "previousKeyId")
    if key_id is None:
        return None
    revoke_overdue = _condemned(state)
    if listing is None:
        return Previous(KeyStatus.ACTIVE, use_known=False, revoke_overdue=revoke_overdue)
    remote = find(listing, key_id)
    if remote is None:
        return Previous(KeyStatus.ABSENT, use_known=False, revoke_overdue=revoke_overdue)
    return Previous(
        status_in(listing, key_id, now),
        last_used_at=remote.used_at,
        use_known=remote.use_told,
        revoke_overdue=revoke_overdue,
        ended=ended(listing, key_id),
    )


def schedule(state: Props, inputs: Props) -> dict[str, Value]:
    """The state with the dates that follow from `rotatedAt` and the inputs in force."""
    dated: dict[str, Value] = {name: value for name, value in state.items() if value is not None}
    began = instant(state, "rotatedAt")
    if began is not None:
        wanted = policy(inputs)
        dated["nextRotationAt"] = format_instant(later(began, wanted.rotate_every))
        if text(state, "previousKeyId") is not None and not _condemned(state):
            dated["previousRevokesAt"] = format_instant(later(began, wanted.overlap))
    return dated


def settings_of(inputs: Props) -> dict[str, Value]:
    """The inputs that hold without a rotation, as outputs."""
    return {name: inputs.get(name) for name in changing(RotatingAPIKeyArgs, OnChange.HOLD, OnChange.NEXT_KEY)}


def as_previous(key_id: Value, key: Value) -> dict[str, Value]:
    """A key as the previous one, with its secret where that is known; empty where there is no such key."""
    return {"previousKeyId": key_id, "previousKey": SecretStr("") if key is None else key} if key_id else {}


def after_rotation(made: Props, older: Props, *, revoke_overdue: bool, late: timedelta) -> dict[str, Value]:
    """The state after a rotation, with the older key that is left, if `revoke_overdue` to be revoked at once."""
    state: dict[str, Value] = {**made, **NO_PREVIOUS, **older}
    if revoke_overdue:
        state["previousRevokesAt"] = made["rotatedAt"]
    if late:
        state[LATE_BY] = late.total_seconds()
    return state


def _condemned(state: Props) -> bool:
    return text(state, "previousRevokesAt") is not None and state["previousRevokesAt"] == state.get("rotatedAt")


def without_previous(state: Props) -> dict[str, Value]:
    """The state once the previous key is no more."""
    return {**state, **NO_PREVIOUS}


def minted_state(minted: MintedKey, inputs: Props, now: datetime, generation: int, expires_at: str | None) -> Props:
    """The state's part that a new key brings, with the inputs it was made for."""
    remote = minted.remote
    made: dict[str, Value] = {
        **visible(inputs),
        **NO_PREVIOUS,
        "keyId": remote.key_id,
        "key": minted.secret,
        "keyName": remote.name,
        "keyPrefix": remote.key_prefix,
        "keyStatus": KeyStatus.ACTIVE.value,
        "createdAt": remote.created_at,
        "expiresAt": expires_at,
        "rotatedAt": format_instant(_made_at(remote, now).replace(microsecond=0)),
        "generation": generation,
    }
    return {name: value for name, value in made.items() if value is not None}


def _made_at(remote: RemoteKey, now: datetime) -> datetime:
    """When a new key's time begins: now, but where our clock is behind, it may be set right before the overlap is over.

    The server's time counts then, so that no key is revoked too early.
    """
    created_at = remote.made_at or now
    return created_at if now + SKEW < created_at < now + NONSENSE else now


def skew_warning(remote: RemoteKey, now: datetime) -> str | None:
    """Words about a clock of ours that is off the server's, as a new key shows."""
    created_at = remote.made_at
    if created_at is None:
        return None
    if abs(created_at - now) <= SKEW:
        return None
    side = "behind" if created_at > now else "ahead of"
    return (
        f"this machine's clock is {describe_duration(created_at - now)} {side} the server's, and the dates of rotations"
        " and of keys' ends go by it: set it right"
    )


def expiry(inputs: Props, now: datetime) -> str | None:
    """When the server shall end a key made now, where the user wants that."""
    after = text(inputs, "expiresAfter")
    return format_instant(later(now.replace(microsecond=0), parse_duration(after))) if after else None


def complete(state: Props, now: datetime) -> Props:
    """The state with all outputs that the type promises, also where an alias made an `APIKey` one of this type."""
    if "generation" in state:
        return state
    ours = names_of(RotatingAPIKeyState)
    known = {name: value for name, value in state.items() if name in ours or name.startswith("__")}
    return {
        **NO_PREVIOUS,
        "key": SecretStr(""),
        "keyName": state.get("name"),
        "keyStatus": KeyStatus.ACTIVE.value,
        "rotatedAt": state.get("createdAt") or format_instant(now.replace(microsecond=0)),
        "generation": 1 if state.get("key") else 0,
        **known,
    }


def adopted(remote: RemoteKey, inputs: Props, now: datetime) -> dict[str, Value]:
    """The state of an imported key; generation 0 tells that this resource did not make it."""
    state: dict[str, Value] = {
        **visible(inputs),
        **NO_PREVIOUS,
        "key": SecretStr(""),
        "keyId": remote.key_id,
        "keyName": remote.name,
        "keyPrefix": remote.key_prefix,
        "keyStatus": KeyStatus.ACTIVE.value,
        "createdAt": remote.created_at,
        "expiresAt": remote.expires_at,
        "rotatedAt": remote.created_at or format_instant(now.replace(microsecond=0)),
        "generation": 0,
    }
    return {name: value for name, value in state.items() if value is not None}


def generation(state: Props) -> int:
    """How many keys the resource has made."""
    count = state.get("generation")
    return int(count) if isinstance(count, (int, float)) else 0


def sought(state: Props) -> dict[str, datetime | None]:
    """The ids of the keys that the state knows, with the times at which they were made where those are known."""
    return {
        key_id: instant(state, "createdAt") if key_id == state.get("keyId") else None for key_id in known_ids(state)
    }


def all_ids(state: Props) -> list[str]:
    """The ids of the keys that the state knows, and of those that they replaced."""
    return [*replaced_ids(state), *known_ids(state)]


def known_ids(state: Props) -> set[str]:
    """The ids of the keys that the state knows."""
    return {key_id for name in ("keyId", "previousKeyId") if (key_id := text(state, name)) is not None}

"""Between a `RotatingAPIKey`'s properties and the planner: what is, what is wanted, and the state after a step."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.remote import MintedKey, RemoteKey, Standing, find, standing
from pulumi_resource_apikeys.model.times import format_instant, parse_duration, parse_instant
from pulumi_resource_apikeys.model.values import Props, Value, text

from .checking import visible
from .differing import same
from .rotation import Policy, Previous, Situation

if TYPE_CHECKING:
    from collections.abc import Sequence

ROTATING = ("name", "scopes", "triggers")
"""The inputs whose change rotates."""

PREVIOUS = ("previousKey", "previousKeyId", "previousRevokesAt")


def policy(inputs: Props) -> Policy:
    """What checked inputs ask for. Raises ValueError where a duration can't be read."""
    every = parse_duration(str(inputs["rotateEvery"]))
    overlap = parse_duration(str(inputs["overlap"]))
    if inputs.get("retire") != "whenUnused":
        return Policy(every, overlap)
    longest = text(inputs, "maxOverlap")
    return Policy(every, overlap, parse_duration(longest) if longest else every)


def instant(state: Props, name: str) -> datetime | None:
    """A time of the state, None where it is absent or can't be read."""
    try:
        return parse_instant(text(state, name) or "")
    except ValueError:
        return None


def situation(state: Props, inputs: Props, now: datetime, listing: Sequence[RemoteKey] | None) -> Situation:
    """What is, by the state, and by the project's list where there is one."""
    created_at = instant(state, "createdAt")
    adopted = state.get("generation") in (0, 0.0)
    return Situation(
        current=_current(state, now, listing),
        secret_known=state.get("key") is not None,
        rotated_at=instant(state, "rotatedAt") or created_at or datetime.min.replace(tzinfo=timezone.utc),
        created_at=created_at,
        previous=_previous(state, now, listing),
        changed=tuple(name for name in ROTATING if not _same(name, state, inputs)),
        emergency=not adopted and not _same("emergencyTriggers", state, inputs),
    )


def _same(name: str, state: Props, inputs: Props) -> bool:
    old, new = state.get(name), inputs.get(name)
    return (not old and not new) or same(name, old, new)


def _current(state: Props, now: datetime, listing: Sequence[RemoteKey] | None) -> Standing:
    if listing is not None:
        return standing(listing, text(state, "keyId") or "", now)
    expires_at = instant(state, "expiresAt")
    if expires_at is not None and expires_at <= now:
        return Standing.EXPIRED
    return Standing(text(state, "keyStatus") or Standing.ACTIVE.value)


def _previous(state: Props, now: datetime, listing: Sequence[RemoteKey] | None) -> Previous | None:
    key_id = text(state, "previousKeyId")
    if key_id is None:
        return None
    condemned = _condemned(state)
    if listing is None:
        return Previous(Standing.ACTIVE, use_known=False, condemned=condemned)
    remote = find(listing, key_id)
    used = parse_instant(remote.last_used_at) if remote is not None and remote.last_used_at else None
    return Previous(standing(listing, key_id, now), used, condemned=condemned)


def schedule(state: Props, inputs: Props) -> dict[str, Value]:
    """The state with the dates that follow from `rotatedAt` and the inputs in force."""
    dated = {**visible(state)}
    began = instant(state, "rotatedAt")
    if began is not None:
        wanted = policy(inputs)
        dated["nextRotationAt"] = format_instant(began + wanted.rotate_every)
        if dated.get("previousKeyId") is not None and not _condemned(state):
            dated["previousRevokesAt"] = format_instant(began + wanted.overlap)
    return dated


def settings_of(inputs: Props) -> dict[str, Value]:
    """The inputs that hold without a rotation, as outputs."""
    return {name: inputs.get(name) for name in ("rotateEvery", "overlap", "expiresAfter", "retire", "maxOverlap")}


def with_previous(made: Props, state: Props, *, condemned: bool) -> dict[str, Value]:
    """The state after a rotation, the outgoing key being the previous one; `condemned`: to be revoked at once."""
    outgoing: dict[str, Value] = {"previousKeyId": state["keyId"]}
    if state.get("key") is not None:
        outgoing["previousKey"] = state["key"]
    if condemned:
        outgoing["previousRevokesAt"] = made["rotatedAt"]
    return {**made, **outgoing}


def _condemned(state: Props) -> bool:
    return text(state, "previousRevokesAt") is not None and state["previousRevokesAt"] == state.get("rotatedAt")


def without_previous(state: Props) -> dict[str, Value]:
    """The state once the previous key is no more."""
    return {name: value for name, value in state.items() if name not in PREVIOUS}


def minted_state(minted: MintedKey, inputs: Props, now: datetime, generation: int, expires_at: str | None) -> Props:
    """The state's part that a new key brings, with the inputs it was made for."""
    remote = minted.remote
    made: dict[str, Value] = {
        **visible(inputs),
        "keyId": remote.key_id,
        "key": minted.secret,
        "keyName": remote.name,
        "keyPrefix": remote.key_prefix,
        "keyStatus": Standing.ACTIVE.value,
        "createdAt": remote.created_at,
        "expiresAt": expires_at,
        "rotatedAt": format_instant(now.replace(microsecond=0)),
        "generation": generation,
    }
    return {name: value for name, value in made.items() if value is not None}


def expiry(inputs: Props, now: datetime) -> str | None:
    """When the server shall end a key made now, where the user wants that."""
    after = text(inputs, "expiresAfter")
    return format_instant(now.replace(microsecond=0) + parse_duration(after)) if after else None


def generation(state: Props) -> int:
    """How many keys the resource has made."""
    count = state.get("generation")
    return int(count) if isinstance(count, (int, float)) else 0

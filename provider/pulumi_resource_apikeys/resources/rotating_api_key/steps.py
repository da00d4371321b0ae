"""The calls that a `RotatingAPIKey` makes: a new key, and the end of older ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Problem
from pulumi_resource_apikeys.keys.identity import KeyPath
from pulumi_resource_apikeys.keys.minting import NewKey, mint
from pulumi_resource_apikeys.keys.revoking import revoke
from pulumi_resource_apikeys.model.times import instant
from pulumi_resource_apikeys.model.values import Props, Value, text
from pulumi_resource_apikeys.resources.checking import visible
from pulumi_resource_apikeys.resources.naming import made_name

from . import state as states
from .plan import NOT_ALIVE, Outgoing, Plan
from .properties import RotatingAPIKeyArgs

if TYPE_CHECKING:
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.keys.run import Run


async def make(run: Run, inputs: Props, generation: int, owner: Owner | None) -> tuple[Props, tuple[str, ...]]:
    """Make a key; returns the state's part that it brings, with words for the user."""
    args = RotatingAPIKeyArgs.model_validate(visible(inputs))
    if args.project_id is None or args.name is None:
        raise InputError([Problem("projectId", "and name must be known when a key is made")])
    now = run.clock.now()
    expires_at = states.expiry(inputs, now)
    name = made_name(args.name, owner)
    new = NewKey(args.project_id, name, unique=True, scopes=args.scopes, expires_at=expires_at, owner=owner)
    minted, warnings = await mint(run, new)
    skewed = states.skew_warning(minted.remote, now)
    told = (*warnings, skewed) if skewed is not None else warnings
    return states.minted_state(minted, inputs, now, generation, expires_at), told


def surviving_key(planned: Plan, state: Props) -> dict[str, Value]:
    """The older key that a rotation leaves alive, as `previousKey` and `previousKeyId`; nothing where there is none."""
    if planned.outgoing is Outgoing.PREVIOUS:
        return states.as_previous(state["keyId"], state.get("key"))
    if planned.outgoing in NOT_ALIVE and planned.revoke_previous is None and not planned.forget_previous:
        return states.as_previous(state.get("previousKeyId"), state.get("previousKey"))
    return {}


async def revoke_outgoing(run: Run, planned: Plan, before: Props) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Revoke the older keys that must end now that there is a new one.

    Returns the older key that is left, as `surviving_key` does, and what failed, in words: such a key is left too.
    """
    kept = surviving_key(planned, before)
    doomed = []
    if planned.outgoing in NOT_ALIVE and planned.revoke_previous is not None:
        doomed.append(states.as_previous(before["previousKeyId"], before.get("previousKey")))
    if planned.outgoing in {Outgoing.REVOKED, Outgoing.ABSENT}:
        doomed.append(states.as_previous(before["keyId"], before.get("key")))
    failures = []
    for older in doomed:
        error = await _failure(run, before, str(older["previousKeyId"]))
        if error is None:
            continue
        told = ", and this one is not: revoke it in the dashboard"
        if not kept:
            kept, told = older, "; the next `pulumi up` tries again to revoke the old one"
        failures.append(f"{error}. The new key is in the state{told}")
    return kept, tuple(failures)


async def _failure(run: Run, state: Props, key_id: str) -> ApiKeysError | None:
    """Revoke a key; the error where it may live on."""
    try:
        await _revoke(run, state, key_id)
    except ApiKeysError as error:
        return error
    return None


async def revoke_previous(run: Run, state: Props) -> tuple[str, ...]:
    """Revoke the previous key; words for the user."""
    return await _revoke(run, state, str(state["previousKeyId"]))


async def _revoke(run: Run, state: Props, key_id: str) -> tuple[str, ...]:
    """Revoke one of a state's keys; the state tells when the current one was made, and the previous may be as young."""
    path = KeyPath(str(state["projectId"]), key_id)
    return await revoke(run.keys, run.clock, path, _label(state, path), instant(state, "createdAt"))


async def revoke_all(run: Run, project_id: str, state: Props) -> tuple[list[str], list[ApiKeysError]]:
    """Revoke both keys of a state; returns words for the user, and what failed."""
    words: list[str] = []
    failures = []
    for key_id in (text(state, "previousKeyId"), text(state, "keyId")):
        if key_id is None:
            continue
        path = KeyPath(project_id, key_id)
        try:
            words += await revoke(run.keys, run.clock, path, _label(state, path), instant(state, "createdAt"))
        except ApiKeysError as error:
            failures.append(error)
    return words, failures


def _label(state: Props, path: KeyPath) -> str:
    """What an error calls a key: the current one is known by its full name, the previous one by its id."""
    if path.key_id == state.get("keyId"):
        return str(state.get("keyName") or state.get("name"))
    return f"{state.get('name')}, previous key {path.key_id}"

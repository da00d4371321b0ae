"""The calls that a `RotatingAPIKey` makes: a new key, and the end of older ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Problem
from pulumi_resource_apikeys.model.remote import Keys, Standing
from pulumi_resource_apikeys.model.rotating import RotatingAPIKeyArgs
from pulumi_resource_apikeys.model.values import Props, Value, text

from . import rotating_state as states
from .checking import filled_in, visible
from .identity import KeyPath
from .minting import Wanted, mint
from .naming import is_ours, suffixed
from .retiring import revoke
from .rotation import Outgoing, Plan, Situation

if TYPE_CHECKING:
    from pulumi_resource_apikeys.clock import Clock


def named_by_us(inputs: Props) -> bool:
    """Tell whether the keys' names begin with one that has a random suffix of ours, as no other resource's do."""
    return "name" in filled_in(inputs) and is_ours(str(inputs.get("name")))


async def make(keys: Keys, clock: Clock, inputs: Props, generation: int) -> tuple[Props, tuple[str, ...]]:
    """Make a key; returns the state's part that it brings, with words for the user."""
    args = RotatingAPIKeyArgs.model_validate(visible(inputs))
    if args.project_id is None or args.name is None:
        raise InputError([Problem("projectId", "and name must be known when a key is made")])
    now = clock.now()
    expires_at = states.expiry(inputs, now)
    wanted = Wanted(args.project_id, suffixed(args.name), unique=True, scopes=args.scopes, expires_at=expires_at)
    minted, warnings = await mint(keys, clock, wanted)
    skewed = states.skew_warning(minted.remote, now)
    told = (*warnings, skewed) if skewed is not None else warnings
    return states.minted_state(minted, inputs, now, generation, expires_at), told


def kept_alive(planned: Plan, state: Props) -> dict[str, Value]:
    """The older key that a rotation leaves alive, as `previousKey` and `previousKeyId`; nothing where there is none."""
    if planned.outgoing is Outgoing.PREVIOUS:
        return states.as_previous(state["keyId"], state.get("key"))
    if planned.outgoing is Outgoing.FORGOTTEN and planned.revoke_previous is None and not planned.forget_previous:
        return states.as_previous(state.get("previousKeyId"), state.get("previousKey"))
    return {}


async def see_off(keys: Keys, clock: Clock, planned: Plan, before: Props) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Revoke the older key that must end now that there is a new one.

    Returns the older key that is left, as `kept_alive` does, and what failed, in words: such a key is left too.
    """
    if planned.outgoing is Outgoing.REVOKED:
        doomed = states.as_previous(before["keyId"], before.get("key"))
    elif planned.outgoing is Outgoing.FORGOTTEN and planned.revoke_previous is not None:
        doomed = states.as_previous(before["previousKeyId"], before.get("previousKey"))
    else:
        return kept_alive(planned, before), ()
    error = await _failure(keys, clock, before, str(doomed["previousKeyId"]))
    if error is None:
        return {}, ()
    told = f"{error}. The new key is in the state; the next `pulumi up` tries again to revoke the old one"
    return doomed, (told,)


async def revoke_previous(keys: Keys, clock: Clock, state: Props, facts: Situation) -> list[str]:
    """Revoke the previous key. One past its end need not be there to be revoked, so a failure only warns, in words."""
    error = await _failure(keys, clock, state, str(state["previousKeyId"]))
    if error is None:
        return []
    if facts.previous is None or facts.previous.standing is not Standing.EXPIRED:
        raise error
    return [f"{error}. It is past its end by this machine's clock, so the run goes on without it"]


async def _failure(keys: Keys, clock: Clock, state: Props, key_id: str) -> ApiKeysError | None:
    """Revoke a key; the error where it may live on."""
    path = KeyPath(str(state["projectId"]), key_id)
    label = _label(state, path)
    try:
        if await revoke(keys, clock, path, label):
            return None
    except ApiKeysError as error:
        return error
    return ApiKeysError(f'could not revoke API key "{label}": the server answered success: false')


async def revoke_all(keys: Keys, clock: Clock, project_id: str, state: Props) -> list[ApiKeysError]:
    """Revoke both keys of a state; returns what failed."""
    failures = []
    for key_id in (text(state, "previousKeyId"), text(state, "keyId")):
        if key_id is None:
            continue
        path = KeyPath(project_id, key_id)
        try:
            await revoke(keys, clock, path, _label(state, path))
        except ApiKeysError as error:
            failures.append(error)
    return failures


def _label(state: Props, path: KeyPath) -> str:
    """What an error calls a key: the current one is known by its full name, the previous one by its id."""
    if path.key_id == state.get("keyId"):
        return str(state.get("keyName") or state.get("name"))
    return f"{state.get('name')}, previous key {path.key_id}"

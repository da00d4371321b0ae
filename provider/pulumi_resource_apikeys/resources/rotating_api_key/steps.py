"""Carrying out a plan: the calls that a `RotatingAPIKey` makes, and the state after them.

Once a key is made, whatever fails is told beside the new state and never instead of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Problem
from pulumi_resource_apikeys.keys.identity import KeyPath
from pulumi_resource_apikeys.keys.minting import mint
from pulumi_resource_apikeys.keys.port import NewKey
from pulumi_resource_apikeys.keys.revoking import revoke
from pulumi_resource_apikeys.model.times import format_instant, later, parse_duration
from pulumi_resource_apikeys.resources.naming import made_name

from . import state as states
from .plan import NOT_LISTED, Forget, Mint, Plan, Revoke, Which
from .properties import RotatingAPIKeyArgs, RotatingAPIKeyState

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.keys.run import Run
    from pulumi_resource_apikeys.model.values import Props


async def make(
    run: Run, inputs: Props, generation: int, owner: Owner | None
) -> tuple[RotatingAPIKeyState, tuple[str, ...]]:
    """Make a key; returns the state that it brings, with words for the user."""
    args = RotatingAPIKeyArgs.of_checked(inputs)
    if args.project_id is None or args.name is None:
        raise InputError([Problem("projectId", "and name must be known when a key is made")])
    now = run.clock.now()
    expires_at = _end(args, now)
    name = made_name(args.name, owner)
    new = NewKey(args.project_id, name, unique=True, scopes=args.scopes, expires_at=expires_at, owner=owner)
    minted, warnings = await mint(run, new)
    skewed = states.skew_warning(minted.remote, now)
    words = (*warnings, skewed) if skewed is not None else warnings
    return states.minted_state(minted, inputs, now, generation, expires_at), words


def _end(args: RotatingAPIKeyArgs, now: datetime) -> str | None:
    """When the server shall end a key made now, if the user wants that."""
    if not args.expires_after:
        return None
    return format_instant(later(now.replace(microsecond=0), parse_duration(args.expires_after)))


@dataclass
class Carried:
    """What came of a plan so far: the state, words for the user, and what failed although a key was made."""

    state: RotatingAPIKeyState
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def carry_out(run: Run, planned: Plan, state: RotatingAPIKeyState, inputs: Props, owner: Owner | None) -> Carried:
    """Take the steps of a plan. Raises the ApiKeysError of one that failed before anything was done."""
    carried = Carried(state)
    for step in planned.steps:
        if isinstance(step, Mint):
            await _rotate(run, planned, carried, inputs, owner)
            return carried
        if isinstance(step, Revoke):
            carried.warnings += await _revoke(run, state, _id_of(state, step.which))
        carried.state = states.without_previous(carried.state)
    carried.state = states.with_settings(carried.state, inputs)
    return carried


async def _rotate(run: Run, planned: Plan, carried: Carried, inputs: Props, owner: Owner | None) -> None:
    """Make the new key, then take the steps after it."""
    before = carried.state
    try:
        made, words = await make(run, inputs, before.generation + 1, owner)
    except ApiKeysError as error:
        if isinstance(planned.steps[0], Mint):
            raise
        carried.failures.append(str(error))
        return
    carried.warnings += words
    kept, overdue = states.surviving(before, planned.survivor), False
    for step in planned.after_mint:
        failure = await _failure(run, before, step)
        if failure is None:
            continue
        advice = ", and this one is not: revoke it in the dashboard"
        if not kept:
            kept = states.surviving(before, step.which)
            advice = "; the next `pulumi up` tries again to revoke the old one"
        overdue = overdue or (isinstance(step, Revoke) and step.reason != NOT_LISTED)
        carried.failures.append(f"{failure}. The new key is in the state{advice}")
    carried.state = states.after_rotation(made, inputs, kept, overdue=overdue, late=planned.late)


def _id_of(state: RotatingAPIKeyState, which: Which) -> str:
    return state.key_id if which is Which.CURRENT else state.previous_key_id


async def _failure(run: Run, state: RotatingAPIKeyState, step: Revoke | Forget) -> ApiKeysError | None:
    """Take a step that ends a key; the error if the key may live on."""
    if isinstance(step, Forget):
        return None
    try:
        await _revoke(run, state, _id_of(state, step.which))
    except ApiKeysError as error:
        return error
    return None


async def _revoke(run: Run, state: RotatingAPIKeyState, key_id: str) -> tuple[str, ...]:
    """Revoke one of a state's keys; the state tells when the current one was made, and the previous may be as young."""
    path = KeyPath(state.project_id, key_id)
    label = state.called if key_id == state.key_id else f"{state.name}, previous key {key_id}"
    return await revoke(run.keys, run.clock, path, label, state.made_at)


async def revoke_all(run: Run, state: RotatingAPIKeyState) -> tuple[list[str], list[ApiKeysError]]:
    """Revoke both keys of a state; returns words for the user, and what failed."""
    words: list[str] = []
    failures = []
    for key_id in reversed(state.key_ids):
        try:
            words += await _revoke(run, state, key_id)
        except ApiKeysError as error:  # noqa: PERF203 - each key is revoked, whatever becomes of the other
            failures.append(error)
    return words, failures

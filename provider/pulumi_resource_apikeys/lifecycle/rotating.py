"""`RotatingAPIKey`: one resource, at most two live keys, rotated in place as `rotation.plan` decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pulumi_resource_apikeys.errors import ApiKeysError, InputError, OfflineError, Problem
from pulumi_resource_apikeys.model.remote import Keys, RemoteKey, Standing
from pulumi_resource_apikeys.model.rotating import RotatingAPIKeyArgs, RotatingAPIKeyState
from pulumi_resource_apikeys.model.times import describe_duration, format_instant
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value, has_unknown, text

from . import checking, importing
from . import rotating_state as states
from .differing import input_changes
from .identity import KeyPath, parse_id
from .minting import Wanted, mint
from .naming import is_ours, suffixed
from .orphans import orphans
from .orphans import warning as orphan_warning
from .resource import Change, Checked, CheckRequest, Difference, DiffRequest, Gone, Kind, Live
from .retiring import revoke
from .rotating_rules import rules
from .rotation import Outgoing, Plan, plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.model.apikey import Args, State

MADE_BY_ROTATION = ("key", "keyId", "keyName", "keyPrefix", "createdAt", "rotatedAt", "nextRotationAt")
SUGGESTED = {"rotateEvery": "90d", "overlap": "7d"}
"""What an import writes into the generated program, to be changed to the user's own."""


class RotatingAPIKeyLifecycle:
    """The lifecycle of `apikeys:index:RotatingAPIKey`; see `resource.Lifecycle` for what each method does."""

    args: ClassVar[type[Args]] = RotatingAPIKeyArgs
    outputs: ClassVar[type[State]] = RotatingAPIKeyState
    secrets: ClassVar[frozenset[str]] = RotatingAPIKeyState.SECRETS
    replacing: ClassVar[frozenset[str]] = frozenset({"projectId"})

    def __init__(self, keys: Keys, clock: Clock, default_project: Value = None) -> None:
        """Take the API, the time, and the provider's `projectId` (`UNKNOWN` where a preview can't know it yet)."""
        self._keys = keys
        self._clock = clock
        self._default_project = default_project

    def check(self, request: CheckRequest) -> Checked:
        """Check the inputs; a project and a name are filled in."""
        return checking.check(request, RotatingAPIKeyArgs, self._default_project, rules)

    async def diff(self, request: DiffRequest) -> Difference:
        """A rotation or retirement that is due shows as an update, with the reason in words."""
        changes = input_changes(request.old_inputs, request.news, self.replacing)
        warnings = importing.first_run_warnings(
            request.old_inputs, request.state, "The first rotation, which is due now, gives one"
        )
        if "projectId" in changes:
            return Difference(changes, warnings=warnings)
        if _policy_unknown(request.news):
            return Difference(changes, warnings=warnings)
        planned = await self._plan_by_state(request.state, request.news)
        notes = []
        if planned.mint is not None:
            notes.append(f"rotates: {planned.mint}")
            changes |= {name: _output_change(request.state, name) for name in ("key", "keyId", "nextRotationAt")}
        if planned.revoke_previous is not None:
            notes.append(f"revokes the previous key: {planned.revoke_previous}")
        if planned.revoke_previous is not None or planned.forget_previous:
            changes["previousKeyId"] = Change(Kind.DELETE, replace=False, of_input=False)
        if planned.mint is not None and planned.outgoing is Outgoing.PREVIOUS:
            changes["previousKeyId"] = _output_change(request.state, "previousKeyId")
        return Difference(changes, tuple(notes), (*warnings, *planned.warnings))

    async def _plan_by_state(self, state: Props, inputs: Props) -> Plan:
        """The plan by the state alone; the project's list is looked at only where use decides."""
        now = self._clock.now()
        wanted = states.policy(inputs)
        by_state = plan(states.situation(state, inputs, now, None), wanted, now)
        if wanted.max_overlap is None or by_state.mint is not None or not by_state.warnings:
            return by_state
        try:
            listing = await self._keys.list(str(state["projectId"]))
        except ApiKeysError:
            return by_state
        return plan(states.situation(state, inputs, now, listing), wanted, now)

    def preview(self, inputs: Props, state: Props | None) -> Props:
        """A rotation makes the outputs that it will change unknown; the current key is known to become the previous."""
        shown = checking.visible(inputs)
        expires: dict[str, Value] = {"expiresAt": UNKNOWN} if "expiresAfter" in shown else {}
        unknown = {**expires, **checking.unknown_outputs(frozenset(MADE_BY_ROTATION))}
        if state is None:
            return {**shown, **unknown, "keyStatus": Standing.ACTIVE.value, "generation": 1}
        now = self._clock.now()
        if _policy_unknown(inputs):
            return {**state, **shown, **unknown, **checking.unknown_outputs(frozenset(states.PREVIOUS))}
        planned = plan(states.situation(state, inputs, now, None), states.policy(inputs), now)
        if planned.mint is None:
            kept = states.schedule({**state, **states.settings_of(inputs)}, inputs)
            if planned.revoke_previous is not None or planned.forget_previous:
                return states.without_previous(kept)
            return {**kept, **checking.unknown_outputs(frozenset(states.PREVIOUS))} if planned.warnings else kept
        rotated = {**states.without_previous(state), **shown, **unknown, "generation": states.generation(state) + 1}
        rotated["keyStatus"] = Standing.ACTIVE.value
        if planned.outgoing is Outgoing.PREVIOUS:
            outgoing = {"previousKey": state.get("key"), "previousKeyId": state.get("keyId")}
            rotated |= _present(outgoing)
            rotated["previousRevokesAt"] = UNKNOWN
        return rotated

    async def create(self, inputs: Props) -> Live:
        """Mint the first key."""
        made, warnings = await self._mint(inputs, 1)
        state = states.schedule(made, inputs)
        return Live(str(KeyPath(str(inputs["projectId"]), str(made["keyId"]))), state, inputs, warnings)

    async def _mint(self, inputs: Props, generation: int) -> tuple[Props, tuple[str, ...]]:
        args = RotatingAPIKeyArgs.model_validate(checking.visible(inputs))
        if args.project_id is None or args.name is None:
            raise InputError([Problem("projectId", "and name must be known when a key is made")])
        now = self._clock.now()
        expires_at = states.expiry(inputs, now)
        wanted = Wanted(args.project_id, suffixed(args.name), unique=True, scopes=args.scopes, expires_at=expires_at)
        minted, warnings = await mint(self._keys, self._clock, wanted)
        return states.minted_state(minted, inputs, now, generation, expires_at), warnings

    async def read(self, resource_id: str, inputs: Props, state: Props) -> Live | Gone:
        """Take over what the project's list says of the keys; a dead current key is for the next run to rotate."""
        if not state:
            return await self._import(parse_id(resource_id, self._default_project))
        project_id = str(state["projectId"])
        try:
            listing = await self._keys.list(project_id)
        except OfflineError as error:
            return Live(resource_id, state, inputs, (f"{error}: reads answer the last known state",))
        now = self._clock.now()
        facts = states.situation(state, inputs, now, listing)
        seen = {**state, "keyStatus": facts.current.value}
        if facts.previous is not None and facts.previous.standing is not Standing.ACTIVE:
            seen = states.without_previous(seen)
        left = orphans(listing, str(state.get("name")), _known_ids(state), now)
        return Live(resource_id, seen, inputs, tuple(orphan_warning(key, now) for key in left))

    async def _import(self, path: KeyPath) -> Live:
        now = self._clock.now()
        remote = importing.importable(await self._keys.list(path.project_id, fresh=True), path, now)
        inputs: dict[str, Value] = {**SUGGESTED, **importing.found_inputs(remote)}
        adopted: dict[str, Value] = {
            **checking.visible(inputs),
            "keyId": remote.key_id,
            "keyName": remote.name,
            "keyPrefix": remote.key_prefix,
            "keyStatus": Standing.ACTIVE.value,
            "createdAt": remote.created_at,
            "expiresAt": remote.expires_at,
            "rotatedAt": remote.created_at or format_instant(now.replace(microsecond=0)),
            "generation": 0,
        }
        state = {name: value for name, value in adopted.items() if value is not None}
        return Live(str(path), state, inputs, importing.warnings(remote))

    async def update(self, resource_id: str, state: Props, inputs: Props) -> Live:
        """Carry out the plan: a third key goes first, then the new one is made, then the old one ends if it must.

        Once a key is made, whatever fails is reported beside the new state and never instead of it.
        """
        now = self._clock.now()
        project_id = str(state["projectId"])
        wanted = states.policy(inputs)
        listing = await self._keys.list(project_id, fresh=True)
        planned = plan(states.situation(state, inputs, now, listing), wanted, now)
        label = str(state.get("keyName") or state.get("name"))
        warnings = [*planned.warnings, *await self._clean_up(listing, state, inputs)]
        current: dict[str, Value] = {**state, **states.settings_of(inputs)}
        if planned.revoke_previous is not None:
            previous = KeyPath(project_id, str(state["previousKeyId"]))
            await revoke(self._keys, self._clock, previous, f"{state.get('name')} (previous)")
        if planned.revoke_previous is not None or planned.forget_previous:
            current = states.without_previous(current)
        if planned.mint is None:
            return Live(resource_id, states.schedule(_present(current), inputs), inputs, tuple(warnings))

        try:
            made, told = await self._mint(inputs, states.generation(state) + 1)
        except ApiKeysError as error:
            if planned.revoke_previous is None:
                raise
            return Live(resource_id, _present(current), inputs, tuple(warnings), (str(error),))
        warnings += told
        if planned.late > wanted.overlap:
            late = describe_duration(planned.late)
            warnings.append(f"this rotation came {late} late: run `pulumi up` on a schedule shorter than overlap")
        failures = await self._see_off(planned.outgoing, KeyPath(project_id, str(state["keyId"])), label)
        if planned.outgoing is Outgoing.PREVIOUS or failures:
            made = states.with_previous(made, state, condemned=bool(failures))
        return Live(resource_id, states.schedule(made, inputs), inputs, tuple(warnings), failures)

    async def _see_off(self, outgoing: Outgoing, path: KeyPath, label: str) -> tuple[str, ...]:
        """Revoke the key that was current, where an emergency says so; returns what failed, in words."""
        if outgoing is not Outgoing.REVOKED:
            return ()
        try:
            await revoke(self._keys, self._clock, path, label)
        except ApiKeysError as error:
            return (f"{error}. The new key is in the state; the next `pulumi up` tries again to revoke the old one",)
        return ()

    async def _clean_up(self, listing: Sequence[RemoteKey], state: Props, inputs: Props) -> list[str]:
        """See to keys of this resource that the state does not know; those with a name only ours may be are revoked."""
        now = self._clock.now()
        base = str(state.get("name"))
        surely_ours = "name" in checking.filled_in(inputs) and is_ours(base)
        words = []
        for key in orphans(listing, base, _known_ids(state), now):
            if not surely_ours:
                words.append(orphan_warning(key, now))
                continue
            await revoke(self._keys, self._clock, KeyPath(key.project_id, key.key_id), key.name)
            words.append(
                f'API key "{key.name}" ({key.key_id}) was revoked: an earlier run of this resource had made it and died'
                " before it was recorded, and it was never used"
            )
        return words

    async def delete(self, resource_id: str, state: Props) -> tuple[str, ...]:
        """Revoke both keys; where one can't be, the other is all the same, and the error names what is left."""
        project_id = text(state, "projectId") or parse_id(resource_id, self._default_project).project_id
        failures = []
        for key_id, label in (
            (text(state, "previousKeyId"), f"{state.get('name')} (previous)"),
            (text(state, "keyId"), str(state.get("keyName") or state.get("name"))),
        ):
            if key_id is None:
                continue
            try:
                await revoke(self._keys, self._clock, KeyPath(project_id, key_id), label)
            except ApiKeysError as error:
                failures.append(error)
        if len(failures) == 1:
            raise failures[0]
        if failures:
            raise ApiKeysError("; ".join(str(failure) for failure in failures))
        return ()


def _present(props: Props) -> dict[str, Value]:
    return {name: value for name, value in props.items() if value is not None}


def _known_ids(state: Props) -> set[str]:
    return {str(state[name]) for name in ("keyId", "previousKeyId") if state.get(name) is not None}


def _policy_unknown(inputs: Props) -> bool:
    return any(has_unknown(inputs.get(name)) for name in ("rotateEvery", "overlap", "retire", "maxOverlap"))


def _output_change(state: Props, name: str) -> Change:
    return Change(Kind.UPDATE if state.get(name) is not None else Kind.ADD, replace=False, of_input=False)

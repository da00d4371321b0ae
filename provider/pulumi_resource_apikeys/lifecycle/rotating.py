"""`RotatingAPIKey`: one resource, at most two live keys, rotated in place as `rotation.plan` decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_resource_apikeys.errors import ApiKeysError
from pulumi_resource_apikeys.model.remote import Keys, RemoteKey, Standing
from pulumi_resource_apikeys.model.rotating import RotatingAPIKeyArgs, RotatingAPIKeyState
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value, has_unknown, text, unknown_names

from . import checking, importing, orphans, rotating_rules
from . import rotating_keys as making
from . import rotating_state as states
from .differing import input_changes
from .identity import KeyPath, parse_id
from .resource import Change, Checked, CheckRequest, Difference, DiffRequest, Gone, Kind, Live
from .rotation import DEAD, Outgoing, Plan, plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.errors import Problem
    from pulumi_resource_apikeys.model.apikey import Args, State

    from .ownership import Owner

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
        self._met: set[str] = set()

    def check(self, request: CheckRequest) -> Checked:
        """Check the inputs; a project and a name are filled in."""
        undecided = "retire" in unknown_names(request.news)

        def rules(news: Mapping[str, Any], _olds: Props) -> list[Problem]:
            return rotating_rules.rules(news, retire_unknown=undecided)

        return checking.check(request, RotatingAPIKeyArgs, self._default_project, rules)

    async def diff(self, request: DiffRequest) -> Difference:
        """A rotation or retirement that is due shows as an update, with the reason in words."""
        self._met |= states.known_ids(request.state)
        changes = input_changes(request.old_inputs, request.news, self.replacing)
        if request.refreshed:
            return Difference(changes)
        warnings = importing.first_run_warnings(
            request.old_inputs, request.state, "The first rotation, which is due now, gives one"
        )
        if "projectId" in changes or _policy_unknown(request.news):
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
        facts = states.situation(state, inputs, now, None)
        planned = plan(facts, wanted, now)
        if planned.mint is not None or not facts.use_decides(wanted, now):
            return planned
        try:
            listing = await self._keys.list(str(state["projectId"]))
        except ApiKeysError:
            return planned
        return plan(states.situation(state, inputs, now, listing), wanted, now)

    async def preview(self, inputs: Props, state: Props | None) -> Props:
        """A rotation makes the outputs that it will change unknown; the current key is known to become the previous."""
        shown = checking.visible(inputs)
        expires: dict[str, Value] = {"expiresAt": UNKNOWN} if "expiresAfter" in shown else {}
        made: dict[str, Value] = {
            **shown,
            **expires,
            **checking.unknown_outputs(frozenset(MADE_BY_ROTATION)),
            "keyStatus": Standing.ACTIVE.value,
        }
        if state is None:
            return {**made, **states.NO_PREVIOUS, "generation": 1}
        unknown_previous = checking.unknown_outputs(frozenset(states.NO_PREVIOUS))
        if _policy_unknown(inputs):
            return {**made, **unknown_previous, "generation": UNKNOWN}
        now = self._clock.now()
        wanted = states.policy(inputs)
        facts = states.situation(state, inputs, now, None)
        planned = plan(facts, wanted, now)
        if planned.mint is not None:
            outgoing = making.kept_alive(planned, state)
            ends: dict[str, Value] = {"previousRevokesAt": UNKNOWN} if outgoing else {}
            return {**made, **states.NO_PREVIOUS, **outgoing, **ends, "generation": states.generation(state) + 1}
        kept = states.schedule({**state, **states.settings_of(inputs)}, inputs)
        if planned.revoke_previous is not None or planned.forget_previous:
            return states.without_previous(kept)
        return {**kept, **unknown_previous} if facts.use_decides(wanted, now) else kept

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """Mint the first key, and tell of keys that an interrupted create may have left."""
        project_id, base = str(inputs["projectId"]), str(inputs["name"])
        try:
            listing: Sequence[RemoteKey] = await self._keys.list(project_id)
        except ApiKeysError:
            listing = ()  # the create that follows will tell what is wrong
        now = self._clock.now()
        left = orphans.of_earlier_creates(listing, base, self._met, now, automatic=making.named_by_us(inputs))
        made, warnings = await making.make(self._keys, self._clock, inputs, 1)
        self._met |= states.known_ids(made)
        told = tuple(orphans.warning(key, now) for key in left)
        resource_id = str(KeyPath(project_id, str(made["keyId"])))
        return Live(resource_id, states.schedule(made, inputs), inputs, (*told, *warnings))

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """Take over what the project's list says of the keys; a dead current key is for the next run to rotate."""
        if not state:
            return await self._import(parse_id(resource_id, self._default_project))
        known = states.known_ids(state)
        self._met |= known
        listing = await self._keys.list(str(state["projectId"]))
        now = self._clock.now()
        facts = states.situation(state, inputs, now, listing)
        seen = {**states.NO_PREVIOUS, **state, "keyStatus": facts.current.value}
        if facts.previous is not None and facts.previous.standing in DEAD:
            seen = states.without_previous(seen)
        left = orphans.strays(listing, {str(state.get("name"))}, known, now)
        return Live(resource_id, seen, inputs, tuple(orphans.warning(key, now) for key in left))

    async def _import(self, path: KeyPath) -> Live:
        now = self._clock.now()
        remote = importing.importable(await self._keys.list(path.project_id, fresh=True), path, now)
        inputs: dict[str, Value] = {**SUGGESTED, **importing.found_inputs(remote)}
        return Live(str(path), states.adopted(remote, inputs, now), inputs, importing.warnings(remote))

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """Carry out the plan: a third key goes first, then the new one is made, then what must end ends.

        Once a key is made, whatever fails is reported beside the new state and never instead of it.
        """
        now = self._clock.now()
        listing = await self._keys.list(str(state["projectId"]), fresh=True)
        facts = states.situation(state, inputs, now, listing)
        planned = plan(facts, states.policy(inputs), now)
        names = {str(props.get("name")) for props in (state, inputs)}
        left = orphans.strays(listing, names, states.known_ids(state), now)
        warnings = list(planned.warnings)
        warnings += await orphans.clean_up(self._keys, self._clock, left, surely_ours=making.named_by_us(inputs))

        revoked_first = planned.revoke_previous is not None and planned.revoke_first
        if revoked_first:
            warnings += await making.revoke_previous(self._keys, self._clock, state, facts)
        let_go = revoked_first or planned.forget_previous
        before: Props = {**(states.without_previous(state) if let_go else state), "keyStatus": facts.current.value}
        if planned.mint is None:
            settled = states.schedule({**before, **states.settings_of(inputs)}, inputs)
            return Live(resource_id, settled, inputs, tuple(warnings))

        try:
            made, told = await making.make(self._keys, self._clock, inputs, states.generation(state) + 1)
        except ApiKeysError as error:
            if not let_go:
                raise
            return Live(resource_id, before, inputs, tuple(warnings), (str(error),))
        warnings += told
        outgoing, failures = await making.see_off(self._keys, self._clock, planned, before)
        after = states.after_rotation(made, outgoing, condemned=bool(failures), late=planned.late)
        return Live(resource_id, states.schedule(after, inputs), inputs, tuple(warnings), failures)

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """Revoke both keys; where one can't be, the other is all the same, and the error names what is left."""
        project_id = text(state, "projectId") or parse_id(resource_id, self._default_project).project_id
        failures = await making.revoke_all(self._keys, self._clock, project_id, state)
        if len(failures) == 1:
            raise failures[0]
        if failures:
            raise ApiKeysError("; ".join(str(failure) for failure in failures))
        return ()


def _policy_unknown(inputs: Props) -> bool:
    return any(has_unknown(inputs.get(name)) for name in ("rotateEvery", "overlap", "retire", "maxOverlap"))


def _output_change(state: Props, name: str) -> Change:
    return Change(Kind.UPDATE if state.get(name) else Kind.ADD, replace=False, of_input=False)

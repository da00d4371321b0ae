"""`RotatingAPIKey`: one resource, at most two live keys, rotated in place as `rotation.plan` decides."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_resource_apikeys.errors import ApiKeysError
from pulumi_resource_apikeys.keys.identity import KeyPath, parse_id, replacing
from pulumi_resource_apikeys.keys.port import Keys, KeyStatus, RemoteKey
from pulumi_resource_apikeys.keys.run import Run, run_of
from pulumi_resource_apikeys.model.facts import OnChange, changing, secrets_of, unknown_until_made
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value, has_unknown, text, unknown_names
from pulumi_resource_apikeys.resources import checking, importing
from pulumi_resource_apikeys.resources.diffing import input_changes
from pulumi_resource_apikeys.resources.lifecycle import (
    Change,
    Checked,
    CheckRequest,
    Difference,
    DiffRequest,
    Gone,
    Kind,
    Live,
)

from . import rules as rotating_rules
from . import state as states
from . import steps as making
from .plan import Outgoing, Plan, plan
from .properties import RotatingAPIKeyArgs, RotatingAPIKeyState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.errors import Problem
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.fields import Args, State

MADE_ANEW = Change(Kind.ADD, replace=False, of_input=False)
"""How a new output shows in `--diff`: an update of an output would read like its deletion."""
SUGGESTED = {"rotateEvery": "90d", "overlap": "7d"}
"""What an import writes into the generated program, to be changed to the user's own."""


class RotatingAPIKeyLifecycle:
    """The lifecycle of `apikeys:index:RotatingAPIKey`; see `resources.lifecycle` for what each method does."""

    args: ClassVar[type[Args]] = RotatingAPIKeyArgs
    outputs: ClassVar[type[State]] = RotatingAPIKeyState
    secrets: ClassVar[frozenset[str]] = secrets_of(RotatingAPIKeyState)

    def __init__(self, keys: Keys, clock: Clock, default_project: Value = None, run: Run | None = None) -> None:
        """Take the API, the time, the provider's `projectId` (`UNKNOWN` where it isn't known yet), and the run.

        Without a run, it is one of this resource type alone.
        """
        self._clock = clock
        self._default_project = default_project
        self._run = run or run_of(keys, clock)

    def check(self, request: CheckRequest) -> Checked:
        """Check the inputs; a project and a name are filled in."""
        undecided = "retire" in unknown_names(request.news)

        def rules(news: Mapping[str, Any], _olds: Props) -> list[Problem]:
            return rotating_rules.rules(news, retire_unknown=undecided)

        if request.olds:
            self._run.watch.note_in_state(request.owner)
        return checking.check(request, self.args, self._default_project, rules)

    async def diff(self, request: DiffRequest) -> Difference:
        """A rotation or retirement that is due shows as an update, with the reason in words."""
        self._run.watch.note_known(request.owner, states.all_ids(request.state))
        changes = input_changes(request.old_inputs, request.news, self.args)
        request = replace(request, state=states.complete(request.state, self._clock.now()))
        if request.refreshed:
            return Difference(changes)
        warnings = importing.first_run_warnings(
            request.old_inputs, request.state, "The first rotation, which is due now, gives one"
        )
        warnings += self._run.watch.wanted(request.owner, text(request.state, "keyId"))
        if any(change.replace for change in changes.values()) or self._policy_unknown(request.news):
            return Difference(changes, warnings=warnings)
        listing = await self._seen(request.state)
        if listing is not None:
            warnings += self._run.watch.words(request.owner, listing)
        planned, _ = await self._plan(request.state, request.news, listing)
        notes = []
        if planned.mint is not None:
            notes.append(f"rotates: {planned.mint}")
            changes |= dict.fromkeys(("key", "keyId", "nextRotationAt"), MADE_ANEW)
        if planned.revoke_previous is not None:
            notes.append(f"revokes the previous key: {planned.revoke_previous}")
        if planned.revoke_previous is not None or planned.forget_previous:
            changes["previousKeyId"] = Change(Kind.DELETE, replace=False, of_input=False)
        if planned.mint is not None and planned.outgoing is Outgoing.PREVIOUS:
            changes["previousKeyId"] = MADE_ANEW
        return Difference(changes, tuple(notes), (*warnings, *planned.warnings))

    async def _seen(self, state: Props) -> Sequence[RemoteKey] | None:
        """The project's list, where this run looks for keys that were revoked; raises what `Keys.list` raises."""
        if not self._run.detect_revoked:
            return None
        project_id = str(state["projectId"])
        listing = await self._run.lookup.list_with(project_id, states.sought(state), deadline=self._run.deadline)
        self._run.watch.looked(project_id, listing)
        return listing

    async def _plan(self, state: Props, inputs: Props, listing: Sequence[RemoteKey] | None) -> tuple[Plan, bool]:
        """The plan by the list, or by the state alone where there is none, and whether use is still to decide.

        The list is looked at all the same where use decides, and can be done without.
        """
        now = self._clock.now()
        wanted = states.policy(inputs)
        facts = states.situation(state, inputs, now, listing)
        planned = plan(facts, wanted, now)
        if planned.mint is not None or listing is not None or not facts.use_decides(wanted, now):
            return planned, False
        try:
            listing = await self._run.keys.list(str(state["projectId"]))
        except ApiKeysError:
            return planned, True
        return plan(states.situation(state, inputs, now, listing), wanted, now), False

    async def preview(self, inputs: Props, state: Props | None) -> Props:
        """A rotation makes the outputs that it will change unknown; the current key is known to become the previous."""
        shown = checking.visible(inputs)
        made = {**shown, **unknown_until_made(self.outputs, shown), "keyStatus": KeyStatus.ACTIVE.value}
        if state is None:
            return {**made, **states.NO_PREVIOUS, "generation": 1}
        unknown_previous: dict[str, Value] = dict.fromkeys(states.NO_PREVIOUS, UNKNOWN)
        if self._policy_unknown(inputs):
            return {**made, **unknown_previous, "generation": UNKNOWN}
        state = states.complete(state, self._clock.now())
        planned, undecided = await self._plan(state, inputs, await self._seen(state))
        if planned.mint is not None:
            outgoing = making.surviving_key(planned, state)
            ends: dict[str, Value] = {"previousRevokesAt": UNKNOWN} if outgoing else {}
            return {**made, **states.NO_PREVIOUS, **outgoing, **ends, "generation": states.generation(state) + 1}
        kept = states.schedule({**state, **states.settings_of(inputs)}, inputs)
        if planned.revoke_previous is not None or planned.forget_previous:
            return states.without_previous(kept)
        return {**kept, **unknown_previous} if undecided else kept

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """Mint the first key, and tell of keys that a killed create left."""
        project_id = str(inputs["projectId"])
        told: tuple[str, ...] = ()
        with suppress(ApiKeysError):  # the create that follows will tell what is wrong
            listing = await self._run.watch.look(project_id, self._run.deadline)
            told = await self._run.watch.clean_up(owner, listing, self._run.deadline)
        replaced = self._run.watch.known_of(owner)
        made, warnings = await making.make(self._run, inputs, 1, owner)
        resource_id = str(KeyPath(project_id, str(made["keyId"])))
        state = {**states.schedule(made, inputs), **replacing(replaced)}
        return Live(resource_id, state, inputs, (*told, *warnings))

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """Take over what the project's list says of the keys; a dead current key is for the next run to rotate."""
        if not state:
            return await self._import(parse_id(resource_id, self._default_project), owner)
        project_id = str(state["projectId"])
        self._run.watch.note_known(owner, states.all_ids(state))
        listing = await self._run.lookup.list_with(project_id, states.sought(state), deadline=self._run.deadline)
        self._run.watch.looked(project_id, listing)
        facts = states.situation(state, inputs, self._clock.now(), listing)
        whole = states.complete(state, self._clock.now())
        seen = {**states.NO_PREVIOUS, **whole, "keyStatus": facts.current.value}
        if facts.previous is not None and facts.previous.dead:
            seen = states.without_previous(seen)
        return Live(resource_id, seen, inputs, self._run.watch.words(owner, listing))

    async def _import(self, path: KeyPath, owner: Owner | None) -> Live:
        now = self._clock.now()
        self._run.watch.note_known(owner, [path.key_id])
        remote = importing.importable(await self._run.keys.list(path.project_id, fresh=True), path, now)
        inputs: dict[str, Value] = {**SUGGESTED, **importing.found_inputs(remote)}
        return Live(str(path), states.adopted(remote, inputs, now), inputs, importing.warnings(remote))

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """Carry out the plan: a third key goes first, then the new one is made, then what must end ends.

        Once a key is made, whatever fails is reported beside the new state and never instead of it.
        """
        now, project_id = self._clock.now(), str(state["projectId"])
        state = states.complete(state, now)
        self._run.watch.note_known(owner, states.all_ids(state))
        listing = await self._run.lookup.list_with(
            project_id, states.sought(state), fresh=True, deadline=self._run.deadline
        )
        self._run.watch.looked(project_id, listing)
        facts = states.situation(state, inputs, now, listing)
        planned = plan(facts, states.policy(inputs), now)
        warnings = [*planned.warnings, *await self._run.watch.clean_up(owner, listing, self._run.deadline)]

        revoked_first = planned.revoke_previous is not None and planned.revoke_first
        if revoked_first:
            warnings += await making.revoke_previous(self._run, state)
        let_go = revoked_first or planned.forget_previous
        before: Props = {**(states.without_previous(state) if let_go else state), "keyStatus": facts.current.value}
        if planned.mint is None:
            settled = states.schedule({**before, **states.settings_of(inputs)}, inputs)
            return Live(resource_id, settled, inputs, tuple(warnings))

        try:
            made, told = await making.make(self._run, inputs, states.generation(state) + 1, owner)
        except ApiKeysError as error:
            if not let_go:
                raise
            return Live(resource_id, before, inputs, tuple(warnings), (str(error),))
        warnings += told
        outgoing, failures = await making.revoke_outgoing(self._run, planned, before)
        revoke_overdue = bool(failures) and planned.outgoing is not Outgoing.ABSENT
        after = states.after_rotation(made, outgoing, revoke_overdue=revoke_overdue, late=planned.late)
        return Live(resource_id, states.schedule(after, inputs), inputs, tuple(warnings), failures)

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """Revoke both keys; where one can't be, the other is all the same, and the error names what is left."""
        project_id = text(state, "projectId") or parse_id(resource_id, self._default_project).project_id
        self._run.watch.note_known(owner, states.all_ids(state))
        words, failures = await making.revoke_all(self._run, project_id, state)
        if len({str(failure) for failure in failures}) == 1:
            raise failures[0]
        if failures:
            raise ApiKeysError("; ".join(str(failure) for failure in failures))
        return (*words, *await self._run.watch.last_look(owner, project_id, self._run.deadline))

    def _policy_unknown(self, inputs: Props) -> bool:
        """Whether a preview can't know yet what a plan goes by."""
        return any(has_unknown(inputs.get(name)) for name in changing(self.args, OnChange.HOLD))

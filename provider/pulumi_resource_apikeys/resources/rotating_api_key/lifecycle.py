"""`RotatingAPIKey`: one resource, at most two live keys, rotated in place as `rotation.plan` decides."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_resource_apikeys.errors import ApiKeysError
from pulumi_resource_apikeys.keys.identity import KeyPath, parse_id
from pulumi_resource_apikeys.keys.port import Keys, KeyStatus, RemoteKey
from pulumi_resource_apikeys.keys.run import Run, run_of
from pulumi_resource_apikeys.model.facts import OnChange, changing, secrets_of, unknown_until_made
from pulumi_resource_apikeys.model.states import replacing
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value, has_unknown, unknown_names
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
from . import steps
from .plan import Plan, Revoke, Which, plan
from .properties import RotatingAPIKeyArgs, RotatingAPIKeyState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.errors import Problem
    from pulumi_resource_apikeys.keys.ownership import Owner

MADE_ANEW = Change(Kind.ADD, replace=False, of_input=False)
"""How a new output shows in `--diff`: an update of an output would read like its deletion."""
SUGGESTED = {"rotateEvery": "90d", "overlap": "7d"}
"""What an import writes into the generated program, to be changed to the user's own."""


class RotatingAPIKeyLifecycle:
    """The lifecycle of `apikeys:index:RotatingAPIKey`; see `resources.lifecycle` for what each method does."""

    args: ClassVar[type[RotatingAPIKeyArgs]] = RotatingAPIKeyArgs
    outputs: ClassVar[type[RotatingAPIKeyState]] = RotatingAPIKeyState
    secrets: ClassVar[frozenset[str]] = secrets_of(RotatingAPIKeyState)

    def __init__(self, keys: Keys, clock: Clock, default_project: Value = None, run: Run | None = None) -> None:
        """Take the API, the time, the provider's `projectId` (`UNKNOWN` if it isn't known yet), and the run.

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
        state = states.complete(request.state, self._clock.now())
        self._run.watch.note_known(request.owner, state.known_ids)
        changes = input_changes(request.old_inputs, request.news, self.args)
        if request.refreshed:
            return Difference(changes)
        warnings = importing.first_run_warnings(
            request.old_inputs,
            state.called,
            "The first rotation, which is due now, gives one",
            secret_known=bool(state.key),
        )
        warnings += self._run.watch.wanted(request.owner, state.key_id or None)
        if any(change.replace for change in changes.values()) or self._policy_unknown(request.news):
            return Difference(changes, warnings=warnings)
        listing = await self._seen(state)
        if listing is not None:
            warnings += self._run.watch.words(request.owner, listing)
        planned, _ = await self._plan(state, request.news, listing)
        return Difference(changes | _shown(planned), _notes(planned), (*warnings, *planned.warnings))

    async def _seen(self, state: RotatingAPIKeyState) -> Sequence[RemoteKey] | None:
        """The project's list, if this run looks for keys that were revoked; raises what `Keys.list` raises."""
        return await self._listing(state) if self._run.detect_revoked else None

    async def _listing(self, state: RotatingAPIKeyState, *, fresh: bool = False) -> Sequence[RemoteKey]:
        sought, deadline = states.sought(state), self._run.deadline
        listing = await self._run.lookup.list_with(state.project_id, sought, fresh=fresh, deadline=deadline)
        self._run.watch.looked(state.project_id, listing)
        return listing

    async def _plan(
        self, state: RotatingAPIKeyState, inputs: Props, listing: Sequence[RemoteKey] | None
    ) -> tuple[Plan, bool]:
        """The plan by the list, or by the state alone if there is none, and whether use is still to decide.

        The list is looked at all the same if use decides, and can be done without.
        """
        now = self._clock.now()
        wanted = states.policy(self.args.of_checked(inputs))
        facts = states.situation(state, inputs, now, listing)
        planned = plan(facts, wanted, now)
        if planned.mint is not None or listing is not None or not facts.use_decides(wanted, now):
            return planned, False
        try:
            listing = await self._run.keys.list(state.project_id)
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
        known = states.complete(state, self._clock.now())
        planned, undecided = await self._plan(known, inputs, await self._seen(known))
        if planned.mint is not None:
            older = states.surviving(known, planned.survivor)
            ends: dict[str, Value] = {"previousRevokesAt": UNKNOWN} if older else {}
            return {**made, **states.NO_PREVIOUS, **older, **ends, "generation": known.generation + 1}
        kept = {**states.with_settings(known, inputs).props, **checking.unknown(shown)}
        if planned.end_of(Which.PREVIOUS) is not None:
            return {**kept, **states.NO_PREVIOUS}
        return {**kept, **unknown_previous} if undecided else kept

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """Mint the first key, and tell of keys that a killed create left."""
        args = self.args.of_checked(inputs)
        words: tuple[str, ...] = ()
        with suppress(ApiKeysError):  # the create that follows will tell what is wrong
            listing = await self._run.watch.look(args.project_id or "", self._run.deadline)
            words = await self._run.watch.clean_up(owner, listing, self._run.deadline)
        replaced = self._run.watch.known_of(owner)
        made, warnings = await steps.make(self._run, inputs, 1, owner)
        state = states.schedule(made, args)
        resource_id = str(KeyPath(state.project_id, state.key_id))
        return Live(resource_id, {**state.props, **replacing(replaced)}, inputs, (*words, *warnings))

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """Take over what the project's list says of the keys; a dead current key is for the next run to rotate."""
        if not state:
            return await self._import(parse_id(resource_id, self._default_project), owner)
        now = self._clock.now()
        known = states.complete(state, now)
        self._run.watch.note_known(owner, known.known_ids)
        listing = await self._listing(known)
        facts = states.situation(known, inputs, now, listing)
        seen = known.model_copy(update={"key_status": facts.current.value})
        if facts.previous is not None and facts.previous.dead:
            seen = states.without_previous(seen)
        return Live(resource_id, seen.props, inputs, self._run.watch.words(owner, listing))

    async def _import(self, path: KeyPath, owner: Owner | None) -> Live:
        now = self._clock.now()
        self._run.watch.note_known(owner, [path.key_id])
        remote = importing.importable(await self._run.keys.list(path.project_id, fresh=True), path, now)
        inputs: dict[str, Value] = {**SUGGESTED, **importing.found_inputs(remote)}
        return Live(str(path), states.adopted(remote, inputs, now).props, inputs, importing.warnings(remote))

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """Look afresh, plan, and carry out the plan."""
        now = self._clock.now()
        known = states.complete(state, now)
        self._run.watch.note_known(owner, known.known_ids)
        listing = await self._listing(known, fresh=True)
        facts = states.situation(known, inputs, now, listing)
        planned = plan(facts, states.policy(self.args.of_checked(inputs)), now)
        words = await self._run.watch.clean_up(owner, listing, self._run.deadline)
        seen = known.model_copy(update={"key_status": facts.current.value})
        done = await steps.carry_out(self._run, planned, seen, inputs, owner)
        warnings = (*planned.warnings, *words, *done.warnings)
        return Live(resource_id, done.state.props, inputs, warnings, tuple(done.failures))

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """Revoke both keys; if one can't be, the other is all the same, and the error names what is left."""
        known = RotatingAPIKeyState.of(state)
        if not known.project_id:
            project_id = parse_id(resource_id, self._default_project).project_id
            known = known.model_copy(update={"project_id": project_id})
        self._run.watch.note_known(owner, known.known_ids)
        words, failures = await steps.revoke_all(self._run, known)
        if len({str(failure) for failure in failures}) == 1:
            raise failures[0]
        if failures:
            raise ApiKeysError("; ".join(str(failure) for failure in failures))
        return (*words, *await self._run.watch.last_look(owner, known.project_id, self._run.deadline))

    def _policy_unknown(self, inputs: Props) -> bool:
        """Whether a preview can't know yet what a plan goes by."""
        return any(has_unknown(inputs.get(name)) for name in changing(self.args, OnChange.HOLD))


def _shown(planned: Plan) -> dict[str, Change]:
    """The outputs that the steps change, as `--diff` shows them."""
    changes: dict[str, Change] = {}
    if planned.mint is not None:
        changes |= dict.fromkeys(("key", "keyId", "nextRotationAt"), MADE_ANEW)
    if planned.end_of(Which.PREVIOUS) is not None:
        changes["previousKeyId"] = Change(Kind.DELETE, replace=False, of_input=False)
    if planned.survivor is Which.CURRENT:
        changes["previousKeyId"] = MADE_ANEW
    return changes


def _notes(planned: Plan) -> tuple[str, ...]:
    """The reasons of the steps, in words."""
    notes = [] if planned.mint is None else [f"rotates: {planned.mint.reason}"]
    end = planned.end_of(Which.PREVIOUS)
    if isinstance(end, Revoke):
        notes.append(f"revokes the previous key: {end.reason}")
    return tuple(notes)

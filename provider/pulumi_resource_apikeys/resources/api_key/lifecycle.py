"""`APIKey`: one key, never changed, replaced when its inputs change, deleted when the server says it is no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Problem
from pulumi_resource_apikeys.keys.identity import KeyPath, parse_id
from pulumi_resource_apikeys.keys.minting import mint
from pulumi_resource_apikeys.keys.port import Keys, KeyStatus, NewKey, RemoteKey, ended, find, status_in
from pulumi_resource_apikeys.keys.revoking import revoke
from pulumi_resource_apikeys.keys.run import Run, run_of
from pulumi_resource_apikeys.model.facts import (
    OnChange,
    Told,
    changing,
    property_in,
    secrets_of,
    unknown_until_made,
)
from pulumi_resource_apikeys.model.states import replacing
from pulumi_resource_apikeys.model.times import format_instant, later, parse_duration, parse_instant
from pulumi_resource_apikeys.model.values import Props, Value, unknown_names
from pulumi_resource_apikeys.resources import checking
from pulumi_resource_apikeys.resources.checking import filled_in
from pulumi_resource_apikeys.resources.diffing import input_changes
from pulumi_resource_apikeys.resources.importing import first_run_warnings, found_inputs, importable
from pulumi_resource_apikeys.resources.importing import warnings as import_warnings
from pulumi_resource_apikeys.resources.lifecycle import (
    DEFAULTS,
    Change,
    Checked,
    CheckRequest,
    Difference,
    DiffRequest,
    Gone,
    Kind,
    Live,
)

from . import renewal
from .properties import APIKeyArgs, APIKeyState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.keys.ownership import Owner


class APIKeyLifecycle:
    """The lifecycle of `apikeys:index:APIKey`; see `resources.lifecycle.Lifecycle` for what each method does."""

    args: ClassVar[type[APIKeyArgs]] = APIKeyArgs
    outputs: ClassVar[type[APIKeyState]] = APIKeyState
    secrets: ClassVar[frozenset[str]] = secrets_of(APIKeyState)

    def __init__(self, keys: Keys, clock: Clock, default_project: Value = None, run: Run | None = None) -> None:
        """Take the API, the time, the provider's `projectId` (`UNKNOWN` if it isn't known yet), and the run.

        Without a run, it is one of this resource type alone.
        """
        self._keys = keys
        self._clock = clock
        self._default_project = default_project
        self._run = run or run_of(keys, clock)

    def check(self, request: CheckRequest) -> Checked:
        """Check the inputs; a project and a name are filled in."""

        def rules(news: Mapping[str, Any], olds: Props) -> list[Problem]:
            problems = renewal.rules(news, unknown_names(request.news))
            expires_at = news.get("expiresAt")
            if expires_at and not property_in(self.args, "expiresAt").same(olds.get("expiresAt"), expires_at):
                problems += self._past(expires_at)
            return problems

        if request.olds:
            self._run.watch.note_in_state(request.owner)
        return checking.check(request, self.args, self._default_project, rules, marked=True)

    def _past(self, expires_at: str) -> list[Problem]:
        if parse_instant(expires_at) > self._clock.now():
            return []
        return [Problem("expiresAt", f"{expires_at} has passed: set a later time, or use expiresIn")]

    async def diff(self, request: DiffRequest) -> Difference:
        """Every change of an input replaces the key, since the API can't change one; so do its end and the time."""
        state = self.outputs.of(request.state)
        self._run.watch.note_known(request.owner, state.known_ids)
        changes = input_changes(request.old_inputs, request.news, self.args)
        if request.refreshed:
            return Difference(changes)
        warnings = first_run_warnings(
            request.old_inputs,
            state.name,
            "A change of `triggers` replaces it with a key that has one",
            secret_known=bool(state.key),
        )
        warnings += self._run.watch.wanted(request.owner, state.key_id or None)
        reasons = renewal.due(state, self.args.of_checked(request.news), self._clock.now())
        changes |= {name: Change(Kind.UPDATE, replace=True) for name in reasons}
        notes = [f"is replaced: {reason} ({name})" for name, reason in reasons.items()]
        if self._run.detect_revoked:
            ended, seen = await self._look(state, request.owner)
            warnings += seen
            if ended is not None:
                notes.append(f"is replaced: {ended}")
                changes["keyId"] = Change(Kind.ADD, replace=True, of_input=False)
        return Difference(changes, tuple(notes), warnings)

    async def _look(self, state: APIKeyState, owner: Owner | None) -> tuple[str | None, tuple[str, ...]]:
        """Why the key can't be used any more, in words, None if it can; and words about lost keys."""
        if not state.project_id or not state.key_id:
            return None, ()
        path = KeyPath(state.project_id, state.key_id)
        listing = await self._listing(path, state)
        return ending(listing, path, self._clock.now()), self._run.watch.words(owner, listing)

    async def _listing(self, path: KeyPath, state: APIKeyState) -> Sequence[RemoteKey]:
        listing = await self._run.lookup.list_with(
            path.project_id, {path.key_id: state.made_at}, deadline=self._run.deadline
        )
        self._run.watch.looked(path.project_id, listing)
        return listing

    async def preview(self, inputs: Props, state: Props | None) -> Props:
        """What the server makes is unknown until the key is made; an update leaves it as it is."""
        shown = checking.visible(inputs)
        if state is not None:
            changeable = changing(self.args, OnChange.HOLD)
            return {**{name: value for name, value in state.items() if name not in changeable}, **shown}
        return {**shown, **unknown_until_made(self.outputs, shown)}

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """Mint the key."""
        args = self.args.of_checked(inputs)
        if args.project_id is None or args.name is None:
            raise InputError([Problem("projectId", "and name must be known when the key is made")])
        expires_at = args.expires_at
        if args.expires_in is not None:
            expires_at = format_instant(
                later(self._clock.now().replace(microsecond=0), parse_duration(args.expires_in))
            )
        new = NewKey(args.project_id, args.name, "name" in filled_in(inputs), args.scopes, expires_at, owner)
        warnings, notes = await self._before(new)
        replaced = self._run.watch.known_of(owner)
        minted, words = await mint(self._run, new)
        state: dict[str, Value] = {
            "isAdminManaged": False,
            **({"expiresAt": expires_at} if expires_at else {}),
            **observed(minted.remote, checking.visible(inputs)),
            "key": minted.secret,
            **replacing(replaced),
        }
        resource_id = str(KeyPath(args.project_id, minted.remote.key_id))
        return Live(resource_id, state, inputs, (*warnings, *words), notes=notes)

    async def _before(self, new: NewKey) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Look at the project before a key is made; warnings and notes.

        If the list can't be had there are none: the create that follows will tell what is wrong.
        """
        try:
            listing = await self._run.watch.look(new.project_id, self._run.deadline)
        except ApiKeysError:
            return (), ()
        warnings = await self._run.watch.clean_up(new.owner, listing, self._run.deadline)
        if new.unique:
            return warnings, ()
        others = self._run.watch.same_name(listing, new.name)
        named = ", ".join(f"{key.key_id} (made {key.created_at})" if key.created_at else key.key_id for key in others)
        note = f'project {new.project_id} has another active key named "{new.name}": {named}'
        return warnings, (note,) if others else ()

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """Find the key in its project's list; an import looks afresh and says why a key can't be had.

        A key that has ended by our clock alone may still be alive, so it stays: the next run replaces and revokes it.
        """
        known = self.outputs.of(state)
        path = parse_id(resource_id, known.project_id or self._default_project)
        if not state:
            self._run.watch.note_known(owner, [path.key_id])
            imported = importable(await self._keys.list(path.project_id, fresh=True), path, self._clock.now())
            return Live(str(path), observed(imported, {}), imported_inputs(imported), import_warnings(imported))
        self._run.watch.note_known(owner, known.known_ids)
        listing = await self._listing(path, known)
        remote = find(listing, path.key_id)
        words = self._run.watch.words(owner, listing)
        if remote is None or ended(listing, path.key_id):
            return Gone(ending(listing, path, self._clock.now()) or f"API key {path.key_id} has ended", words)
        return Live(str(path), observed(remote, state), inputs, words)

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """Take over inputs that the server knows nothing of."""
        self._run.watch.note_known(owner, self.outputs.of(state).known_ids)
        return Live(resource_id, await self.preview(inputs, state), inputs)

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """Revoke the key; one that is gone already is as good as revoked."""
        known = self.outputs.of(state)
        path = parse_id(resource_id, known.project_id or self._default_project)
        self._run.watch.note_known(owner, [*known.known_ids, path.key_id])
        words = await revoke(self._keys, self._clock, path, known.name or path.key_id, known.made_at)
        return (*words, *await self._run.watch.last_look(owner, path.project_id, self._run.deadline))


def ending(listing: Sequence[RemoteKey], path: KeyPath, now: datetime) -> str | None:
    """Why a key can't be used any more, in words; None if it can, as far as the list and the time tell."""
    key = find(listing, path.key_id)
    match status_in(listing, path.key_id, now):
        case KeyStatus.ABSENT:
            return f"API key {path.key_id} is no longer in the list of project {path.project_id}"
        case KeyStatus.REVOKED:
            return f"API key {path.key_id} was revoked, and not by this stack"
        case KeyStatus.EXPIRED:
            return f"API key {path.key_id} ended on {key.expires_at if key is not None else 'a day unknown'}"
        case KeyStatus.ACTIVE:
            return None


def observed(remote: RemoteKey, known_as: Props) -> dict[str, Value]:
    """The outputs that follow from what the server tells and what was known: what means the same stays as it was."""
    outputs: dict[str, Value] = {
        "projectId": remote.project_id,
        "name": remote.name,
        "scopes": list(remote.scopes) or None,
        "expiresAt": remote.expires_at,
        "keyId": remote.key_id,
        "keyPrefix": remote.key_prefix,
        "createdAt": remote.created_at,
        "createdBy": remote.created_by,
        "tenantId": remote.tenant_id,
        "isAdminManaged": remote.is_admin_managed,
    }
    changed = {
        name: new for name, new in outputs.items() if new is not None and not _stays(name, known_as.get(name), new)
    }
    return {**{name: value for name, value in known_as.items() if value is not None}, **changed}


def _stays(name: str, known: Value, new: Value) -> bool:
    """Whether an output stays as it is known: a list may round a time that the create's answer told exactly."""
    output = property_in(APIKeyState, name)
    return known is not None and (Told.ONCE in output.told or output.same(known, new))


def imported_inputs(remote: RemoteKey) -> dict[str, Value]:
    """The inputs that an import finds, with the end of the key's life if it has one."""
    inputs = found_inputs(remote)
    if remote.expires_at is None:
        return inputs
    return {**inputs, "expiresAt": remote.expires_at, DEFAULTS: sorted({*filled_in(inputs), "expiresAt"})}

"""`APIKey`: one key, never changed, replaced when its inputs change, deleted when the server says it is no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.model.apikey import APIKeyArgs, APIKeyState
from pulumi_resource_apikeys.model.remote import Keys, RemoteKey, Standing, find, standing
from pulumi_resource_apikeys.model.times import format_instant, parse_duration, parse_instant
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value, text

from . import checking, renewal
from .checking import filled_in
from .differing import input_changes, same
from .identity import KeyPath, parse_id
from .importing import first_run_warnings, found_inputs, importable
from .importing import warnings as import_warnings
from .lookout import Lookout
from .minting import Wanted, mint
from .resource import DEFAULTS, Change, Checked, CheckRequest, Difference, DiffRequest, Gone, Kind, Live
from .retiring import revoke

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.model.apikey import Args, State

    from .ownership import Owner

REPLACING = frozenset({"projectId", "name", "scopes", "expiresAt", "expiresIn", "triggers"})
CHANGEABLE = frozenset({"rotateAfter", "renewBefore"})
NEVER_CHANGES = frozenset({"createdAt"})
"""Outputs that stay as first told: a list may round what the create's answer told to the nanosecond."""
MADE_BY_SERVER = frozenset({"key", "keyId", "keyPrefix", "createdAt", "createdBy", "tenantId", "isAdminManaged"})


class APIKeyLifecycle:
    """The lifecycle of `apikeys:index:APIKey`; see `resource.Lifecycle` for what each method does."""

    args: ClassVar[type[Args]] = APIKeyArgs
    outputs: ClassVar[type[State]] = APIKeyState
    secrets: ClassVar[frozenset[str]] = APIKeyState.SECRETS
    replacing: ClassVar[frozenset[str]] = REPLACING

    def __init__(self, keys: Keys, clock: Clock, default_project: Value = None) -> None:
        """Take the API, the time, and the provider's `projectId` (`UNKNOWN` where a preview can't know it yet)."""
        self._keys = keys
        self._clock = clock
        self._default_project = default_project
        self._lookout = Lookout(keys, clock)

    def check(self, request: CheckRequest) -> Checked:
        """Check the inputs; a project and a name are filled in."""

        def rules(news: Mapping[str, Any], olds: Props) -> list[Problem]:
            problems = [*checking.one_of(("expiresAt", "expiresIn"), news), *renewal.rules(news)]
            expires_at = news.get("expiresAt")
            if expires_at and not same("expiresAt", olds.get("expiresAt"), expires_at):
                problems += self._past(expires_at)
            return problems

        return checking.check(request, APIKeyArgs, self._default_project, rules)

    def _past(self, expires_at: str) -> list[Problem]:
        if parse_instant(expires_at) > self._clock.now():
            return []
        return [Problem("expiresAt", f"{expires_at} has passed: set a later time, or use expiresIn")]

    async def diff(self, request: DiffRequest) -> Difference:
        """Every change of an input replaces the key, since the API can't change one."""
        self._lookout.meet(text(request.state, "keyId"))
        if request.refreshed:
            return Difference(input_changes(request.old_inputs, request.news, REPLACING))
        warnings = first_run_warnings(
            request.old_inputs,
            request.state,
            "A change of `triggers` replaces it with a key that has one",
        )
        changes = input_changes(request.old_inputs, request.news, REPLACING)
        reasons = renewal.due(request.state, request.news, self._clock.now())
        changes |= {name: Change(Kind.UPDATE, replace=True) for name in reasons}
        notes = tuple(f"is replaced: {reason} ({name})" for name, reason in reasons.items())
        return Difference(changes, notes, warnings)

    async def preview(self, inputs: Props, state: Props | None) -> Props:
        """What the server makes is unknown until the key is made; an update leaves it as it is."""
        shown = checking.visible(inputs)
        if state is not None:
            return {**{name: value for name, value in state.items() if name not in CHANGEABLE}, **shown}
        expiry: dict[str, Value] = {"expiresAt": UNKNOWN} if "expiresIn" in shown else {}
        return {**shown, **expiry, **checking.unknown_outputs(MADE_BY_SERVER)}

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """Mint the key."""
        args = APIKeyArgs.model_validate(checking.visible(inputs))
        if args.project_id is None or args.name is None:
            raise InputError([Problem("projectId", "and name must be known when the key is made")])
        expires_at = args.expires_at
        if args.expires_in is not None:
            expires_at = format_instant(self._clock.now().replace(microsecond=0) + parse_duration(args.expires_in))
        unique = "name" in filled_in(inputs)
        wanted = Wanted(args.project_id, args.name, unique, args.scopes, expires_at)
        left_over = await self._lookout.warnings(wanted.project_id, wanted.name, unique=unique)
        minted, warnings = await mint(self._keys, self._clock, wanted)
        state: dict[str, Value] = {
            "isAdminManaged": False,
            **({"expiresAt": expires_at} if expires_at else {}),
            **observed(minted.remote, checking.visible(inputs)),
            "key": minted.secret,
        }
        self._lookout.meet(minted.remote.key_id)
        return Live(str(KeyPath(args.project_id, minted.remote.key_id)), state, inputs, (*left_over, *warnings))

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """Find the key in its project's list; an import looks afresh and says why a key can't be had."""
        path = parse_id(resource_id, text(state, "projectId") or self._default_project)
        importing = not state
        self._lookout.meet(path.key_id)
        listing = await self._keys.list(path.project_id, fresh=importing)
        now = self._clock.now()
        if importing:
            remote = importable(listing, path, now)
            return Live(str(path), observed(remote, {}), imported_inputs(remote), import_warnings(remote))
        known = find(listing, path.key_id)
        if known is None or known.standing(now) is not Standing.ACTIVE:
            found = standing(listing, path.key_id, now)
            return Gone(f"API key {path.key_id} of project {path.project_id} is {found.value}")
        return Live(str(path), observed(known, state), inputs, self._lookout.doubles(listing, known))

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """Take over inputs that the server knows nothing of."""
        return Live(resource_id, await self.preview(inputs, state), inputs)

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """Revoke the key; one that is gone already is as good as revoked."""
        path = parse_id(resource_id, text(state, "projectId") or self._default_project)
        label = text(state, "name") or path.key_id
        await revoke(self._keys, self._clock, path, label)
        return ()


def observed(remote: RemoteKey, known_as: Props) -> dict[str, Value]:
    """The outputs that follow from what the server tells and what was known: what means the same stays as it was."""
    told: dict[str, Value] = {
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
    news = {
        name: value
        for name, value in told.items()
        if value is not None and not (name in known_as and (name in NEVER_CHANGES or same(name, known_as[name], value)))
    }
    return {**checking.visible(known_as), **news}


def imported_inputs(remote: RemoteKey) -> dict[str, Value]:
    """The inputs that an import finds, with the end of the key's life where it has one."""
    found = found_inputs(remote)
    if remote.expires_at is None:
        return found
    return {**found, "expiresAt": remote.expires_at, DEFAULTS: sorted({*filled_in(found), "expiresAt"})}

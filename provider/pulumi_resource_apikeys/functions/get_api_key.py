"""`getAPIKey`: one key of a project, by its id or by its name.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import ClassVar

from pydantic import Field

from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Problem
from pulumi_resource_apikeys.keys.identity import KeyPath, parse_id
from pulumi_resource_apikeys.keys.port import KeyStatus, RemoteKey, find, server_time
from pulumi_resource_apikeys.model.fields import Args, ProjectId
from pulumi_resource_apikeys.model.values import Props, Value

from .function import Function, Result, arguments
from .told import KeyInfo, in_order, told


class GetAPIKeyArgs(Args):
    """Which key: its id, or its name."""

    EXCLUSIVE: ClassVar[tuple[tuple[str, str], ...]] = (("keyId", "name"),)

    project_id: ProjectId | None = Field(
        None, description="UUID of the project the key belongs to. Default: the provider's `projectId`."
    )
    key_id: str | None = Field(
        None, description="The key's UUID, or `projectId/keyId`, which is a resource's id. Not together with `name`."
    )
    name: str | None = Field(
        None,
        description=(
            "The key's whole name. One active key must have it, or where none is active, one that is not."
            " Not together with `keyId`."
        ),
    )


class GetAPIKey(Function):
    """Tells what the server says of one key, when it was last used among it; never its secret.

    A key that was revoked or has expired is told too: see `status`. It fails if there is no such key, and if several
    active keys have the name.
    """

    args: ClassVar[type[Args]] = GetAPIKeyArgs
    result: ClassVar[type[Result]] = KeyInfo

    async def invoke(self, given: Props, secret_names: Collection[str] = ()) -> KeyInfo:
        """The key. Raises ApiKeysError where there is none, or several, and what `Function.invoke` says."""
        args = arguments(GetAPIKeyArgs, given, secret_names)
        if args.key_id is not None:
            return await self._by_id(args.key_id, args.project_id)
        if args.name is not None:
            return await self._by_name(args.name, self._project(args.project_id))
        raise InputError([Problem("keyId", "or name is required")])

    async def _by_id(self, written: str, project_id: str | None) -> KeyInfo:
        path = _path(written, project_id, self._default_project)
        listing = await self._run.lookup.list_with(path.project_id, {path.key_id: None}, deadline=self._run.deadline)
        found = find(listing, path.key_id)
        if found is None:
            raise ApiKeysError(f"there is no API key {path.key_id} in the list of project {path.project_id}")
        return told(found, self._time_of(listing))

    async def _by_name(self, name: str, project_id: str) -> KeyInfo:
        listing = await self._run.keys.list(project_id, deadline=self._run.deadline)
        at = self._time_of(listing)
        named = in_order(key for key in listing if key.name == name)
        active = [key for key in named if key.status_at(at) is KeyStatus.ACTIVE]
        candidates = active or named
        if len(candidates) == 1:
            return told(candidates[0], at)
        if candidates:
            raise ApiKeysError(_several(name, project_id, named, at))
        raise ApiKeysError(_none(name, project_id, listing))

    def _time_of(self, listing: Sequence[RemoteKey]) -> datetime:
        return server_time(listing) or self._run.clock.now()


def _path(written: str, project_id: str | None, default_project: Value) -> KeyPath:
    try:
        path = parse_id(written, project_id or default_project)
    except InputError as error:
        raise InputError([Problem("keyId", problem.reason) for problem in error.problems]) from None
    if project_id not in {None, path.project_id}:
        raise InputError([Problem("keyId", f"{written} is of another project than projectId says, {project_id}")])
    return path


def _several(name: str, project_id: str, named: Sequence[RemoteKey], at: datetime) -> str:
    told_of = "; ".join(
        f"{key.key_id} ({key.status_at(at).value}{f', made {key.created_at}' if key.created_at else ''})"
        for key in named
    )
    return f'{len(named)} API keys of project {project_id} are named "{name}": {told_of}. Name one of them by keyId'


def _none(name: str, project_id: str, listing: Sequence[RemoteKey]) -> str:
    close = get_close_matches(name, sorted({key.name for key in listing}))
    guess = f". Close to it: {', '.join(close)}" if close else ""
    return f'there is no API key named "{name}" in the list of project {project_id}{guess}'

"""Keys whose project the API does not find: they ended if it was deleted, and then Pulumi must let go of them.

A 404 of a whole project may as well come of a wrong address or of a token without access, so it alone is no reason to
forget a key. It is one if the user says too, by the setting `deletedProjects`, that the project was deleted. Until
then the error names the ways out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, MissingProjectError, NotFoundError, Subject
from pulumi_resource_apikeys.keys.port import Listing, canonical_id
from pulumi_resource_apikeys.model.states import KeyState

from .wrapping import Wrapper

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Deadline
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.keys.port import Keys, MintedKey, NewKey, RemoteKey
    from pulumi_resource_apikeys.model.values import Props

    from .lifecycle import Difference, DiffRequest, Gone, Lifecycle, Live


class DeletedProjectsKeys:
    """The API, in which deleted projects that it does not find have no keys. See `keys.port.Keys`."""

    def __init__(self, keys: Keys, deleted: Collection[str]) -> None:
        """Take the API, and the UUIDs of the projects that the user says were deleted."""
        self._keys = keys
        self._deleted = frozenset(map(canonical_id, deleted))

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        """All keys of a project; none of a deleted one that is not found."""
        try:
            return await self._keys.list(project_id, fresh=fresh, deadline=deadline)
        except NotFoundError:
            if canonical_id(project_id) in self._deleted:
                return Listing()
            raise

    async def mint(self, new: NewKey, *, deadline: Deadline | None = None) -> MintedKey:
        """Make a key; a project that is not found has none made."""
        return await self._keys.mint(new, deadline=deadline)

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,
        deadline: Deadline | None = None,
    ) -> bool:
        """Revoke a key; one of a deleted project that is not found is gone."""
        try:
            return await self._keys.revoke(project_id, key_id, label=label, made_at=made_at, deadline=deadline)
        except NotFoundError:
            if canonical_id(project_id) in self._deleted and await _missing(self._keys, project_id):
                return True
            raise


class MissingProjectLifecycle(Wrapper):
    """Another lifecycle, whose errors about a key of a project that is not found name the ways out."""

    def __init__(self, lifecycle: Lifecycle, keys: Keys) -> None:
        """Take the lifecycle within, and the API that it calls."""
        super().__init__(lifecycle)
        self._keys = keys

    async def diff(self, request: DiffRequest) -> Difference:
        """As within."""
        try:
            return await super().diff(request)
        except NotFoundError as error:
            raise await self._helpful(error, error.subject, request.state, request.owner) from None

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """As within."""
        try:
            return await super().read(resource_id, inputs, state, owner)
        except NotFoundError as error:
            raise await self._helpful(error, error.subject, state, owner) from None

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """As within."""
        try:
            return await super().update(resource_id, state, inputs, owner)
        except NotFoundError as error:
            raise await self._helpful(error, error.subject, state, owner) from None

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """As within."""
        try:
            return await super().delete(resource_id, state, owner)
        except NotFoundError as error:
            key = KeyState.of(state).called or resource_id
            subject = Subject("revoke", error.subject.project_id, key)
            raise await self._helpful(error, subject, state, owner) from None

    async def _helpful(
        self, error: NotFoundError, subject: Subject, state: Props, owner: Owner | None
    ) -> NotFoundError:
        """The error, as one about `subject` with the ways out if the state's project itself is not found."""
        project_id = KeyState.of(state).project_id
        of_project = error.subject.key is None
        if not project_id or not (of_project or await _missing(self._keys, project_id)):
            return error
        return MissingProjectError(error, subject, owner.urn if owner else None)


async def _missing(keys: Keys, project_id: str) -> bool:
    """Whether the API finds no such project, as against no such key."""
    try:
        await keys.list(project_id)
    except NotFoundError:
        return True
    except ApiKeysError:
        return False
    return False

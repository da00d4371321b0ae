"""Keys whose project the API does not find: they end with a project that was deleted, and Pulumi must let go of them.

A 404 of a whole project may as well come of a wrong address or of a token without access, so it alone is no reason to
forget a key. It is one where the user says too, by the setting `deletedProjects`, that the project was deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, MissingProjectError, NotFoundError, Subject
from pulumi_resource_apikeys.model.apikey import canonical_uuid
from pulumi_resource_apikeys.model.values import Props, text

from .resource import Gone
from .wrapping import Wrapper

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_resource_apikeys.model.remote import Keys

    from .ownership import Owner
    from .resource import Lifecycle, Live


class DeletedProjectsLifecycle(Wrapper):
    """Another lifecycle, which can let go of the keys of deleted projects."""

    def __init__(self, lifecycle: Lifecycle, keys: Keys, deleted: Collection[str]) -> None:
        """Take the lifecycle within, the API, and the UUIDs of the projects that the user says were deleted."""
        super().__init__(lifecycle)
        self._keys = keys
        self._deleted = frozenset(deleted)

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """As within; a key of a deleted project is gone."""
        try:
            return await super().read(resource_id, inputs, state, owner)
        except NotFoundError as error:
            missing = await self._missing_project(state, error)
            if missing is None:
                raise
            if missing in self._deleted:
                return Gone(f"project {missing} was deleted")
            raise MissingProjectError(error, error.subject, owner.urn if owner else None) from None

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """As within; where the project is not found, the error says how to let go of the key."""
        try:
            return await super().update(resource_id, state, inputs, owner)
        except NotFoundError as error:
            missing = await self._missing_project(state, error)
            if missing is None or missing in self._deleted:
                raise
            raise MissingProjectError(error, error.subject, owner.urn if owner else None) from None

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """As within; a key of a deleted project is as good as revoked, and a warning says so."""
        try:
            return await super().delete(resource_id, state, owner)
        except NotFoundError as error:
            missing = await self._missing_project(state, error)
            if missing is None:
                raise
            name = text(state, "keyName") or text(state, "name") or resource_id
            if missing in self._deleted:
                told = (
                    f'API key "{name}" is forgotten and was not revoked: the API finds no project {missing}, and'
                    " deletedProjects says that it was deleted, so its keys ended with it"
                )
                return (told,)
            subject = Subject("revoke", missing, name)
            raise MissingProjectError(error, subject, owner.urn if owner else None) from None

    async def _missing_project(self, state: Props, error: NotFoundError) -> str | None:
        """The UUID of the state's project where the API does not find that, and not the key alone."""
        project_id = text(state, "projectId")
        if project_id is None or (error.subject.key is not None and not await self._not_found(project_id)):
            return None
        try:
            return canonical_uuid(project_id)
        except ValueError:
            return project_id

    async def _not_found(self, project_id: str) -> bool:
        try:
            await self._keys.list(project_id)
        except NotFoundError:
            return True
        except ApiKeysError:
            return False
        return False

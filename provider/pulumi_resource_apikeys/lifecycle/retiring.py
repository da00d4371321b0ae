"""Revoking a key, and making sure that it is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import AdminManagedError, ApiKeysError, ForbiddenError
from pulumi_resource_apikeys.model.remote import Keys, Standing, find, standing

if TYPE_CHECKING:
    from pulumi_resource_apikeys.clock import Clock

    from .identity import KeyPath


async def revoke(keys: Keys, clock: Clock, path: KeyPath, label: str) -> bool:
    """Revoke the key; one that is gone already is as good as revoked.

    Returns whether that is sure: not so where the server refuses, and the key has ended only by our clock. Raises the
    `RemoteError` of the call, `AdminManagedError` where administrators manage the key, or an ApiKeysError where the
    server refuses and still lists the key as active.
    """
    try:
        if await keys.revoke(path.project_id, path.key_id, label=label):
            return True
    except ForbiddenError as error:
        if await _admin_managed(keys, path):
            raise AdminManagedError(error.subject, error.reason, status=error.status) from None
        raise
    found = standing(await keys.list(path.project_id, fresh=True), path.key_id, clock.now())
    if found is Standing.ACTIVE:
        raise ApiKeysError(
            f'could not revoke API key "{label}" ({path.key_id}) in project {path.project_id}: the server answered'
            " success: false and still lists it as active. Revoke it in the dashboard, then run again"
        )
    return found is not Standing.EXPIRED


async def _admin_managed(keys: Keys, path: KeyPath) -> bool:
    """Whether the project's list says so; a list that can't be had says nothing."""
    try:
        key = find(await keys.list(path.project_id), path.key_id)
    except ApiKeysError:
        return False
    return key is not None and key.is_admin_managed is True

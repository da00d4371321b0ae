"""Revoking a key, and making sure that it is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError
from pulumi_resource_apikeys.model.remote import Keys, Standing, standing

if TYPE_CHECKING:
    from pulumi_resource_apikeys.clock import Clock

    from .identity import KeyPath


async def revoke(keys: Keys, clock: Clock, path: KeyPath, label: str) -> None:
    """Revoke the key; one that is gone already is as good as revoked.

    Raises the `RemoteError` of the call, or an ApiKeysError where the server refuses and still lists the key as active.
    """
    if await keys.revoke(path.project_id, path.key_id, label=label):
        return
    listing = await keys.list(path.project_id, fresh=True)
    if standing(listing, path.key_id, clock.now()) is Standing.ACTIVE:
        raise ApiKeysError(
            f'could not revoke API key "{label}" ({path.key_id}) in project {path.project_id}: the server answered'
            " success: false and still lists it as active. Revoke it in the dashboard, then run again"
        )

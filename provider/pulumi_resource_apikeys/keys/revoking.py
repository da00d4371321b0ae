"""Revoking a key, and making sure that it is revoked before it is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import AdminManagedError, ApiKeysError, ForbiddenError

from .port import Keys, ended, find

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock

    from .identity import KeyPath

LOOKS = (0.0, 1.0, 3.0, 6.0)
"""Seconds to wait before each look at whether a revoked key is gone from the list, since lists may lag behind."""


async def revoke(
    keys: Keys, clock: Clock, path: KeyPath, label: str, made_at: datetime | None = None
) -> tuple[str, ...]:
    """Revoke the key, and see in the list that it is; one that is gone already is as good as revoked.

    `made_at` is when it was made, as `Keys.revoke` takes it.

    Returns words for the user if the server said that it is revoked and the list could not be had. Raises the
    `RemoteError` of the call, `AdminManagedError` if administrators manage the key, or an ApiKeysError if the
    list goes on showing the key as active.
    """
    try:
        accepted = await keys.revoke(path.project_id, path.key_id, label=label, made_at=made_at)
    except ForbiddenError as error:
        if await _admin_managed(keys, path):
            raise AdminManagedError(error.subject, error.reason, status=error.status) from None
        raise
    try:
        if await _seen_ended(keys, clock, path, LOOKS if accepted else LOOKS[:1]):
            return ()
    except ApiKeysError as error:
        if not accepted:
            raise
        warning = (
            f'the server said that API key "{label}" ({path.key_id}) in project {path.project_id} is revoked, but that'
            f" could not be checked: {error}"
        )
        return (warning,)
    answer = "that it is revoked" if accepted else "success: false"
    raise ApiKeysError(
        f'could not revoke API key "{label}" ({path.key_id}) in project {path.project_id}: the server answered'
        f" {answer}, and still lists it as active. Run again in a while, or revoke it in the dashboard"
    )


async def _seen_ended(keys: Keys, clock: Clock, path: KeyPath, looks: tuple[float, ...]) -> bool:
    for wait in looks:
        if wait:
            await clock.sleep(wait)
        if ended(await keys.list(path.project_id, fresh=True), path.key_id):
            return True
    return False


async def _admin_managed(keys: Keys, path: KeyPath) -> bool:
    """Whether the project's list says so; a list that can't be had says nothing."""
    try:
        key = find(await keys.list(path.project_id), path.key_id)
    except ApiKeysError:
        return False
    return key is not None and key.is_admin_managed is True

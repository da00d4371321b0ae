"""The API as one operation of the engine may call it: every call ends by the operation's deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Deadline

    from .port import Keys, MintedKey, NewKey, RemoteKey


class OperationKeys:
    """See `keys.port.Keys` for the three calls. A call's own deadline counts if it is the sooner one."""

    def __init__(self, keys: Keys, deadline: Deadline) -> None:
        """Take the API and when the operation must be over."""
        self._keys = keys
        self._deadline = deadline

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        """All keys of a project."""
        return await self._keys.list(project_id, fresh=fresh, deadline=self._sooner(deadline))

    async def mint(self, new: NewKey, *, deadline: Deadline | None = None) -> MintedKey:
        """Make a key."""
        return await self._keys.mint(new, deadline=self._sooner(deadline))

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,
        deadline: Deadline | None = None,
    ) -> bool:
        """Revoke a key."""
        return await self._keys.revoke(
            project_id, key_id, label=label, made_at=made_at, deadline=self._sooner(deadline)
        )

    def _sooner(self, deadline: Deadline | None) -> Deadline:
        return self._deadline if deadline is None else min(deadline, self._deadline)


def within(keys: Keys, deadline: Deadline | None) -> Keys:
    """The API whose calls end by a deadline, if there is one."""
    return keys if deadline is None else OperationKeys(keys, deadline)

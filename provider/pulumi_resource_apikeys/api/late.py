"""The client that is made at the first call: a configured provider that is only asked to check needs no HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Deadline
    from pulumi_resource_apikeys.keys.port import MintedKey, NewKey, RemoteKey

    from .client import ApiClient


class LateKeys:
    """See `keys.port.Keys` for the three calls. One event loop uses it. Close it with `aclose`."""

    def __init__(self, make: Callable[[], ApiClient]) -> None:
        """Take what makes the client; it is called once, within the first call."""
        self._make = make
        self._made: ApiClient | None = None

    def _client(self) -> ApiClient:
        if self._made is None:
            self._made = self._make()
        return self._made

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        """All keys of a project; shared with all who ask within a few seconds, unless `fresh`."""
        return await self._client().list(project_id, fresh=fresh, deadline=deadline)

    async def mint(self, new: NewKey, *, deadline: Deadline | None = None) -> MintedKey:
        """Make a key. Its scopes and end are sent only if given."""
        return await self._client().mint(new, deadline=deadline)

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,
        deadline: Deadline | None = None,
    ) -> bool:
        """Revoke a key; True where the server did or says it was gone (404), False where it answered no success."""
        return await self._client().revoke(project_id, key_id, label=label, made_at=made_at, deadline=deadline)

    async def aclose(self) -> None:
        """Close the connections, where there are any."""
        if self._made is not None:
            await self._made.aclose()

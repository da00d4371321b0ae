"""The API where it must not or can't be called: every call is refused with a reason, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Deadline
    from pulumi_resource_apikeys.errors import ApiKeysError
    from pulumi_resource_apikeys.keys.port import MintedKey, NewKey, RemoteKey


class RefusingKeys:
    """Answers every call with an error: the provider is offline, or has no endpoint. See `keys.port.Keys`."""

    def __init__(self, reason: Callable[[Subject], ApiKeysError]) -> None:
        """Take what makes the error for what was asked."""
        self._reason = reason

    async def list(
        self,
        project_id: str,
        *,
        fresh: bool = False,  # noqa: ARG002 - the port's signature
        deadline: Deadline | None = None,  # noqa: ARG002 - the same
    ) -> Sequence[RemoteKey]:
        """Refuse to list."""
        raise self._reason(Subject("list", project_id))

    async def mint(self, new: NewKey, *, deadline: Deadline | None = None) -> MintedKey:  # noqa: ARG002 - the port's signature
        """Refuse to create."""
        raise self._reason(new.subject)

    async def revoke(
        self,
        project_id: str,
        key_id: str,  # noqa: ARG002 - the port's signature
        *,
        label: str,
        made_at: datetime | None = None,  # noqa: ARG002 - the same
        deadline: Deadline | None = None,  # noqa: ARG002 - the same
    ) -> bool:
        """Refuse to revoke."""
        raise self._reason(Subject("revoke", project_id, label))

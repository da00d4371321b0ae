"""An API key as the server tells of it, and the port through which the lifecycles reach the server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from .times import parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pydantic import SecretStr

    from pulumi_resource_apikeys.clock import Deadline


class Standing(Enum):
    """What a well-formed list says of a key; anything less than a well-formed list is an error instead."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ABSENT = "absent"


@dataclass(frozen=True)
class RemoteKey:
    """A key in a project's list. Times are RFC 3339 as the server wrote them; what it left out is None."""

    key_id: str
    project_id: str
    name: str
    is_active: bool = True
    scopes: tuple[str, ...] = ()
    key_prefix: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = None
    tenant_id: str | None = None
    is_admin_managed: bool | None = None

    def standing(self, now: datetime) -> Standing:
        """Revoked, expired or active at that time; the date counts, since the server need not mark expired keys."""
        if not self.is_active:
            return Standing.REVOKED
        if self.expires_at is not None and parse_instant(self.expires_at) <= now:
            return Standing.EXPIRED
        return Standing.ACTIVE


@dataclass(frozen=True)
class MintedKey:
    """A key just made, with its secret, which the server shows this once."""

    remote: RemoteKey
    secret: SecretStr


class Keys(Protocol):
    """The three calls of the API, with retries, credentials and the shared listing behind them.

    Every method raises a `RemoteError` or `CredentialError`; a `RemoteError` of `mint` or `revoke` whose `uncertain`
    is set means that the server may have acted. Where a `deadline` is given, the call ends by then (a list and a
    revoke get a second even after it, so that what was begun can be looked at); else it takes five minutes at most.
    """

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        """All keys of a project; shared with all who ask within a few seconds, unless `fresh`.

        The deadline ends the wait of its caller alone, and not the call that others wait for.
        """
        ...

    async def mint(
        self,
        project_id: str,
        name: str,
        scopes: Sequence[str] | None,
        expires_at: str | None,
        *,
        deadline: Deadline | None = None,
    ) -> MintedKey:
        """Make a key. `scopes` and `expires_at` (RFC 3339) are sent only where given."""
        ...

    async def revoke(self, project_id: str, key_id: str, *, label: str, deadline: Deadline | None = None) -> bool:
        """Revoke a key; True where the server did or says it was gone (404), False where it answered `success: false`.

        `label` is what an error calls the key.
        """
        ...


def find(listing: Sequence[RemoteKey], key_id: str) -> RemoteKey | None:
    """The key of that id in a project's list."""
    return next((key for key in listing if key.key_id == key_id), None)


def standing(listing: Sequence[RemoteKey], key_id: str, now: datetime) -> Standing:
    """What a project's list says of the key of that id."""
    key = find(listing, key_id)
    return Standing.ABSENT if key is None else key.standing(now)

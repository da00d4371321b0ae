"""A key as functions tell of it: what the server tells, with the key's status by the server's own time.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from pulumi_resource_apikeys.keys.identity import KeyPath
from pulumi_resource_apikeys.keys.port import RemoteKey
from pulumi_resource_apikeys.model.choices import ToldStatus
from pulumi_resource_apikeys.model.times import FIRST_INSTANT

from .function import Result


class KeyInfo(Result):
    """What the server tells of a key; never its secret."""

    id: str = Field(description="`projectId/keyId`, as an import and a resource's `get` take it.")
    key_id: str = Field(description="UUID of the key.")
    project_id: str = Field(description="UUID of the project the key belongs to.")
    name: str = Field(description="The key's name in the dashboard.")
    status: ToldStatus = Field(description="Whether the key may be used, or why not.")
    scopes: list[str] = Field(description="What the key may do.")
    key_prefix: str | None = Field(None, description="The first characters of the key, as the dashboard shows them.")
    created_at: str | None = Field(None, description="When the key was made (RFC 3339).")
    created_by: str | None = Field(None, description="Who made the key.")
    expires_at: str | None = Field(None, description="When the server ends the key (RFC 3339), where it does.")
    last_used_at: str | None = Field(
        None,
        description=(
            "When the key was last used (RFC 3339). Absent where it never was, which `neverUsed` tells, and where the"
            " server does not say."
        ),
    )
    never_used: bool | None = Field(
        None, description="True where the server says that the key was never used; absent where it does not say."
    )
    tenant_id: str | None = Field(None, description="UUID of the tenant the project belongs to.")
    is_admin_managed: bool | None = Field(
        None, description="Whether administrators manage this key; such a key can't be revoked here."
    )


def told(key: RemoteKey, at: datetime) -> KeyInfo:
    """What is told of a key at that time."""
    return KeyInfo(
        id=str(KeyPath(key.project_id, key.key_id)),
        key_id=key.key_id,
        project_id=key.project_id,
        name=key.name,
        status=key.status_at(at).value,
        scopes=list(key.scopes),
        key_prefix=key.key_prefix,
        created_at=key.created_at,
        created_by=key.created_by,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        never_used=None if not key.use_told else key.never_used,
        tenant_id=key.tenant_id,
        is_admin_managed=key.is_admin_managed,
    )


def place_in_order(key: RemoteKey) -> tuple[datetime, str]:
    """Where a key stands among others: the oldest first, so that a list whose order the API leaves open is stable."""
    return key.made_at or FIRST_INSTANT, key.key_id


def in_order(keys: Iterable[RemoteKey]) -> list[RemoteKey]:
    """The keys by the time of their making, which is the same in each run."""
    return sorted(keys, key=place_in_order)

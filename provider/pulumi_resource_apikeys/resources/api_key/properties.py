"""`APIKey`: what a user writes, and what the state keeps. The schema and the reference are made from these.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from typing import Annotated, ClassVar

from pydantic import Field, SecretStr

from pulumi_resource_apikeys.model.facts import ComputedFrom, OnChange, Told
from pulumi_resource_apikeys.model.fields import (
    Args,
    Duration,
    Name,
    ProjectId,
    Scopes,
    Timestamp,
    ToldScopes,
    ToldTime,
    Triggers,
)
from pulumi_resource_apikeys.model.states import State
from pulumi_resource_apikeys.model.times import Dated


class APIKeyArgs(Args):
    """An API key of a project.

    `pulumi up` mints it, and its secret is the secret output `key`. The API can't change a key, so every change of
    `projectId`, `name`, `scopes`, `expiresAt`, `expiresIn` or `triggers` replaces it: the new key first, then what
    depends on it, and the old key is revoked last. So does the time, if `rotateAfter` or `renewBefore` say so. A key
    that was revoked by hand, is gone, or has expired counts as deleted and comes back at the next `pulumi up`.
    """

    EXCLUSIVE: ClassVar[tuple[tuple[str, str], ...]] = (("expiresAt", "expiresIn"),)

    project_id: Annotated[ProjectId | None, OnChange.REPLACE] = Field(
        None,
        description="UUID of the project the key belongs to. Default: the provider's `projectId`.",
    )
    name: Annotated[Name | None, OnChange.REPLACE] = Field(
        None,
        description=(
            "The key's name in the dashboard. Left out, it is made from the resource's name and a random suffix,"
            " as the stack's auto-naming says. Names need not be unique, yet only a unique one lets a lost answer be"
            " cleaned up without asking you."
        ),
    )
    scopes: Annotated[Scopes | None, OnChange.REPLACE] = Field(
        None,
        description=(
            "What the key may do, as a set: order means nothing. Left out, the server decides. No blanks, no doubles."
        ),
    )
    expires_at: Annotated[Timestamp | None, OnChange.REPLACE] = Field(
        None,
        description=(
            "When the server ends the key: RFC 3339 with an offset, such as `2027-01-31T12:00:00Z`."
            " Not together with `expiresIn`."
        ),
    )
    expires_in: Annotated[Duration | None, OnChange.REPLACE] = Field(
        None,
        description=(
            "How long the key lives, counted from its creation: `90d`, `12h`, `1w`, or ISO 8601 such as `P90D`."
            " Not together with `expiresAt`."
        ),
    )
    rotate_after: Annotated[Duration | None, OnChange.HOLD] = Field(
        None,
        description=(
            "How old the key may get: the first `pulumi up` after that replaces it. `90d`, `12h`, `1w`, or ISO 8601."
            " Shorter than `expiresIn`."
        ),
    )
    renew_before: Annotated[Duration | None, OnChange.HOLD] = Field(
        None,
        description=(
            "How long before its end the key is replaced by a `pulumi up`. Needs `expiresIn`, and must be shorter."
        ),
    )
    triggers: Annotated[Triggers | None, OnChange.REPLACE] = Field(None, description="Any values of your own.")


class APIKeyState(State, Dated):
    """The outputs of an `APIKey` and, beside them, its inputs as they were when it was made."""

    project_id: str = Field(description="UUID of the project the key belongs to.")
    name: str = Field(description="The key's name in the dashboard.")
    scopes: ToldScopes | None = Field(None, description="What the key may do.")
    expires_at: Annotated[ToldTime | None, Told.WITH_KEY, ComputedFrom("expiresIn")] = Field(
        None, description="When the server ends the key (RFC 3339), where it ends."
    )
    expires_in: str | None = Field(None, description="The life asked for at creation.")
    rotate_after: str | None = Field(None, description="How old the key may get.")
    renew_before: str | None = Field(None, description="How long before its end the key is replaced.")
    triggers: Triggers | None = Field(None, description="The triggers as of the key's creation.")
    key_id: Annotated[str, Told.WITH_KEY] = Field(description="UUID of the key; also the resource's id.")
    key: Annotated[SecretStr | None, Told.WITH_KEY] = Field(
        None,
        description=(
            "The key itself, a secret. Absent only where the key was imported without it: the API shows it once, and an"
            " import takes it from `APIKEYS_IMPORT_SECRET`."
        ),
    )
    key_prefix: Annotated[str | None, Told.WITH_KEY] = Field(
        None, description="The first characters of the key, as the dashboard shows them."
    )
    created_at: Annotated[ToldTime | None, Told.WITH_KEY, Told.ONCE] = Field(
        None, description="When the key was made (RFC 3339)."
    )
    created_by: Annotated[str | None, Told.WITH_KEY] = Field(None, description="Who made the key.")
    tenant_id: Annotated[str | None, Told.WITH_KEY] = Field(
        None, description="UUID of the tenant the project belongs to."
    )
    is_admin_managed: Annotated[bool | None, Told.WITH_KEY] = Field(
        None, description="Whether administrators manage this key; such a key can't be revoked here."
    )

    @property
    def known_ids(self) -> list[str]:
        """The ids of the keys that it knows: its own, and those that it replaced."""
        return [*(self.replaced or []), *([self.key_id] if self.key_id else [])]

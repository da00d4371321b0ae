"""`APIKey`: what a user writes, and what the state keeps. The schema and the reference are made from these.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from pulumi_resource_apikeys.model.fields import Args, Name, ProjectId, Scopes, State
from pulumi_resource_apikeys.model.times import Duration, Timestamp


class APIKeyArgs(Args):
    """An API key of a project.

    `pulumi up` mints it, and its secret is the secret output `key`. The API can't change a key, so every change of
    `projectId`, `name`, `scopes`, `expiresAt`, `expiresIn` or `triggers` replaces it: the new key first, then what
    depends on it, and the old key is revoked last. So does the time, where `rotateAfter` or `renewBefore` say so. A key
    that was revoked by hand, is gone, or has expired counts as deleted and comes back at the next `pulumi up`.
    """

    EXCLUSIVE: ClassVar[tuple[tuple[str, str], ...]] = (("expiresAt", "expiresIn"),)

    project_id: ProjectId | None = Field(
        None,
        description="UUID of the project the key belongs to. Default: the provider's `projectId`. Change: replace.",
    )
    name: Name | None = Field(
        None,
        description=(
            "The key's name in the dashboard. Left out, it is made from the resource's name and a random suffix,"
            " as the stack's auto-naming says. Names need not be unique, yet only a unique one lets a lost answer be"
            " cleaned up without asking you. Change: replace."
        ),
    )
    scopes: Scopes | None = Field(
        None,
        description=(
            "What the key may do, as a set: order means nothing. Left out, the server decides. No blanks, no doubles."
            " Change: replace."
        ),
    )
    expires_at: Timestamp | None = Field(
        None,
        description=(
            "When the server ends the key: RFC 3339 with an offset, such as `2027-01-31T12:00:00Z`."
            " Not together with `expiresIn`. Change: replace."
        ),
    )
    expires_in: Duration | None = Field(
        None,
        description=(
            "How long the key lives, counted from its creation: `90d`, `12h`, `1w`, or ISO 8601 such as `P90D`."
            " Not together with `expiresAt`. Change: replace."
        ),
    )
    rotate_after: Duration | None = Field(
        None,
        description=(
            "How old the key may get: the first `pulumi up` after that replaces it. `90d`, `12h`, `1w`, or ISO 8601."
            " Shorter than `expiresIn`. Change: holds at once, without a new key."
        ),
    )
    renew_before: Duration | None = Field(
        None,
        description=(
            "How long before its end the key is replaced by a `pulumi up`. Needs `expiresIn`, and must be shorter."
            " Change: holds at once, without a new key."
        ),
    )
    triggers: dict[str, Any] | None = Field(None, description="Any values; a change in any of them replaces the key.")


class APIKeyState(State):
    """The outputs of an `APIKey` and, beside them, its inputs as they were when it was made."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"key"})
    COMPUTED: ClassVar[Mapping[str, str]] = {"expiresAt": "expiresIn"}

    project_id: str = Field(description="UUID of the project the key belongs to.")
    name: str = Field(description="The key's name in the dashboard.")
    scopes: list[str] | None = Field(None, description="What the key may do.")
    expires_at: str | None = Field(None, description="When the server ends the key (RFC 3339), where it ends.")
    expires_in: str | None = Field(None, description="The life asked for at creation.")
    rotate_after: str | None = Field(None, description="How old the key may get.")
    renew_before: str | None = Field(None, description="How long before its end the key is replaced.")
    triggers: dict[str, Any] | None = Field(None, description="The triggers as of the key's creation.")
    key_id: str = Field(description="UUID of the key; also the resource's id.")
    key: SecretStr | None = Field(
        None, description="The key itself, a secret. Absent where the key was imported: the API shows it only once."
    )
    key_prefix: str | None = Field(None, description="The first characters of the key, as the dashboard shows them.")
    created_at: str | None = Field(None, description="When the key was made (RFC 3339).")
    created_by: str | None = Field(None, description="Who made the key.")
    tenant_id: str | None = Field(None, description="UUID of the tenant the project belongs to.")
    is_admin_managed: bool | None = Field(
        None, description="Whether administrators manage this key; such a key can't be revoked here."
    )

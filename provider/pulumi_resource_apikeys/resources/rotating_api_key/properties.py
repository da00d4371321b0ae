"""`RotatingAPIKey`: what a user writes, and what the state keeps. The schema and the reference are made from these.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from typing import Annotated

from pydantic import Field, SecretStr

from pulumi_resource_apikeys.model.choices import Retire, ToldRetire, ToldStatus
from pulumi_resource_apikeys.model.facts import ComputedFrom, OnChange, Told
from pulumi_resource_apikeys.model.fields import (
    Args,
    Duration,
    Name,
    ProjectId,
    Scopes,
    ToldScopes,
    ToldTime,
    Triggers,
)
from pulumi_resource_apikeys.model.states import State
from pulumi_resource_apikeys.model.times import Dated


class RotatingAPIKeyArgs(Args):
    """An API key that rotates in place, with no downtime.

    One resource with one stable id and at most two live keys: the current one (`key`) and, for `overlap` after each
    rotation, the one before it (`previousKey`). A rotation happens in the `pulumi up` that finds it due: after
    `rotateEvery`, when `triggers`, `scopes` or `name` change, when the current key was revoked by hand or has expired,
    and once after an import, whose secret can't be had. The new key is made first; the previous one is revoked in the
    first `pulumi up` after `overlap` is over. So run `pulumi up` on a schedule at least as often as `overlap`. If a
    third key would be alive, the previous one is revoked first, even within its `overlap`; if the current key is
    dead, the previous one stays for another `overlap`.
    """

    project_id: Annotated[ProjectId | None, OnChange.REPLACE] = Field(
        None,
        description="UUID of the project the keys belong to. Default: the provider's `projectId`.",
    )
    name: Annotated[Name | None, OnChange.ROTATE] = Field(
        None,
        description=(
            "What the keys' names begin with; each generation adds a random suffix. Left out, it is made from the"
            " resource's name."
        ),
    )
    scopes: Annotated[Scopes | None, OnChange.ROTATE] = Field(
        None,
        description=(
            "What the key may do, as a set: order means nothing. Left out, the server decides. No blanks, no doubles."
        ),
    )
    rotate_every: Annotated[Duration, OnChange.HOLD] = Field(
        description="How old the current key may get: `30d`, `12h`, `1w`, or ISO 8601 such as `P30D`."
    )
    overlap: Annotated[Duration, OnChange.HOLD] = Field(
        description="How long the previous key stays valid after a rotation. Shorter than `rotateEvery`."
    )
    expires_after: Annotated[Duration | None, OnChange.NEXT_KEY] = Field(
        None,
        description=(
            "A backstop on the server: each new key ends by itself that long after it was made, even if `pulumi up` is"
            " never run again. At least `rotateEvery` + `overlap`."
        ),
    )
    retire: Annotated[Retire | None, OnChange.HOLD] = Field(
        None,
        description=(
            "When the previous key is revoked: `afterOverlap` (default) by the clock alone; `whenUnused` once it was"
            " not used for `overlap`, as the server tells, with a warning while it still is."
        ),
    )
    max_overlap: Annotated[Duration | None, OnChange.HOLD] = Field(
        None,
        description=(
            "With `retire: whenUnused`, how long after the rotation the previous key is revoked although it is used."
            " Default: `rotateEvery`. At least `overlap`, at most `rotateEvery`."
        ),
    )
    triggers: Annotated[Triggers | None, OnChange.ROTATE] = Field(
        None, description="Any values of your own; after a change the previous key keeps its `overlap`."
    )
    emergency_triggers: Annotated[Triggers | None, OnChange.ROTATE_AT_ONCE] = Field(
        None,
        description=(
            "Any values of your own, for an incident: no overlap is waited for. Setting them for the first time on a"
            " resource that has none is a change too; taking one out is none."
        ),
    )


class RotatingAPIKeyState(State, Dated):
    """The outputs of a `RotatingAPIKey` and, beside them, its inputs as they were when the current key was made."""

    project_id: str = Field(description="UUID of the project the keys belong to.")
    name: str = Field(description="What the keys' names begin with.")
    scopes: ToldScopes | None = Field(None, description="What the current key may do.")
    rotate_every: str | None = Field(None, description="How old the current key may get.")
    overlap: str | None = Field(None, description="How long the previous key stays valid after a rotation.")
    expires_after: str | None = Field(None, description="How long after its making a key ends by itself.")
    retire: ToldRetire | None = Field(None, description="When the previous key is revoked.")
    max_overlap: str | None = Field(None, description="How long a previous key that is still used may stay.")
    triggers: Triggers | None = Field(None, description="The triggers as of the current key's making.")
    emergency_triggers: Triggers | None = Field(
        None, description="The emergency triggers as of the current key's making."
    )
    key_id: Annotated[str, Told.WITH_KEY] = Field(description="UUID of the current key.")
    key: Annotated[SecretStr, Told.WITH_KEY] = Field(
        description="The current key, a secret. Empty only between an import and the first rotation, the next run."
    )
    key_name: Annotated[str | None, Told.WITH_KEY, ComputedFrom("name")] = Field(
        None, description="The current key's full name in the dashboard."
    )
    key_prefix: Annotated[str | None, Told.WITH_KEY] = Field(
        None, description="The first characters of the current key."
    )
    key_status: ToldStatus = Field(description="What the server said of the current key last.")
    created_at: Annotated[ToldTime | None, Told.WITH_KEY] = Field(
        None, description="When the server made the current key (RFC 3339)."
    )
    expires_at: Annotated[ToldTime | None, Told.WITH_KEY, ComputedFrom("expiresAfter")] = Field(
        None, description="When the server ends the current key (RFC 3339), where it does."
    )
    previous_key: SecretStr = Field(
        description=(
            "The key before the current one, a secret, while it is valid; else empty, as it is where the previous key"
            " was an imported one."
        )
    )
    previous_key_id: str = Field(description="UUID of the previous key, while it is valid; else empty.")
    previous_revokes_at: Annotated[str, ComputedFrom("overlap")] = Field(
        description="From when on a `pulumi up` revokes the previous key (RFC 3339); empty while there is none."
    )
    rotated_at: Annotated[str, Told.WITH_KEY] = Field(
        description=(
            "When the current key was made (RFC 3339), by this side's clock; by the server's where ours was far behind."
        )
    )
    next_rotation_at: Annotated[str | None, Told.WITH_KEY, ComputedFrom("rotateEvery")] = Field(
        None, description="From when on a `pulumi up` rotates (RFC 3339)."
    )
    generation: int = Field(description="How many keys this resource has made; 0 for an imported key.")
    late_by: Annotated[float | None, ComputedFrom("rotateEvery")] = Field(None, alias="__lateBy")
    """How many seconds after its due time the last timed rotation came."""

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of its keys, the current one first."""
        return tuple(key_id for key_id in (self.key_id, self.previous_key_id) if key_id)

    @property
    def known_ids(self) -> list[str]:
        """The ids of the keys that it knows, and of those that they replaced."""
        return [*(self.replaced or []), *self.key_ids]

    @property
    def revoke_overdue(self) -> bool:
        """Whether the previous key should have been revoked with the rotation, and could not."""
        return bool(self.previous_revokes_at) and self.previous_revokes_at == self.rotated_at

    @property
    def called(self) -> str:
        """What the current key is called."""
        return self.key_name or self.name

"""`RotatingAPIKey`: what a user writes, and what the state keeps. The schema and the reference are made from these.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from pulumi_resource_apikeys.model.fields import Args, Name, ProjectId, Scopes, State
from pulumi_resource_apikeys.model.times import Duration


class RotatingAPIKeyArgs(Args):
    """An API key that rotates in place, with no downtime.

    One resource with one stable id and at most two live keys: the current one (`key`) and, for `overlap` after each
    rotation, the one before it (`previousKey`). A rotation happens in the `pulumi up` that finds it due: after
    `rotateEvery`, when `triggers`, `scopes` or `name` change, when the current key was revoked by hand or has expired,
    and once after an import, whose secret can't be had. The new key is made first; the previous one is revoked in the
    first `pulumi up` after `overlap` is over. So run `pulumi up` on a schedule at least as often as `overlap`. Where a
    third key would be alive, the previous one is revoked first, even within its `overlap`; where the current key is
    dead, the previous one stays for another `overlap`.
    """

    project_id: ProjectId | None = Field(
        None,
        description=("UUID of the project the keys belong to. Default: the provider's `projectId`. Change: replace."),
    )
    name: Name | None = Field(
        None,
        description=(
            "What the keys' names begin with; each generation adds a random suffix. Left out, it is made from the"
            " resource's name. Change: rotate."
        ),
    )
    scopes: Scopes | None = Field(
        None,
        description=(
            "What the key may do, as a set: order means nothing. Left out, the server decides. No blanks, no doubles."
            " Change: rotate."
        ),
    )
    rotate_every: Duration = Field(
        description="How old the current key may get: `30d`, `12h`, `1w`, or ISO 8601 such as `P30D`."
    )
    overlap: Duration = Field(
        description="How long the previous key stays valid after a rotation. Shorter than `rotateEvery`."
    )
    expires_after: Duration | None = Field(
        None,
        description=(
            "A backstop on the server: each new key ends by itself that long after it was made, even if `pulumi up` is"
            " never run again. At least `rotateEvery` + `overlap`. A change holds from the next rotation on."
        ),
    )
    retire: Literal["afterOverlap", "whenUnused"] | None = Field(
        None,
        description=(
            "When the previous key is revoked: `afterOverlap` (default) by the clock alone; `whenUnused` once it was"
            " not used for `overlap`, as the server tells, with a warning while it still is."
        ),
    )
    max_overlap: Duration | None = Field(
        None,
        description=(
            "With `retire: whenUnused`, how long after the rotation the previous key is revoked although it is used."
            " Default: `rotateEvery`. At least `overlap`, at most `rotateEvery`."
        ),
    )
    triggers: dict[str, Any] | None = Field(
        None, description="Any values; a change in any of them rotates, and the previous key keeps its `overlap`."
    )
    emergency_triggers: dict[str, Any] | None = Field(
        None,
        description=(
            "Any values; a change in any of them rotates and revokes every older key at once, with no overlap. Setting"
            " them for the first time on a resource that has none is a change too; taking one out is none."
        ),
    )


class RotatingAPIKeyState(State):
    """The outputs of a `RotatingAPIKey` and, beside them, its inputs as they were when the current key was made."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"key", "previousKey"})
    COMPUTED: ClassVar[Mapping[str, str]] = {
        "keyName": "name",
        "expiresAt": "expiresAfter",
        "nextRotationAt": "rotateEvery",
        "previousRevokesAt": "overlap",
        "__lateBy": "rotateEvery",
    }

    project_id: str = Field(description="UUID of the project the keys belong to.")
    name: str = Field(description="What the keys' names begin with.")
    scopes: list[str] | None = Field(None, description="What the current key may do.")
    rotate_every: str | None = Field(None, description="How old the current key may get.")
    overlap: str | None = Field(None, description="How long the previous key stays valid after a rotation.")
    expires_after: str | None = Field(None, description="How long after its making a key ends by itself.")
    retire: str | None = Field(None, description="When the previous key is revoked.")
    max_overlap: str | None = Field(None, description="How long a previous key that is still used may stay.")
    triggers: dict[str, Any] | None = Field(None, description="The triggers as of the current key's making.")
    emergency_triggers: dict[str, Any] | None = Field(
        None, description="The emergency triggers as of the current key's making."
    )
    key_id: str = Field(description="UUID of the current key.")
    key: SecretStr = Field(
        description="The current key, a secret. Empty only between an import and the first rotation, the next run."
    )
    key_name: str | None = Field(None, description="The current key's full name in the dashboard.")
    key_prefix: str | None = Field(None, description="The first characters of the current key.")
    key_status: str = Field(
        description="What the server said of the current key last: `active`, `expired`, `revoked` or `absent`."
    )
    created_at: str | None = Field(None, description="When the server made the current key (RFC 3339).")
    expires_at: str | None = Field(None, description="When the server ends the current key (RFC 3339), where it does.")
    previous_key: SecretStr = Field(
        description=(
            "The key before the current one, a secret, while it is valid; else empty, as it is where the previous key"
            " was an imported one."
        )
    )
    previous_key_id: str = Field(description="UUID of the previous key, while it is valid; else empty.")
    previous_revokes_at: str = Field(
        description="From when on a `pulumi up` revokes the previous key (RFC 3339); empty while there is none."
    )
    rotated_at: str = Field(
        description=(
            "When the current key was made (RFC 3339), by this side's clock; by the server's where ours was far behind."
        )
    )
    next_rotation_at: str | None = Field(None, description="From when on a `pulumi up` rotates (RFC 3339).")
    generation: int = Field(description="How many keys this resource has made; 0 for an imported key.")

"""`RotatingAPIKey` as a dynamic resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from .providers import ROTATING_API_KEY
from .resource import KeyResource, Out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi


@dataclass(kw_only=True)
class RotatingAPIKeyArgs:
    """The arguments of `RotatingAPIKey`; what each means stands in the reference of the resource."""

    rotate_every: pulumi.Input[str]
    """How old the current key may get: `30d`, `12h`, `1w`, or ISO 8601 such as `P30D`."""
    overlap: pulumi.Input[str]
    """How long the previous key stays valid after a rotation. Shorter than `rotate_every`."""
    project_id: pulumi.Input[str | None] = None
    """UUID of the project the keys belong to. Default: `apikeys:projectId`. Change: replace."""
    name: pulumi.Input[str | None] = None
    """What the keys' names begin with; left out, it is made from the resource's name. Change: rotate."""
    scopes: pulumi.Input[Sequence[pulumi.Input[str]] | None] = None
    """What the key may do, as a set. Left out, the server decides. Change: rotate."""
    expires_after: pulumi.Input[str | None] = None
    """A backstop on the server: each new key ends by itself that long after it was made."""
    retire: pulumi.Input[str | None] = None
    """When the previous key is revoked: `afterOverlap` (default) or `whenUnused`."""
    max_overlap: pulumi.Input[str | None] = None
    """With `whenUnused`, how long after the rotation the previous key is revoked although it is used."""
    triggers: pulumi.Input[Mapping[str, Any] | None] = None
    """Any values; a change in any of them rotates, and the previous key keeps its `overlap`."""
    emergency_triggers: pulumi.Input[Mapping[str, Any] | None] = None
    """Any values; a change in any of them rotates and revokes every older key at once."""


class RotatingAPIKey(KeyResource, module="apikeys", name="RotatingAPIKey"):
    """An API key that rotates in place, with no downtime: one resource, one stable id, at most two live keys.

    A rotation happens in the `pulumi up` that finds it due: after `rotate_every`, when `triggers`, `scopes` or `name`
    change, and when a refresh has found the current key revoked. The previous key is revoked in the first `pulumi up`
    after `overlap` is over. So run `pulumi up` on a schedule at least as often as `overlap`.
    """

    arguments = RotatingAPIKeyArgs
    provider_object = ROTATING_API_KEY
    secret_outputs = ("key", "previousKey")

    project_id = Out[str]()
    """UUID of the project the keys belong to."""
    name = Out[str]()
    """What the keys' names begin with."""
    scopes = Out["Sequence[str] | None"]()
    """What the current key may do."""
    rotate_every = Out["str | None"]()
    """How old the current key may get."""
    overlap = Out["str | None"]()
    """How long the previous key stays valid after a rotation."""
    expires_after = Out["str | None"]()
    """How long after its making a key ends by itself."""
    retire = Out["str | None"]()
    """When the previous key is revoked."""
    max_overlap = Out["str | None"]()
    """How long a previous key that is still used may stay."""
    triggers = Out["Mapping[str, Any] | None"]()
    """The triggers as of the current key's making."""
    emergency_triggers = Out["Mapping[str, Any] | None"]()
    """The emergency triggers as of the current key's making."""
    key_id = Out[str]()
    """UUID of the current key."""
    key = Out["str | None"]()
    """The current key, a secret. Empty only between an import and the first rotation."""
    key_name = Out["str | None"]()
    """The current key's full name in the dashboard."""
    key_prefix = Out["str | None"]()
    """The first characters of the current key."""
    key_status = Out[str]()
    """What the server said of the current key last: `active`, `expired`, `revoked` or `absent`."""
    created_at = Out["str | None"]()
    """When the server made the current key (RFC 3339)."""
    expires_at = Out["str | None"]()
    """When the server ends the current key (RFC 3339), where it does."""
    previous_key = Out["str | None"]()
    """The key before the current one, a secret, while it is valid."""
    previous_key_id = Out["str | None"]()
    """UUID of the previous key, while it is valid."""
    previous_revokes_at = Out["str | None"]()
    """From when on a `pulumi up` revokes the previous key (RFC 3339)."""
    rotated_at = Out[str]()
    """When the current key was made, by this side's clock (RFC 3339)."""
    next_rotation_at = Out["str | None"]()
    """From when on a `pulumi up` rotates (RFC 3339)."""
    generation = Out[int](int)
    """How many keys this resource has made; 0 for an imported key."""

    @overload
    def __init__(
        self, resource_name: str, args: RotatingAPIKeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        rotate_every: pulumi.Input[str],
        overlap: pulumi.Input[str],
        project_id: pulumi.Input[str | None] = None,
        name: pulumi.Input[str | None] = None,
        scopes: pulumi.Input[Sequence[pulumi.Input[str]] | None] = None,
        expires_after: pulumi.Input[str | None] = None,
        retire: pulumi.Input[str | None] = None,
        max_overlap: pulumi.Input[str | None] = None,
        triggers: pulumi.Input[Mapping[str, Any] | None] = None,
        emergency_triggers: pulumi.Input[Mapping[str, Any] | None] = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *positional: Any, **named: Any) -> None:
        """Declare a rotating key, with the arguments of `RotatingAPIKeyArgs` as one object or by keyword."""
        super().__init__(resource_name, positional, named)

"""`RotatingAPIKey` as a dynamic resource. Made from the models by `make generate`; do not edit."""

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
    """The arguments of `RotatingAPIKey`."""

    rotate_every: pulumi.Input[str]
    """How old the current key may get: `30d`, `12h`, `1w`, or ISO 8601 such as `P30D`. Change: holds at once, without a
    new key.
    """
    overlap: pulumi.Input[str]
    """How long the previous key stays valid after a rotation. Shorter than `rotate_every`. Change: holds at once,
    without a new key.
    """
    project_id: pulumi.Input[str | None] = None
    """UUID of the project the keys belong to. Default: the provider's `projectId`. Change: replace."""
    name: pulumi.Input[str | None] = None
    """What the keys' names begin with; each generation adds a random suffix. Left out, it is made from the resource's
    name. Change: rotate.
    """
    scopes: pulumi.Input[Sequence[pulumi.Input[str]] | None] = None
    """What the key may do, as a set: order means nothing. Left out, the server decides. No blanks, no doubles. Change:
    rotate.
    """
    expires_after: pulumi.Input[str | None] = None
    """A backstop on the server: each new key ends by itself that long after it was made, even if `pulumi up` is never
    run again. At least `rotate_every` + `overlap`. Change: holds from the next rotation on.
    """
    retire: pulumi.Input[str | None] = None
    """When the previous key is revoked: `afterOverlap` (default) by the clock alone; `whenUnused` once it was not used
    for `overlap`, as the server tells, with a warning while it still is. Change: holds at once, without a new key.
    """
    max_overlap: pulumi.Input[str | None] = None
    """With `retire: whenUnused`, how long after the rotation the previous key is revoked although it is used. Default:
    `rotate_every`. At least `overlap`, at most `rotate_every`. Change: holds at once, without a new key.
    """
    triggers: pulumi.Input[Mapping[str, Any] | None] = None
    """Any values of your own; after a change the previous key keeps its `overlap`. Change: rotate."""
    emergency_triggers: pulumi.Input[Mapping[str, Any] | None] = None
    """Any values of your own, for an incident: no overlap is waited for. Setting them for the first time on a resource
    that has none is a change too; taking one out is none. Change: rotate, and revoke every older key at once.
    """


class RotatingAPIKey(KeyResource, module="apikeys", name="RotatingAPIKey"):
    """An API key that rotates in place, with no downtime.

    One resource with one stable id and at most two live keys: the current one (`key`) and, for `overlap` after each
    rotation, the one before it (`previous_key`). A rotation happens in the `pulumi up` that finds it due: after
    `rotate_every`, when `triggers`, `scopes` or `name` change, when the current key was revoked by hand or has expired,
    and once after an import, whose secret can't be had. The new key is made first; the previous one is revoked in the
    first `pulumi up` after `overlap` is over. So run `pulumi up` on a schedule at least as often as `overlap`. If a
    third key would be alive, the previous one is revoked first, even within its `overlap`; if the current key is dead,
    the previous one stays for another `overlap`.
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
    key = Out[str]()
    """The current key, a secret. Empty only between an import and the first rotation, the next run."""
    key_name = Out["str | None"]()
    """The current key's full name in the dashboard."""
    key_prefix = Out["str | None"]()
    """The first characters of the current key."""
    key_status = Out[str]()
    """What the server said of the current key last."""
    created_at = Out["str | None"]()
    """When the server made the current key (RFC 3339)."""
    expires_at = Out["str | None"]()
    """When the server ends the current key (RFC 3339), where it does."""
    previous_key = Out[str]()
    """The key before the current one, a secret, while it is valid; else empty, as it is where the previous key was an
    imported one.
    """
    previous_key_id = Out[str]()
    """UUID of the previous key, while it is valid; else empty."""
    previous_revokes_at = Out[str]()
    """From when on a `pulumi up` revokes the previous key (RFC 3339); empty while there is none."""
    rotated_at = Out[str]()
    """When the current key was made (RFC 3339), by this side's clock; by the server's where ours was far behind."""
    next_rotation_at = Out["str | None"]()
    """From when on a `pulumi up` rotates (RFC 3339)."""
    generation = Out[int](int)
    """How many keys this resource has made; 0 for an imported key."""

    @overload
    def __init__(
        self,
        resource_name: str,
        args: RotatingAPIKeyArgs,
        opts: pulumi.ResourceOptions | None = None,
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
        """Declare one, with the arguments of `RotatingAPIKeyArgs` as one object or by keyword."""
        super().__init__(resource_name, positional, named)

"""`APIKey` as a dynamic resource. Made from the models by `make generate`; do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from .providers import API_KEY
from .resource import KeyResource, Out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi


@dataclass(kw_only=True)
class APIKeyArgs:
    """The arguments of `APIKey`."""

    project_id: pulumi.Input[str | None] = None
    """UUID of the project the key belongs to. Default: the provider's `projectId`. Change: replace."""
    name: pulumi.Input[str | None] = None
    """The key's name in the dashboard. Left out, it is made from the resource's name and a random suffix, as the
    stack's auto-naming says. Names need not be unique, yet only a unique one lets a lost answer be cleaned up without
    asking you. Change: replace.
    """
    scopes: pulumi.Input[Sequence[pulumi.Input[str]] | None] = None
    """What the key may do, as a set: order means nothing. Left out, the server decides. No blanks, no doubles. Change:
    replace.
    """
    expires_at: pulumi.Input[str | None] = None
    """When the server ends the key: RFC 3339 with an offset, such as `2027-01-31T12:00:00Z`. Not together with
    `expires_in`. Change: replace.
    """
    expires_in: pulumi.Input[str | None] = None
    """How long the key lives, counted from its creation: `90d`, `12h`, `1w`, or ISO 8601 such as `P90D`. Not together
    with `expires_at`. Change: replace.
    """
    rotate_after: pulumi.Input[str | None] = None
    """How old the key may get: the first `pulumi up` after that replaces it. `90d`, `12h`, `1w`, or ISO 8601. Shorter
    than `expires_in`. Change: holds at once, without a new key.
    """
    renew_before: pulumi.Input[str | None] = None
    """How long before its end the key is replaced by a `pulumi up`. Needs `expires_in`, and must be shorter. Change:
    holds at once, without a new key.
    """
    triggers: pulumi.Input[Mapping[str, Any] | None] = None
    """Any values of your own. Change: replace."""


class APIKey(KeyResource, module="apikeys", name="APIKey"):
    """An API key of a project.

    `pulumi up` mints it, and its secret is the secret output `key`. The API can't change a key, so every change of
    `project_id`, `name`, `scopes`, `expires_at`, `expires_in` or `triggers` replaces it: the new key first, then what
    depends on it, and the old key is revoked last. So does the time, if `rotate_after` or `renew_before` say so. A key
    that was revoked by hand, is gone, or has expired counts as deleted and comes back at the next `pulumi up`.
    """

    arguments = APIKeyArgs
    provider_object = API_KEY
    secret_outputs = ("key",)

    project_id = Out[str]()
    """UUID of the project the key belongs to."""
    name = Out[str]()
    """The key's name in the dashboard."""
    scopes = Out["Sequence[str] | None"]()
    """What the key may do."""
    expires_at = Out["str | None"]()
    """When the server ends the key (RFC 3339), where it ends."""
    expires_in = Out["str | None"]()
    """The life asked for at creation."""
    rotate_after = Out["str | None"]()
    """How old the key may get."""
    renew_before = Out["str | None"]()
    """How long before its end the key is replaced."""
    triggers = Out["Mapping[str, Any] | None"]()
    """The triggers as of the key's creation."""
    key_id = Out[str]()
    """UUID of the key; also the resource's id."""
    key = Out[str]()
    """The key itself, a secret. Absent only where the key was imported without it: the API shows it once, and an import
    takes it from `APIKEYS_IMPORT_SECRET`.
    """
    key_prefix = Out["str | None"]()
    """The first characters of the key, as the dashboard shows them."""
    created_at = Out["str | None"]()
    """When the key was made (RFC 3339)."""
    created_by = Out["str | None"]()
    """Who made the key."""
    tenant_id = Out["str | None"]()
    """UUID of the tenant the project belongs to."""
    is_admin_managed = Out["bool | None"]()
    """Whether administrators manage this key; such a key can't be revoked here."""

    @overload
    def __init__(
        self,
        resource_name: str,
        args: APIKeyArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        project_id: pulumi.Input[str | None] = None,
        name: pulumi.Input[str | None] = None,
        scopes: pulumi.Input[Sequence[pulumi.Input[str]] | None] = None,
        expires_at: pulumi.Input[str | None] = None,
        expires_in: pulumi.Input[str | None] = None,
        rotate_after: pulumi.Input[str | None] = None,
        renew_before: pulumi.Input[str | None] = None,
        triggers: pulumi.Input[Mapping[str, Any] | None] = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *positional: Any, **named: Any) -> None:
        """Declare one, with the arguments of `APIKeyArgs` as one object or by keyword."""
        super().__init__(resource_name, positional, named)

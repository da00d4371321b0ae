"""Where keys live whose state does not say: at the endpoint that the provider's own state remembers.

States that earlier versions of this plugin wrote name no endpoint. The engine sends the inputs of the provider as they
are in the state: to CheckConfig beside the new ones, and to Configure if it configures from the state. If these
name another endpoint than the one in force, it is kept as a hidden input of the provider, for the runs after this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.values import text
from pulumi_resource_apikeys.settings import base_of, canonical

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Props

MOVED_FROM = "__movedFrom"


def moved_from(remembered: Props, endpoint: str | None) -> str | None:
    """The endpoint that a provider's remembered inputs name first, None if it is the one in force."""
    before = text(remembered, MOVED_FROM) or text(remembered, "endpoint")
    if before is None or endpoint is None or canonical(base_of(before)) == canonical(endpoint):
        return None
    return base_of(before)

"""The resource types by their Pulumi tokens: the one list that the schema, the plugin and every adapter go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .apikey import APIKeyLifecycle
from .rotating import RotatingAPIKeyLifecycle

if TYPE_CHECKING:
    from collections.abc import Mapping

RESOURCES: Final[Mapping[str, type[APIKeyLifecycle | RotatingAPIKeyLifecycle]]] = {
    "apikeys:index:APIKey": APIKeyLifecycle,
    "apikeys:index:RotatingAPIKey": RotatingAPIKeyLifecycle,
}

"""The resource types by their Pulumi tokens: the one list that the schema, the plugin and every adapter go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from pulumi_resource_apikeys.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .apikey import APIKeyLifecycle
    from .rotating import RotatingAPIKeyLifecycle

ResourceType: TypeAlias = "type[APIKeyLifecycle | RotatingAPIKeyLifecycle]"


def _api_key() -> ResourceType:
    from .apikey import APIKeyLifecycle  # noqa: PLC0415 - when it is asked for

    return APIKeyLifecycle


def _rotating_api_key() -> ResourceType:
    from .rotating import RotatingAPIKeyLifecycle  # noqa: PLC0415 - when it is asked for

    return RotatingAPIKeyLifecycle


RESOURCES: Final[Mapping[str, ResourceType]] = OnDemand(
    {"apikeys:index:APIKey": _api_key, "apikeys:index:RotatingAPIKey": _rotating_api_key}
)

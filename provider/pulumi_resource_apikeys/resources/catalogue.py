"""The resource types by their Pulumi tokens: the one list that the schema, the plugin and every adapter go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from pulumi_resource_apikeys.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle
    from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle

ResourceType: TypeAlias = "type[APIKeyLifecycle | RotatingAPIKeyLifecycle]"


def _api_key() -> ResourceType:
    from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle  # noqa: PLC0415 - when it is asked for

    return APIKeyLifecycle


def _rotating_api_key() -> ResourceType:
    from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle  # noqa: PLC0415 - when it is asked for

    return RotatingAPIKeyLifecycle


RESOURCES: Final[Mapping[str, ResourceType]] = OnDemand(
    {"apikeys:index:APIKey": _api_key, "apikeys:index:RotatingAPIKey": _rotating_api_key}
)

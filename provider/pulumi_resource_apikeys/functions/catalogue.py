"""The functions by their Pulumi tokens: the one list that the schema and the plugin go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from pulumi_resource_apikeys.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .get_api_key import GetAPIKey
    from .get_api_keys import GetAPIKeys

FunctionType: TypeAlias = "type[GetAPIKey | GetAPIKeys]"


def _get_api_key() -> FunctionType:
    from .get_api_key import GetAPIKey  # noqa: PLC0415 - when it is asked for

    return GetAPIKey


def _get_api_keys() -> FunctionType:
    from .get_api_keys import GetAPIKeys  # noqa: PLC0415 - when it is asked for

    return GetAPIKeys


FUNCTIONS: Final[Mapping[str, FunctionType]] = OnDemand(
    {"apikeys:index:getAPIKey": _get_api_key, "apikeys:index:getAPIKeys": _get_api_keys}
)

"""A dependent of keys, which keeps what it was given, as a deployment would."""

from typing import Any

from pulumi import ResourceOptions
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult


class _Keeper(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("consumer", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(dict(_news))


class Consumer(Resource):
    """Takes any properties."""

    def __init__(self, name: str, props: dict[str, Any], opts: ResourceOptions) -> None:
        """Declare the consumer."""
        super().__init__(_Keeper(), name, props, opts)

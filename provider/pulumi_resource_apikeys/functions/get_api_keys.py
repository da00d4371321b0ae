"""`getAPIKeys`: the keys of a project that fit some filters.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from collections.abc import Collection
from typing import ClassVar

from pydantic import Field

from pulumi_resource_apikeys.keys.filtering import matching, undecided
from pulumi_resource_apikeys.keys.port import server_time
from pulumi_resource_apikeys.model.fields import Args
from pulumi_resource_apikeys.model.values import Props

from .filters import Filters, key_filter
from .function import Function, Result, arguments
from .told import KeyInfo, in_order, told


class FoundKeys(Result):
    """The keys that fit, and those that may."""

    keys: list[KeyInfo] = Field(description="The keys that fit, the oldest first.")
    undecided: list[KeyInfo] = Field(
        description=(
            "The keys that may fit: as far as the server told of them they do, but it did not say when they were used,"
            " or whether administrators manage them, and that was asked. The oldest first."
        )
    )


class GetAPIKeys(Function):
    """Tells what the server says of the keys of a project that fit all filters; without any, of all; never a secret.

    Keys that were revoked or have expired are among them as long as the server lists them, unless `active` is true.
    """

    args: ClassVar[type[Args]] = Filters
    result: ClassVar[type[Result]] = FoundKeys

    async def invoke(self, given: Props, secret_names: Collection[str] = ()) -> FoundKeys:
        """The keys."""
        args = arguments(Filters, given, secret_names)
        listing = await self._run.keys.list(self._project(args.project_id), deadline=self._run.deadline)
        at = server_time(listing) or self._run.clock.now()
        wanted = key_filter(args, at)
        return FoundKeys(
            keys=[told(key, at) for key in in_order(matching(listing, wanted, at))],
            undecided=[told(key, at) for key in in_order(undecided(listing, wanted, at))],
        )

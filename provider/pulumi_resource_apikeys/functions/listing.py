"""The resources that could be: which keys of a project an import can take, for the protocol's `List`, page by page.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.keys.filtering import matching
from pulumi_resource_apikeys.keys.identity import KeyPath
from pulumi_resource_apikeys.keys.port import RemoteKey, server_time
from pulumi_resource_apikeys.keys.run import Run
from pulumi_resource_apikeys.model.times import format_instant, parse_instant
from pulumi_resource_apikeys.model.values import Props, Value, unknown_names

from .filters import Filters, key_filter
from .function import arguments, project
from .told import in_order, place_in_order


class ListArgs(Filters):
    """Which keys of a project to list; every filter that is given must fit."""

    active: bool = Field(
        True,  # noqa: FBT003 - the default of a field
        description=(
            "True, the default: only keys that may be used, for only those can be read or taken over. False: only"
            " those that were revoked or have expired."
        ),
    )


@dataclass(frozen=True)
class Listed:
    """A key that could be a resource: the id that an import takes, and the key's name."""

    id: str
    name: str


@dataclass(frozen=True)
class Page:
    """Some of the keys, and what to ask for the next ones with; empty after the last."""

    keys: tuple[Listed, ...]
    continuation: str = ""


@dataclass(frozen=True)
class PageRequest:
    """How much is asked for: at most `limit` keys over all pages, and `size` in this one; less than 1 is no limit.

    `continuation` is that of the page before, empty for the first.
    """

    limit: int = 0
    size: int = 0
    continuation: str = ""


@dataclass(frozen=True)
class _Mark:
    """Where a page ended: the last key's place in the order, and how many were told by then.

    A place and not a number, so that keys which come and go between two pages shift none of the others.
    """

    made_at: datetime
    key_id: str
    told: int

    def written(self) -> str:
        parts = [format_instant(self.made_at), self.key_id, self.told]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


class ResourceList:
    """Lists the keys of a project, oldest first. It is the same for all resource types: each can take over any key."""

    def __init__(self, run: Run, default_project: Value) -> None:
        """Take the API, and the provider's `projectId`, where it has one."""
        self._run = run
        self._default_project = default_project

    async def page(self, query: Props, wanted: PageRequest, secret_names: Collection[str] = ()) -> Page | None:
        """The keys that fit the query; None where a part of it is not known yet.

        Raises InputError for a query or a continuation that can't be used, and what `Keys.list` raises.
        """
        if unknown_names(query):
            return None
        args = arguments(ListArgs, query, secret_names)
        after = _read(wanted.continuation) if wanted.continuation else None
        listing = await self._run.keys.list(
            project(args.project_id, self._default_project), deadline=self._run.deadline
        )
        at = server_time(listing) or self._run.clock.now()
        return _page(in_order(matching(listing, key_filter(args, at), at)), wanted, after)


def _page(keys: Sequence[RemoteKey], wanted: PageRequest, after: _Mark | None) -> Page:
    told = after.told if after else 0
    rest = [key for key in keys if after is None or place_in_order(key) > (after.made_at, after.key_id)]
    if wanted.limit > 0:
        rest = rest[: max(wanted.limit - told, 0)]
    shown = rest[: wanted.size] if wanted.size > 0 else rest
    listed = tuple(Listed(str(KeyPath(key.project_id, key.key_id)), key.name) for key in shown)
    if len(shown) == len(rest):
        return Page(listed)
    return Page(listed, _Mark(*place_in_order(shown[-1]), told + len(shown)).written())


def _read(continuation: str) -> _Mark:
    try:
        made_at, key_id, told = json.loads(base64.urlsafe_b64decode(continuation))
        return _Mark(parse_instant(made_at), str(key_id), int(told))
    except (ValueError, TypeError):
        reason = "is not one that this provider gave: begin again without it"
        raise InputError([Problem("continuationToken", reason)]) from None

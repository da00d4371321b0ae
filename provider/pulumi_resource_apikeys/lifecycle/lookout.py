"""Looking out for keys that an interrupted run may have left, once a run and project, before it makes its first key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError

from .naming import base_of, is_ours
from .orphans import looks_orphaned, orphans, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.model.remote import Keys, RemoteKey


class Lookout:
    """Knows the keys that this run has met, and compares the project's list with them."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        """Take the API and the time."""
        self._keys = keys
        self._clock = clock
        self._met: set[str] = set()
        self._lists: dict[str, asyncio.Task[Sequence[RemoteKey]]] = {}

    def meet(self, key_id: str | None) -> None:
        """Take note of a key that the state knows."""
        if key_id is not None:
            self._met.add(key_id)

    async def warnings(self, project_id: str, name: str, *, unique: bool) -> tuple[str, ...]:
        """Words about the project's keys that are named like the one to be made and that no state knows.

        Like it are keys of that very name and, where it is `unique` by a suffix of ours, of its base with another.
        Where the list can't be had there are none: the create that follows will tell what is wrong.
        """
        if project_id not in self._lists:
            self._lists[project_id] = asyncio.ensure_future(self._keys.list(project_id))
        try:
            listing = await asyncio.shield(self._lists[project_id])
        except ApiKeysError:
            return ()
        now = self._clock.now()
        alike = [key for key in listing if key.name == name and looks_orphaned(key, self._met, now)]
        if unique:
            alike += orphans(listing, base_of(name), self._met, now)
        return tuple(warning(key, now) for key in alike)

    def doubles(self, listing: Sequence[RemoteKey], known: RemoteKey) -> tuple[str, ...]:
        """Words about other keys that bear the name of a known one, where it is unique by a suffix of ours.

        A create whose answer was lost made them, and the server was so slow that they appeared only after the next try.
        """
        if not is_ours(known.name):
            return ()
        now = self._clock.now()
        same_name = [key for key in listing if key.name == known.name and looks_orphaned(key, self._met, now)]
        return tuple(warning(key, now) for key in same_name)

"""Looking for keys with the server's lag in mind: a key that a list lacks is absent only if a later list lacks it too.

A server may take a while until a list shows a key that was just made, and a list may be wrong once. So whoever wants
to know how a key stands asks here.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .port import Listing, canonical_id, is_young, server_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock, Deadline

    from .port import Keys, RemoteKey

SECOND_LOOK = 2.0
"""Seconds between two lists that must both lack a key for it to count as absent."""
SECOND_LOOK_YOUNG = 10.0
"""The same for a key that is young (`port.is_young`)."""


class _Seen:
    """What the lists of a project showed: of all but the latest only when they came, and which keys they lacked."""

    def __init__(self) -> None:
        self.listing: Sequence[RemoteKey] | None = None
        self.ids: AbstractSet[str] = frozenset()
        self._times: list[float] = []
        self._last_with: dict[str, int] = {}

    @property
    def at(self) -> float:
        """The time of the latest list."""
        return self._times[-1]

    def add(self, listing: Sequence[RemoteKey], at: float) -> None:
        """Take note of a list, unless it is the latest one again."""
        if self.listing is listing:
            return
        self.listing = listing
        self.ids = listing.by_id.keys() if isinstance(listing, Listing) else {key.key_id for key in listing}
        self._last_with.update(dict.fromkeys(self.ids, len(self._times)))
        self._times.append(at)

    def lacked_since(self, key_id: str) -> float:
        """The time of the first of the last lists, all of which lack the key."""
        return self._times[self._last_with.get(key_id, -1) + 1]


class KeyLookup:
    """What a run has seen of its projects' lists, and the second look."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        """Take the API and the time."""
        self._keys = keys
        self._clock = clock
        self._seen: defaultdict[str, _Seen] = defaultdict(_Seen)

    async def list_with(
        self,
        project_id: str,
        sought: Mapping[str, datetime | None],
        *,
        fresh: bool = False,
        deadline: Deadline | None = None,
    ) -> Sequence[RemoteKey]:
        """The project's list; a key of `sought` that it lacks is absent for sure.

        `sought` are ids with the times at which the keys were made, as far as they are known. Raises what `Keys.list`
        raises, and CancelledRunError if the run is cancelled while this waits for the second look.
        """
        sought = {canonical_id(key_id): made_at for key_id, made_at in sought.items()}
        seen = self._seen[project_id]
        listing = await self._look(project_id, deadline, fresh=fresh)
        now, lacked = server_time(listing) or self._clock.now(), sought.keys() - seen.ids
        until = max((seen.lacked_since(key_id) + _patience(sought[key_id], now) for key_id in lacked), default=0.0)
        if not lacked or seen.at >= until:
            return listing
        wait = until - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
        return await self._look(project_id, deadline, fresh=True)

    async def _look(self, project_id: str, deadline: Deadline | None, *, fresh: bool) -> Sequence[RemoteKey]:
        listing = await self._keys.list(project_id, fresh=fresh, deadline=deadline)
        self._seen[project_id].add(listing, self._clock.monotonic())
        return listing


def _patience(made_at: datetime | None, now: datetime) -> float:
    return SECOND_LOOK_YOUNG if is_young(made_at, now) else SECOND_LOOK

"""Looking for keys with the server's lag in mind: a key that a list lacks is absent only if a later list lacks it too.

A server may take a while until a list shows a key that was just made, and a list may be wrong once. So whoever wants
to know how a key stands asks here.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.remote import Listing, canonical_id, server_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock, Deadline
    from pulumi_resource_apikeys.model.remote import Keys, RemoteKey

SECOND_LOOK = 2.0
"""Seconds between two lists that must both lack a key for it to count as absent."""
YOUNG = timedelta(minutes=10)
SECOND_LOOK_YOUNG = 10.0
"""The same for a key made less than `YOUNG` ago."""
KEPT_LISTS = 16


@dataclass(frozen=True)
class _Seen:
    listing: Sequence[RemoteKey]
    ids: AbstractSet[str]
    at: float


class KeyLookup:
    """The lists that a run has seen, and the second look."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        """Take the API and the time."""
        self._keys = keys
        self._clock = clock
        self._seen: defaultdict[str, deque[_Seen]] = defaultdict(lambda: deque(maxlen=KEPT_LISTS))

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
        raises, and CancelledRunError where the run is cancelled while this waits for the second look.
        """
        sought = {canonical_id(key_id): made_at for key_id, made_at in sought.items()}
        latest = await self._look(project_id, deadline, fresh=fresh)
        now, lacked = server_time(latest.listing) or self._clock.now(), sought.keys() - latest.ids
        until = max(
            (self._lacked_since(project_id, key_id) + _patience(sought[key_id], now) for key_id in lacked), default=0.0
        )
        if not lacked or latest.at >= until:
            return latest.listing
        wait = until - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
        return (await self._look(project_id, deadline, fresh=True)).listing

    async def _look(self, project_id: str, deadline: Deadline | None, *, fresh: bool) -> _Seen:
        listing = await self._keys.list(project_id, fresh=fresh, deadline=deadline)
        seen = self._seen[project_id]
        if not seen or seen[-1].listing is not listing:
            ids = listing.by_id.keys() if isinstance(listing, Listing) else {key.key_id for key in listing}
            seen.append(_Seen(listing, ids, self._clock.monotonic()))
        return seen[-1]

    def _lacked_since(self, project_id: str, key_id: str) -> float:
        """The time of the first of the last lists, all of which lack the key."""
        lacking = takewhile(lambda seen: key_id not in seen.ids, reversed(self._seen[project_id]))
        return min(seen.at for seen in lacking)


def _patience(made_at: datetime | None, now: datetime) -> float:
    return SECOND_LOOK_YOUNG if made_at is not None and now - made_at < YOUNG else SECOND_LOOK

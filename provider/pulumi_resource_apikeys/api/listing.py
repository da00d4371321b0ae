"""The list of a project's keys, shared: one call serves all who ask while it runs and for some seconds after it.

A list that was under way when a key was made or revoked may lack it or show it still. So whoever asks after the write
gets a list begun after it, and one that was under way is not kept. Whoever asks for a fresh list has mostly just
written, as others have who are about to ask too: it begins when no write is under way any more, or after a moment.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from async_timeout import timeout

from pulumi_resource_apikeys.single_flight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.keys.port import Listing

KEPT = 5.0
"""Seconds that a list is handed out after it came."""
LONGEST_GATHERING = 0.05
"""Seconds that a fresh list waits at most for the writes that are under way."""


@dataclass(frozen=True)
class _Kept:
    listing: Listing
    until: float


class _Call:
    """A call that is to begin, or has begun."""

    def __init__(self, make: Callable[[_Call], Coroutine[None, None, Listing]]) -> None:
        self.begun = False
        self.flight = SingleFlight(lambda: make(self))


class _Writes:
    """The writes of a project that are under way."""

    def __init__(self) -> None:
        self._number = 0
        self._none = asyncio.Event()
        self._none.set()

    def begin(self) -> None:
        self._number += 1
        self._none.clear()

    def end(self) -> None:
        self._number -= 1
        if not self._number:
            self._none.set()

    async def gathered(self) -> None:
        """Wait until none is under way, or for the longest that a list may wait."""
        with suppress(asyncio.TimeoutError):
            async with timeout(LONGEST_GATHERING):
                await self._none.wait()


class Listings:
    """The lists of all projects. Errors go to all who waited for the call, and are never kept."""

    def __init__(self, fetch: Callable[[str], Coroutine[None, None, Listing]], clock: Clock) -> None:
        """`fetch` gets the list of a project anew."""
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._calls: dict[str, _Call] = {}
        self._writes: defaultdict[str, _Writes] = defaultdict(_Writes)

    async def get(self, project_id: str, *, fresh: bool = False) -> Listing:
        """The list of a project; `fresh` asks for one whose call begins after this one was made."""
        kept = self._kept.get(project_id)
        if kept is not None and not fresh and self._clock.monotonic() < kept.until:
            return kept.listing
        call = self._calls.get(project_id)
        if call is None or not call.flight.under_way or (fresh and call.begun):
            call = self._begin(project_id, gather=fresh)
        return await call.flight.result()

    @contextmanager
    def writing(self, project_id: str) -> Iterator[None]:
        """Within, a key of the project is made or revoked, or may be."""
        writes = self._writes[project_id]
        writes.begin()
        try:
            yield
        finally:
            writes.end()
            self._kept.pop(project_id, None)
            call = self._calls.get(project_id)
            if call is not None and call.begun:
                self._calls.pop(project_id)

    def _begin(self, project_id: str, *, gather: bool) -> _Call:
        async def fetch_and_keep(call: _Call) -> Listing:
            if gather:
                await self._writes[project_id].gathered()
            call.begun = True
            listing = await self._fetch(project_id)
            if self._calls.get(project_id) is call:
                self._kept[project_id] = _Kept(listing, self._clock.monotonic() + KEPT)
            return listing

        call = self._calls[project_id] = _Call(fetch_and_keep)
        return call

"""The list of a project's keys, shared: one call serves all who ask while it runs and for some seconds after it.

A list that was under way when a key was made or revoked may lack it or show it still. So whoever asks after the write
gets a list begun after it, and such a list is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.flight import Flight

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.model.remote import Listing

KEPT = 5.0
"""Seconds that a list is handed out after it came."""


@dataclass(frozen=True)
class _Kept:
    listing: Listing
    until: float


class Listings:
    """The lists of all projects. Errors go to all who waited for the call, and are never kept."""

    def __init__(self, fetch: Callable[[str], Coroutine[None, None, Listing]], clock: Clock) -> None:
        """`fetch` gets the list of a project anew."""
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._flights: dict[str, Flight[Listing]] = {}

    async def get(self, project_id: str, *, fresh: bool = False) -> Listing:
        """The list of a project; `fresh` asks for one whose call begins after this one was made."""
        kept = self._kept.get(project_id)
        if kept is not None and not fresh and self._clock.monotonic() < kept.until:
            return kept.listing
        flight = self._flights.get(project_id)
        if flight is None or not flight.under_way or (fresh and flight.begun):
            flight = self._begin(project_id)
        return await flight.result()

    def written(self, project_id: str) -> None:
        """A key of the project was made or revoked, or may have been."""
        self._kept.pop(project_id, None)
        self._flights.pop(project_id, None)

    def _begin(self, project_id: str) -> Flight[Listing]:
        async def fetch_and_keep() -> Listing:
            listing = await self._fetch(project_id)
            if self._flights.get(project_id) is flight:
                self._kept[project_id] = _Kept(listing, self._clock.monotonic() + KEPT)
            return listing

        flight = Flight(fetch_and_keep)
        self._flights[project_id] = flight
        return flight

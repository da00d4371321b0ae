"""What all resources of one run share: the API and the time, what was seen of keys, and how the run shall go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.journal import Journal

from .looking import KeyLookup
from .operation import within
from .orphans import OrphanWatch

if TYPE_CHECKING:
    from pulumi_resource_apikeys.clock import Clock, Deadline

    from .port import Keys


@dataclass(frozen=True)
class Run:
    """One run. `detect_revoked`: a diff looks at the server. `retries`: how often a call that failed is tried again.

    `deadline` is when the operation must be over that this is about, if the engine limits it; `keys` keep it, and
    what the run shares is told it at each call.
    """

    keys: Keys
    clock: Clock
    watch: OrphanWatch
    lookup: KeyLookup
    journal: Journal
    detect_revoked: bool = True
    retries: int = 5
    deadline: Deadline | None = None

    def within(self, deadline: Deadline) -> Run:
        """The same run, with all that it has seen, for one operation, whose calls end by the deadline."""
        return replace(self, keys=within(self.keys, deadline), deadline=deadline)


def run_of(  # noqa: PLR0913 - what a run is made of
    keys: Keys,
    clock: Clock,
    *,
    journal: Journal | None = None,
    endpoint: str = "",
    detect_revoked: bool = True,
    retries: int = 5,
) -> Run:
    """A run that has seen nothing yet; without a journal nothing is written down."""
    kept = journal or Journal(None)
    watch = OrphanWatch(keys, clock, kept, endpoint)
    return Run(keys, clock, watch, KeyLookup(keys, clock), kept, detect_revoked, retries)

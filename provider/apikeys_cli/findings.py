"""The vocabulary of an audit: what can be found, how bad it is, and whose a key can be. docs/audit.md explains each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final


class Severity(Enum):
    """How bad a finding is, the worst first; the values are SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Relation(Enum):
    """Whose a key is. LEAVING: that of a replaced resource, which the engine still has to delete."""

    MANAGED = "managed"
    PREVIOUS = "previous"
    LEAVING = "replaced"
    ORPHANED = "orphaned"
    UNMANAGED = "unmanaged"


class FindingKind(Enum):
    """What is found, of keys first, then of resources. The value is its name in `--fail-on`, JSON and SARIF."""

    UNMANAGED = "unmanaged"
    ORPHANED = "orphaned"
    SHARED = "shared"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    UNUSED = "unused"
    NEVER_USED = "never-used"
    ADMIN_MANAGED = "admin-managed"
    DEAD_KEY = "dead-key"
    ROTATION_OVERDUE = "rotation-overdue"
    RETIREMENT_OVERDUE = "retirement-overdue"
    SCHEDULE_TOO_RARE = "schedule-too-rare"
    NO_END = "no-end"

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return _SEVERITIES.get(self, Severity.WARNING)

    @property
    def summary(self) -> str:
        """What it means, in a few words."""
        return SUMMARIES[self]


_SEVERITIES: Final = {
    FindingKind.ORPHANED: Severity.ERROR,
    FindingKind.SHARED: Severity.ERROR,
    FindingKind.DEAD_KEY: Severity.ERROR,
    FindingKind.EXPIRED: Severity.NOTE,
    FindingKind.ADMIN_MANAGED: Severity.NOTE,
    FindingKind.NO_END: Severity.NOTE,
}
SUMMARIES: Final = {
    FindingKind.UNMANAGED: "A live key that no stack manages",
    FindingKind.ORPHANED: "A live key that a stack made and no longer knows",
    FindingKind.SHARED: "A live key that several resources manage",
    FindingKind.EXPIRED: "A key past its end",
    FindingKind.EXPIRING: "A key that ends soon, and that nothing renews before",
    FindingKind.UNUSED: "A key that was not used for long",
    FindingKind.NEVER_USED: "A key that was never used",
    FindingKind.ADMIN_MANAGED: "A key that administrators manage",
    FindingKind.DEAD_KEY: "A resource whose key is dead",
    FindingKind.ROTATION_OVERDUE: "A resource whose rotation is overdue",
    FindingKind.RETIREMENT_OVERDUE: "A replaced key that is still alive after its time",
    FindingKind.SCHEDULE_TOO_RARE: "A resource whose stack runs too rarely to rotate in time",
    FindingKind.NO_END: "A resource whose key has no end on the server",
}
MEASURED: Final = {
    FindingKind.EXPIRING: timedelta(days=30),
    FindingKind.UNUSED: timedelta(days=90),
    FindingKind.NEVER_USED: timedelta(days=7),
    FindingKind.ROTATION_OVERDUE: timedelta(0),
    FindingKind.RETIREMENT_OVERDUE: timedelta(0),
}
"""The findings that go by a measure, with their limits unless the user sets others: what is left of a key's life, the
time without use, the age of a key that was never used, and how late something is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is found: `subject` begins a sentence that `message` ends, and `remedy` says what to do.

    The subject is a key, or the resource with that URN, in words. `amount` is what the limit of its kind is compared
    with.
    """

    kind: FindingKind
    subject: str
    message: str
    remedy: str
    project_id: str
    key_id: str
    stack: str | None = None
    urn: str | None = None
    amount: timedelta | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.kind.severity

from __future__ import annotations

from datetime import timedelta

import pytest

from apikeys_cli import thresholds
from apikeys_cli.findings import MEASURED, Finding, FindingKind

DAY = timedelta(days=1)


def finding(kind: str, amount: timedelta | None = None) -> Finding:
    return Finding(FindingKind(kind), "a key", "is so", "Do this", "project", "key", amount=amount)


@pytest.mark.parametrize(
    ("fail_on", "found", "fails"),
    [
        ("unmanaged", finding("unmanaged"), True),
        ("unmanaged", finding("orphaned"), False),
        (" unmanaged , orphaned ", finding("orphaned"), True),
        ("none", finding("orphaned"), False),
        ("", finding("orphaned"), False),
        ("error", finding("orphaned"), True),
        ("error", finding("unmanaged"), False),
        ("warning", finding("orphaned"), True),
        ("warning", finding("unmanaged"), True),
        ("warning", finding("no-end"), False),
        ("note", finding("no-end"), True),
        ("expiring=14d", finding("expiring", 14 * DAY), True),
        ("expiring=14d", finding("expiring", 15 * DAY), False),
        ("expiring", finding("expiring", 29 * DAY), True),
        ("unused=100d", finding("unused", 99 * DAY), False),
        ("unused=100d", finding("unused", 100 * DAY), True),
        ("never-used=100d", finding("never-used", None), True),
        ("rotation-overdue=2d", finding("rotation-overdue", DAY), False),
    ],
)
def test_what_fails(fail_on: str, found: Finding, *, fails: bool) -> None:
    assert bool(thresholds.failing([found], thresholds.parse(fail_on))) is fails


@pytest.mark.parametrize(
    ("fail_on", "words"),
    [
        ("unmanged", "did you mean unmanaged"),
        ("xyz", "there are unmanaged, orphaned"),
        ("none,error", "no finding and no severity"),
        ("unmanaged=3d", "goes by no measure; only expiring"),
        ("error=3d", "goes by no measure"),
        ("expiring=soon", "is not a duration"),
        ("expiring=", "is not a duration"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(fail_on: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        thresholds.parse(fail_on)


@pytest.mark.parametrize(
    ("fail_on", "kind", "days"),
    [
        ("expiring=60d", FindingKind.EXPIRING, 60),
        ("expiring=14d", FindingKind.EXPIRING, 30),
        ("unused=30d", FindingKind.UNUSED, 30),
        ("unused=300d", FindingKind.UNUSED, 90),
        ("error", FindingKind.UNUSED, 90),
    ],
)
def test_whatever_fails_is_looked_for_too(fail_on: str, kind: FindingKind, days: int) -> None:
    assert thresholds.limits(MEASURED, thresholds.parse(fail_on))[kind] == days * DAY

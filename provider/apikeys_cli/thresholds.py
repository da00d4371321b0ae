"""Which findings make an audit fail: `--fail-on unmanaged,expiring=14d`, or by severity, `--fail-on warning`."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.times import parse_duration

from .findings import MEASURED, FindingKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta

    from .findings import Finding

NONE = "none"
_SEVERITIES = list(Severity)


@dataclass(frozen=True)
class Threshold:
    """What fails: findings of a kind, from a limit on if one is given, or all that are as bad as a severity."""

    what: FindingKind | Severity
    limit: timedelta | None = None

    def hit_by(self, finding: Finding) -> bool:
        """Whether a finding makes the audit fail. One without a measure counts as past any limit."""
        if isinstance(self.what, Severity):
            return _SEVERITIES.index(finding.severity) <= _SEVERITIES.index(self.what)
        if finding.kind is not self.what:
            return False
        if self.limit is None or finding.amount is None:
            return True
        return finding.amount <= self.limit if self.what is FindingKind.EXPIRING else finding.amount >= self.limit


def parse(text: str) -> tuple[Threshold, ...]:
    """Read what is between commas; `none` alone fails for nothing. Raises ValueError with a reason in words."""
    words = [word for part in text.split(",") if (word := part.strip())]
    return () if words == [NONE] else tuple(map(_threshold, words))


def _threshold(word: str) -> Threshold:
    name, equals, limit = word.partition("=")
    known: dict[str, FindingKind | Severity] = {one.value: one for one in (*FindingKind, *Severity)}
    what = known.get(name)
    if what is None:
        close = get_close_matches(name, known, n=1)
        guess = f"; did you mean {close[0]}?" if close else f"; there are {', '.join([*known, NONE])}"
        raise ValueError(f'"{name}" is no finding and no severity{guess}')
    if not equals:
        return Threshold(what)
    if what not in MEASURED:
        raise ValueError(f"{name} goes by no measure; only {', '.join(kind.value for kind in MEASURED)} do")
    return Threshold(what, parse_duration(limit))


def limits(reported: Mapping[FindingKind, timedelta], thresholds: Iterable[Threshold]) -> dict[FindingKind, timedelta]:
    """From when on to find something, so that whatever fails is found too."""
    widened = dict(reported)
    for threshold in thresholds:
        if isinstance(threshold.what, FindingKind) and threshold.limit is not None:
            wider = max if threshold.what is FindingKind.EXPIRING else min
            widened[threshold.what] = wider(widened[threshold.what], threshold.limit)
    return widened


def failing(found: Iterable[Finding], thresholds: Iterable[Threshold]) -> tuple[Finding, ...]:
    """The findings that make the audit fail."""
    each = tuple(thresholds)
    return tuple(finding for finding in found if any(threshold.hit_by(finding) for threshold in each))

"""Settings of a `RotatingAPIKey` that can't hold together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.model.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping


def rules(news: Mapping[str, Any], *, retire_unknown: bool) -> list[Problem]:
    """The problems of known, valid inputs; what a preview can't know yet, such as `retire`, is left for the run."""
    spans = {
        name: parse_duration(news[name])
        for name in ("rotateEvery", "overlap", "expiresAfter", "maxOverlap")
        if name in news
    }
    every, overlap = spans.get("rotateEvery"), spans.get("overlap")
    if every is None or overlap is None:
        return []
    problems = []
    if overlap >= every:
        reason = f"must be shorter than rotateEvery ({news['rotateEvery']}), or a third key would be alive"
        problems.append(Problem("overlap", reason))
    expires, longest = spans.get("expiresAfter"), spans.get("maxOverlap")
    if expires is not None and expires < every + overlap:
        reason = (
            f"must be at least rotateEvery + overlap ({news['rotateEvery']} + {news['overlap']}),"
            " or a key would end before its time"
        )
        problems.append(Problem("expiresAfter", reason))
    if longest is not None:
        if news.get("retire") != "whenUnused" and not retire_unknown:
            problems.append(Problem("maxOverlap", 'only means something with retire: "whenUnused"'))
        elif not overlap <= longest <= every:
            reason = f"must be at least overlap ({news['overlap']}) and at most rotateEvery ({news['rotateEvery']})"
            problems.append(Problem("maxOverlap", reason))
    return problems

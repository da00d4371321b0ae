"""When the time replaces an `APIKey`: `rotateAfter` its creation, or `renewBefore` its end. Pure, of state and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.model.times import describe_duration, format_instant, later, parse_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime, timedelta

    from .properties import APIKeyArgs, APIKeyState


def due(state: APIKeyState, args: APIKeyArgs, now: datetime) -> dict[str, str]:
    """The inputs by which the key is due to be replaced, each with the reason in words; empty if none is.

    A time or duration that can't be read makes nothing due.
    """
    reasons = {}
    after, made_at = _duration(args.rotate_after), state.made_at
    if after is not None and made_at is not None and (since := later(made_at, after)) <= now:
        reasons["rotateAfter"] = f"due since {format_instant(since)}, every {describe_duration(after)}"
    before, ends_at = _duration(args.renew_before), state.ends_at
    if before is not None and ends_at is not None and (since := later(ends_at, -before)) <= now:
        reasons["renewBefore"] = f"due since {format_instant(since)}, {describe_duration(before)} before the key's end"
    return reasons


def rules(inputs: Mapping[str, Any], unknown: Collection[str]) -> list[Problem]:
    """Settings that would replace the key at every run, or never.

    `inputs` are known and valid, `unknown` the names of those that a preview can't know yet: what hangs on one of these
    is left for the run.
    """
    problems = []
    life = parse_duration(inputs["expiresIn"]) if "expiresIn" in inputs else None
    if "renewBefore" in inputs:
        if "expiresAt" in inputs:
            reason = "can't work with a fixed expiresAt, which gives a new key no later end: use expiresIn"
            problems.append(Problem("renewBefore", reason))
        elif life is not None and parse_duration(inputs["renewBefore"]) >= life:
            reason = f"must be shorter than expiresIn ({inputs['expiresIn']}), or every run would replace the key"
            problems.append(Problem("renewBefore", reason))
        elif life is None and not {"expiresIn", "expiresAt"} & set(unknown):
            problems.append(Problem("renewBefore", "needs expiresIn: a key without an end is never renewed"))
    if "rotateAfter" in inputs and life is not None and parse_duration(inputs["rotateAfter"]) >= life:
        reason = f"must be shorter than expiresIn ({inputs['expiresIn']}), or the key ends before it is due"
        problems.append(Problem("rotateAfter", reason))
    return problems


def _duration(written: str | None) -> timedelta | None:
    try:
        return parse_duration(written or "")
    except ValueError:
        return None

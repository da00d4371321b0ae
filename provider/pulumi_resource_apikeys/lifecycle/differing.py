"""When two values of a property mean the same, and the difference between old and new inputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.apikey import canonical_uuid
from pulumi_resource_apikeys.model.times import parse_duration, parse_instant
from pulumi_resource_apikeys.model.values import Props, Value, has_unknown

from .checking import visible
from .resource import Change, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


def _scopes(value: Value) -> object:
    return frozenset(value) if isinstance(value, (list, tuple)) else value


def _read_by(parse: Callable[[str], object]) -> Callable[[Value], object]:
    def reading(value: Value) -> object:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except ValueError:
            return value

    return reading


def _exactly(value: Value) -> object:
    """A form in which `true` and `1` differ, as they don't in Python."""
    return json.dumps(value, sort_keys=True)


_MEANING: Mapping[str, Callable[[Value], object]] = {
    "projectId": _read_by(canonical_uuid),
    "scopes": _scopes,
    **dict.fromkeys(("expiresAt", "createdAt"), _read_by(parse_instant)),
    **dict.fromkeys(("triggers", "emergencyTriggers"), _exactly),
    **dict.fromkeys(
        ("expiresIn", "rotateAfter", "renewBefore", "rotateEvery", "overlap", "maxOverlap", "expiresAfter"),
        _read_by(parse_duration),
    ),
}


def same(name: str, old: Value, new: Value) -> bool:
    """Tell whether two values of that property mean the same: scopes in any order, times and durations in any form."""
    if has_unknown(old) or has_unknown(new):
        return False
    meaning = _MEANING.get(name)
    return old == new if meaning is None else meaning(old) == meaning(new)


def input_changes(olds: Props, news: Props, replacing: Collection[str]) -> dict[str, Change]:
    """The inputs that differ; those in `replacing` replace the resource. Empty scopes or triggers count as none."""
    before, after = visible(olds), visible(news)
    for side in (before, after):
        for name in ("scopes", "triggers", "emergencyTriggers"):
            if name in side and side[name] in ([], (), {}):
                del side[name]
    changes: dict[str, Change] = {}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            changes[name] = Change(Kind.DELETE, name in replacing)
        elif name not in before:
            changes[name] = Change(Kind.ADD, name in replacing)
        elif not same(name, before[name], after[name]):
            changes[name] = Change(Kind.UPDATE, name in replacing)
    return changes

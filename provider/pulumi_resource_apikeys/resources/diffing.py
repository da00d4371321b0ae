"""When two values of a property mean the same, and the difference between old and new inputs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.fields import canonical_uuid
from pulumi_resource_apikeys.model.times import parse_duration, parse_instant
from pulumi_resource_apikeys.model.validation import property_path
from pulumi_resource_apikeys.model.values import Props, Value, has_unknown

from .checking import visible
from .lifecycle import Change, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    Steps = tuple[int | str, ...]


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


FREE_FORM = ("triggers", "emergencyTriggers")
"""The properties whose values have a form of the user's own."""

_MEANING: Mapping[str, Callable[[Value], object]] = {
    "projectId": _read_by(canonical_uuid),
    "scopes": _scopes,
    **dict.fromkeys(("expiresAt", "createdAt"), _read_by(parse_instant)),
    **dict.fromkeys(FREE_FORM, _exactly),
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
    """The inputs that differ, triggers by the path of each part; those in `replacing` replace the resource.

    Empty scopes or triggers count as none.
    """
    before, after = visible(olds), visible(news)
    for side in (before, after):
        for name in ("scopes", *FREE_FORM):
            if name in side and side[name] in ([], (), {}):
                del side[name]
    changes: dict[str, Change] = {}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            changes[name] = Change(Kind.DELETE, name in replacing)
        elif name not in before:
            changes[name] = Change(Kind.ADD, name in replacing)
        elif name in FREE_FORM and nameable(before[name]) and nameable(after[name]):
            parts = _parts((name,), before[name], after[name])
            changes |= {property_path(path): Change(kind, name in replacing) for path, kind in parts}
        elif not same(name, before[name], after[name]):
            changes[name] = Change(Kind.UPDATE, name in replacing)
    return changes


def _parts(path: Steps, old: Value, new: Value) -> Iterator[tuple[Steps, Kind]]:
    """The innermost parts of a property's value that differ."""
    before, after = _by_step(old), _by_step(new)
    if before is None or after is None or isinstance(old, Mapping) != isinstance(new, Mapping):
        if has_unknown(old) or has_unknown(new) or _exactly(old) != _exactly(new):
            yield path, Kind.UPDATE
        return
    for step in [*before, *(step for step in after if step not in before)]:
        if step not in after:
            yield (*path, step), Kind.DELETE
        elif step not in before:
            yield (*path, step), Kind.ADD
        else:
            yield from _parts((*path, step), before[step], after[step])


def _by_step(value: Value) -> dict[int | str, Value] | None:
    """The parts of a map or list by the step that leads to each."""
    if isinstance(value, Mapping):
        return dict(value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return dict(enumerate(value))
    return None


def nameable(value: Value) -> bool:
    """Whether a path can lead to each part of a value; the engine fails a run where it meets one that it can't read.

    It can't write an empty name, and has no way to tell some backslashes from those that it puts before a quote.
    """
    if isinstance(value, Mapping):
        return all(name and "\\" not in name and nameable(item) for name, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(map(nameable, value))
    return True

"""The difference between old and new inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.facts import OnChange, property_in
from pulumi_resource_apikeys.model.fields import exactly
from pulumi_resource_apikeys.model.validation import property_path
from pulumi_resource_apikeys.model.values import Props, Value, has_unknown

from .checking import visible
from .lifecycle import Change, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_resource_apikeys.model.fields import Args

    Steps = tuple[int | str, ...]


def input_changes(olds: Props, news: Props, args: type[Args]) -> dict[str, Change]:
    """The inputs that differ, by what the fields of `args` say; those of a form of the user's own by each part's path.

    An empty list or map counts as none.
    """
    before, after = _stated(olds), _stated(news)
    changes: dict[str, Change] = {}
    for name in sorted(before.keys() | after.keys()):
        known = property_in(args, name)
        replace = known.on_change is OnChange.REPLACE
        if name not in after:
            changes[name] = Change(Kind.DELETE, replace)
        elif name not in before:
            changes[name] = Change(Kind.ADD, replace)
        elif known.free_form and nameable(before[name]) and nameable(after[name]):
            parts = _parts((name,), before[name], after[name])
            changes |= {property_path(path): Change(kind, replace) for path, kind in parts}
        elif not known.same(before[name], after[name]):
            changes[name] = Change(Kind.UPDATE, replace)
    return changes


def _stated(inputs: Props) -> dict[str, Value]:
    return {name: value for name, value in visible(inputs).items() if value not in ([], (), {})}


def _parts(path: Steps, old: Value, new: Value) -> Iterator[tuple[Steps, Kind]]:
    """The innermost parts of a property's value that differ."""
    before, after = _by_step(old), _by_step(new)
    if before is None or after is None or isinstance(old, Mapping) != isinstance(new, Mapping):
        if has_unknown(old) or has_unknown(new) or exactly(old) != exactly(new):
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
    """Whether a path can lead to each part of a value; the engine fails a run if it meets one that it can't read.

    It can't write an empty name, and has no way to tell some backslashes from those that it puts before a quote.
    """
    if isinstance(value, Mapping):
        return all(name and "\\" not in name and nameable(item) for name, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(map(nameable, value))
    return True

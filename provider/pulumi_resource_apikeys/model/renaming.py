"""Properties that once had another name: adapters take the former one in, and hand it out beside the present one.

A property is renamed by its field: a new name, and the mark `Formerly("oldName")`. Nothing within an adapter knows the
former name then, and it can go with the next major version.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .facts import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

    from .values import Props, Value


@cache
def former_names(model: type[BaseModel]) -> Mapping[str, str]:
    """The present names of the properties that were renamed, by their former ones."""
    return {each.formerly: name for name, each in public(model).items() if each.formerly is not None}


def taken_in(model: type[BaseModel], props: Props) -> dict[str, Value]:
    """The properties by their present names. Of one that is there by both, the present name counts."""
    renamed = former_names(model)
    former = {renamed[name]: value for name, value in props.items() if name in renamed and value is not None}
    return {**former, **{name: value for name, value in props.items() if name not in renamed}}


def present_names(model: type[BaseModel], names: Iterable[str]) -> frozenset[str]:
    """The same names, each as it is now."""
    renamed = former_names(model)
    return frozenset(renamed.get(name, name) for name in names)


def handed_out(model: type[BaseModel], props: Props) -> dict[str, Value]:
    """The properties, by their former names too: programs of an older SDK read those."""
    former = {old: props[name] for old, name in former_names(model).items() if name in props}
    return {**props, **former}


def both_names(model: type[BaseModel], names: Iterable[str]) -> frozenset[str]:
    """The names, and the former ones of the same properties."""
    present = frozenset(names)
    return present | {old for old, name in former_names(model).items() if name in present}

"""What is known of a property stands once, on the field of its model; this reads it for all who ask.

The marks below stand beside a field's type: `name: Annotated[Name | None, OnChange.REPLACE] = Field(None, …)`. The
schema, the reference, the SDKs, the dynamic classes, diffs, previews and what is secret all follow from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from .choices import Choice
from .values import UNKNOWN, Props, Value, has_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic.fields import FieldInfo


_ACCEPTED: Mapping[object, type | tuple[type, ...]] = {
    str: str,
    bool: bool,
    int: int,
    float: (int, float),
    SecretStr: SecretStr,
    list: (list, tuple),
    dict: Mapping,
}
_EMPTY: Mapping[object, object] = {str: "", int: 0, SecretStr: SecretStr("")}


class OnChange(Enum):
    """What a change of an input does, as the reference says it."""

    REPLACE = "replace."
    ROTATE = "rotate."
    ROTATE_AT_ONCE = "rotate, and revoke every older key at once."
    HOLD = "holds at once, without a new key."
    NEXT_KEY = "holds from the next rotation on."


class Told(Enum):
    """When an output gets its value: with each new key, or with the first word of it, which later ones don't change."""

    WITH_KEY = "with each new key"
    ONCE = "once"


@dataclass(frozen=True)
class ComputedFrom:
    """The mark of an output that follows from that input: it is secret if that is, and absent if that is not set."""

    input: str


@dataclass(frozen=True)
class Formerly:
    """The mark of a property that had that name once, in camelCase: programs and states that use it still work.

    See `model.renaming` for who takes it for the present one, and the schema for what SDKs say of it.
    """

    name: str


@dataclass(frozen=True)
class EqualBy:
    """The mark of a type whose values are equal if what is read from them is."""

    reading: Callable[[Value], object]


@dataclass(frozen=True)
class Property:
    """All that is known of one property; `name` is as users write it, `attribute` as Python does."""

    name: str
    attribute: str = ""
    annotation: object = Any
    description: str = ""
    required: bool = False
    on_change: OnChange | None = None
    told: frozenset[Told] = frozenset()
    computed_from: str | None = None
    reading: Callable[[Value], object] | None = None
    kind: object = Any
    """The plain type of its values, such as `str` or `list`."""
    choice: Choice | None = None
    formerly: str | None = None

    @property
    def internal(self) -> bool:
        """Whether it is ours alone: the engine hides names that begin like this."""
        return self.name.startswith("__")

    @property
    def secret(self) -> bool:
        """Whether it is, or holds, a secret by its type."""
        return _holds_secret(self.annotation)

    @property
    def free_form(self) -> bool:
        """Whether its value is a map of the user's own."""
        return self.kind is dict

    @property
    def empty(self) -> object:
        """The value that stands for none if one is always there."""
        return _EMPTY.get(self.kind)

    def fitting(self, value: Value) -> object:
        """The value if it is of this property's type, else None; the wire writes whole numbers as floats too."""
        kind = self.kind
        if type(value) is kind and kind in {str, bool, SecretStr}:
            return value
        if value is None:
            return None
        if kind is int and isinstance(value, float) and value.is_integer():
            return int(value)
        if kind is SecretStr and isinstance(value, str):
            return SecretStr(value)
        fits = not has_unknown(value) and isinstance(value, _ACCEPTED.get(kind, object))
        return value if fits and (kind is bool or not isinstance(value, bool)) else None

    def same(self, old: Value, new: Value) -> bool:
        """Whether two values mean the same; what a preview can't know yet is the same as nothing."""
        if has_unknown(old) or has_unknown(new):
            return False
        return old == new if self.reading is None else self.reading(old) == self.reading(new)


@cache
def properties_of(model: type[BaseModel]) -> Mapping[str, Property]:
    """The properties of a model by the names that users write, in the model's order."""
    known = (_property(attribute, field) for attribute, field in model.model_fields.items())
    return {each.name: each for each in known}


def public(model: type[BaseModel]) -> dict[str, Property]:
    """The same without what is ours alone."""
    return {name: each for name, each in properties_of(model).items() if not each.internal}


def names_of(model: type[BaseModel]) -> list[str]:
    """The properties of a model as users write them, in camelCase."""
    return list(public(model))


def property_in(model: type[BaseModel], name: str) -> Property:
    """That property of a model; one of which nothing is known if another version knew it."""
    return properties_of(model).get(name) or Property(name)


def changing(model: type[BaseModel], *what: OnChange) -> tuple[str, ...]:
    """The names of the inputs whose change does one of these."""
    return tuple(name for name, each in properties_of(model).items() if each.on_change in what)


@cache
def secrets_of(model: type[BaseModel]) -> frozenset[str]:
    """The names of the properties that are secret by their type."""
    return frozenset(name for name, each in properties_of(model).items() if each.secret)


def unknown_until_made(outputs: type[BaseModel], inputs: Props) -> dict[str, Value]:
    """The outputs that a key made for these inputs will bring, as a preview shows them."""
    return {
        name: UNKNOWN
        for name, each in properties_of(outputs).items()
        if Told.WITH_KEY in each.told and (each.computed_from is None or each.computed_from in inputs)
    }


def _property(attribute: str, field: FieldInfo) -> Property:
    marks = [*field.metadata, *_marks_in(field.annotation)]
    return Property(
        field.alias or attribute,
        attribute,
        field.annotation,
        field.description or "",
        required=field.is_required(),
        on_change=next((mark for mark in marks if isinstance(mark, OnChange)), None),
        told=frozenset(mark for mark in marks if isinstance(mark, Told)),
        computed_from=next((mark.input for mark in marks if isinstance(mark, ComputedFrom)), None),
        reading=next((mark.reading for mark in marks if isinstance(mark, EqualBy)), None),
        kind=_kind(field.annotation),
        choice=next((mark for mark in marks if isinstance(mark, Choice)), None),
        formerly=next((mark.name for mark in marks if isinstance(mark, Formerly)), None),
    )


def _marks_in(annotation: object) -> Iterator[object]:
    """The marks of a type, or of one beside `None`; not of what is inside a list or map."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from marks
        yield from _marks_in(inner)
    elif get_origin(annotation) in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _marks_in(member)


def _kind(annotation: object) -> object:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(inner[0])
    if origin in {Union, UnionType}:
        return _kind(next(member for member in inner if member is not NoneType))
    return origin or annotation


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_holds_secret(inner) for inner in get_args(annotation))

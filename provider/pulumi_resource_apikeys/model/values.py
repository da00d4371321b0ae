"""Property values as the lifecycles see them: JSON-like data, secrets wrapped, a mark for what isn't known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from pydantic import SecretStr


class Unknown(Enum):
    """The type of `UNKNOWN`, an enum so that type checkers narrow on `is UNKNOWN`."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        """The mark's name."""
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

Value: TypeAlias = "bool | float | str | SecretStr | Unknown | Sequence[Value] | Mapping[str, Value] | None"
Props: TypeAlias = Mapping[str, Value]


def has_unknown(value: Value) -> bool:
    """Tell whether a value is, or anywhere contains, something a preview can't know yet."""
    if isinstance(value, str):
        return False
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, Sequence):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def known(props: Props) -> dict[str, Value]:
    """The properties that are fully known."""
    return {name: value for name, value in props.items() if not has_unknown(value)}


def unknown_names(props: Props) -> frozenset[str]:
    """The names of the properties that are not fully known."""
    return frozenset(name for name, value in props.items() if has_unknown(value))


def text(props: Props, name: str) -> str | None:
    """The property if it is a non-empty string, else None; for states and old inputs, taken as they are."""
    value = props.get(name)
    return value if isinstance(value, str) and value else None

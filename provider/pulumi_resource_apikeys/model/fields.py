"""The types of properties, and the base of what users write.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from typing_extensions import Self

from .facts import EqualBy, properties_of
from .times import checked_duration, checked_instant, parse_duration, parse_instant
from .values import Props, Value


def canonical_uuid(text: str) -> str:
    """The UUID in its usual form, lower case with dashes (RFC 9562). Raises ValueError with a reason in words."""
    try:
        uuid = UUID(text)
        if uuid.hex not in text.replace("-", "").lower():
            raise ValueError("UUID() lets signs, blanks and underscores pass for digits")
    except ValueError:
        raise ValueError(f'"{text}" is not a UUID, such as 0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10') from None
    return str(uuid)


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    if text != text.strip():
        raise ValueError("must not begin or end with white space")
    return text


def _scope(text: str) -> str:
    if not text or any(character.isspace() for character in text):
        raise ValueError("a scope must not be empty or contain white space")
    return text


def _distinct(scopes: list[str]) -> list[str]:
    doubles = sorted({scope for scope in scopes if scopes.count(scope) > 1})
    if doubles:
        raise ValueError(f"names {', '.join(doubles)} more than once")
    return scopes


def _by(parse: Callable[[str], object]) -> EqualBy:
    """Texts are equal if they are read as the same; one that can't be read is equal to itself alone."""

    def reading(value: Value) -> object:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except ValueError:
            return value

    return EqualBy(reading)


def _as_set(value: Value) -> object:
    return frozenset(value) if isinstance(value, (list, tuple)) else value


def exactly(value: Value) -> object:
    """A form in which `true` and `1` differ, as they don't in Python."""
    return json.dumps(value, sort_keys=True)


ProjectId = Annotated[str, AfterValidator(canonical_uuid), _by(canonical_uuid)]
Name = Annotated[str, AfterValidator(_name)]
Scope = Annotated[str, AfterValidator(_scope)]
Scopes = Annotated[list[Scope], AfterValidator(_distinct), EqualBy(_as_set)]
Timestamp = Annotated[str, AfterValidator(checked_instant), _by(parse_instant)]
Duration = Annotated[str, AfterValidator(checked_duration), _by(parse_duration)]
Triggers = Annotated[dict[str, Any], EqualBy(exactly)]
ToldTime = Annotated[str, _by(parse_instant)]
"""A time as the server told it, whatever its form."""
ToldScopes = Annotated[list[str], EqualBy(_as_set)]


class Args(BaseModel):
    """Base of what users write: camelCase names, nothing unknown accepted, strings stay strings."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True
    )

    EXCLUSIVE: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of properties of which at most one can be set."""

    @classmethod
    def of_checked(cls, inputs: Props) -> Self:
        """Take inputs that a check let through, as they are; what is absent or not known yet is None."""
        values = {each.attribute: each.fitting(inputs.get(name)) for name, each in properties_of(cls).items()}
        return cls.model_construct(None, **values)  # type: ignore[return-value] # pydantic's plugin knows no Self

"""The types of properties, and the bases of what users write and of what the state keeps.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


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


ProjectId = Annotated[str, AfterValidator(canonical_uuid)]
Name = Annotated[str, AfterValidator(_name)]
Scopes = Annotated[list[Annotated[str, AfterValidator(_scope)]], AfterValidator(_distinct)]


class Args(BaseModel):
    """Base of what users write: camelCase names, nothing unknown accepted, strings stay strings."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True
    )

    EXCLUSIVE: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of properties of which at most one can be set."""


class State(BaseModel):
    """Base of what the state keeps: camelCase names; older and newer states are read for what they have."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    SECRETS: ClassVar[frozenset[str]]
    """The outputs that are always secret."""
    COMPUTED: ClassVar[Mapping[str, str]]
    """The outputs that tell an input of another name, by that input: secret where it is, for it could be read off."""

    @classmethod
    def secret_outputs(cls, secret_inputs: Collection[str]) -> frozenset[str]:
        """The names of the outputs that are secret where those inputs are."""
        computed = {output for output, source in cls.COMPUTED.items() if source in secret_inputs}
        return cls.SECRETS.union(secret_inputs, computed)

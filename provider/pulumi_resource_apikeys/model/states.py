"""What the state keeps: read once where it comes in, and written back once where it goes out.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

from collections.abc import Collection, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from typing_extensions import Self

from .facts import properties_of, secrets_of
from .values import Props, Value

ENDPOINT = "__endpoint"
"""Where the keys of a state live."""
REPLACED = "__replaced"
MOST_REPLACED = 8
"""How many ids of replaced keys a state keeps."""


class State(BaseModel):
    """Base of what the state keeps, in camelCase; names that begin with `__` are ours alone, and the engine hides them.

    Older and newer states are read for what they have, and what is not known here is kept as it is.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    endpoint: str | None = Field(None, alias=ENDPOINT)
    replaced: list[str] | None = Field(None, alias=REPLACED)
    """The ids of the keys that this one replaced, which the engine may still have to delete."""

    @classmethod
    def of(cls, props: Props) -> Self:
        """Read a state; a value of another type counts as absent, and what is always there is empty if it is absent."""
        known = properties_of(cls)
        read: dict[str, Any] = {name: value for name, value in props.items() if name not in known}
        for name, each in known.items():
            value = each.fitting(props.get(name))
            if value is not None or each.required:
                read[each.attribute] = each.empty if value is None else value
        return cls.model_construct(None, **read)  # type: ignore[return-value] # pydantic's plugin knows no Self

    @property
    def props(self) -> dict[str, Value]:
        """The state as the engine keeps it."""
        known = {each.name: getattr(self, each.attribute) for each in properties_of(type(self)).values()}
        return {name: value for name, value in {**(self.model_extra or {}), **known}.items() if value is not None}

    @classmethod
    def secret_outputs(cls, secret_inputs: Collection[str]) -> frozenset[str]:
        """The names of the outputs that are secret if those inputs are."""
        computed = {name for name, each in properties_of(cls).items() if each.computed_from in secret_inputs}
        return secrets_of(cls).union(secret_inputs, computed)


def replacing(key_ids: Sequence[str]) -> dict[str, Value]:
    """The part of a new state that tells which keys it replaces, the newest last; empty if there are none."""
    return {REPLACED: list(key_ids[-MOST_REPLACED:])} if key_ids else {}


class KeyState(State):
    """What the state of any resource type tells of its keys, for those that don't know which type it is."""

    project_id: str | None = None
    name: str | None = None
    key_name: str | None = None
    key_id: str | None = None
    key_prefix: str | None = None
    previous_key_id: str | None = None
    created_at: str | None = None

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of its keys."""
        return tuple(key_id for key_id in (self.key_id, self.previous_key_id) if key_id)

    @property
    def called(self) -> str | None:
        """What the current key is called."""
        return self.key_name or self.name or None

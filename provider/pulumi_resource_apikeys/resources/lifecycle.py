"""What every resource type answers, whichever adapter asks: requests, results, and the protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from pulumi_resource_apikeys.model.validation import property_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_resource_apikeys.errors import Problem
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.values import Props

DEFAULTS = "__defaults"
"""Inputs' list of the properties that the program left out and we filled in; the engine hides names with `__`."""

IMPORTED = "__imported"
"""Inputs' mark of an import that no `up` has been through since."""


class Naming(Enum):
    """How the engine wants automatic names: no wish, a proposal, a must, or none at all (CheckRequest.autonaming)."""

    DEFAULT = "default"
    PROPOSE = "propose"
    ENFORCE = "enforce"
    DISABLE = "disable"


@dataclass(frozen=True)
class CheckRequest:
    """What a program wrote for a resource.

    `name` is the resource's logical name, `olds` the inputs of the state (empty for a new or replaced resource),
    `secret_names` the properties whose values must not be shown, `owner` the resource if the engine tells it.
    """

    name: str
    news: Props
    olds: Props = field(default_factory=dict)
    naming: Naming = Naming.DEFAULT
    proposed_name: str = ""
    seed: bytes = b""
    secret_names: frozenset[str] = frozenset()
    owner: Owner | None = None


@dataclass(frozen=True)
class Checked:
    """The inputs to go on with, defaults filled in, or the problems to tell the user."""

    inputs: Props
    problems: tuple[Problem, ...] = ()


class Kind(Enum):
    """How a property differs."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """One property's difference, and whether it replaces the resource. `of_input` as against of an output."""

    kind: Kind
    replace: bool
    of_input: bool = True


@dataclass(frozen=True)
class DiffRequest:
    """A resource as it is (`state` outputs, `old_inputs`) and as it is wanted (`news`, checked inputs).

    `refreshed`: it is asked only to show what a refresh found, so what the time brings is no difference. `owner` is the
    resource if the engine tells it.
    """

    id: str
    state: Props
    old_inputs: Props
    news: Props
    refreshed: bool = False
    owner: Owner | None = None


@dataclass(frozen=True)
class Difference:
    """What differs by property path; `notes` tell the user reasons that no property shows, `warnings` what to heed."""

    changes: Mapping[str, Change] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def properties(self) -> list[str]:
        """The properties that differ, or parts of them."""
        return list(dict.fromkeys(map(property_of, self.changes)))

    @property
    def replaces(self) -> list[str]:
        """The properties whose change replaces the resource."""
        replacing = (property_of(path) for path, change in self.changes.items() if change.replace)
        return list(dict.fromkeys(replacing))


@dataclass(frozen=True)
class Live:
    """A resource that exists: its id, outputs and inputs, words for the user, and what failed although it was made.

    With `partial_failures`, the adapter must save the resource all the same, and report them. `notes` are worth knowing
    and need no heed.
    """

    id: str
    state: Props
    inputs: Props
    warnings: tuple[str, ...] = ()
    partial_failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gone:
    """A resource that a well-formed answer shows to be deleted, with the reason in words, and words for the user."""

    reason: str
    warnings: tuple[str, ...] = ()


class Lifecycle(Protocol):
    """What can be done with the resources of one type.

    Methods raise an `ApiKeysError`; none returns a secret outside the state's secret outputs. `owner` is the resource
    that is asked about, if the engine tells it.
    """

    @property
    def secrets(self) -> frozenset[str]:
        """The secret outputs."""
        ...

    def check(self, request: CheckRequest) -> Checked:
        """Validate what the program wrote and fill in defaults; values that a preview can't know are let through."""
        ...

    async def diff(self, request: DiffRequest) -> Difference:
        """Compare what is with what is wanted."""
        ...

    async def preview(self, inputs: Props, state: Props | None) -> Props:
        """The outputs as far as they can be known before a create (`state` None) or an update."""
        ...

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        """Make it real."""
        ...

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """Look at the real thing; empty `inputs` and `state` mean an import."""
        ...

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        """Change it in place."""
        ...

    async def delete(self, resource_id: str, state: Props, owner: Owner | None = None) -> tuple[str, ...]:
        """Revoke it; returns words for the user."""
        ...

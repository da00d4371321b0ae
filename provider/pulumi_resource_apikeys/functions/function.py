"""What every function is made of: its arguments, checked, and its result as properties. The adapters call it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.model.fields import Args
from pulumi_resource_apikeys.model.validation import validate
from pulumi_resource_apikeys.model.values import unknown_names
from pulumi_resource_apikeys.resources.checking import exclusions, shown, visible

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_resource_apikeys.keys.run import Run
    from pulumi_resource_apikeys.model.values import Props, Value

Given = TypeVar("Given", bound=Args)


class Result(BaseModel):
    """Base of what functions answer: camelCase names, and nothing that the server did not tell."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, defer_build=True)

    def props(self) -> dict[str, Value]:
        """The result as properties; what is None is left out."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Function(ABC):
    """One function of a configured provider. A subclass's docstring is what users read of it."""

    args: ClassVar[type[Args]]
    result: ClassVar[type[Result]]

    def __init__(self, run: Run, default_project: Value) -> None:
        """Take the API with all that the run has seen, and the provider's `projectId`, where it has one."""
        self._run = run
        self._default_project = default_project

    @abstractmethod
    async def invoke(self, given: Props, secret_names: Collection[str] = ()) -> Result:
        """The function's result for what a program gave, of which those names are secret.

        Raises InputError for arguments that can't be used, and what `Keys.list` raises.
        """

    def _project(self, named: str | None) -> str:
        return project(named, self._default_project)


def arguments(model: type[Given], given: Props, secret_names: Collection[str] = ()) -> Given:
    """What was given, as the model has it. Raises InputError, which quotes no value of those secret names."""
    stated = visible(given)
    problems = [Problem(name, "must be known when the function is called") for name in sorted(unknown_names(stated))]
    args: Given | None = None
    if not problems:
        args, problems = validate(model, stated)
    if args is not None:
        problems = exclusions(model, stated)
    if args is None or problems:
        secrets = {name: stated.get(name) for name in secret_names}
        raise InputError([shown(problem, secrets) for problem in problems])
    return args


def project(named: str | None, default: Value) -> str:
    """The project that is asked about. Raises InputError where neither the caller nor the provider names one."""
    if named is not None:
        return named
    if isinstance(default, str):
        return default
    reason = "is required: give it, or set it on the provider (`pulumi config set apikeys:projectId UUID`)"
    raise InputError([Problem("projectId", reason)])

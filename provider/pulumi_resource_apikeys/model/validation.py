"""From a model's complaints to problems that name Pulumi's property, with a guess at misspelt names."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from pulumi_resource_apikeys.errors import Problem

from .facts import names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "dict_type": "must be a map",
    "too_short": "must not be empty",
    "missing": "is required",
}


def validate(model: type[Model], props: Mapping[str, Any]) -> tuple[Model | None, list[Problem]]:
    """Read known properties into the model: the model, or else every problem found. Null counts as not set."""
    stated = {name: value for name, value in props.items() if value is not None}
    try:
        return model.model_validate(stated), []
    except ValidationError as error:
        return None, [_problem(model, details) for details in error.errors(include_url=False, include_input=False)]


def _problem(model: type[BaseModel], details: ErrorDetails) -> Problem:
    path = property_path(details["loc"])
    kind = details["type"]
    if kind == "extra_forbidden":
        return Problem(path, _unknown_property(path, names_of(model)))
    if kind == "value_error":
        return Problem(path, str(details["ctx"]["error"]))
    return Problem(path, _EXPECTED.get(kind) or _lower_first(details["msg"]))


def property_path(location: tuple[int | str, ...]) -> str:
    """A place in an input in Pulumi's form: `scopes[1]`, `triggers.version`, `triggers["a b"]`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif re.fullmatch(r"\w+", step):
            path += f".{step}" if path else step
        else:
            quoted = step.replace('"', '\\"')
            path += f'["{quoted}"]'
    return path


def property_of(path: str) -> str:
    """The property that a path in Pulumi's form leads into: `triggers` of `triggers.version`."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _unknown_property(name: str, names: list[str]) -> str:
    camel = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
    close = [camel] if camel in names else get_close_matches(camel, names, n=1)
    guess = f'; did you mean "{close[0]}"?' if close else f"; there are {', '.join(sorted(names))}"
    return f"unknown property{guess}"


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]

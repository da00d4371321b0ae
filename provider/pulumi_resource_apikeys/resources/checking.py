"""Checks that all resource types share: validation around unknown values, defaults, and what must not be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.model.facts import names_of
from pulumi_resource_apikeys.model.fields import canonical_uuid
from pulumi_resource_apikeys.model.validation import property_of, validate
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value, known, unknown_names

from .lifecycle import DEFAULTS, Checked, CheckRequest
from .naming import automatic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_resource_apikeys.model.fields import Args

    Rules = Callable[[Mapping[str, Any], Props], list[Problem]]


def visible(props: Props) -> dict[str, Value]:
    """The properties without nulls and without our and the engine's internal ones (`__…`)."""
    return {name: value for name, value in props.items() if value is not None and not name.startswith("__")}


def unknown(props: Props) -> dict[str, Value]:
    """The properties that a preview can't know yet."""
    return dict.fromkeys(unknown_names(props), UNKNOWN)


def filled_in(inputs: Props) -> frozenset[str]:
    """The properties of checked inputs that the program had left out."""
    names = inputs.get(DEFAULTS)
    return frozenset(str(name) for name in names) if isinstance(names, (list, tuple)) else frozenset()


def check(
    request: CheckRequest, args: type[Args], default_project: Value, rules: Rules, *, marked: bool = False
) -> Checked:
    """Check a resource's inputs against its model and `rules`, and fill in project, name and what an import found.

    `rules` gets what is known of the valid inputs to come, and the old ones; it returns problems that no single
    property shows.
    `marked`: an automatic name is that of a key, and bears the mark of its resource.
    """
    news = visible(request.news)
    misspelt = unknown_names(news) - set(names_of(args))
    unknown = unknown_names(news) - misspelt
    _, of_known = validate(args, {**known(news), **dict.fromkeys(misspelt, "")})
    problems = [problem for problem in of_known if problem.property not in unknown]
    displaced = {other for pair in args.EXCLUSIVE for one, other in (pair, pair[::-1]) if one in news}
    defaults: dict[str, Value] = {
        name: request.olds[name] for name in filled_in(request.olds) - displaced - news.keys() if name in request.olds
    }
    if not problems:
        problems += exclusions(args, known(news))
    if not problems:
        problems += rules(known({**defaults, **news}), request.olds)

    if "projectId" not in news:
        defaults["projectId"] = default_project or defaults.get("projectId")
        if defaults["projectId"] is None:
            problems.append(
                Problem(
                    "projectId",
                    "is required: set it here or on the provider; the default provider has it from"
                    " `pulumi config set apikeys:projectId UUID`",
                )
            )
    elif isinstance(news["projectId"], str) and not problems:
        news["projectId"] = canonical_uuid(news["projectId"])
    kept: dict[str, Value] = {}
    if "name" not in news and "name" not in defaults:
        if request.olds.get("name") is not None:
            kept["name"] = request.olds["name"]
        else:
            named = automatic(request, marked=marked)
            if isinstance(named, Problem):
                problems.append(named)
            else:
                (defaults if named.unique else kept)["name"] = named.name
                problems += [p for p in validate(args, {"name": named.name})[1] if p.property == "name"]
    inputs = {**news, **kept, **defaults, **({DEFAULTS: sorted(defaults)} if defaults else {})}
    secrets = {name: inputs.get(name) for name in request.secret_names}
    return Checked(inputs, tuple(shown(problem, secrets) for problem in problems))


def shown(problem: Problem, secrets: Props) -> Problem:
    """The problem as it may be shown: neither one with a secret property nor another quotes a secret value."""
    top = property_of(problem.property)
    if problem.reason.startswith("unknown property"):
        return problem
    if top in secrets:
        return Problem(problem.property, "is not valid; its value is secret and so is not shown here")
    if any(isinstance(value, str) and value and value in problem.reason for value in secrets.values()):
        return Problem(problem.property, "does not fit with a property whose value is secret and so is not shown here")
    return problem


def exclusions(args: type[Args], props: Mapping[str, Any]) -> list[Problem]:
    """A problem for each two of the properties that are set although they exclude each other."""
    return [
        Problem(second, f"can't be set together with {first}: keep one")
        for first, second in args.EXCLUSIVE
        if first in props and second in props
    ]

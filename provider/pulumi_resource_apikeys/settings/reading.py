"""The configuration in force, put together from the provider's inputs and the process environment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.model.times import parse_duration
from pulumi_resource_apikeys.model.validation import validate
from pulumi_resource_apikeys.model.values import Value, known, unknown_names

from .args import OPTIONS, ProviderArgs, environment_variable
from .import_secrets import import_secrets
from .sources import TokenSource, conflicts, half_of_clerk, sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr


@dataclass(frozen=True)
class Settings:
    """The configuration in force. Durations in seconds.

    `sources` are where a token may come from, the first to be tried first; a later one is used where the one before
    is a static token that has expired. `unknown` names the options that a preview can't know yet. `moved_from` is where
    keys live whose state does not say so, if the configuration that the state remembers names another endpoint.
    `endpoint_remembered`: the endpoint itself is what the state remembers, so the user may have changed it since.
    `import_secrets` are secrets of keys to be imported, by the names of their variables.
    """

    endpoint: str | None = None
    former_endpoints: tuple[str, ...] = ()
    moved_from: str | None = None
    endpoint_remembered: bool = False
    project_id: str | None = None
    deleted_projects: tuple[str, ...] = ()
    sources: tuple[TokenSource, ...] = ()
    offline: bool = False
    detect_revoked: bool = True
    request_timeout: float = 30.0
    max_retries: int = 5
    max_concurrency: int = 8
    unknown: frozenset[str] = field(default_factory=frozenset)
    import_secrets: Mapping[str, SecretStr] = field(default_factory=dict)


def from_environment(environment: Mapping[str, str]) -> dict[str, Value]:
    """The options that the environment sets; an empty variable counts as not set."""
    values = {option: environment.get(environment_variable(option)) for option in OPTIONS}
    return {option: value for option, value in values.items() if value}


def stated(props: Mapping[str, Value]) -> dict[str, Any]:
    """What the inputs fully say: known, not null, and not the engine's own `version` and `pluginDownloadURL`."""
    engine_own = {"version", "pluginDownloadURL"}
    return {
        name: value
        for name, value in known(props).items()
        if value is not None and name not in engine_own and not name.startswith("__")
    }


def resolve(inputs: ProviderArgs, environment: ProviderArgs, unknown: frozenset[str] = frozenset()) -> Settings:
    """Put the two places together: option by option, the inputs come before the environment.

    Token sources go by place: that of the inputs, then that of the environment (see `Settings.sources`).
    """
    merged = environment.model_copy(
        update={name: value for name in ProviderArgs.model_fields if (value := getattr(inputs, name)) is not None}
    )
    default = Settings()
    in_order = (
        *sources(inputs, environment, "the provider configuration").values(),
        *sources(environment, inputs, "the environment").values(),
    )
    half = half_of_clerk(inputs, environment)
    return Settings(
        endpoint=merged.endpoint,
        former_endpoints=tuple(merged.former_endpoints or ()),
        project_id=merged.project_id,
        deleted_projects=tuple(merged.deleted_projects or ()),
        sources=tuple(dict.fromkeys(in_order)) or ((half,) if half else ()),
        offline=bool(merged.offline),
        detect_revoked=default.detect_revoked if merged.detect_revoked is None else merged.detect_revoked,
        request_timeout=parse_duration(merged.request_timeout).total_seconds()
        if merged.request_timeout
        else default.request_timeout,
        max_retries=default.max_retries if merged.max_retries is None else merged.max_retries,
        max_concurrency=merged.max_concurrency or default.max_concurrency,
        unknown=unknown,
    )


def read(props: Mapping[str, Value], environment: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """The settings in force from the provider's inputs and the process environment, and every problem with either.

    A problem from the environment names its variable. If there are problems, the settings are the defaults.
    """
    unknown = unknown_names(props) & frozenset(OPTIONS)
    inputs, input_problems = validate(ProviderArgs, stated(props))
    elsewhere = {option: value for option, value in from_environment(environment).items() if option not in unknown}
    surroundings, surrounding_problems = validate(ProviderArgs, elsewhere)
    problems = [
        *input_problems,
        *(Problem(environment_variable(p.property), p.reason) for p in surrounding_problems),
    ]
    if inputs is None or surroundings is None:
        return Settings(), problems
    problems += conflicts(inputs, surroundings)
    found = resolve(inputs, surroundings, unknown)
    return replace(found, import_secrets=import_secrets(environment)), problems

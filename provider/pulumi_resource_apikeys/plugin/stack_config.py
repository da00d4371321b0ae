"""What a default provider is configured from: the stack's configuration as it is now, before what the state remembers.

Before an `up` that refreshes first, and for a refresh or destroy, the engine configures a default provider from the
state, that is from the stack's configuration as it was at the last `up`: with the token of that day, or the address
of then. The engine tells every plugin the present configuration too, in `PULUMI_CONFIG` of its environment
(sdk/go/common/resource/plugin/provider_plugin.go). An explicit provider's configuration is the program's, and what
the state remembers of that is all there is to know.

A program may give its provider the very URN that the engine gives a default one, so the URN alone tells nothing. But
the engine checks a default provider with just what the stack's configuration says at that moment. One whose URN could
be a default provider's and that is checked with anything else is marked as explicit, and the state keeps the mark.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_resource_apikeys.settings import environment_variable

from .moved import MOVED_FROM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_resource_apikeys.model.values import Props

VARIABLE = "PULUMI_CONFIG"
EXPLICIT = "__explicit"
"""Inputs' mark of an explicit provider that is named like a default one; the engine hides names with `__`."""
OF_ENGINE = frozenset({"version", "pluginDownloadURL"})
"""What the engine adds to the stack's configuration."""
TYPE = "pulumi:providers:apikeys"
SOURCES = frozenset({"token", "tokenFile", "tokenCommand", "clerkSecretKey", "clerkSessionId"})
"""The options that name a token source; a source that is named now takes the place of all that is remembered."""
OF_SOURCES = SOURCES | {"clerkApiUrl", "clerkTokenLifetime"}
OF_THE_RUN = frozenset({"offline", "formerEndpoints", "deletedProjects"})
"""What is true of one run and never remembered: leave to do less, or to do what must not be done by mistake."""


def marked(news: Props, urn: str, environment: Mapping[str, str]) -> Props:
    """The inputs that a provider is checked with, marked if they are a program's and the URN does not tell so."""
    given = {name: value for name, value in news.items() if name != EXPLICIT}
    stack = _stack_config(environment)
    if stack is None or not _named_as_default(urn, given) or _without_engines(given) == _without_engines(stack):
        return given
    return {**given, EXPLICIT: True}


def differing(olds: Props, news: Props) -> list[str]:
    """The inputs that differ, so that the engine must configure the provider anew.

    One that has just been found to be explicit is among them: it was taken for a default one before.
    """
    names = (olds.keys() | news.keys()) - ({EXPLICIT} if EXPLICIT not in news else set()) - {MOVED_FROM}
    return sorted(name for name in names if olds.get(name) != news.get(name))


def effective_config(inputs: Props, urn: str, environment: Mapping[str, str]) -> Props:
    """The inputs to configure the provider of that URN from; `inputs` are those that the engine sent."""
    stack = _stack_config(environment)
    if stack is None or EXPLICIT in inputs or not _named_as_default(urn, inputs):
        return inputs
    named_now = stack.keys() | {name for name in inputs if environment.get(environment_variable(name))}
    if any(name in stack or environment.get(environment_variable(name)) for name in SOURCES):
        named_now |= OF_SOURCES
    remembered = {name: value for name, value in inputs.items() if name not in named_now | OF_THE_RUN}
    return {**remembered, **stack}


def only_remembered(remembered: Props, urn: str, environment: Mapping[str, str]) -> bool:
    """Whether the endpoint in force is that of a provider's remembered inputs, and the stack of today names none."""
    others = {name: value for name, value in remembered.items() if name != "endpoint"}
    now, without = (effective_config(inputs, urn, environment) for inputs in (remembered, others))
    return "endpoint" in now and "endpoint" not in without


def _stack_config(environment: Mapping[str, str]) -> dict[str, Any] | None:
    """The options of the stack's configuration, None if the engine does not tell."""
    try:
        config = json.loads(environment.get(VARIABLE, ""))
    except ValueError:
        return None
    return config if isinstance(config, dict) else None


def _without_engines(props: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs without what the engine adds to those of any provider."""
    return {name: value for name, value in props.items() if name not in OF_ENGINE and not name.startswith("__")}


def _named_as_default(urn: str, inputs: Props) -> bool:
    """Whether the engine would give a default provider of the inputs' version that URN.

    Such a one has no parent, and is called `default`, the version and the address of the plugin's download, as far as
    either is given (`ProviderRequest.DefaultName` in pkg/resource/deploy/providers). That address is not told here.
    """
    *_, of_type, called = ["", "", *urn.split("::", 3)]
    version = inputs.get("version")
    name = "_".join(["default", *_parts(version)]) if isinstance(version, str) else "default"
    return of_type == TYPE and (called == name or called.startswith(f"{name}_"))


def _parts(version: str) -> list[str]:
    """The numbers and identifiers of a semantic version."""
    rest, _, build = version.partition("+")
    core, _, before = rest.partition("-")
    return [part for section in (core, before, build) if section for part in section.split(".")]

"""What a default provider is configured from: the stack's configuration as it is now, before what the state remembers.

Before an `up` that refreshes first, and for a refresh or destroy, the engine configures a default provider from the
state, that is from the stack's configuration as it was at the last `up`: with the token of that day, or the address
of then. The engine tells every plugin the present configuration too, in `PULUMI_CONFIG` of its environment
(sdk/go/common/resource/plugin/provider_plugin.go). An explicit provider's configuration is the program's, and what
the state remembers of that is all there is to know.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_resource_apikeys.settings import environment_variable

from .messages import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_resource_apikeys.model.values import Props

VARIABLE = "PULUMI_CONFIG"
SOURCES = frozenset({"token", "tokenFile", "tokenCommand", "clerkSecretKey", "clerkSessionId"})
"""The options that name a token source; a source that is named now takes the place of all that is remembered."""
OF_SOURCES = SOURCES | {"clerkApiUrl", "clerkTokenLifetime"}
OF_THE_RUN = frozenset({"offline", "formerEndpoints", "deletedProjects"})
"""What is true of one run and never remembered: leave to do less, or to do what must not be done by mistake."""


def in_force(inputs: Props, urn: str, environment: Mapping[str, str]) -> Props:
    """The inputs to configure the provider of that URN from; `inputs` are those that the engine sent."""
    stack = _stack_config(environment)
    if stack is None or not _is_default(urn):
        return inputs
    named_now = stack.keys() | {name for name in inputs if environment.get(environment_variable(name))}
    if any(name in stack or environment.get(environment_variable(name)) for name in SOURCES):
        named_now |= OF_SOURCES
    remembered = {name: value for name, value in inputs.items() if name not in named_now | OF_THE_RUN}
    return {**remembered, **stack}


def _stack_config(environment: Mapping[str, str]) -> dict[str, Any] | None:
    """The options of the stack's configuration, None where the engine does not tell."""
    try:
        config = json.loads(environment.get(VARIABLE, ""))
    except ValueError:
        return None
    return config if isinstance(config, dict) else None


def _is_default(urn: str) -> bool:
    """Whether the engine made this provider from the stack's configuration: it is called `default` or `default_…`."""
    name = name_of(urn) if urn.count("::") >= 3 else ""  # noqa: PLR2004 - the parts of a URN before the name
    return name == "default" or name.startswith("default_")

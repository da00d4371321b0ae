"""What of this process's environment the program of a `tokenCommand` sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.settings import IMPORT_SECRET, SECRET_OPTIONS, environment_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

STACK_CONFIGURATION = "PULUMI_CONFIG"
"""What these names begin with: PULUMI_CONFIG holds the stack's whole configuration with its secrets in clear,
PULUMI_CONFIG_SECRET_KEYS names them, PULUMI_CONFIG_PASSPHRASE and …_PASSPHRASE_FILE open the state."""
OWN_SECRETS = frozenset(map(environment_variable, SECRET_OPTIONS))
"""The credentials of other token sources."""


def for_program(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what is the stack's or ours alone.

    What a login tool may sign in with stays: PATH, HOME, proxies, AWS_… and the like of other clouds, and also
    PULUMI_ACCESS_TOKEN, with which `esc` and `pulumi env` get tokens.
    """
    return {
        name: value
        for name, value in environment.items()
        if not name.upper().startswith((STACK_CONFIGURATION, IMPORT_SECRET)) and name.upper() not in OWN_SECRETS
    }

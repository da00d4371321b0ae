"""The secret of a key that is imported, if whoever imports it has it at hand: checked, and kept like a minted one.

The API tells no secret again, but it tells how each begins. One that begins otherwise is another key's, and is refused
with the import as a whole: a wrong secret in the state would be handed on to all that use the key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.model.states import KeyState
from pulumi_resource_apikeys.settings import IMPORT_SECRET, variable_of

from .lifecycle import Live
from .wrapping import Wrapper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.values import Props

    from .lifecycle import Gone, Lifecycle

ELLIPSES = ".\u2026*"
"""What a server may write behind the beginning of a secret, to show that there is more."""

UNTOLD = "the server does not tell how the key begins"


class ImportedSecretLifecycle(Wrapper):
    """Another lifecycle, whose imports bring the secret along."""

    def __init__(self, lifecycle: Lifecycle, secrets: Mapping[str, SecretStr]) -> None:
        """Take the lifecycle within, and secrets by the names of their variables."""
        super().__init__(lifecycle)
        self._secrets = secrets

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        """As within; an import keeps the secret. Raises InputError, naming the variable, if it is another key's."""
        result = await super().read(resource_id, inputs, state, owner)
        return result if state or not isinstance(result, Live) else self._with_secret(result)

    def _with_secret(self, live: Live) -> Live:
        state = KeyState.of(live.state)
        own = variable_of(state.key_id or "")
        variable = own if own in self._secrets else IMPORT_SECRET
        secret = self._secrets.get(variable)
        if secret is None:
            return live
        prefix = (state.key_prefix or "").rstrip(ELLIPSES)
        if not _goes_on(secret, prefix):
            raise InputError([Problem(variable, _mismatch(state, prefix, None if variable == own else own))])
        warning = f"{_key(state)} was imported with the secret in {variable}, which could not be checked: {UNTOLD}"
        warnings = live.warnings if prefix else (*live.warnings, warning)
        return replace(live, state={**live.state, "key": secret}, warnings=warnings)


def _goes_on(secret: SecretStr, prefix: str) -> bool:
    """Whether a secret begins so, and is not at its end there."""
    value = secret.get_secret_value()
    return value.startswith(prefix) and len(value) > len(prefix)


def _mismatch(state: KeyState, prefix: str, own: str | None) -> str:
    """Words about a secret that is another key's; `own` is the variable that this key has for itself, if not used."""
    words = (
        f"is not the secret of {_key(state)}, which begins with {prefix} and goes on after that: nothing was imported."
        " Set it to the whole secret of that key, or unset it to import the key without"
    )
    return words if own is None else f"{words}; if several keys are imported, the secret of this one goes into {own}"


def _key(state: KeyState) -> str:
    return f'API key "{state.called}" ({state.key_id}) of project {state.project_id}'

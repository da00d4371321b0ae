"""Taking over a key that exists: what an import finds, what it must tell the user, and why a key can't be had.

A program's `get` comes here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError
from pulumi_resource_apikeys.keys.port import KeyStatus, RemoteKey, find, status_in

from .lifecycle import DEFAULTS, IMPORTED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.keys.identity import KeyPath
    from pulumi_resource_apikeys.model.values import Props, Value


def importable(listing: Sequence[RemoteKey], path: KeyPath, now: datetime) -> RemoteKey:
    """The active key of that id; an ApiKeysError with the reason if there is none."""
    remote = find(listing, path.key_id)
    status = status_in(listing, path.key_id, now)
    if remote is None or status is not KeyStatus.ACTIVE:
        raise ApiKeysError(
            f"could not read API key {path.key_id} of project {path.project_id}: it is {status.value}."
            " Only an active key can be read or taken over: check the id in the dashboard"
        )
    return remote


def found_inputs(remote: RemoteKey) -> dict[str, Value]:
    """The inputs that an import finds; what the program then leaves out stays as found, and changes nothing."""
    inputs: dict[str, Value] = {"projectId": remote.project_id, "name": remote.name}
    if remote.scopes:
        inputs["scopes"] = list(remote.scopes)
    return {**inputs, DEFAULTS: sorted(inputs), IMPORTED: True}


def warnings(remote: RemoteKey) -> tuple[str, ...]:
    """What a user must know who takes over that key."""
    if not remote.is_admin_managed:
        return ()
    warning = (
        f'API key "{remote.name}" ({remote.key_id}) is managed by administrators: it was imported, but the API will'
        " refuse to revoke it, so a replace, rotation or destroy of it will fail"
    )
    return (warning,)


def first_run_warnings(old_inputs: Props, called: str, remedy: str, *, secret_known: bool) -> tuple[str, ...]:
    """What the first run after an import tells, once: the secret can't be had, and what gives one."""
    if secret_known or not old_inputs.get(IMPORTED):
        return ()
    warning = (
        f'API key "{called}" was imported, so its secret can\'t be had: the API'
        f" shows it only when a key is made, and the output `key` lacks it. {remedy}"
    )
    return (warning,)

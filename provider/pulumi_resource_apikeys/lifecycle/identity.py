"""Ids: `projectId/keyId`, which is a resource's id in the state and what an import takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.model.apikey import canonical_uuid

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Value


@dataclass(frozen=True)
class KeyPath:
    """Where a key is: its project's and its own UUID."""

    project_id: str
    key_id: str

    def __str__(self) -> str:
        """The id form."""
        return f"{self.project_id}/{self.key_id}"


def parse_id(text: str, default_project: Value) -> KeyPath:
    """Read `projectId/keyId`, or `keyId` alone where the provider has a default project.

    Raises InputError for anything else.
    """
    project, _, key = text.rpartition("/")
    if not project:
        if not isinstance(default_project, str):
            reason = f'"{text}" names no project: use projectId/keyId, or set projectId on the provider'
            raise InputError([Problem("id", reason)])
        project = default_project
    try:
        return KeyPath(canonical_uuid(project), canonical_uuid(key))
    except ValueError as error:
        raise InputError([Problem("id", f"{error}; an id is projectId/keyId")]) from None

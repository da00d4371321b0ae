"""Ids: `projectId/keyId`, which is a resource's id in the state and what an import takes; and those of older keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import InputError, Problem
from pulumi_resource_apikeys.model.fields import canonical_uuid

from .port import canonical_id

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
    """Read `projectId/keyId`, or `keyId` alone if the provider has a default project.

    A key's id is a UUID in any form, or any other word that the server gave. Raises InputError for anything else.
    """
    project, slash, key = text.partition("/")
    if not slash:
        project, key = "", text
        if not isinstance(default_project, str):
            reason = f'"{text}" names no project: use projectId/keyId, or set projectId on the provider'
            raise InputError([Problem("id", reason)])
    try:
        return KeyPath(canonical_uuid(project) if slash else str(default_project), _key_id(key))
    except ValueError as error:
        raise InputError([Problem("id", f"{error}; an id is projectId/keyId")]) from None


def _key_id(text: str) -> str:
    if not text or not text.isprintable() or any(map(str.isspace, text)):
        raise ValueError(f'"{text}" is not the id of a key')
    return canonical_id(text)

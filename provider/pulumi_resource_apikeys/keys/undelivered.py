"""Undoing a write whose answer nobody took: a key made for an engine that is gone would live with its secret lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.times import instant
from pulumi_resource_apikeys.model.values import Props, text

from .identity import KeyPath
from .revoking import revoke

if TYPE_CHECKING:
    from .run import Run


async def undo(run: Run, made: Props, before: Props) -> None:
    """Revoke the key that `made`, an undelivered state, has and `before`, the state the engine still has, has not."""
    project_id, key_id = text(made, "projectId"), text(made, "keyId")
    if project_id is None or key_id is None or key_id == text(before, "keyId"):
        return
    path = KeyPath(project_id, key_id)
    await revoke(run.keys, run.clock, path, text(made, "name") or key_id, instant(made, "createdAt"))
    run.journal.undone(key_id)

"""Undoing a write whose answer nobody took: a key made for an engine that is gone would live with its secret lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.model.states import KeyState
from pulumi_resource_apikeys.model.times import read_instant

from .identity import KeyPath
from .revoking import revoke

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Props

    from .run import Run


async def undo(run: Run, made: Props, before: Props) -> None:
    """Revoke the key that `made`, an undelivered state, has and `before`, the state the engine still has, has not."""
    state = KeyState.of(made)
    if not state.project_id or not state.key_id or state.key_id == KeyState.of(before).key_id:
        return
    path = KeyPath(state.project_id, state.key_id)
    await revoke(run.keys, run.clock, path, state.name or state.key_id, read_instant(state.created_at))
    run.journal.undone(state.key_id)

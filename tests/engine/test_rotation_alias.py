"""An `APIKey` that an alias makes a `RotatingAPIKey`."""

from __future__ import annotations

from typing import Any

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import DYNAMIC, both

ROTATING = {"rotate_every": "30d", "overlap": "7d"}
OUTPUTS = [
    *("key", "key_id", "key_name", "key_prefix", "key_status", "rotated_at", "next_rotation_at", "generation"),
    *("previous_key", "previous_key_id", "previous_revokes_at"),
]


@both
def test_the_key_goes_on_with_all_outputs_and_rotates_when_it_must(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    kind = "pulumi-python:dynamic/apikeys:APIKey" if stack.module == DYNAMIC else "apikeys:index:APIKey"

    def declare(build: str) -> None:
        args: dict[str, Any] = {"project_id": project, "triggers": {"build": build}, **ROTATING}
        options = {"aliases": [{"type_": kind}]}
        service = {"type": "RotatingAPIKey", "args": args, "options": options, "exports": OUTPUTS}
        stack.declare({"service": service})

    stack.declare({"service": {"args": {"project_id": project, "triggers": {"build": "1"}}}})
    assert stack.up().ok
    before = stack.outputs()

    declare("1")
    taken_over, again = stack.up(), stack.up()

    assert taken_over.counts() == {"updated": 1, "unchanged": 1}, taken_over.output
    assert again.counts() == {"unchanged": 2}, again.output
    after = stack.outputs()
    assert after.keys() == {f"service.{output}" for output in OUTPUTS}
    assert None not in after.values()
    assert (after["service.key"], after["service.key_id"]) == (before["service.key"], before["service.key_id"])
    assert (after["service.generation"], after["service.key_status"]) == (1, "active")
    assert emulator.counts()["create"] == 1

    declare("2")
    rotated = stack.up()

    assert rotated.counts() == {"updated": 1, "unchanged": 1}, rotated.output
    assert stack.outputs()["service.previous_key"] == before["service.key"]
    assert len(emulator.active_keys(project)) == 2

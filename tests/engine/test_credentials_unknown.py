"""A provider whose configuration comes from another resource: unknown in a preview, known in the `up`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apikeys_emulator.testing import Emulator
from harness.stack import Stack


def program(emulator: Emulator, project: str, token: str) -> dict[str, dict[str, Any]]:
    """Endpoint and token are outputs of what a platform stack might make."""
    return {
        "platform": {"type": "Consumer", "args": {"endpoint": emulator.url, "token": {"$secret": token}}},
        "own": {
            "type": "Provider",
            "args": {
                "endpoint": {"$output": "platform.endpoint"},
                "token": {"$output": "platform.token"},
                "project_id": project,
            },
        },
        "deploy": {"options": {"provider": "own"}},
        "rotating": {
            "type": "RotatingAPIKey",
            "args": {"rotate_every": "30d", "overlap": "1d"},
            "options": {"provider": "own"},
        },
    }


def test_a_preview_goes_on_with_what_can_be_known_and_the_up_works(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack, token = new_stack(endpoint=None, token=None), emulator.token()
    stack.declare(program(emulator, project, token))

    preview = stack.preview()

    assert preview.ok, preview.output
    assert preview.counts()["to create"] == 5, preview.output
    assert set(emulator.counts().values()) == {0}

    up = stack.up()

    assert up.ok, up.output
    assert len(emulator.active_keys(project)) == 2
    assert token not in up.output

    platform = next(r["urn"] for r in stack.state()["deployment"]["resources"] if r["urn"].endswith("::platform"))
    emulator.reset_counts()
    again = stack.preview("--replace", platform)

    assert again.ok, again.output
    assert "to delete" not in again.counts()
    assert again.counts().get("to create", 0) == 0, again.output
    assert emulator.counts()["create"] == 0

    destroy = stack.destroy()

    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []

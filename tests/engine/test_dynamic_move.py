"""Moving a stack between the plugin and the dynamic provider on the real engine: the same keys before and after."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import DYNAMIC, PLUGIN

DOCUMENT = Path(__file__).parents[2] / "docs" / "dynamic.md"


def program(project: str) -> dict[str, Any]:
    """Keys of both types, one with a secret input, one child of another, and a dependent."""
    return {
        "deploy": {"args": {"project_id": project, "expires_in": "90d", "triggers": {"build": {"$secret": "shh-1"}}}},
        "auto": {"args": {"project_id": project, "scopes": ["b", "a"]}},
        "service": {
            "type": "RotatingAPIKey",
            "args": {"project_id": project, "rotate_every": "30d", "overlap": "7d", "triggers": {"release": 1}},
            "exports": ["key", "previous_key", "generation"],
        },
        "consumer": {"type": "Consumer", "args": {"key": {"$output": "deploy.key"}}},
    }


def moved(stack: Stack, to: str) -> str:
    """Does what the document says, and returns what that left on the disk and said."""
    found = re.search(rf"<!-- tested: to {to} -->\n```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    done = subprocess.run(
        ["sh", "-ec", found[1]], cwd=stack.folder, env=stack.env(), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    left = "".join((stack.folder / name).read_text() for name in ("before.json", "after.json"))
    return left + done.stdout + done.stderr


def test_a_stack_goes_to_the_dynamic_provider_and_back_with_the_same_keys(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack()
    stack.declare(program(project))
    assert stack.up().ok
    rotated = program(project)
    rotated["service"]["args"]["triggers"] = {"release": 2}
    stack.declare(rotated)
    assert stack.up().ok
    before = stack.outputs()
    keys = [key.key_id for key in emulator.active_keys(project)]
    assert len(keys) == 4
    emulator.reset_counts()

    for module, to in ((DYNAMIC, "dynamic"), (PLUGIN, "plugin")):
        seen = moved(stack, to)
        stack.module = module
        preview, up, again, refresh = stack.preview(), stack.up(), stack.up(), stack.refresh()

        for secret in (before["deploy.key"], before["service.key"], before["service.previous_key"], "shh-1"):
            assert secret not in seen
        assert preview.counts() == {"unchanged": 5}, preview.output
        assert up.counts() == {"unchanged": 5}, up.output
        assert again.counts() == {"unchanged": 5}, again.output
        assert refresh.counts() == {"unchanged": 5}, refresh.output
        assert stack.outputs() == before
        assert emulator.counts()["create"] == 0
        assert emulator.counts()["revoke"] == 0
        state = stack.run("stack", "export").output
        assert ("pulumi:providers:apikeys" in state) == (to == "plugin")
        assert "shh-1" not in state

    destroy = stack.destroy()

    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []


def test_after_a_move_the_next_change_and_the_healing_work_as_before(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack()
    stack.declare(
        {"deploy": {"args": {"project_id": project, "name": "first"}}, "auto": {"args": {"project_id": project}}}
    )
    assert stack.up().ok
    before = stack.outputs()
    moved(stack, "dynamic")
    stack.module = DYNAMIC
    stack.declare(
        {"deploy": {"args": {"project_id": project, "name": "second"}}, "auto": {"args": {"project_id": project}}}
    )
    emulator.revoke(before["auto.key_id"])

    up = stack.up("--refresh")

    assert up.counts() == {"created": 1, "replaced": 1, "changes": 2, "unchanged": 1}, up.output
    assert sorted(key.name for key in emulator.active_keys(project)) == sorted(["second", stack.outputs()["auto.name"]])


def test_an_imported_key_goes_on_as_a_dynamic_resource(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack()
    made = emulator.add_key(project, "by-hand", scopes=["read"])
    imported = stack.import_key("deploy", f"{project}/{made.key_id}")
    assert imported.ok, imported.output
    seen = moved(stack, "dynamic")
    stack.module = DYNAMIC
    stack.declare({"deploy": {"args": {"project_id": project, "name": "by-hand", "scopes": ["read"]}}})

    up, destroy = stack.up(), stack.destroy()

    assert "::deploy: it was imported, so its secret can't be had" in seen
    assert up.counts() == {"unchanged": 2}, up.output
    assert emulator.counts()["create"] == 0
    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []

"""Resource options that name parts of a property: what the user says not to heed, to replace, to hide, holds."""

from __future__ import annotations

import re
from typing import Any

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import DYNAMIC, both

IGNORED = {
    "whole": "triggers",
    "dotted": "triggers.git_sha",
    "quoted": 'triggers["git_sha"]',
    "first_quoted": '["triggers"].git_sha',
    "with_a_dot": 'triggers["a.b_c"]',
    "nested": "triggers.by_stage.in_prod",
    "index": "triggers.list_of[1]",
    "wildcard": "triggers.*",
    "everything": "*",
}
"""Paths by the name of a resource that ignores one."""

CHANGED: dict[str, dict[str, Any]] = {
    "with_a_dot": {"a.b_c": "2"},
    "nested": {"by_stage": {"in_prod": "2"}},
    "index": {"list_of": ["1", "2"]},
}
"""What changes in the triggers of a resource, where it is not `git_sha`."""


def triggers(**changes: Any) -> dict[str, Any]:
    return {"git_sha": "1", "a.b_c": "1", "by_stage": {"in_prod": "1"}, "list_of": ["1", "1"], **changes}


@both
def test_a_change_below_an_ignored_path_replaces_nothing_and_one_beside_it_does(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    def declare(**changed: dict[str, Any]) -> None:
        ignoring = {
            name: {
                "args": {"project_id": project, "triggers": triggers(**changed.get(name, {}))},
                "options": {"ignore_changes": [path]},
            }
            for name, path in {**IGNORED, "beside": "triggers.git_sha"}.items()
        }
        stack.declare(ignoring)

    declare()
    assert stack.up().ok
    declare(**{name: CHANGED.get(name, {"git_sha": "2"}) for name in IGNORED})

    ignored = stack.up()

    assert ignored.counts() == {"unchanged": len(IGNORED) + 2}, ignored.output

    declare(beside={"git_sha": "2", "a.b_c": "2"})
    beside = stack.up()

    assert beside.counts() == {"replaced": 1, "unchanged": len(IGNORED) + 1}, beside.output
    assert emulator.counts()["create"] == len(IGNORED) + 2


@both
def test_a_change_below_a_path_that_replaces_makes_a_new_resource_and_one_beside_it_rotates(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    paths = {name: path for name, path in IGNORED.items() if name != "everything"}

    def declare(rotate_after: str, **changed: dict[str, Any]) -> None:
        rotating: dict[str, Any] = {
            name: {
                "type": "RotatingAPIKey",
                "args": {
                    "project_id": project,
                    "rotate_every": "30d",
                    "overlap": "7d",
                    "triggers": triggers(**changed.get(name, {})),
                },
                "options": {"replace_on_changes": [path]},
            }
            for name, path in {**paths, "beside": "triggers.git_sha"}.items()
        }
        in_place = {
            name: {
                "args": {"project_id": project, "rotate_after": rotate_after},
                "options": {"replace_on_changes": [path]},
            }
            for name, path in {"by_name": "rotate_after", "by_quoted_name": '["rotateAfter"]', "by_all": "*"}.items()
        }
        stack.declare({**rotating, **in_place})

    declare("30d")
    assert stack.up().ok
    declare("60d", beside={"a.b_c": "2"}, **{name: CHANGED.get(name, {"git_sha": "2"}) for name in paths})

    up = stack.up()
    again = stack.up()

    assert up.counts()["replaced"] == len(paths) + 3, up.output
    assert up.counts()["updated"] == 1, up.output
    assert again.counts() == {"unchanged": len(paths) + 5}, again.output
    assert emulator.counts()["create"] == 2 * (len(paths) + 4)


@both
def test_a_change_below_a_hidden_path_is_not_shown(stack: Stack, project: str) -> None:
    def declare(value: str) -> None:
        args = {"project_id": project, "rotate_every": "30d", "overlap": "7d"}
        emergency = {"emergency_triggers" if stack.module == DYNAMIC else "emergencyTriggers": "in_prod"}
        (first,) = emergency
        stack.declare(
            {
                "service": {
                    "type": "RotatingAPIKey",
                    "args": {**args, "emergency_triggers": {"in_prod": value, "git_sha": value}},
                    "options": {"hide_diffs": [f"{first}.in_prod"]},
                }
            }
        )

    declare("value-1")
    assert stack.up().ok
    declare("value-2")

    preview = stack.preview("--diff")

    assert re.search(r"git_sha *: \"value-1\" => \"value-2\"", preview.output), preview.output
    assert not re.search(r"in_prod *: \"value-1\" => \"value-2\"", preview.output), preview.output


@both
def test_whatever_a_trigger_is_called_its_change_rotates(stack: Stack, project: str) -> None:
    names = ["\\", 'say "a"', 'a\\"b', "a\\b", "x[0]", "x[", "", "*", ".", "two\nlines"]

    def declare(value: str) -> None:
        args = {"project_id": project, "rotate_every": "30d", "overlap": "7d"}
        options = {"replace_on_changes": ["triggers.git_sha"]}
        stack.declare(
            {
                f"service-{number}": {
                    "type": "RotatingAPIKey",
                    "args": {**args, "triggers": {name: value}},
                    "options": options,
                }
                for number, name in enumerate(names)
            }
        )

    declare("1")
    assert stack.up().ok
    declare("2")

    up = stack.up()

    assert up.counts() == {"updated": len(names), "unchanged": 1}, up.output

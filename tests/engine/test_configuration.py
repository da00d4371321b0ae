"""Where the provider's configuration comes from: the stack, an explicit provider, the environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Stack


def test_a_stack_can_hold_the_whole_configuration(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack(endpoint=None, token=None)
    token = emulator.token()
    stack.configure("apikeys:endpoint", emulator.url)
    stack.configure("apikeys:projectId", project)
    stack.configure("--secret", "apikeys:token", token)
    stack.declare({"deploy": {}})

    up = stack.up()

    assert up.ok, up.output
    assert len(emulator.active_keys(project)) == 1
    assert token not in (stack.folder / "Pulumi.test.yaml").read_text()
    on_disk = [path.read_text() for path in (stack.folder / "state").rglob("*") if path.is_file()]
    assert on_disk
    assert not [text for text in on_disk if token in text]

    other = str(uuid4())
    stack.configure("apikeys:projectId", other)
    moved = stack.up()

    assert moved.counts()["replaced"] == 1, moved.output
    assert [len(emulator.active_keys(each)) for each in (project, other)] == [0, 1]


def test_an_explicit_provider_serves_beside_the_default_one(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack()
    other, token = str(uuid4()), emulator.token(subject="user_of_the_other_team")
    arguments = {"endpoint": emulator.url, "project_id": other, "token": {"$secret": token}}
    stack.declare(
        {
            "team": {"type": "Provider", "args": arguments},
            "theirs": {"options": {"provider": "team"}},
            "ours": {"args": {"project_id": project}},
        }
    )

    first = stack.up()
    renewed = {**arguments, "token": {"$secret": emulator.token(ttl_seconds=7200, subject="user_of_the_other_team")}}
    stack.declare(
        {
            "team": {"type": "Provider", "args": renewed},
            "theirs": {"options": {"provider": "team"}},
            "ours": {"args": {"project_id": project}},
        }
    )
    second = stack.up()

    assert first.counts() == {"created": 4}, first.output
    assert [key.created_by for key in emulator.keys(other)] == ["user_of_the_other_team"]
    assert [key.created_by for key in emulator.keys(project)] == ["user_emulator"]
    assert second.counts() == {"updated": 1, "unchanged": 3}, second.output
    assert emulator.counts()["create"] == 2


@pytest.mark.parametrize("name", ["default", "default_eu", "default_0_1_0"])
def test_an_explicit_provider_that_is_named_like_a_default_one_holds_to_its_own_settings(
    new_stack: Callable[..., Stack], emulator: Emulator, own_emulator: Emulator, project: str, name: str
) -> None:
    stack = new_stack(endpoint=None, token=None)
    stack.configure("apikeys:endpoint", own_emulator.url)
    stack.configure("apikeys:projectId", str(uuid4()))
    stack.configure("--secret", "apikeys:token", own_emulator.token())
    arguments = {"endpoint": emulator.url, "project_id": project, "token": {"$secret": emulator.token()}}
    key: dict[str, Any] = {"options": {"provider": name}}
    stack.declare({name: {"type": "Provider", "args": arguments}, "deploy": key})

    first = stack.up()
    stack.configure("apikeys:projectId", str(uuid4()))
    again = [stack.preview(), stack.refresh(), stack.up(), stack.up("--refresh")]
    (made,) = emulator.active_keys(project)
    key["args"] = {"scopes": ["read"]}
    stack.declare({name: {"type": "Provider", "args": arguments}, "deploy": key})
    replaced = stack.up("--refresh")
    (replacement,) = emulator.active_keys(project)
    destroyed = stack.destroy()

    # The engine counts no provider that is called "default…".
    assert first.counts() == {"created": 2}, first.output
    assert [each.counts() for each in again] == [{"unchanged": 2}] * 4
    assert replaced.counts() == {"replaced": 1, "unchanged": 1}, replaced.output
    assert replacement.key_id != made.key_id
    assert destroyed.ok, destroyed.output
    assert emulator.active_keys(project) == []
    assert own_emulator.calls() == []


def test_a_new_name_of_the_api_or_token_in_the_environment_serves_an_old_state(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    elsewhere = {
        "APIKEYS_ENDPOINT": emulator.url.replace("127.0.0.1", "localhost"),
        "APIKEYS_FORMER_ENDPOINTS": emulator.url,
        "APIKEYS_TOKEN": emulator.token(subject="somebody_else"),
    }

    up, destroy = stack.under(**elsewhere).up(), stack.under(**elsewhere).destroy()

    assert up.counts() == {"unchanged": 2}, up.output
    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []


def test_a_plugin_named_by_the_project_file_is_used_without_a_word(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, plugin_folder: Path
) -> None:
    stack = new_stack()
    with (stack.folder / "Pulumi.yaml").open("a") as file:
        file.write(f"plugins:\n  providers:\n    - name: apikeys\n      path: {plugin_folder}\n")
    stack.declare({"deploy": {"args": {"project_id": project}}})

    up = stack.up()

    assert up.ok, up.output
    assert "warning" not in up.output
    assert len(emulator.active_keys(project)) == 1

"""The dynamic provider on the real engine, where it is its own; `harness.variants.both` is for what it shares."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.processes import eventually, providers_of
from harness.stack import Result, Stack
from harness.variants import DYNAMIC

ROTATING = {"type": "RotatingAPIKey", "exports": ["key", "key_id", "previous_key_id", "generation"]}


@pytest.fixture
def variant() -> str:
    return DYNAMIC


def rotating(project: str, **args: Any) -> dict[str, Any]:
    return {"service": {**ROTATING, "args": {"project_id": project, "rotate_every": "30d", "overlap": "7d", **args}}}


def everything_decoded(exported: str) -> str:
    """An exported state with its serialized providers beside it, decoded."""
    serialized = set(re.findall(r'"__provider": "([^"]+)"', exported))
    assert serialized
    return exported + "".join(base64.b64decode(one).decode("latin-1") for one in serialized)


def assert_only_words(failed: Result, *words: str) -> None:
    """The command failed with these words and without a traceback."""
    assert not failed.ok
    assert not failed.shows_traceback(), failed.output
    for word in words:
        assert word in failed.output, failed.output


def test_the_configuration_comes_from_the_stack_and_no_secret_is_readable_in_the_state(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    token = emulator.token(ttl_seconds=3600)
    stack = new_stack(endpoint=None, token=None)
    for setting in (("apikeys:endpoint", emulator.url), ("apikeys:projectId", project)):
        stack.configure(*setting)
    stack.configure("--secret", "apikeys:token", token)
    stack.declare({"deploy": {"args": {"triggers": {"build": {"$secret": "a-secret-input"}}}}, **rotating(project)})

    up, again = stack.up(), stack.up()

    assert up.counts() == {"created": 3}, up.output
    assert again.counts() == {"unchanged": 3}, again.output
    outputs = stack.outputs()
    assert emulator.verify(outputs["deploy.key"])
    exported = everything_decoded(stack.run("stack", "export").output)
    for secret in (token, "a-secret-input", outputs["deploy.key"], outputs["service.key"]):
        assert secret not in exported
        assert base64.b64encode(secret.encode()).decode().rstrip("=") not in exported
    assert stack.destroy().ok
    assert emulator.active_keys(project) == []


def test_a_refresh_and_a_destroy_go_by_the_configuration_of_the_last_up_and_by_the_environment(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    """The engine tells a dynamic provider of nothing newer, where it tells a plugin."""
    stack = new_stack(token=None)
    stack.configure("--secret", "apikeys:token", emulator.token())
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    emulator.set_clock(offset_seconds=86400)
    stack.configure("--secret", "apikeys:token", emulator.token())

    refresh, up = stack.refresh(), stack.up()

    (error,) = refresh.errors()
    assert "401" in error
    assert up.counts() == {"unchanged": 2}, up.output
    assert stack.refresh().ok, "after an up with the new token"

    emulator.set_clock(offset_seconds=2 * 86400)
    destroy = stack.under(APIKEYS_TOKEN=emulator.token()).destroy()

    assert destroy.ok, destroy.output
    assert emulator.active_keys(project) == []


def test_the_program_reads_a_key_that_is_managed_elsewhere(stack: Stack, emulator: Emulator, project: str) -> None:
    made = emulator.add_key(project, "by-hand")
    stack.declare({"found": {"options": {"id": f"{project}/{made.key_id}"}}})

    up, destroy = stack.up(), stack.destroy()

    assert up.ok, up.output
    assert '"by-hand"' in up.output
    assert destroy.ok, destroy.output
    assert len(emulator.active_keys(project)) == 1


def test_bad_input_and_bad_configuration_are_told_without_a_traceback(
    new_stack: Callable[..., Stack], project: str
) -> None:
    stack = new_stack(environment={"APIKEYS_MAX_RETRIES": "many"})
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert_only_words(stack.preview(), "APIKEYS_MAX_RETRIES: must be a whole number")

    stack.environment = {}
    stack.declare(
        {"deploy": {"args": {"project_id": "five", "scopes": ["a b"], "expires_in": {"$secret": "not-a-duration"}}}}
    )
    checked = stack.up()
    assert_only_words(
        checked, "property projectId", "property scopes[0]", "expiresIn: is not valid; its value is secret"
    )
    assert "not-a-duration" not in checked.output

    stack.declare({"deploy": {"args": {"project_id": project}}})
    stack.endpoint = None
    assert_only_words(stack.up(), "apikeys:endpoint: is required")


def test_a_failure_ends_in_words_and_loses_no_state(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare({"kept": {"args": {"project_id": project}}})
    assert stack.up().ok
    before = stack.outputs()
    emulator.fault("create", "status", status=422)
    stack.declare({"kept": {"args": {"project_id": project}}, "more": {"args": {"project_id": project}}})

    failed, again = stack.up(), stack.up()

    assert not failed.ok
    assert re.search(
        r"^ +apikeys\.Failure: could not create API key \"more-[a-z2-7]{16}\"", failed.output, re.MULTILINE
    )
    assert failed.output.count("pulumi_resource_apikeys/dynamic") == 1, failed.output
    assert again.counts() == {"created": 1, "unchanged": 2}, again.output
    assert stack.outputs()["kept.key"] == before["kept.key"]
    assert len(emulator.active_keys(project)) == 2


def test_an_import_is_refused_in_words(stack: Stack, emulator: Emulator, project: str) -> None:
    made = emulator.add_key(project, "by-hand")
    key = f"{project}/{made.key_id}"
    stack.declare({"taken": {"args": {"project_id": project}, "options": {"import_": key}}})

    preview, up = stack.preview(), stack.up()

    for refused in (preview, up):
        assert_only_words(refused, f'APIKey "taken" can\'t import {key}', "Leave out import_")
        assert "KeyError" not in refused.output
    assert [one.key_id for one in emulator.active_keys(project)] == [made.key_id]


def test_a_failure_shows_no_secret(stack: Stack, emulator: Emulator, project: str) -> None:
    emulator.fault("create", "status", None, status=422, detail="not secret-name, which bears secret-scope")
    secrets = {"name": {"$secret": "secret-name"}, "scopes": ["read", {"$secret": "secret-scope"}]}
    stack.declare({"deploy": {"args": {"project_id": project, **secrets}}, **rotating(project, **secrets)})

    failed = stack.up()

    assert re.search(r'could not create API key "\[secret\]" .*: not \[secret\], which bears \[secret\]', failed.output)
    assert re.search(r'could not create API key "\[secret\]-[a-z0-9]+" in project', failed.output), failed.output
    assert "secret-name" not in failed.output
    assert "secret-scope" not in failed.output


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes as Linux shows them")
@pytest.mark.parametrize("warm", [False], ids=["cold"])
def test_nothing_is_left_running_after_a_run(stack: Stack, project: str) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})

    assert stack.up().ok

    eventually(lambda: not providers_of(stack), "the host ends")


def test_the_module_that_moves_a_state_says_how_it_is_used() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "pulumi_resource_apikeys.dynamic.move"], check=False, capture_output=True, text=True
    )

    assert asked.returncode == 2
    assert asked.stderr.startswith("usage: ")

"""The dynamic provider on the real engine, where it is its own; `harness.variants.both` is for what it shares."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
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
    assert "Traceback" not in failed.output, failed.output
    for word in words:
        assert word in failed.output, failed.output


def test_a_key_revoked_by_hand_is_seen_by_a_refresh_alone_which_the_project_can_ask_for_always(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    old = stack.outputs()
    emulator.revoke(old["deploy.key_id"])

    plain, refreshing = stack.preview(), stack.preview("--refresh")
    with (stack.folder / "Pulumi.yaml").open("a") as settings:
        settings.write("options:\n  refresh: always\n")
    always, healing = stack.preview(), stack.up()

    assert plain.counts() == {"unchanged": 2}, plain.output
    assert refreshing.counts() == always.counts() == {"to create": 1, "unchanged": 1}, refreshing.output
    assert healing.counts() == {"created": 1, "unchanged": 1}, healing.output
    assert emulator.verify(stack.outputs()["deploy.key"])


def test_the_configuration_comes_from_the_stack_and_no_secret_is_readable_in_the_state(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    token = emulator.token(ttl_seconds=3600)
    stack = new_stack(endpoint=None, token=None)
    for setting in (("apikeys:endpoint", emulator.url), ("apikeys:projectId", project)):
        assert stack.run("config", "set", *setting).ok
    assert stack.run("config", "set", "--secret", "apikeys:token", token).ok
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
    assert re.search(r"^ +apikeys\.Failure: could not create API key \"more-[0-9a-f]{7}\"", failed.output, re.MULTILINE)
    assert failed.output.count("pulumi_resource_apikeys/dynamic") == 1, failed.output
    assert again.counts() == {"created": 1, "unchanged": 2}, again.output
    assert stack.outputs()["kept.key"] == before["kept.key"]
    assert len(emulator.active_keys(project)) == 2


def test_a_rotation_says_why_and_keeps_the_previous_key(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare(rotating(project, triggers={"release": 1}))
    assert stack.up().ok
    first = stack.outputs()
    stack.declare(rotating(project, triggers={"release": 2}))

    preview, up, again = stack.preview(), stack.up(), stack.up()

    assert preview.counts() == {"to update": 1, "unchanged": 1}, preview.output
    assert "service: rotates: " in preview.output
    assert up.counts() == {"updated": 1, "unchanged": 1}, up.output
    assert again.counts() == {"unchanged": 2}, again.output
    second = stack.outputs()
    assert second["service.generation"] == 2
    assert second["service.previous_key_id"] == first["service.key_id"]
    assert emulator.verify(first["service.key"])
    assert emulator.verify(second["service.key"])


def test_a_failure_after_a_new_key_was_made_is_a_warning_and_the_next_run_goes_on(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare(rotating(project, emergency_triggers={"incident": 1}))
    assert stack.up().ok
    leaked = stack.outputs()["service.key"]
    stack.declare(rotating(project, emergency_triggers={"incident": 2}))
    emulator.fault("revoke", "status", status=403, times=None)

    up = stack.up()

    assert up.ok, up.output
    assert re.search(r"warning: service: could not revoke .* the next `pulumi up` tries again", up.output), up.output
    new = stack.outputs()["service.key"]
    assert emulator.verify(new)
    assert emulator.verify(leaked)

    emulator.clear_faults()
    again = stack.up()

    assert again.counts() == {"updated": 1, "unchanged": 1}, again.output
    assert stack.outputs()["service.key"] == new
    assert not emulator.verify(leaked)


def test_offline_previews_and_refreshes_call_nothing(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack()
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    emulator.reset_counts()
    stack.token, stack.endpoint, stack.environment = None, None, {"APIKEYS_OFFLINE": "1"}
    stack.declare({"deploy": {"args": {"project_id": project, "scopes": ["x"]}}})

    preview, refreshing, up = stack.preview(), stack.preview("--refresh"), stack.up()

    for shown in (preview, refreshing):
        assert shown.counts()["to replace"] == 1, shown.output
    assert "offline" in refreshing.output
    assert not up.ok
    assert "offline" in up.output
    assert set(emulator.counts().values()) == {0}


def test_a_token_command_runs_beside_the_hosts_threads(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, tmp_path: Path
) -> None:
    program = tmp_path / "token.py"
    program.write_text(f"print({emulator.token()!r})")
    stack = new_stack(token=None, environment={"APIKEYS_TOKEN_COMMAND": json.dumps([sys.executable, str(program)])})
    stack.declare({f"key-{number}": {"args": {"project_id": project}} for number in range(6)})

    up = stack.up()

    assert up.counts() == {"created": 7}, up.output


def processes_of(stack: Stack) -> list[int]:
    """The dynamic hosts that run with this stack's environment."""
    mark = f"PULUMI_HOME={stack.folder / 'home'}".encode()

    def is_one(entry: Path) -> bool:
        try:
            return b"pulumi.dynamic" in (entry / "cmdline").read_bytes() and mark in (entry / "environ").read_bytes()
        except OSError:
            return False

    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if is_one(entry)]


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes as Linux shows them")
def test_no_process_and_no_key_outlives_a_killed_engine(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})
    emulator.fault("create", "latency", latency_ms=2000)
    engine = stack.start("up", "--yes", "--skip-preview", "--stack", stack.name)
    until(lambda: emulator.counts()["create"] == 1)
    assert processes_of(stack)

    os.kill(engine.pid, signal.SIGKILL)
    with engine:
        engine.communicate()

    until(lambda: not processes_of(stack))
    assert emulator.active_keys(project) == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes as Linux shows them")
def test_nothing_is_left_running_after_a_run(stack: Stack, project: str) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})

    assert stack.up().ok

    until(lambda: not processes_of(stack))


def test_the_module_that_moves_a_state_says_how_it_is_used() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "pulumi_resource_apikeys.dynamic.move"], check=False, capture_output=True, text=True
    )

    assert asked.returncode == 2
    assert asked.stderr.startswith("usage: ")

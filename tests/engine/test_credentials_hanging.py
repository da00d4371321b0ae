"""Runs that are interrupted or killed while the token source hangs: everything that was started ends soon."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from apikeys_emulator.testing import Emulator
from harness.processes import alive, eventually, up_under_way
from harness.stack import Stack
from harness.variants import DYNAMIC, both

SOON = 30.0
"""Seconds; half of what a token command may take."""
PROGRAM = """
import os, pathlib, sys, time
mark = pathlib.Path(sys.argv[1])
mark.with_suffix(".new").write_text(str(os.getpid()))
mark.with_suffix(".new").rename(mark)
time.sleep(600)
"""


@both
@pytest.mark.parametrize("end", ["interrupt", "kill"])
@pytest.mark.parametrize("command", ["up", "refresh"])
def test_a_token_command_that_hangs_keeps_nothing_alive(  # noqa: PLR0913, PLR0917 - fixtures and cases
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, tmp_path: Path, end: str, command: str
) -> None:
    mark = tmp_path / "mark"
    stack = new_stack(token=None)
    stack.declare({"deploy": {"args": {"project_id": project}}})
    arguments = []
    if command == "refresh":
        stack.environment["APIKEYS_TOKEN"] = emulator.token()
        assert stack.up().ok
        del stack.environment["APIKEYS_TOKEN"]
        arguments = ["--refresh"]
    stack.environment["APIKEYS_TOKEN_COMMAND"] = json.dumps([sys.executable, "-c", PROGRAM, str(mark)])
    output = stack.folder / "output.txt"
    created = emulator.counts()["create"]

    with up_under_way(stack, *arguments) as running:
        eventually(mark.exists, "the token command runs")
        started = [*running.plugins(), int(mark.read_text())]
        began = time.monotonic()
        if end == "kill":
            running.kill()
        else:
            running.interrupt(group=True)
            if stack.module == DYNAMIC:  # a dynamic host is told of the second one only
                eventually(lambda: "press ^C again" in output.read_text(), "the engine heeds the first one")
                running.interrupt(group=True)
        result = running.result()
        eventually(lambda: not any(map(alive, started)), "all that was started ends")

    assert len(started) > 1
    assert not result.ok
    assert time.monotonic() - began < SOON
    assert emulator.counts()["create"] == created


@both
def test_a_token_file_that_is_a_pipe_is_told_of_and_the_run_ends(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    stack = new_stack(token=None)
    stack.environment["APIKEYS_TOKEN_FILE"] = str(tmp_path / "pipe")
    stack.declare({"deploy": {"args": {"project_id": project}}})

    up = stack.up()

    assert not up.ok
    assert any("it is a named pipe, not a regular file" in error for error in up.errors()), up.output
    assert set(emulator.counts().values()) == {0}


@both
def test_a_bad_clerk_setting_is_told_by_its_name_before_any_call(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack(token=None)
    stack.environment |= {
        "APIKEYS_CLERK_SECRET_KEY": "sk_live very-secret",
        "APIKEYS_CLERK_SESSION_ID": "../users",
        "APIKEYS_CLERK_API_URL": emulator.url,
    }
    stack.declare({"deploy": {"args": {"project_id": project}}})

    up = stack.up()

    assert not up.ok
    for words in (
        "APIKEYS_CLERK_SECRET_KEY",
        "must be a secret key as Clerk shows it",
        "APIKEYS_CLERK_SESSION_ID",
        "must be the id of a session",
    ):
        assert words in up.output
    assert "very-secret" not in up.output
    assert set(emulator.counts().values()) == {0}


@both
def test_the_token_command_knows_nothing_of_the_stacks_passphrase_and_configuration(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    program = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w')); print(sys.argv[2])"
    stack = new_stack(token=None)
    argv = [sys.executable, "-c", program, str(seen), emulator.token()]
    stack.configure("--plaintext", "apikeys:tokenCommand", json.dumps(argv))
    stack.configure("--secret", "other", "very-secret")
    stack.declare({"deploy": {"args": {"project_id": project}}})

    up = stack.up()

    assert up.ok, up.output
    environment = json.loads(seen.read_text())
    assert not [name for name in environment if name.startswith("PULUMI_CONFIG")]
    assert "very-secret" not in json.dumps(environment)
    assert {"PATH", "PULUMI_HOME"} <= environment.keys()


@both
def test_one_401_of_a_fixed_token_fails_nothing(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare({f"key{number}": {"args": {"project_id": project}} for number in range(6)})
    emulator.fault("create", "unauthorized", after=1)

    up = stack.up()

    assert up.ok, up.output
    assert len(emulator.active_keys(project)) == 6

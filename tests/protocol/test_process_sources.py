"""The plugin as a process whose token source hangs: a signal or the engine's death ends it soon all the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from fakes.engine import URN, struct
from fakes.keys import PROJECT
from harness.processes import alive, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY_ID = "5c1d1f0e-0000-4000-8000-000000000001"
SOON = 12.0
"""Seconds; three for the token, three for the threads, and more for machines under load."""

PLUGIN = """
import pathlib, socket, sys, time
from pulumi_resource_apikeys import __main__
from pulumi_resource_apikeys.plugin import server

mark, hanging = sys.argv[2:]
del sys.argv[2:]

def hang(*_arguments, **_options):
    open(mark, "w").close()
    time.sleep(600)

exec(hanging)
__main__.main()
"""
COMMAND = """
import os, pathlib, sys, time
print("waiting for you", file=sys.stderr, flush=True)
mark = pathlib.Path(sys.argv[1])
mark.with_suffix(".new").write_text(str(os.getpid()))
mark.with_suffix(".new").rename(mark)
time.sleep(600)
"""
CLERK = {"clerkSecretKey": "sk_x", "clerkSessionId": "sess_x", "clerkApiUrl": "https://clerk.example.com"}
HANGING_FILE = """
really = pathlib.Path.stat
pathlib.Path.stat = lambda path, **options: hang() if str(path) == "/hangs" else really(path, **options)
"""
HANGING: dict[str, tuple[str, dict[str, Any]]] = {
    "a program": ("", {"tokenCommand": json.dumps([sys.executable, "-c", COMMAND, "MARK"])}),
    "a file": (HANGING_FILE, {"tokenFile": "/hangs"}),
    "a host's name": ("socket.getaddrinfo = hang", CLERK),
}


@contextmanager
def serving(hang: str, mark: Path, *shell: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("APIKEYS_")}
    argv = [*shell, sys.executable, "-c", PLUGIN, "127.0.0.1:1", str(mark), hang]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.endswith("\n"), process.communicate(timeout=60)[1]
            yield process, int(line)
        finally:
            if process.poll() is None:
                process.kill()


@contextmanager
def asked(port: int, options: dict[str, Any], mark: Path, method: str) -> Iterator[None]:
    """The plugin in the midst of a call that waits for a token."""
    options = {name: value.replace("MARK", str(mark)) for name, value in options.items()}
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        args = {"endpoint": "http://127.0.0.1:1", "projectId": PROJECT, **options}
        stub.Configure(provider_pb2.ConfigureRequest(args=struct(args)), timeout=60)
        inputs = struct({"projectId": PROJECT, "name": "mine"})
        if method == "Create":
            call = stub.Create.future(provider_pb2.CreateRequest(urn=URN, properties=inputs))
        else:
            state = struct({"projectId": PROJECT, "name": "mine", "keyId": KEY_ID, "key": "x"})
            call = stub.Read.future(provider_pb2.ReadRequest(urn=URN, id=KEY_ID, inputs=inputs, properties=state))
        eventually(mark.exists, f"it asks for a token, and not {call.exception() if call.done() else 'yet'}")
        yield


def program_of(mark: Path) -> int | None:
    text = mark.read_text()
    return int(text) if text else None


@pytest.mark.parametrize(
    ("source", "method", "number"),
    [
        ("a program", "Create", signal.SIGINT),
        ("a program", "Read", signal.SIGTERM),
        ("a file", "Create", signal.SIGTERM),
        ("a file", "Read", signal.SIGINT),
        ("a host's name", "Create", signal.SIGINT),
    ],
)
def test_a_signal_ends_it(source: str, method: str, number: signal.Signals, tmp_path: Path) -> None:
    hang, options = HANGING[source]
    mark = tmp_path / "mark"
    with serving(hang, mark) as (process, port), asked(port, options, mark, method):
        began = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")
    assert time.monotonic() - began < SOON
    pid = program_of(mark)
    assert pid is None or not alive(pid)


@pytest.mark.parametrize("source", HANGING)
def test_it_ends_with_the_engine(source: str, tmp_path: Path) -> None:
    hang, options = HANGING[source]
    mark = tmp_path / "mark"
    # The shell starts the plugin beside itself and ends when its standard input does.
    with (
        serving(hang, mark, "sh", "-c", '"$@" & read -r _', "sh") as (shell, port),
        asked(port, options, mark, "Create"),
    ):
        began = time.monotonic()
        # Standard output ends when the last process that holds it does.
        out, err = shell.communicate(timeout=60)
    assert (out, err) == ("", "")
    assert time.monotonic() - began < SOON
    pid = program_of(mark)
    assert pid is None or not alive(pid)

"""The plugin as a process, started as the engine starts it: a port on standard output, and a quick, clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from fakes.engine import URN, struct
from fakes.keys import PROJECT
from harness.processes import eventually
from pulumi_resource_apikeys import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

DISTRIBUTION = "pulumi-resource-apikeys"
EXECUTABLE = str(Path(sysconfig.get_path("scripts")) / DISTRIBUTION)
WAYS = {
    "the executable": [EXECUTABLE],
    "the module": [sys.executable, "-m", "pulumi_resource_apikeys"],
    "a language host": [sys.executable, "-m", "pulumi.run.plugin", DISTRIBUTION],
}
QUICKLY = 5.0
"""Seconds; much more than it takes, for machines under load."""


@dataclass
class Plugin:
    """A running plugin and its port."""

    process: subprocess.Popen[str]
    port: int

    def end(self, number: signal.Signals) -> tuple[int, str, str, float]:
        """Send a signal; the exit code, what else was written, and the seconds that the end took."""
        began = time.monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err, time.monotonic() - began


@contextmanager
def running(argv: list[str], **variables: str) -> Iterator[Plugin]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("APIKEYS_")}
    environment = {**inherited, **variables}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.endswith("\n"), process.communicate(timeout=60)[1]
            yield Plugin(process, int(line))
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture(params=WAYS)
def plugin(request: pytest.FixtureRequest) -> Iterator[Plugin]:
    # The last argument is the engine's address, which the engine always passes; nobody listens there.
    with running([*WAYS[request.param], "127.0.0.1:1"]) as started:
        yield started


@pytest.fixture
def engine() -> Iterator[socket.socket]:
    """What listens where the engine does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(params=[[], ["--logtostderr", "-v=9", "--tracing", "127.0.0.1:1"]], ids=["bare", "with options"])
def served(request: pytest.FixtureRequest, engine: socket.socket) -> Iterator[Plugin]:
    """A plugin whose engine is there."""
    host, port = engine.getsockname()
    with running([EXECUTABLE, *request.param, f"{host}:{port}"]) as started:
        yield started


@contextmanager
def connected(plugin: Plugin) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """A configured plugin."""
    with grpc.insecure_channel(f"127.0.0.1:{plugin.port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        configure(stub)
        yield stub


def configure(stub: provider_pb2_grpc.ResourceProviderStub) -> None:
    args = {"endpoint": "http://127.0.0.1:1", "projectId": PROJECT, "token": "t", "maxRetries": 0}
    stub.Configure(provider_pb2.ConfigureRequest(args=struct(args)), timeout=60)


def failure_of_a_create(stub: provider_pb2_grpc.ResourceProviderStub) -> str:
    create = provider_pb2.CreateRequest(urn=URN, properties=struct({"projectId": PROJECT, "name": "mine"}))
    with pytest.raises(grpc.RpcError) as caught:
        stub.Create(create, timeout=60)
    return str(caught.value)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends_cleanly_at_a_signal(plugin: Plugin, number: signal.Signals) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{plugin.port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        answer = stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"), timeout=60)
        assert answer.accept_secrets
        assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version == __version__
        code, out, err, seconds = plugin.end(number)
    assert (code, out, err) == (0, "", "")
    assert seconds < QUICKLY


def test_failures_leave_its_output_alone(plugin: Plugin) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{plugin.port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        args = {"endpoint": "http://127.0.0.1:1", "projectId": PROJECT, "token": "very-secret", "maxRetries": 0}
        stub.Configure(provider_pb2.ConfigureRequest(args=struct(args)), timeout=60)
        create = provider_pb2.CreateRequest(urn=URN, properties=struct({"projectId": PROJECT, "name": "mine"}))
        with pytest.raises(grpc.RpcError) as caught:
            stub.Create(create, timeout=60)
        with pytest.raises(grpc.RpcError):
            stub.Invoke(provider_pb2.InvokeRequest(tok="apikeys:index:f"), timeout=60)
        assert "very-secret" not in str(caught.value)
        assert "Traceback" not in str(caught.value)
        assert plugin.end(signal.SIGTERM)[:3] == (0, "", "")


def test_it_listens_on_loopback_alone(plugin: Plugin) -> None:
    tables = Path(f"/proc/{plugin.process.pid}/net")
    if not tables.exists():
        pytest.skip("only Linux tells a process's sockets here")
    own = {str(link.readlink()) for link in Path(f"/proc/{plugin.process.pid}/fd").iterdir()}
    rows = [row.split() for table in ("tcp", "tcp6") for row in (tables / table).read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]
    # 127.0.0.1, byte by byte from the last, by itself or mapped into an IPv6 address
    assert [address.removeprefix("0000000000000000FFFF0000") for address in listening] == [
        f"0100007F:{plugin.port:04X}"
    ]


@pytest.mark.parametrize("way", WAYS)
def test_it_ends_with_the_process_that_started_it(way: str) -> None:
    # The shell starts the plugin beside itself and ends when its standard input does.
    argv = ["sh", "-c", '"$@" & read -r _', "sh", *WAYS[way], "127.0.0.1:1"]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdout is not None
        port = int(shell.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version == __version__
            # Standard output ends when the last process that holds it does.
            out, err = shell.communicate(timeout=60)
    assert (out, err) == ("", "")


@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]])
def test_a_signal_before_the_cancel_leaves_the_engine_somebody_to_cancel(
    served: Plugin, numbers: list[signal.Signals]
) -> None:
    with connected(served) as stub:
        assert "could not create" in failure_of_a_create(stub)
        for number in numbers:
            served.process.send_signal(number)
        eventually(lambda: "cancelled before this began" in failure_of_a_create(stub), "nothing new begins")
        configure(stub)
        assert "cancelled before this began" in failure_of_a_create(stub)
        stub.Cancel(empty_pb2.Empty(), timeout=QUICKLY)
        assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version == __version__
        code, out, err, seconds = served.end(signal.SIGINT)
    assert (code, out, err) == (0, "", "")
    assert seconds < QUICKLY


def test_a_signal_before_the_cancel_ends_it_once_the_engine_is_gone(served: Plugin, engine: socket.socket) -> None:
    with connected(served) as stub:
        served.process.send_signal(signal.SIGTERM)
        eventually(lambda: "cancelled before this began" in failure_of_a_create(stub), "it has heard the signal")
        engine.close()
        assert served.process.communicate(timeout=60) == ("", "")
    assert served.process.returncode == 0


def test_the_end_after_a_cancel_is_at_once_whatever_the_interpreter_would_do(
    engine: socket.socket, tmp_path: Path
) -> None:
    # The engine lets its plugins end one after the other, and has 5 s for all.
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, threading, time\n"
        "atexit.register(time.sleep, 600)\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
    )
    host, port = engine.getsockname()
    with running([EXECUTABLE, f"{host}:{port}"], PYTHONPATH=str(tmp_path)) as plugin:
        with connected(plugin) as stub:
            stub.Cancel(empty_pb2.Empty(), timeout=60)
        code, out, err, seconds = plugin.end(signal.SIGINT)
    assert (code, out, err) == (0, "", "")
    assert seconds < QUICKLY


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("option", "told"), [("--version", f"{__version__}\n"), ("--help", "usage: pulumi-resource-apikeys ")]
)
def test_help_and_version_are_told_and_that_is_all(way: str, option: str, told: str) -> None:
    done = subprocess.run([*WAYS[way], option], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(told)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_load_nothing_that_takes_time(option: str) -> None:
    code = (
        "import json, sys; from pulumi_resource_apikeys.__main__ import main; main(); print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, text=True, timeout=60, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert not loaded & {"grpc", "google", "pulumi", "pydantic", "httpx", "asyncio"}

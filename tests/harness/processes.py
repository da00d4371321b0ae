"""A `pulumi` command under way in a process group of its own, as a shell starts it, and the providers it started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .stack import Result, Stack

PATIENCE = 120.0
"""Seconds; much more than anything here takes, for machines under load."""


def eventually(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, f"never: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def providers_of(stack: Stack) -> list[int]:
    """The processes of plugins and dynamic hosts that run with this stack's environment."""
    mark = f"PULUMI_HOME={stack.folder / 'home'}".encode()

    def is_one(process: Path) -> bool:
        try:
            program = (process / "cmdline").read_bytes()
            known = b"pulumi-resource-apikeys" in program or b"pulumi.dynamic" in program
            return known and mark in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            return False

    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if is_one(process)]


class Command:
    """The command; its output goes to a file, so that no plugin that outlives it is in the way."""

    def __init__(self, stack: Stack, process: subprocess.Popen[bytes], output: Path) -> None:
        self._stack = stack
        self._process = process
        self._output = output

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._process.poll() is None

    def interrupt(self, *, group: bool) -> None:
        """SIGINT: to all its group as a terminal sends it, or to the engine alone."""
        if group:
            os.killpg(self._process.pid, signal.SIGINT)
        else:
            self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the engine."""
        self._process.kill()

    def plugins(self) -> list[int]:
        """The processes of the provider, plugin or dynamic host, that it started and that run."""
        return providers_of(self._stack)

    def result(self) -> Result:
        """Wait for its end."""
        code = self._process.wait(PATIENCE)
        return Result(code, self._output.read_text())


@contextmanager
def up_under_way(stack: Stack, *arguments: str) -> Iterator[Command]:
    """`pulumi up`, with processes that are the engine's own; at the end it is killed if it still runs."""
    output = stack.folder / "output.txt"
    argv = ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack.name, *arguments]
    with (
        output.open("wb") as sink,
        subprocess.Popen(
            [*argv, "--non-interactive", "--color", "never"],
            cwd=stack.folder,
            env=stack.cold().env(),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Command(stack, process, output)
        finally:
            process.kill()

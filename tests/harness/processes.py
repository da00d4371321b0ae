"""A `pulumi` command under way in a process group of its own, as a shell starts it, and the plugins that it started."""

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


class Command:
    """The command; its output goes to a file, so that no plugin that outlives it is in the way."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
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
        """The plugin processes that it started and that run."""
        children = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in children if self._is_plugin(pid)]

    def _is_plugin(self, pid: int) -> bool:
        try:
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            return (
                parent == self._process.pid and b"pulumi-resource-apikeys" in Path(f"/proc/{pid}/cmdline").read_bytes()
            )
        except OSError:
            return False

    def result(self) -> Result:
        """Wait for its end."""
        code = self._process.wait(PATIENCE)
        return Result(code, self._output.read_text())


@contextmanager
def up_under_way(stack: Stack, *arguments: str) -> Iterator[Command]:
    """`pulumi up`; at the end it is killed if it still runs."""
    output = stack.folder / "output.txt"
    argv = ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack.name, *arguments]
    with (
        output.open("wb") as sink,
        subprocess.Popen(
            [*argv, "--non-interactive", "--color", "never"],
            cwd=stack.folder,
            env=stack.env(),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Command(process, output)
        finally:
            process.kill()

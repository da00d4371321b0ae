"""Processes that are measured: started, timed, and asked what they used."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LOOKED_AT_EVERY = 0.02
"""Seconds between two looks at a process that a command started."""


@dataclass
class Server:
    """A process that told its port on standard output; times in seconds since it was started."""

    process: subprocess.Popen[bytes]
    port: int
    started: float
    seconds_to_port: float
    cpu_to_port: float

    def cpu(self) -> float:
        """Seconds of processor time that it used so far."""
        return cpu_of(self.process.pid)

    def peak(self) -> float:
        """MB of memory at its peak so far."""
        return peak_of(self.process.pid)


@contextmanager
def serving(argv: Sequence[str], environment: Mapping[str, str]) -> Iterator[Server]:
    """A server, from its start until the end of the block, when it is killed."""
    started = time.perf_counter()
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        try:
            if process.stdout is None:
                raise AssertionError("it was asked for")
            line = process.stdout.readline()
            seconds = time.perf_counter() - started
            if not line.strip().isdigit():
                raise RuntimeError(f"{' '.join(argv)} told no port, but {line!r}")
            yield Server(process, int(line), started, seconds, cpu_of(process.pid))
        finally:
            process.kill()


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process, all its threads together; 0 where it is gone."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int((_read(statistics) or b"0").split()[0]) for statistics in threads) / 1e9


def _read(file: Path) -> bytes:
    """A file of a process; nothing where it is gone."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def peak_of(pid: int) -> float:
    """MB of memory of a process at its peak (VmHWM); 0 where it is gone."""
    status = _read(Path(f"/proc/{pid}/status")).decode()
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
    return int(kilobytes) / 1000


@dataclass
class Watched:
    """What the plugins of a command used: their processor time together, the peak of the one that took most memory."""

    cpu: dict[int, float] = field(default_factory=dict)
    peak: float = 0.0

    @property
    def seconds(self) -> float:
        """Seconds of processor time, of all of them."""
        return sum(self.cpu.values())


@contextmanager
def watching(program: str) -> Iterator[Watched]:
    """Within, all processes whose command line names that file are looked at again and again."""
    watched, ended = Watched(), threading.Event()

    def watch() -> None:
        while not ended.wait(LOOKED_AT_EVERY):
            for pid in _running(program):
                watched.cpu[pid] = cpu_of(pid) or watched.cpu.get(pid, 0.0)
                watched.peak = max(watched.peak, peak_of(pid))

    watcher = threading.Thread(target=watch, name="watcher")
    watcher.start()
    try:
        yield watched
    finally:
        ended.set()
        watcher.join()


def _running(program: str) -> list[int]:
    processes = Path("/proc").glob("[0-9]*")
    return [int(process.name) for process in processes if program.encode() in _read(process / "cmdline")]

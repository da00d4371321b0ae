"""A run of a program: what it prints, and its end. Nothing here blocks the event loop, and nothing has to be awaited.

Threads read what the program prints, to the last byte: it may leave behind others that hold its output, and those
must neither be waited for nor be ended by a closed pipe.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING

from .off_loop import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

GRACE = 1.0
"""Seconds after its end for what it printed to be read, where something else holds its output open."""
LONGEST_LINE = 65536
"""Bytes; of a longer line on standard error only is told that there was one."""
TOO_LONG = b"(a line too long to show)"


class Program:
    """A program that runs without a shell, in a session of its own, with nothing on its standard input."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], largest: int, say: Callable[[bytes], None]
    ) -> None:
        """Start it. It may print `largest` bytes; `say` gets the lines of its standard error, in the event loop."""
        self.stdout = bytearray()
        self.too_large = False
        self._argv = argv
        self._environment = environment
        self._largest = largest
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._readers: tuple[Future[None], ...] = ()
        self._status = in_thread(self._run)

    async def end(self) -> int:
        """Wait for its end; returns the exit status. Raises OSError or ValueError where it can't be started."""
        status = await asyncio.wrap_future(self._status)
        await asyncio.wait([asyncio.wrap_future(reader) for reader in self._readers], timeout=GRACE)
        return status

    def stop(self) -> None:
        """Take nothing from it any more; where it still runs, end it with all that it started."""
        with self._lock:
            self._stopped = True
            self._kill()

    def _kill(self) -> None:
        if self._process is None or self._status.done():
            return
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _run(self) -> int:
        process = subprocess.Popen(
            self._argv,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with self._lock:
            self._process = process
            if self._stopped:
                self._kill()
        if process.stdout is not None and process.stderr is not None:
            self._readers = (
                in_thread(partial(self._read_stdout, process.stdout)),
                in_thread(partial(self._read_stderr, process.stderr)),
            )
        return process.wait()

    def _read_stdout(self, pipe: IO[bytes]) -> None:
        with pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                if self._stopped or self.too_large:
                    continue
                self.stdout += chunk
                if len(self.stdout) > self._largest:
                    self.too_large = True
                    self.stop()

    def _read_stderr(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in _lines(pipe):
                if not self._stopped:
                    # The loop may have been closed meanwhile.
                    with suppress(RuntimeError):
                        self._loop.call_soon_threadsafe(self._say, line)


def _lines(pipe: IO[bytes]) -> Iterator[bytes]:
    while line := pipe.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := pipe.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield TOO_LONG

"""The source `tokenCommand`: a program that prints a token, run without a shell, and again when one is needed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.foreign_text import clean

from .token import SKEW, Token, still_good, token_of_output

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import TokenCommand

TIME_LIMIT = 60.0
"""Seconds that the program may take."""
LARGEST = 1 << 20
"""Bytes that it may print."""
LINES_SHOWN = 3
"""Lines of its standard error that the message of a failure repeats."""
SECONDS_TO_END = 5.0
HINT = "The program must print a current one"


@dataclass
class _Output:
    stdout: bytearray = field(default_factory=bytearray)
    too_large: bool = False
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=LINES_SHOWN))


class CommandSource:
    """A program whose standard output is a token, or JSON with `token` and `expires_at`.

    Its standard error goes to the user, line by line; its standard input is empty.
    """

    renews = True
    makes = True

    def __init__(
        self, settings: TokenCommand, clock: Clock, report: Callable[[str], None], *, time_limit: float = TIME_LIMIT
    ) -> None:
        """`report` shows the user a line; `time_limit` in seconds."""
        self._argv = settings.argv
        self._clock = clock
        self._report = report
        self._time_limit = time_limit

    @property
    def described(self) -> str:
        """The option and the program; its arguments may be secret."""
        return f"tokenCommand {self._argv[0]}"

    async def fetch(self) -> Token:
        """Run the program; raises `CredentialError`."""
        process = await self._start()
        output = _Output()
        try:
            with anyio.fail_after(self._time_limit):
                await asyncio.gather(self._read_stdout(process, output), self._read_stderr(process, output))
                status = await process.wait()
        except TimeoutError:
            raise CredentialError(
                f"{self.described}: gave no token within {self._time_limit:g} s and was stopped{_told(output)}"
            ) from None
        finally:
            await _end(process)
        if output.too_large:
            raise CredentialError(f"{self.described}: printed more than {LARGEST} bytes, so that is no token")
        if status != 0:
            ended = f"was ended by signal {-status}" if status < 0 else f"failed with exit status {status}"
            raise CredentialError(f"{self.described}: {ended}{_told(output)}")
        token = token_of_output(output.stdout.decode("utf-8", errors="replace"), self.described)
        return still_good(token, self._clock.now(), SKEW, self.described, HINT)

    def changed(self) -> bool:
        """Never, as far as can be seen without running it."""
        return False

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LARGEST,
                start_new_session=True,
            )
        except FileNotFoundError:
            reason = "there is no such program; it is looked for on PATH, and no shell is used"
        except PermissionError:
            reason = "it may not be run: check that it is executable"
        except (OSError, ValueError) as error:
            reason = f"it can't be run: {clean(str(getattr(error, 'strerror', None) or error))}"
        raise CredentialError(f"{self.described}: {reason}")

    async def _read_stdout(self, process: asyncio.subprocess.Process, output: _Output) -> None:
        if process.stdout is None:
            return
        while chunk := await process.stdout.read(65536):
            output.stdout += chunk
            if len(output.stdout) > LARGEST:
                output.too_large = True
                _kill(process)
                return

    async def _read_stderr(self, process: asyncio.subprocess.Process, output: _Output) -> None:
        if process.stderr is None:
            return
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:
                line = b"(a line too long to show)"
            if not line:
                return
            shown = clean(line.decode("utf-8", errors="replace"))
            if shown:
                output.last_lines.append(shown)
                self._report(f"{self.described}: {shown}")


def _told(output: _Output) -> str:
    return f': "{" / ".join(output.last_lines)}"' if output.last_lines else ""


def _kill(process: asyncio.subprocess.Process) -> None:
    """End the program with all that it started."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the program, if it still runs, and wait for that, though not for ever."""
    if process.returncode is None:
        _kill(process)
        with anyio.move_on_after(SECONDS_TO_END, shield=True):
            await process.wait()

"""The source `tokenCommand`: a program that prints a token, run without a shell, and again when one is needed."""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from typing import TYPE_CHECKING

from async_timeout import timeout
from pydantic import SecretStr

from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.text import one_line

from . import environment
from .program import Program
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
SHOWN_AFTER = 0.05
"""Seconds that a line of its standard error waits, so that a token printed just before it is known and not shown."""
HINT = "The program must print a current one"


class CommandSource:
    """A program whose standard output is a token, or JSON with `token` and `expires_at`.

    Its standard error goes to the user, line by line; its standard input is empty.
    """

    renews = True
    changed = None
    makes = True

    def __init__(
        self, settings: TokenCommand, clock: Clock, report: Callable[[str], None], *, time_limit: float = TIME_LIMIT
    ) -> None:
        """`report` shows the user a line; `time_limit` in seconds."""
        self._argv = settings.argv
        self._clock = clock
        self._report = report
        self._time_limit = time_limit
        self._last: SecretStr | None = None

    @property
    def described(self) -> str:
        """The option and the program; its arguments may be secret."""
        return f"tokenCommand {one_line(self._argv[0])}"

    async def fetch(self) -> Token:
        """Run the program; raises `CredentialError`."""
        lines = _Lines(lambda shown: self._report(f"{self.described}: {shown}"))
        program = Program(self._argv, environment.for_program(os.environ), LARGEST, lines.add)
        lines.secrets = lambda: [*_words(program.stdout), *([self._last] if self._last else [])]
        status, reason = 0, ""
        try:
            async with timeout(self._time_limit):
                status = await program.end()
        except asyncio.TimeoutError:
            reason = f"gave no token within {self._time_limit:g} s and was stopped"
        except FileNotFoundError:
            reason = "there is no such program; it is looked for on PATH, and no shell is used"
        except PermissionError:
            reason = "it may not be run: check that it is executable"
        except (OSError, ValueError) as error:
            reason = f"it can't be run: {one_line(str(getattr(error, 'strerror', None) or error))}"
        finally:
            program.stop()
            lines.show()
        if program.too_large:
            raise CredentialError(f"{self.described}: printed more than {LARGEST} bytes, so that is no token")
        if status != 0:
            reason = f"was ended by signal {-status}" if status < 0 else f"failed with exit status {status}"
        if reason:
            raise CredentialError(f"{self.described}: {reason}{lines.told}")
        token = token_of_output(program.stdout.decode("utf-8", errors="replace"), self.described)
        self._last = token.secret
        return still_good(token, self._clock.now(), SKEW, self.described, HINT)


class _Lines:
    """The lines of a program's standard error on their way to the user, without the tokens that are known by then."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.secrets: Callable[[], list[SecretStr]] = list
        self._report = report
        self._waiting: list[bytes] = []
        self._last: deque[str] = deque(maxlen=LINES_SHOWN)

    @property
    def told(self) -> str:
        """The last of them, for the message of a failure."""
        return f': "{" / ".join(self._last)}"' if self._last else ""

    def add(self, line: bytes) -> None:
        """Take a line, to be shown soon."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(SHOWN_AFTER, self.show)
        self._waiting.append(line)

    def show(self) -> None:
        """Show what waits."""
        waiting, self._waiting = self._waiting, []
        hide = self.secrets() if waiting else []
        for line in waiting:
            shown = one_line(line.decode("utf-8", errors="replace"), hide)
            if shown:
                self._last.append(shown)
                self._report(shown)


def _words(stdout: bytearray) -> list[SecretStr]:
    """What may be a token in the output so far; shorter words would take ordinary text apart."""
    return [SecretStr(word.decode("ascii")) for word in re.findall(rb"[!#-~]{8,}", bytes(stdout[:LARGEST]))][:100]

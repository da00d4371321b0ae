"""The source `tokenFile`: a file that something else keeps up to date. It is read again when it changes.

The file may be on a network file system that does not answer, so all that touches it happens in threads, in limited
time; and whoever writes it may be writing just now, so what may be half a token is looked at again.
"""

from __future__ import annotations

import asyncio
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from async_timeout import timeout

from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.text import one_line

from .off_loop import in_thread
from .token import SKEW, Token, still_good, token_of_output

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import TokenFile

Result = TypeVar("Result")

HINT = "Whatever writes the file must renew it in time"
LARGEST = 65536
"""Bytes; a larger file holds no token."""
READ_LIMIT = 10.0
"""Seconds that reading may take."""
LOOK_LIMIT = 2.0
"""Seconds that a look at whether it has changed may take."""
PAUSES = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
"""Seconds before each further try to read what can't be read, or was written just now."""
JUST_NOW = 0.02
"""Seconds since a file was written within which it may be half written."""
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

# Of what is no regular file after all, nothing is waited for.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_State = tuple[int, int, int]


class UnusableFileError(CredentialError):
    """The file gives no token, and another look will not change that."""


@dataclass(frozen=True)
class _Content:
    """What was read; `written` is when it was written, in seconds since 1970; `whole` that nothing wrote meanwhile."""

    text: bytes
    state: _State
    written: float
    whole: bool


class FileSource:
    """A token in a file, bare or as JSON with `token` and `expires_at`; white space around it is no part of it."""

    renews = True
    makes = False

    def __init__(self, settings: TokenFile, clock: Clock, *, read_limit: float = READ_LIMIT) -> None:
        """Take the path, in which `~` is the home folder; `read_limit` in seconds."""
        self._path = settings.path
        self._clock = clock
        self._read_limit = read_limit
        self._seen: _State | None = None
        self._stuck: Future[Any] | None = None

    @property
    def described(self) -> str:
        """The option and the path."""
        return f"tokenFile {one_line(self._path)}"

    async def fetch(self) -> Token:
        """Read the file; raises `CredentialError`."""
        token = await self._settled()
        return still_good(token, self._clock.now(), SKEW, self.described, HINT)

    async def changed(self) -> bool:
        """Whether the file looks different from when it was read; one that can't be looked at counts as the same."""
        if self._stuck is not None and not self._stuck.done():
            return False
        try:
            return await self._in_time(self._look, LOOK_LIMIT) != self._seen
        except asyncio.TimeoutError:
            return False

    async def _settled(self) -> Token:
        """The token, once nobody seems to be writing it: read twice, or written a while ago; else the longest read."""
        found: dict[bytes, Token] = {}
        for pause in (*PAUSES, None):
            try:
                content = await self._read()
                token = token_of_output(content.text.decode("utf-8-sig", errors="replace"), self.described)
            except UnusableFileError:
                raise
            except CredentialError:
                if pause is None and not found:
                    raise
            else:
                if content.text in found or not self._may_be_half_written(content):
                    return token
                found[content.text] = token
            if pause is not None:
                await self._clock.sleep(pause)
        return found[max(found, key=len)]

    def _may_be_half_written(self, found: _Content) -> bool:
        return not found.whole or abs(self._clock.now().timestamp() - found.written) < JUST_NOW

    async def _read(self) -> _Content:
        try:
            found = await self._in_time(self._content, self._read_limit)
        except asyncio.TimeoutError:
            raise UnusableFileError(
                f"{self.described}: can't be read: no answer within {self._read_limit:g} s from where it is stored"
            ) from None
        except (OSError, ValueError, RuntimeError) as error:
            # The path may hold characters that no path may, or name a user who has no home.
            reason = one_line(str(getattr(error, "strerror", None) or error))
            raise CredentialError(f"{self.described}: can't be read: {reason}") from None
        self._seen = found.state
        if len(found.text) > LARGEST:
            raise UnusableFileError(f"{self.described}: is larger than {LARGEST} bytes, so it holds no token")
        return found

    def _content(self) -> _Content:
        path = Path(self._path).expanduser()
        # Before it is opened: that does something to a pipe, and to some devices.
        self._refuse_unless_regular(path.stat())
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            before = os.fstat(file.fileno())
            self._refuse_unless_regular(before)
            content = file.read(LARGEST + 1)
            after = os.fstat(file.fileno())
        return _Content(content, _state(before), before.st_mtime, _state(before) == _state(after))

    def _refuse_unless_regular(self, found: os.stat_result) -> None:
        kind = next((kind for is_it, kind in _KINDS if is_it(found.st_mode)), None)
        if kind is not None:
            raise UnusableFileError(
                f"{self.described}: it is {kind}, not a regular file. A token is read from it more than once: write it"
                " to a file, or let tokenCommand print it"
            )

    def _look(self) -> _State | None:
        try:
            return _state(Path(self._path).expanduser().stat())
        except (OSError, ValueError, RuntimeError):
            return None

    async def _in_time(self, work: Callable[[], Result], limit: float) -> Result:
        """Do blocking work on the file; raises `asyncio.TimeoutError`.

        What did not come back is waited for before more is begun: a file system that does not answer is asked again
        only once it has answered.
        """
        async with timeout(limit):
            if self._stuck is not None:
                with suppress(Exception):
                    await asyncio.wrap_future(self._stuck)
            begun = in_thread(work)
            try:
                return await asyncio.wrap_future(begun)
            finally:
                if not begun.done():
                    self._stuck = begun


def _state(found: os.stat_result) -> _State:
    return found.st_mtime_ns, found.st_size, found.st_ino

"""The source `tokenFile`: a file that something else keeps up to date. It is read again when it changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import CredentialError

from .token import SKEW, Token, still_good, token_of_output

if TYPE_CHECKING:
    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import TokenFile

HINT = "Whatever writes the file must renew it in time"
LARGEST = 65536
"""Bytes; a larger file holds no token."""

_State = tuple[int, int, int]


class FileSource:
    """A token in a file, bare or as JSON with `token` and `expires_at`; white space around it is no part of it."""

    renews = True
    makes = False

    def __init__(self, settings: TokenFile, clock: Clock) -> None:
        """Take the path, in which `~` is the home folder."""
        self._path = Path(settings.path).expanduser()
        self._clock = clock
        self._seen: _State | None = None

    @property
    def described(self) -> str:
        """The option and the path."""
        return f"tokenFile {self._path}"

    async def fetch(self) -> Token:
        """Read the file; raises `CredentialError`."""
        # The state comes first: a change while the file is read is then seen as one.
        self._seen = self._state()
        try:
            with self._path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            raise CredentialError(f"{self.described}: can't be read: {error.strerror}") from None
        if len(content) > LARGEST:
            raise CredentialError(f"{self.described}: is larger than {LARGEST} bytes, so it holds no token")
        token = token_of_output(content.decode("utf-8-sig", errors="replace"), self.described)
        return still_good(token, self._clock.now(), SKEW, self.described, HINT)

    def changed(self) -> bool:
        """Whether the file looks different from when it was read."""
        return self._state() != self._seen

    def _state(self) -> _State | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

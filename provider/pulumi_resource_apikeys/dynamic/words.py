"""Words for the user: of an error, and of a warning or note, which go out through standard error.

The dynamic host hands no way to the engine's log to a provider; the engine shows what the host writes on standard
error, as information about the stack.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, describe_bug

if TYPE_CHECKING:
    from typing import TextIO


def words_of(error: Exception) -> str:
    """The text of a foreseen error; of any other its type and place alone, since its text may hold a secret."""
    if isinstance(error, ApiKeysError):
        return str(error)
    return describe_bug(error)


class Voice:
    """Says each thing once, from any thread."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Take where to write; standard error by default."""
        self._stream = stream or sys.stderr
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def warn(self, message: str, about: str = "") -> None:
        """Tell something to heed; `about` is the resource's name."""
        self._say("warning: ", message, about)

    def inform(self, message: str, about: str = "") -> None:
        """Tell something to know."""
        self._say("", message, about)

    def _say(self, kind: str, message: str, about: str) -> None:
        line = f"{kind}{about}: {message}\n" if about else f"{kind}{message}\n"
        with self._lock:
            if line not in self._said:
                self._said.add(line)
                self._stream.write(line)
                self._stream.flush()

"""Words for the user: of an error, and of a warning or note, which go out through standard error.

The dynamic host hands no way to the engine's log to a provider; the engine shows what the host writes on standard
error, as information about the stack.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, describe_bug
from pulumi_resource_apikeys.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import TextIO


def words_of(error: Exception) -> str:
    """The text of a foreseen error; of any other its type and place alone, since its text may hold a secret."""
    if isinstance(error, ApiKeysError):
        return str(error)
    return describe_bug(error)


class StderrReporter:
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
            if line in self._said:
                return
            self._said.add(line)
            # Words are not worth a key: if nobody can be told, what was done counts all the same.
            with suppress(OSError, ValueError):
                self._stream.write(line)
                self._stream.flush()


class Report:
    """What one call tells the user of its resource, without the resource's secrets."""

    def __init__(self, reporter: StderrReporter, about: str, secrets: Collection[str]) -> None:
        """Take where to tell it, the resource's name, and the strings that no words may hold."""
        self._reporter = reporter
        self._about = about
        self._secrets = secrets

    def warn(self, messages: Iterable[str]) -> None:
        """Tell things to heed."""
        for message in messages:
            self._reporter.warn(redact(message, self._secrets), self._about)

    def inform(self, messages: Iterable[str]) -> None:
        """Tell things to know."""
        for message in messages:
            self._reporter.inform(redact(message, self._secrets), self._about)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Let what is done within fail without the secrets."""
        try:
            yield
        except ApiKeysError as error:
            raise ApiKeysError(redact(str(error), self._secrets)) from None

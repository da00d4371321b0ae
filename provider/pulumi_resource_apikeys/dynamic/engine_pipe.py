"""Whether the engine is still there: it reads the dynamic host's standard output until the end.

A killed engine ends no dynamic host, and the host does not notice by itself.
"""

from __future__ import annotations

import os
import select
import signal
import threading


class EnginePipe:
    """A pipe that the engine reads. On systems that can't watch one, it counts as whole."""

    def __init__(self, descriptor: int) -> None:
        """Take the end that this process writes to."""
        self._descriptor = descriptor

    def broken(self) -> bool:
        """Whether the other end is closed."""
        return self._closes(within=0)

    def end_with_it(self) -> None:
        """From now on, interrupt this process when the other end closes, as the engine does when it ends well."""
        threading.Thread(target=self._watch, name="apikeys-engine", daemon=True).start()

    def _watch(self) -> None:
        if self._closes(within=None):
            os.kill(os.getpid(), signal.SIGINT)

    def _closes(self, within: float | None) -> bool:
        if not hasattr(select, "poll"):
            return False
        poller = select.poll()
        poller.register(self._descriptor, 0)  # no events asked for: an error or hang-up is told all the same
        return bool(poller.poll(within))

"""Blocking work off the event loop, in threads that neither the caller nor the end of the process has to wait for.

The pool of asyncio is no help here: the interpreter waits for its threads before it ends.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def in_thread(work: Callable[[], Result]) -> Future[Result]:
    """Start work in a thread of its own; where it never comes back, the thread is left behind.

    The future can't be cancelled, as the work can't be; `asyncio.wrap_future` makes of it one that can be left.
    """
    outcome: Future[Result] = Future()
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the result gets the error
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    threading.Thread(target=run, name="apikeys-credentials", daemon=True).start()
    return outcome

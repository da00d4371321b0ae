"""The engine's call that a thread of the dynamic host answers: whether anybody takes the answer.

The engine gives a call up when the user interrupts a run twice, or when it ends. The host hands no word of that to a
provider, but the call's gRPC context knows, and it stands in the frames of the host that called the provider.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import grpc

if TYPE_CHECKING:
    from collections.abc import Callable


def given_up() -> Callable[[], bool]:
    """Gives what tells, in any thread, whether the call that this thread answers is given up.

    Where no call is found, as in a host of another make, it counts as waited for.
    """
    frame = inspect.currentframe()
    while frame is not None:
        context = frame.f_locals.get("context")
        if isinstance(context, grpc.ServicerContext):
            return lambda: not context.is_active()
        frame = frame.f_back
    return lambda: False

"""The engine's call that a thread of the dynamic host answers: which resource it is about, and whether it is given up.

The host hands a provider neither. But both stand in the frames of the host that called the provider: in the call's
gRPC request and context. The engine gives a call up when the user interrupts a run twice, or when it ends.
"""

from __future__ import annotations

import functools
import inspect
import os
from typing import TYPE_CHECKING, Any

import grpc

from pulumi_resource_apikeys.backend import backend_of
from pulumi_resource_apikeys.keys.ownership import owner_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_resource_apikeys.keys.ownership import Owner


def given_up() -> Callable[[], bool]:
    """Gives what tells, in any thread, whether the call that this thread answers is given up.

    If no call is found, as in a host of another make, it counts as waited for.
    """
    context = _call().get("context")
    if isinstance(context, grpc.ServicerContext):
        return lambda: not context.is_active()
    return lambda: False


def owner() -> Owner | None:
    """The resource that the call of this thread is about; None if no call is found."""
    urn = getattr(_call().get("request"), "urn", "")
    return owner_of(urn, _backend()) if isinstance(urn, str) else None


@functools.cache
def _backend() -> str:
    return backend_of(os.environ)


def _call() -> Mapping[str, Any]:
    """The variables of the host's method that answers this thread's call; empty if there is none."""
    frame = inspect.currentframe()
    while frame is not None:
        if isinstance(frame.f_locals.get("context"), grpc.ServicerContext):
            return frame.f_locals
        frame = frame.f_back
    return {}

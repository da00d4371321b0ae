"""Calls of the protocol that a servicer does not write: they answer UNIMPLEMENTED, which the engine understands.

The generated base class answers so too, but by raising, and gRPC prints that as a traceback on standard error.
"""

from __future__ import annotations

from typing import Any, TypeVar

import grpc
import grpc.aio

Servicer = TypeVar("Servicer", bound=type)


def unimplemented(servicer: Servicer) -> Servicer:
    """Complete a servicer class with an answer for each call that only its generated base class has."""
    for base in servicer.__mro__[1:-1]:
        for name in vars(base):
            if not name.startswith("_") and getattr(servicer, name) is vars(base)[name]:
                setattr(servicer, name, _refusal(name))
    return servicer


def _refusal(name: str) -> object:
    async def refuse(_self: object, _request: object, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the apikeys provider does not answer {name}")

    return refuse

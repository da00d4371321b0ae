"""How calls run: foreseen errors become statuses, writes run to their end, and after a Cancel no new write begins."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any, TypeVar

import grpc

from pulumi_resource_apikeys.errors import ApiKeysError, describe_bug

from . import status
from .redaction import redact

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from google.protobuf.message import Message

T = TypeVar("T")
R = TypeVar("R")
Method = TypeVar("Method", bound="Callable[..., Awaitable[Any]]")


def answering(method: Method) -> Method:
    """Turn what a servicer's method raises into a gRPC status with words for the user."""

    @functools.wraps(method)
    async def answer(self: object, request: Message, context: Any) -> Any:  # noqa: ANN401 - any of gRPC's messages
        try:
            return await method(self, request, context)
        except ApiKeysError as error:
            code, message = status.code_of(error), redact(str(error), request)
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence: a bug must not show secrets
            code, message = grpc.StatusCode.INTERNAL, describe_bug(error)
        await context.abort(code, status.message_of(message))
        return None

    return answer  # type: ignore[return-value] # wraps() keeps the signature, which mypy can't see


class Calls:
    """The writes in flight."""

    def __init__(self) -> None:
        """Begin with none."""
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._refusing = False
        self._ending = False

    def refuse_new(self, *, for_good: bool = False) -> None:
        """Begin no further write, `for_good` if this process is about to end."""
        self._refusing = True
        self._ending |= for_good

    def accept(self) -> None:
        """Begin writes again: another engine has configured this plugin, which serves one after the other."""
        self._refusing = self._ending

    async def finish(
        self, work: Coroutine[Any, Any, T], undelivered: Callable[[T], Awaitable[None]] | None = None
    ) -> T:
        """Run a write to its end, even if the caller goes away meanwhile; then `undelivered` gets the result."""
        if self._refusing:
            work.close()
            raise ApiKeysError("the run was cancelled before this began; nothing was done")
        task = self._begin(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if undelivered is not None:
                self._begin(_after(task, undelivered))
            raise

    async def deliver(self, result: T, answer: Awaitable[R], undelivered: Callable[[T], Awaitable[None]]) -> R:
        """Await the answer that carries a write's result; if the caller goes away meanwhile, `undelivered` gets it."""
        try:
            return await answer
        except asyncio.CancelledError:
            self._begin(_passed_on(result, undelivered))
            raise

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._in_flight.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled():
            task.exception()  # seen: asyncio would log an unseen one with its traceback, if the caller went away

    async def drain(self) -> None:
        """Wait until no write is in flight."""
        while self._in_flight:
            await asyncio.wait(self._in_flight)


async def _after(task: asyncio.Task[T], undelivered: Callable[[T], Awaitable[None]]) -> None:
    await undelivered(await task)


async def _passed_on(result: T, undelivered: Callable[[T], Awaitable[None]]) -> None:
    await undelivered(result)

"""One call over HTTP: its turn at the throttle, its token, one more try with another token on a 401, its failure."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from async_timeout import timeout

from pulumi_resource_apikeys.errors import (
    CredentialError,
    RateLimitedError,
    RemoteError,
    Subject,
    UnauthorizedError,
)
from pulumi_resource_apikeys.http_client.failures import NoAnswerError
from pulumi_resource_apikeys.http_client.peer import Peer

from .problems import error_of_answer, error_of_no_answer, refuses
from .throttle import ClosedError, NoPlaceError, Throttle

if TYPE_CHECKING:
    from pydantic import SecretStr

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.http_client.peer import Answer
    from pulumi_resource_apikeys.settings import Settings

    from .throttle import Turn

LEAST_LIMIT = 1.0
"""Seconds that a call gets however near the deadline is."""


class TokenProvider(Protocol):
    """Where the client gets its bearer token."""

    async def token(self) -> SecretStr:
        """A token to use now; raises `CredentialError`."""
        ...

    def refused(self, token: SecretStr, *, again: bool = False) -> None:
        """Learn that the server refused this token; `again` tells that it was the call's second try.

        Where no other can be had, `token` may answer it once more.
        """
        ...

    def accepted(self, token: SecretStr) -> None:
        """Learn that the server took a call with this token."""
        ...


@dataclass(frozen=True)
class Request:
    """What to ask: `path` below `/api/v1`, `body` as JSON."""

    subject: Subject
    method: str
    path: str
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Answered:
    """An answer of the 2xx kind, and the tokens that were sent, which no words about it may show."""

    answer: Answer
    tokens: tuple[SecretStr, ...]


class Exchange:
    """Sends requests to one API."""

    def __init__(self, settings: Settings, endpoint: str, tokens: TokenProvider, clock: Clock) -> None:
        """`endpoint` is the API's address without `/api/v1`."""
        self.throttle = Throttle(clock, settings.max_concurrency)
        self._limit = settings.request_timeout
        self._tokens = tokens
        self._clock = clock
        self._peer = Peer(
            f"{endpoint}/api/v1",
            most_idle=settings.max_concurrency,
            headers=(("Accept", "application/json, application/problem+json"),),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._peer.aclose()

    async def send(self, request: Request, ends: float) -> Answered:
        """Ask, and return an answer of the 2xx kind; raises `RemoteError` or `CredentialError`.

        `ends` is the time of `clock.monotonic` by which the operation must be over.
        """
        try:
            async with self.throttle.turn(ends) as turn:
                await self._still_wanted(request, ends)
                return await self._authorized(request, turn, ends)
        except ClosedError as closed:
            raise RateLimitedError(
                request.subject,
                f"the server limits the rate of calls and asks to wait {closed.seconds:.0f} s more, longer than this"
                " operation may take",
                status=HTTPStatus.TOO_MANY_REQUESTS,
                retry_after=closed.seconds,
            ) from None
        except NoPlaceError:
            raise _time_is_up(request, "while it waited for other calls to end") from None

    async def _still_wanted(self, request: Request, ends: float) -> None:
        """Before a key is made: raises where the run was cancelled (the clock does), or time ran out, meanwhile."""
        if request.method != "POST":
            return
        await self._clock.sleep(0.0)
        if self._clock.monotonic() >= ends:
            raise _time_is_up(request, "before it was sent")

    async def _authorized(self, request: Request, turn: Turn, ends: float) -> Answered:
        try:
            async with timeout(max(ends - self._clock.monotonic(), LEAST_LIMIT)):
                token = await self._tokens.token()
        except asyncio.TimeoutError:
            raise _time_is_up(request, "while it waited for a token") from None
        tokens: tuple[SecretStr, ...] = (token,)
        answer = await self._once(request, token, ends)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._tokens.refused(token)
            refusal = error_of_answer(request.subject, answer, self._clock.now(), hide=tokens)
            if request.method == "POST" and not refuses(answer):
                raise refusal
            token = await self._another_token(refusal)
            tokens = (*tokens, token)
            answer = await self._once(request, token, ends)
            if answer.status == HTTPStatus.UNAUTHORIZED:
                self._tokens.refused(token, again=True)
        if answer.is_success:
            self._tokens.accepted(token)
            self.throttle.succeeded()
            return Answered(answer, tokens)
        error = error_of_answer(request.subject, answer, self._clock.now(), hide=tokens)
        if isinstance(error, RateLimitedError):
            self.throttle.limited(turn, error.retry_after)
        raise error

    async def _another_token(self, refusal: RemoteError) -> SecretStr:
        try:
            return await self._tokens.token()
        except CredentialError as error:
            reason = f"{refusal.reason}; and there is no other token to try: {error}"
        raise UnauthorizedError(refusal.subject, reason, status=HTTPStatus.UNAUTHORIZED)

    async def _once(self, request: Request, token: SecretStr, ends: float) -> Answer:
        await self._still_wanted(request, ends)
        try:
            return await self._peer.send(
                request.method,
                request.path,
                limit=max(min(self._limit, ends - self._clock.monotonic()), LEAST_LIMIT),
                headers=(("Authorization", f"Bearer {token.get_secret_value()}"),),
                body=b"" if request.body is None else json.dumps(request.body).encode(),
                hide=(token,),
            )
        except NoAnswerError as error:
            failure = error_of_no_answer(request.subject, error)
        raise failure


def _time_is_up(request: Request, when: str) -> RemoteError:
    return RemoteError(request.subject, f"the time that this may take was over {when}; nothing was sent")

"""One call over HTTP: its turn at the throttle, its token, one more try with another token on a 401, its failure."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import anyio
import httpx

from pulumi_resource_apikeys import __version__
from pulumi_resource_apikeys.errors import (
    CredentialError,
    RateLimitedError,
    RemoteError,
    Subject,
    UnauthorizedError,
    UnreachableError,
)
from pulumi_resource_apikeys.settings import is_loopback

from .problems import error_of_answer, error_of_transport
from .throttle import ClosedError, NoPlaceError, Throttle

if TYPE_CHECKING:
    from pydantic import SecretStr

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import Settings

    from .throttle import Turn

CONNECT_LIMIT = 10.0
"""Seconds for making a connection, at most; half the time limit of a call where that is less."""
IDLE_CONNECTION = 2.0
"""Seconds that an idle connection is kept: less than servers do, so that none ends just as a create is sent."""
LEAST_LIMIT = 1.0
"""Seconds that a call gets however near the deadline is."""

# At level DEBUG this logger writes the headers of answers.
logging.getLogger("httpcore").setLevel(logging.INFO)


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


class Exchange:
    """Sends requests to one API."""

    def __init__(
        self,
        settings: Settings,
        endpoint: str,
        tokens: TokenProvider,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`endpoint` is the API's address without `/api/v1`; a `transport` takes the network's place in tests."""
        self.throttle = Throttle(clock, settings.max_concurrency)
        self._limit = settings.request_timeout
        self._tokens = tokens
        self._clock = clock
        self._http = httpx.AsyncClient(
            base_url=f"{endpoint}/api/v1",
            headers={
                "User-Agent": f"pulumi-resource-apikeys/{__version__}",
                "Accept": "application/json, application/problem+json",
            },
            timeout=httpx.Timeout(self._limit, connect=min(CONNECT_LIMIT, self._limit / 2), pool=None),
            limits=httpx.Limits(max_keepalive_connections=settings.max_concurrency, keepalive_expiry=IDLE_CONNECTION),
            follow_redirects=False,
            # What is meant for this machine must not go through a proxy that the environment names.
            trust_env=not is_loopback(urlsplit(endpoint).hostname or ""),
            transport=transport,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, request: Request, ends: float) -> httpx.Response:
        """Ask, and return an answer of the 2xx kind; raises `RemoteError` or `CredentialError`.

        `ends` is the time of `clock.monotonic` by which the operation must be over.
        """
        try:
            async with self.throttle.turn(ends) as turn:
                if request.method == "POST":
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
        await self._clock.sleep(0.0)
        if self._clock.monotonic() >= ends:
            raise _time_is_up(request, "before it was sent")

    async def _authorized(self, request: Request, turn: Turn, ends: float) -> httpx.Response:
        try:
            with anyio.fail_after(max(ends - self._clock.monotonic(), LEAST_LIMIT)):
                token = await self._tokens.token()
        except TimeoutError:
            raise _time_is_up(request, "while it waited for a token") from None
        response = await self._once(request, token, ends)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._tokens.refused(token)
            refusal = error_of_answer(request.subject, response, self._clock.now(), hide=(token,))
            token = await self._another_token(refusal)
            response = await self._once(request, token, ends)
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                self._tokens.refused(token, again=True)
        if response.is_success:
            self._tokens.accepted(token)
            self.throttle.succeeded()
            return response
        error = error_of_answer(request.subject, response, self._clock.now(), hide=(token,))
        if isinstance(error, RateLimitedError):
            self.throttle.limited(turn, error.retry_after)
        raise error

    async def _another_token(self, refusal: RemoteError) -> SecretStr:
        try:
            return await self._tokens.token()
        except CredentialError as error:
            reason = f"{refusal.reason}; and there is no other token to try: {error}"
        raise UnauthorizedError(refusal.subject, reason, status=HTTPStatus.UNAUTHORIZED)

    async def _once(self, request: Request, token: SecretStr, ends: float) -> httpx.Response:
        limit = max(min(self._limit, ends - self._clock.monotonic()), LEAST_LIMIT)
        failure: RemoteError
        try:
            # httpx limits each read; this limits the whole, against an answer that trickles.
            with anyio.fail_after(limit):
                return await self._http.request(
                    request.method,
                    request.path,
                    json=request.body,
                    headers={"Authorization": f"Bearer {token.get_secret_value()}"},
                )
        except httpx.HTTPError as error:
            failure = error_of_transport(request.subject, error, limit)
        except TimeoutError:
            failure = UnreachableError(request.subject, f"no whole answer within {limit:g} s", uncertain=True)
        raise failure


def _time_is_up(request: Request, when: str) -> RemoteError:
    return RemoteError(request.subject, f"the time that this may take was over {when}; nothing was sent")

"""The source `clerkSecretKey` with `clerkSessionId`: session tokens minted by Clerk's Backend API.

`POST {clerkApiUrl}/v1/sessions/{id}/tokens`, see https://clerk.com/docs/reference/backend-api/tag/Sessions
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import anyio
import httpx

from pulumi_resource_apikeys import __version__
from pulumi_resource_apikeys.backoff import Policy, retry_after
from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.foreign_text import clean
from pulumi_resource_apikeys.settings import is_loopback

from .token import Token, token_of

if TYPE_CHECKING:
    import ssl

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import ClerkSession

RETRIES = 5
DEADLINE = 60.0
"""Seconds that getting a token may take, with all retries."""
CALL_LIMIT = 15.0
"""Seconds that one call may take."""

_TRANSIENT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

# At level DEBUG this logger writes the headers of answers.
logging.getLogger("httpcore").setLevel(logging.INFO)


class ClerkError(CredentialError):
    """Clerk gave no token. `transient` tells that it may give one later, `retry_after` when (seconds)."""

    def __init__(self, text: str, *, transient: bool = False, retry_after: float | None = None) -> None:
        """Take the text, which is complete."""
        self.transient = transient
        self.retry_after = retry_after
        super().__init__(text)


class ClerkSource:
    """Tokens of one Clerk session."""

    renews = True
    makes = True

    def __init__(
        self, settings: ClerkSession, clock: Clock, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """A `transport` takes the network's place in tests."""
        self._settings = settings
        self._clock = clock
        self._transport = transport
        self._url = f"{settings.api_url}/v1/sessions/{quote(settings.session_id, safe='')}/tokens"
        self._local = is_loopback(urlsplit(settings.api_url).hostname or "")
        self._tls: ssl.SSLContext | None = None

    @property
    def described(self) -> str:
        """The options and the session."""
        return f"clerkSecretKey with clerkSessionId {self._settings.session_id}"

    async def fetch(self) -> Token:
        """Mint a token; raises `ClerkError`."""
        policy = Policy(RETRIES, _may_pass, _least_wait)
        return await policy.run(self._mint, self._clock, self._clock.monotonic() + DEADLINE)

    async def changed(self) -> bool:
        """Never."""
        return False

    async def _mint(self) -> Token:
        response = await self._post()
        if response.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise self._refusal(response)
        answer = _json(response)
        jwt = answer.get("jwt") if isinstance(answer, dict) else None
        if not isinstance(jwt, str) or not jwt.strip():
            raise ClerkError(
                f"{self.described}: Clerk's answer holds no token; check clerkApiUrl ({self._settings.api_url})",
                transient=True,
            )
        return token_of(jwt, self.described)

    async def _post(self) -> httpx.Response:
        lifetime = self._settings.lifetime
        try:
            with anyio.fail_after(CALL_LIMIT):
                async with self._client() as client:
                    return await client.post(
                        self._url, json=None if lifetime is None else {"expires_in_seconds": lifetime}
                    )
        except httpx.HTTPError as error:
            reason = clean(str(error)) if isinstance(error, httpx.ConnectError) else type(error).__name__
        except TimeoutError:
            reason = f"no answer within {CALL_LIMIT:g} s"
        # Outside the handler: httpx's error holds the request with the secret key.
        raise ClerkError(
            f"{self.described}: Clerk can't be reached at {self._settings.api_url}: {reason}", transient=True
        )

    def _client(self) -> httpx.AsyncClient:
        if self._tls is None:
            # Loading the certificates takes longer than a call, so it is done once.
            self._tls = httpx.create_ssl_context(trust_env=not self._local)
        return httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {self._settings.secret_key.get_secret_value()}",
                "User-Agent": f"pulumi-resource-apikeys/{__version__}",
            },
            timeout=CALL_LIMIT,
            follow_redirects=False,
            trust_env=not self._local,
            verify=self._tls,
            transport=self._transport,
        )

    def _refusal(self, response: httpx.Response) -> ClerkError:
        status = response.status_code
        advice = {
            HTTPStatus.UNAUTHORIZED: "Clerk refused clerkSecretKey: check that it is a current key of this instance",
            HTTPStatus.NOT_FOUND: (
                "the session has ended or is unknown to this instance: sign in again and set the new clerkSessionId"
            ),
        }.get(HTTPStatus(status) if status in set(HTTPStatus) else HTTPStatus.OK, "")
        words = _words(response, self._settings)
        told = f"{status} {words}" if words else str(status)
        return ClerkError(
            f"{self.described}: {advice} (Clerk: {told})" if advice else f"{self.described}: Clerk answered {told}",
            transient=status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            retry_after=retry_after(response.headers, self._clock.now()),
        )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ClerkError) and error.transient


def _least_wait(error: BaseException) -> float:
    return (error.retry_after or 0.0) if isinstance(error, ClerkError) else 0.0


def _json(response: httpx.Response) -> Any:  # noqa: ANN401 - whatever the server sent
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _words(response: httpx.Response, settings: ClerkSession) -> str:
    """What Clerk says: `{"errors": [{"message", "long_message"}]}`."""
    answer = _json(response)
    errors = answer.get("errors") if isinstance(answer, dict) else None
    found = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    texts = [error.get("long_message") or error.get("message") for error in found[:3]]
    return "; ".join(clean(text, (settings.secret_key,)).rstrip(".") for text in texts if isinstance(text, str))

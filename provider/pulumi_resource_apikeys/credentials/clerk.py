"""The source `clerkSecretKey` with `clerkSessionId`: session tokens minted by Clerk's Backend API.

`POST {clerkApiUrl}/v1/sessions/{id}/tokens`, see https://clerk.com/docs/reference/backend-api/tag/Sessions
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.http_client.failures import NoAnswerError, Trouble
from pulumi_resource_apikeys.http_client.peer import Peer
from pulumi_resource_apikeys.retrying import RetryPolicy, retry_after
from pulumi_resource_apikeys.text import one_line

from .token import Token, token_of

if TYPE_CHECKING:
    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.http_client.peer import Answer
    from pulumi_resource_apikeys.settings import ClerkSession

RETRIES = 5
DEADLINE = 60.0
"""Seconds that getting a token may take, with all retries."""
CALL_LIMIT = 15.0
"""Seconds that one call may take."""

_TRANSIENT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


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
    changed = None
    makes = True

    def __init__(self, settings: ClerkSession, clock: Clock) -> None:
        """Take the session, and the time."""
        self._settings = settings
        self._clock = clock
        self._peer = Peer(settings.api_url, most_idle=0)
        self._path = f"/v1/sessions/{quote(settings.session_id, safe='')}/tokens"

    @property
    def described(self) -> str:
        """The options and the session."""
        return f"clerkSecretKey with clerkSessionId {self._settings.session_id}"

    async def fetch(self) -> Token:
        """Mint a token; raises `ClerkError`."""
        policy = RetryPolicy(RETRIES, _may_pass, _least_wait)
        return await policy.run(self._mint, self._clock, self._clock.monotonic() + DEADLINE)

    async def _mint(self) -> Token:
        answer = await self._post()
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise self._refusal(answer)
        told = _json(answer)
        jwt = told.get("jwt") if isinstance(told, dict) else None
        if not isinstance(jwt, str) or not jwt.strip():
            raise ClerkError(
                f"{self.described}: Clerk's answer holds no token; check clerkApiUrl ({self._settings.api_url})",
                transient=True,
            )
        return token_of(jwt, self.described)

    async def _post(self) -> Answer:
        lifetime = self._settings.lifetime
        secret_key = self._settings.secret_key
        try:
            return await self._peer.send(
                "POST",
                self._path,
                limit=CALL_LIMIT,
                headers=(("Authorization", f"Bearer {secret_key.get_secret_value()}"),),
                body=b"" if lifetime is None else json.dumps({"expires_in_seconds": lifetime}).encode(),
                hide=(secret_key,),
            )
        except NoAnswerError as error:
            transient = error.trouble in {Trouble.UNREACHABLE, Trouble.UNREADABLE}
            failure = ClerkError(f"{self.described}: Clerk can't be reached: {error.reason}", transient=transient)
        raise failure

    def _refusal(self, answer: Answer) -> ClerkError:
        status = answer.status
        advice = {
            HTTPStatus.UNAUTHORIZED: "Clerk refused clerkSecretKey: check that it is a current key of this instance",
            HTTPStatus.NOT_FOUND: (
                "the session has ended or is unknown to this instance: sign in again and set the new clerkSessionId"
            ),
        }.get(HTTPStatus(status) if status in set(HTTPStatus) else HTTPStatus.OK, "")
        words = _words(answer, self._settings)
        told = f"{status} {words}" if words else str(status)
        return ClerkError(
            f"{self.described}: {advice} (Clerk: {told})" if advice else f"{self.described}: Clerk answered {told}",
            transient=status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            retry_after=retry_after(answer.headers, self._clock.now()),
        )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ClerkError) and error.transient


def _least_wait(error: BaseException) -> float:
    return (error.retry_after or 0.0) if isinstance(error, ClerkError) else 0.0


def _json(answer: Answer) -> Any:  # noqa: ANN401 - whatever the server sent
    try:
        return json.loads(answer.body.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def _words(answer: Answer, settings: ClerkSession) -> str:
    """What Clerk says: `{"errors": [{"message", "long_message"}]}`."""
    told = _json(answer)
    errors = told.get("errors") if isinstance(told, dict) else None
    found = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    texts = [error.get("long_message") or error.get("message") for error in found[:3]]
    return "; ".join(one_line(text, (settings.secret_key,)).rstrip(".") for text in texts if isinstance(text, str))

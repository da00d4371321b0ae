"""A bearer token, how it is read from text, and when it is time for another; no I/O."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import SecretStr

from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.model.times import describe_duration, parse_instant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LEEWAY = timedelta(seconds=30)
"""How long after its end a token that can't be renewed is still tried: clocks differ a little."""
SKEW = timedelta(minutes=10)
"""The same for a token that was just fetched: its end may be wrong by as much as clocks may be."""
RENEWED_AHEAD = 0.2
"""The share of a token's life that is left when it is renewed."""
LONGEST_AHEAD = 300.0
"""Seconds before its end that a token is renewed at the latest; more is not needed, however long it lives."""


@dataclass(frozen=True)
class Token:
    """A token, and what is known of its life; an opaque one may tell nothing."""

    secret: SecretStr
    expires_at: datetime | None = None
    issued_at: datetime | None = None

    def seconds_left(self, now: datetime, *, just_made: bool) -> float | None:
        """How long it is good for, at the time of fetching; None where that can't be told.

        Our clock tells it where it is in step with the token's own times. Where it is not, and the token was just
        made, those times alone tell its life (`exp - iat`).
        """
        if self.expires_at is None:
            return None
        left = max((self.expires_at - now).total_seconds(), 0.0)
        if self.issued_at is None:
            return left
        life = max((self.expires_at - self.issued_at).total_seconds(), 0.0)
        if left == 0 and just_made:
            return life
        return min(left, life)


class Source(Protocol):
    """Where tokens come from.

    `renews` tells that the next fetch may give another token than the last, `makes` that a token was just made when
    it is fetched.
    """

    renews: bool
    makes: bool

    @property
    def described(self) -> str:
        """What messages call it, such as `tokenFile /run/token`."""
        ...

    async def fetch(self) -> Token:
        """Get a token; raises `CredentialError`."""
        ...

    @property
    def changed(self) -> Callable[[], Awaitable[bool]] | None:
        """Tells whether it has another token than it gave last; None where that can't be seen but by fetching."""
        ...


def seconds_until_renewal(left: float) -> float:
    """How long to use a token that is good for `left` seconds before another is fetched."""
    return left - min(left * RENEWED_AHEAD, LONGEST_AHEAD)


def token_of(text: str, described: str) -> Token:
    """The token that is written in `text`, a JWT or an opaque one; raises `CredentialError` where it can be none."""
    secret = text.strip()
    if not secret:
        raise CredentialError(f"{described}: there is no token in it, it is empty")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise CredentialError(
            f"{described}: what it holds is no token, which is one word of printable ASCII characters"
        )
    claims = _claims(secret)
    return Token(SecretStr(secret), _time(claims.get("exp")), _time(claims.get("iat")))


def token_of_output(text: str, described: str) -> Token:
    """The token that a program or a file gives: the bare token, or JSON with `token` and perhaps `expires_at`.

    `expires_at` is RFC 3339 or seconds since 1970; where the token is a JWT, the earlier of it and `exp` counts.
    """
    if not text.lstrip().startswith("{"):
        return token_of(text, described)
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    # Errors are raised outside the handler: the decoder's error holds the whole text.
    if not isinstance(answer, dict) or not isinstance(answer.get("token"), str):
        raise CredentialError(f'{described}: expected a token, or JSON such as {{"token": "…", "expires_at": "…"}}')
    token = token_of(answer["token"], described)
    expires_at = _stated_end(answer.get("expires_at"), described)
    if expires_at is None or (token.expires_at is not None and token.expires_at <= expires_at):
        return token
    return Token(token.secret, expires_at, token.issued_at)


def still_good(token: Token, now: datetime, leeway: timedelta, described: str, hint: str) -> Token:
    """The same token; raises `CredentialError` with its age and the hint where it expired longer ago than `leeway`."""
    if token.expires_at is not None and now >= token.expires_at + leeway:
        age = describe_duration(now - token.expires_at)
        raise CredentialError(f"{described}: the token expired {age} ago. {hint}")
    return token


def _claims(secret: str) -> dict[str, Any]:
    """What a JWT tells of itself, unverified: the second of its three parts (RFC 7519, 3.1). The server verifies it."""
    try:
        _, payload, _ = secret.split(".")
        claims = json.loads(base64.urlsafe_b64decode(f"{payload}==="))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _time(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def _stated_end(value: object, described: str) -> datetime | None:
    if value is None:
        return None
    try:
        end = parse_instant(value) if isinstance(value, str) else _time(value)
    except ValueError:
        end = None
    if end is None:
        raise CredentialError(f"{described}: expires_at must be a time in RFC 3339 form or seconds since 1970")
    return end

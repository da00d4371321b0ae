"""Bearer tokens: JWTs signed with a development secret, minted and checked by the server's clock.

They look like Clerk session tokens: `sub` is the user, `sid` the session, `org_id` the tenant where there is one.
Times in them are whole seconds, as issuers write them, so a token lives up to a second less than asked for.
"""

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

import jwt

from apikeys_emulator.clock import NANOSECONDS, Clock, stamp_of_nanoseconds

if TYPE_CHECKING:
    from jwt.types import Options

ALGORITHM = "HS256"
ISSUER = "https://clerk.emulator.invalid"
DEFAULT_SUBJECT = "user_emulator"
DEFAULT_TENANT = "7e4a5a00-0000-4000-8000-000000000001"


class TokenRefusedError(Exception):
    """The caller has no valid token; the message is the server's answer and holds no part of the token."""


class NoJWTError(TokenRefusedError):
    """The token is no JWT."""


@dataclass(frozen=True)
class Caller:
    """Who calls, as the token says."""

    subject: str
    tenant_id: str


@dataclass(frozen=True)
class MintedToken:
    """A token and its end as a stamp."""

    token: str
    expires_at: str


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization` header; None if it holds no bearer token."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class Tokens:
    """Mints and checks the tokens of one server."""

    def __init__(self, secret: str, clock: Clock) -> None:
        """`secret` is the HMAC key, at least 32 bytes."""
        self._secret = secret
        self._clock = clock

    def mint(
        self, ttl_seconds: float, *, subject: str = DEFAULT_SUBJECT, session: str = "sess_emulator"
    ) -> MintedToken:
        """A token that ends `ttl_seconds` from now; zero or less makes one that has expired already."""
        now = self._clock.nanoseconds() / NANOSECONDS
        issued, expires = math.floor(now), math.floor(now + ttl_seconds)
        claims = {"iss": ISSUER, "sub": subject, "sid": session, "iat": issued, "nbf": issued, "exp": expires}
        if expires < issued:
            claims["iat"] = claims["nbf"] = expires
        return MintedToken(
            token=jwt.encode(claims, self._secret, algorithm=ALGORITHM),
            expires_at=stamp_of_nanoseconds(expires * NANOSECONDS),
        )

    def caller(self, authorization: str | None) -> Caller:
        """Who sent this `Authorization` header.

        Raises:
            NoJWTError: a bearer token that is no JWT.
            TokenRefusedError: no bearer token, a wrong signature, or one not valid at this time.
        """
        if not authorization:
            raise TokenRefusedError("missing authorization header")
        token = bearer_token(authorization)
        if token is None:
            raise TokenRefusedError("authorization header is not a bearer token")
        claims = self._claims(token)
        now = self._clock.nanoseconds()
        expires = _seconds(claims, "exp")
        if expires is None:
            raise TokenRefusedError("token has no expiry")
        if now >= expires * NANOSECONDS:
            raise TokenRefusedError("token has expired")
        if now < (_seconds(claims, "nbf") or 0) * NANOSECONDS:
            raise TokenRefusedError("token is not valid yet")
        subject, tenant = claims.get("sub"), claims.get("org_id")
        if not _is_text(subject):
            raise TokenRefusedError("token has no subject")
        return Caller(subject=subject, tenant_id=tenant if _is_text(tenant) else DEFAULT_TENANT)

    def _claims(self, token: str) -> dict[str, Any]:
        # The library's own checks of time go by the machine's clock; ours go by the server's.
        own_checks: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        try:
            return jwt.decode(token, self._secret, algorithms=[ALGORITHM], options=own_checks)
        except jwt.InvalidSignatureError as error:
            raise TokenRefusedError("token signature is invalid") from error
        except jwt.InvalidAlgorithmError as error:
            raise TokenRefusedError("token is signed with another algorithm") from error
        except (jwt.InvalidTokenError, RecursionError) as error:
            raise NoJWTError("token is malformed") from error


def _is_text(claim: object) -> TypeGuard[str]:
    """Whether a claim is text that can be stored: half an emoji can't."""
    return isinstance(claim, str) and bool(claim) and not re.search("[\ud800-\udfff]", claim)


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None

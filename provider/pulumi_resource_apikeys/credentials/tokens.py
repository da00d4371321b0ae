"""The token in force: from which source, kept until shortly before it expires, renewed once for all who wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.flight import Flight
from pulumi_resource_apikeys.settings import (
    ClerkSession,
    HalfOfClerk,
    StaticToken,
    TokenCommand,
    TokenFile,
    environment_variable,
)

from .clerk import ClerkSource
from .command import CommandSource
from .file import FileSource
from .half import HalfSource
from .static import LASTING, StaticSource
from .token import seconds_until_renewal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import SecretStr

    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import TokenSource

    from .token import Source, Token

OPTIONS = ("token", "tokenFile", "tokenCommand", "clerkSecretKey")
NO_SOURCE = (
    "no token to call the API with. Set one of token, tokenFile, tokenCommand, or clerkSecretKey with clerkSessionId,"
    " on the provider (for the default provider: `pulumi config set --secret apikeys:token …`) or by environment"
    f" variable: {', '.join(map(environment_variable, OPTIONS))} with {environment_variable('clerkSessionId')}"
)


def source_of(settings: TokenSource, clock: Clock, report: Callable[[str], None]) -> Source:
    """What fetches tokens as those settings say; `report` shows the user a line."""
    match settings:
        case StaticToken():
            return StaticSource(settings, clock)
        case TokenFile():
            return FileSource(settings, clock)
        case TokenCommand():
            return CommandSource(settings, clock, report)
        case ClerkSession():
            return ClerkSource(settings, clock)
        case HalfOfClerk():
            return HalfSource(settings)


@dataclass(frozen=True)
class _InForce:
    """`renew` is a time of `clock.monotonic`; None where nothing is known of the token's end."""

    token: Token
    source: Source
    renew: float | None


class Tokens:
    """The bearer token of one provider; nothing is fetched before the first is asked for. One event loop uses it."""

    def __init__(self, sources: Sequence[TokenSource], clock: Clock, report: Callable[[str], None]) -> None:
        """The first source is used; where it is a static token that has expired or was refused, the next one is."""
        self._sources = [source_of(settings, clock, report) for settings in sources]
        self._clock = clock
        self._in_force: _InForce | None = None
        self._renewal: Flight[_InForce] | None = None
        self._refused: set[SecretStr] = set()

    async def token(self) -> SecretStr:
        """A token to use now, never one that was refused; raises `CredentialError`."""
        if self._in_force is not None and self._is_current(self._in_force):
            return self._in_force.token.secret
        if self._renewal is None or not self._renewal.under_way:
            self._renewal = Flight(self._renew)
        in_force = await self._renewal.result()
        return in_force.token.secret

    def refused(self, token: SecretStr) -> None:
        """Learn that the server refused this token."""
        self._refused.add(token)

    def _is_current(self, in_force: _InForce) -> bool:
        if in_force.token.secret in self._refused or in_force.source.changed():
            return False
        return in_force.renew is None or self._clock.monotonic() < in_force.renew

    async def _renew(self) -> _InForce:
        self._in_force = await self._fetch()
        return self._in_force

    async def _fetch(self) -> _InForce:
        if not self._sources:
            raise CredentialError(NO_SOURCE)
        problems: list[CredentialError] = []
        for source in self._sources:
            started, now = self._clock.monotonic(), self._clock.now()
            try:
                token = await self._fetch_another(source)
            except CredentialError as problem:
                problems.append(problem)
                if source.renews:
                    break
            else:
                left = token.seconds_left(now, just_made=source.makes)
                return _InForce(token, source, None if left is None else started + seconds_until_renewal(left))
        if len(problems) == 1:
            raise problems[0]
        raise CredentialError("; then ".join(str(problem).rstrip(".") for problem in problems))

    async def _fetch_another(self, source: Source) -> Token:
        token = await source.fetch()
        if token.secret in self._refused and source.makes:
            # A JWT's times are whole seconds: one made in the same second, with the same claims, is the same token.
            await self._clock.sleep(1.0)
            token = await source.fetch()
        if token.secret in self._refused:
            raise CredentialError(_refused_again(source))
        return token


def _refused_again(source: Source) -> str:
    if source.renews:
        return f"{source.described}: it gave again a token that the server has refused"
    return f"{source.described}: the server refused it. {LASTING}"

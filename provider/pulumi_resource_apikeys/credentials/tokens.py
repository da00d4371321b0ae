"""The token in force: from which source, kept until shortly before it expires, renewed once for all who wait.

A refusal may be a mistake of the server, or of something before it. So where no other token can be had, a call tries
the same one once more; it is given up for a while when that is refused too, and no call was accepted with it meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import ApiKeysError, CredentialError
from pulumi_resource_apikeys.settings import (
    ClerkSession,
    HalfOfClerk,
    StaticToken,
    TokenCommand,
    TokenFile,
    environment_variable,
)
from pulumi_resource_apikeys.single_flight import SingleFlight

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


GIVEN_UP_FOR = 10.0
"""Seconds until a token that was given up is tried again, where there is still no other."""
AGAIN_AFTER = 5.0
"""Seconds until the next try, where renewing failed while the token at hand is still good."""


@dataclass(frozen=True)
class _InForce:
    """`renew` and `ends` are times of `clock.monotonic`; None where nothing is known of the token's end.

    `stale` tells that it was refused, so that another is asked for before it is used again; `kept` that there was none
    to be had, so that nothing is asked of the source until `renew`.
    """

    token: Token
    source: Source
    renew: float | None
    ends: float | None
    stale: bool = False
    kept: bool = False


class Tokens:
    """The bearer token of one provider; nothing is fetched before the first is asked for. One event loop uses it."""

    def __init__(self, sources: Sequence[TokenSource], clock: Clock, report: Callable[[str], None]) -> None:
        """The first source is used; where it is a static token that has expired or was refused, the next one is."""
        self._sources = [source_of(settings, clock, report) for settings in sources]
        self._clock = clock
        self._report = report
        self._in_force: _InForce | None = None
        self._renewal: SingleFlight[_InForce] | None = None
        self._doubted: set[SecretStr] = set()
        """Tokens that were refused, and not accepted since."""
        self._given_up: dict[SecretStr, float] = {}
        """Those of them that are not tried until a time of `clock.monotonic`."""

    def at_hand(self) -> SecretStr | None:
        """The token in force; None where its source has to be asked first."""
        held = self._in_force
        known = held is not None and self._is_current(held) and (held.kept or held.source.changed is None)
        return held.token.secret if held is not None and known else None

    async def token(self) -> SecretStr:
        """A token to use now; raises `CredentialError`. The same one after it was refused only for one further try."""
        changed = await self._has_changed()
        if self._in_force is not None and not changed and self._is_current(self._in_force):
            return self._in_force.token.secret
        if self._renewal is None or not self._renewal.under_way:
            self._renewal = SingleFlight(self._renew)
        in_force = await self._renewal.result()
        return in_force.token.secret

    def refused(self, token: SecretStr, *, again: bool = False) -> None:
        """Learn that the server refused this token; `again` tells that it was the call's second try.

        Calls that were under way together may each meet the same mistake, so their first tries count as one.
        """
        if token not in self._doubted:
            self._doubted.add(token)
            if self._in_force is not None and self._in_force.token.secret == token:
                self._in_force = replace(self._in_force, stale=True)
        elif again:
            self._given_up[token] = self._clock.monotonic() + GIVEN_UP_FOR

    def accepted(self, token: SecretStr) -> None:
        """Learn that the server took a call with this token: what refusals there were are made up for."""
        self._doubted.discard(token)
        self._given_up.pop(token, None)

    async def _has_changed(self) -> bool:
        in_force = self._in_force
        if in_force is None or in_force.source.changed is None or (in_force.kept and self._is_current(in_force)):
            return False
        return await in_force.source.changed()

    def _is_current(self, in_force: _InForce) -> bool:
        if in_force.stale or not self._is_good(in_force):
            return False
        return in_force.renew is None or self._clock.monotonic() < in_force.renew

    def _is_good(self, in_force: _InForce) -> bool:
        ended = in_force.ends is not None and self._clock.monotonic() >= in_force.ends
        return not ended and not self._is_given_up(in_force.token.secret)

    def _is_given_up(self, secret: SecretStr) -> bool:
        return self._clock.monotonic() < self._given_up.get(secret, 0.0)

    async def _renew(self) -> _InForce:
        """Fetch another token; where that fails and the one at hand is still good, that one is kept."""
        try:
            self._in_force = await self._fetch()
        except ApiKeysError as problem:
            held = self._in_force
            if held is None or not self._is_good(held):
                raise
            if isinstance(problem, CredentialError):
                self._report(f"{str(problem).rstrip('.')}; the token at hand is still good, and is used on")
            self._in_force = replace(held, renew=self._clock.monotonic() + AGAIN_AFTER, stale=False, kept=True)
        return self._in_force

    async def _fetch(self) -> _InForce:
        if not self._sources:
            raise CredentialError(NO_SOURCE)
        problems: list[CredentialError] = []
        doubted: _InForce | None = None
        for source in self._sources:
            started, now = self._clock.monotonic(), self._clock.now()
            try:
                token = await self._fetch_another(source)
            except CredentialError as problem:
                problems.append(problem)
                if source.renews:
                    break
                continue
            left = token.seconds_left(now, just_made=source.makes)
            renew = None if left is None else started + seconds_until_renewal(left)
            found = _InForce(token, source, renew, None if left is None else started + left)
            if token.secret not in self._doubted:
                return found
            doubted = doubted or found
            if source.renews:
                break
        if doubted is not None:
            return doubted
        if len(problems) == 1:
            raise problems[0]
        raise CredentialError("; then ".join(str(problem).rstrip(".") for problem in problems))

    async def _fetch_another(self, source: Source) -> Token:
        token = await source.fetch()
        if token.secret in self._doubted and source.makes:
            # A JWT's times are whole seconds: one made in the same second, with the same claims, is the same token.
            await self._clock.sleep(1.0)
            token = await source.fetch()
        if self._is_given_up(token.secret):
            raise CredentialError(_refused_again(source))
        return token


def _refused_again(source: Source) -> str:
    if source.renews:
        return f"{source.described}: it gave again a token that the server has refused"
    return f"{source.described}: the server refused it. {LASTING}"

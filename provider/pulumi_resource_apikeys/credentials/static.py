"""The source `token`: a token as such. It can't be renewed, so it suits runs that are over before it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .token import LEEWAY, Token, still_good, token_of

if TYPE_CHECKING:
    from pulumi_resource_apikeys.clock import Clock
    from pulumi_resource_apikeys.settings import StaticToken

LASTING = (
    "Set a new one, or something that lasts: tokenFile, a file that is kept up to date; tokenCommand, a program that"
    " prints a token; or clerkSecretKey with clerkSessionId. Each also by its environment variable, such as"
    " APIKEYS_TOKEN_COMMAND"
)


class StaticSource:
    """A token from the configuration."""

    renews = False
    changed = None
    makes = False

    def __init__(self, settings: StaticToken, clock: Clock) -> None:
        """Take the token and the clock that its end is held against."""
        self._settings = settings
        self._clock = clock

    @property
    def described(self) -> str:
        """The option and where it was set."""
        return f"token of {self._settings.origin}"

    async def fetch(self) -> Token:
        """The token; raises `CredentialError` once it has expired."""
        token = token_of(self._settings.token.get_secret_value(), self.described)
        return still_good(token, self._clock.now(), LEEWAY, self.described, LASTING)

"""`FakeTokens`: hands out given tokens in turn, the next one once one was refused; and JWTs that only look real."""

from __future__ import annotations

import jwt
from pydantic import SecretStr

from pulumi_resource_apikeys.errors import CredentialError


class FakeTokens:
    """An `api.exchange.TokenProvider`."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens or ("token-1",))
        self.refusals: list[str] = []
        self.acceptances: list[str] = []

    async def token(self) -> SecretStr:
        if not self._tokens:
            raise CredentialError("token of the environment: the server refused it")
        return SecretStr(self._tokens[0])

    def refused(self, token: SecretStr, *, again: bool = False) -> None:  # noqa: ARG002 - the provider's signature
        self.refusals.append(token.get_secret_value())
        self._tokens = [each for each in self._tokens if each != token.get_secret_value()]

    def accepted(self, token: SecretStr) -> None:
        self.acceptances.append(token.get_secret_value())


def made_up_jwt(**claims: object) -> str:
    """A JWT with those claims, signed with a made-up key."""
    return jwt.encode(claims, "a made-up key of at least 32 bytes", algorithm="HS256")

"""Tokens for a run that may be cancelled: from then on nobody waits long for a source that does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr

    from pulumi_resource_apikeys.interruption import InterruptibleClock

    from .tokens import Tokens

GRACE = 3.0
"""Seconds that a token may take after the run was cancelled: what is in flight then may still need one to end well."""


class InterruptibleTokens:
    """Other tokens, see `tokens.Tokens`, whose waits end soon after `interrupt` of the clock."""

    def __init__(self, tokens: Tokens, clock: InterruptibleClock, *, grace: float = GRACE) -> None:
        """`grace` in seconds."""
        self._tokens = tokens
        self._clock = clock
        self._grace = grace

    async def token(self) -> SecretStr:
        """A token to use now; raises `CredentialError`, or CancelledRunError where the run is cancelled."""
        held = self._tokens.at_hand()
        return held if held is not None else await self._clock.cut_short(self._tokens.token(), self._grace, "a token")

    def refused(self, token: SecretStr, *, again: bool = False) -> None:
        """Learn that the server refused this token; `again` tells that it was the call's second try."""
        self._tokens.refused(token, again=again)

    def accepted(self, token: SecretStr) -> None:
        """Learn that the server took a call with this token."""
        self._tokens.accepted(token)

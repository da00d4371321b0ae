"""Which failed calls are worth another try. How long to wait, and when to give up, is in `retrying`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_resource_apikeys.errors import RateLimitedError, RemoteError
from pulumi_resource_apikeys.retrying import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable


def may_repeat(error: BaseException) -> bool:
    """For list and revoke, which may be done twice: whether the failure can pass by itself."""
    return isinstance(error, RemoteError) and error.may_repeat


def never_acted(error: BaseException) -> bool:
    """For create: whether the failure can pass by itself and the server cannot have made a key."""
    return isinstance(error, RemoteError) and error.may_repeat and not error.may_have_acted


def policy(retries: int, again: Callable[[BaseException], bool], gate: Callable[[], float]) -> RetryPolicy:
    """Retries of the API's calls. A rate limit is waited out at the gate shared by all, and costs no retry.

    `gate` tells the seconds until the gate opens.
    """

    def least_wait(error: BaseException) -> float:
        if isinstance(error, RateLimitedError):
            return gate()
        return (error.retry_after or 0.0) if isinstance(error, RemoteError) else 0.0

    return RetryPolicy(retries, again, least_wait, lambda error: isinstance(error, RateLimitedError))

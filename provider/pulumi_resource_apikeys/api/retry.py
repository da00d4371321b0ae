"""Which failed calls are worth another try. How long to wait, and when to give up, is in `backoff`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.backoff import Policy
from pulumi_resource_apikeys.errors import (
    BadAnswerError,
    RateLimitedError,
    RemoteError,
    ServerFailedError,
    UnreachableError,
)

from .problems import UntrustedError

if TYPE_CHECKING:
    from collections.abc import Callable

_TRANSIENT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def may_repeat(error: BaseException) -> bool:
    """For list and revoke, which may be done twice: whether the failure can pass by itself."""
    if isinstance(error, UntrustedError):
        return False
    if isinstance(error, BadAnswerError):
        return error.status is None or error.status < HTTPStatus.MULTIPLE_CHOICES
    if isinstance(error, UnreachableError | ServerFailedError):
        return True
    return isinstance(error, RemoteError) and error.status in _TRANSIENT


def never_acted(error: BaseException) -> bool:
    """For create: whether the failure can pass by itself and the server cannot have made a key."""
    if isinstance(error, UntrustedError):
        return False
    if isinstance(error, UnreachableError | ServerFailedError):
        return not error.uncertain
    return isinstance(error, RateLimitedError)


def policy(retries: int, again: Callable[[BaseException], bool], gate: Callable[[], float]) -> Policy:
    """Retries of the API's calls. A rate limit is waited out at the gate shared by all, and costs no retry.

    `gate` tells the seconds until the gate opens.
    """

    def least_wait(error: BaseException) -> float:
        if isinstance(error, RateLimitedError):
            return gate()
        return (error.retry_after or 0.0) if isinstance(error, RemoteError) else 0.0

    return Policy(retries, again, least_wait, lambda error: isinstance(error, RateLimitedError))

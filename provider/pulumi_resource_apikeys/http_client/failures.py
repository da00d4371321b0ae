"""Why an exchange gave no answer, in words; the two clients make their own errors of that."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import httpcore

from pulumi_resource_apikeys.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import SecretStr

# With these nothing of the request has left this machine for the server.
_NOT_SENT = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class Trouble(Enum):
    """What kind of failure it is: only the first two can pass by themselves."""

    UNREACHABLE = "no connection, or none that lasted until the answer"
    UNREADABLE = "an answer that can't be read"
    UNTRUSTED = "a certificate that is not trusted here"
    MISCONFIGURED = "an environment variable that can't be used"


class NoAnswerError(Exception):
    """An exchange without an answer that can be used. `sent` tells whether the server may have acted.

    `reason` holds no secret, and the error no request and no cause, which would.
    """

    def __init__(self, trouble: Trouble, reason: str, *, sent: bool) -> None:
        """Take the kind, the words, and whether the request may have arrived."""
        self.trouble = trouble
        self.reason = reason
        self.sent = sent
        super().__init__(reason)


class MisconfiguredError(Exception):
    """An environment variable that decides how to connect can't be used; the text names it and the remedy."""


class UnreadableBodyError(Exception):
    """A body that is too large, or can't be decoded; the text says in what way."""


@dataclass(frozen=True)
class Way:
    """How an exchange goes: `where` to, and `via` which proxy, in words without its credentials."""

    where: str
    via: str | None


def no_answer(
    error: Exception, way: Way, limit: float, *, began: bool, hide: Iterable[SecretStr] = ()
) -> NoAnswerError:
    """The failure behind whatever an exchange raised; `limit` is its time limit in seconds.

    `began` tells whether any of the request's body may have been sent. Raise it outside the handler: the library's
    errors hold the request with its token, and must not travel along.
    """
    sent = began and not isinstance(error, _NOT_SENT)
    if isinstance(error, MisconfiguredError):
        return NoAnswerError(Trouble.MISCONFIGURED, str(error), sent=False)
    certificate = _certificate_problem(error)
    if certificate:
        through = f" through {way.via}" if way.via else ""
        return NoAnswerError(Trouble.UNTRUSTED, f"{way.where}{through} is not trusted: {certificate}", sent=False)
    if isinstance(error, UnreadableBodyError):
        return NoAnswerError(Trouble.UNREADABLE, f"the answer of {way.where} {error}", sent=True)
    return NoAnswerError(Trouble.UNREACHABLE, _words(error, way, limit, hide), sent=sent)


def _words(error: Exception, way: Way, limit: float, hide: Iterable[SecretStr]) -> str:
    server = f"{way.where} through {way.via}" if way.via else way.where
    if isinstance(error, httpcore.ConnectTimeout | httpcore.PoolTimeout):
        return f"no connection to {_first(way)} in time"
    if isinstance(error, httpcore.ProxyError):
        return f"{way.via or 'the proxy'} gave no connection to {way.where} ({_told(error, hide) or 'no reason told'})"
    if isinstance(error, httpcore.ConnectError):
        tls = _chained(error, ssl.SSLError) is not None
        return f"no connection to {server if tls else _first(way)} ({_told(error, hide) or 'refused'})"
    if isinstance(error, httpcore.TimeoutException):
        return f"no answer from {server} within {limit:g} s"
    if isinstance(error, asyncio.TimeoutError):
        return f"no whole answer from {server} within {limit:g} s"
    # The text of a protocol error may quote a header, so only its kind is told.
    return f"the connection to {server} was lost before the whole answer ({type(error).__name__})"


def _first(way: Way) -> str:
    """What a connection is made to: the proxy, where there is one."""
    return f"{way.via}, which stands before {way.where}," if way.via else way.where


def _told(error: Exception, hide: Iterable[SecretStr]) -> str:
    return one_line(str(error), hide)


def _certificate_problem(error: BaseException) -> str:
    found = _chained(error, ssl.SSLCertVerificationError)
    return one_line(getattr(found, "verify_message", "") or str(found)) if found is not None else ""


def _chained(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """The error of that kind among an error and its causes."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, kind):
        cause = cause.__cause__ or cause.__context__
    return cause

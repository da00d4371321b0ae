"""From a failed HTTP exchange to the error for the person at the terminal, in the server's own words."""

from __future__ import annotations

import re
import ssl
from html import unescape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from pulumi_resource_apikeys.backoff import retry_after
from pulumi_resource_apikeys.errors import (
    BadAnswerError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    RemoteError,
    ServerFailedError,
    Subject,
    UnauthorizedError,
    UnreachableError,
)
from pulumi_resource_apikeys.foreign_text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pydantic import SecretStr


class UntrustedError(UnreachableError):
    """The server's certificate is not trusted here; trying again doesn't change that."""

    may_repeat = False
    advice = "Check endpoint; where a proxy brings its own certificates, name the file of its CA in SSL_CERT_FILE"


_BY_STATUS: dict[int, type[RemoteError]] = {
    HTTPStatus.UNAUTHORIZED: UnauthorizedError,
    HTTPStatus.FORBIDDEN: ForbiddenError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimitedError,
}
_MOST_DETAILS = 5
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def error_of_answer(
    subject: Subject, response: httpx.Response, now: datetime, *, hide: Sequence[SecretStr] = ()
) -> RemoteError:
    """The error of an answer that is no success; `hide` are secrets that the server might echo.

    A 5xx is uncertain, except a 503 with Retry-After, by which the server says that it took nothing on. So is a 408:
    some gateways answer it when they gave up waiting for the server.
    """
    status = response.status_code
    asked = retry_after(response.headers, now)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind: type[RemoteError] = ServerFailedError
    elif status < HTTPStatus.BAD_REQUEST:
        kind = BadAnswerError
    else:
        kind = _BY_STATUS.get(status, RejectedError)
    turned_away = status == HTTPStatus.SERVICE_UNAVAILABLE and asked is not None
    gave_up = status == HTTPStatus.REQUEST_TIMEOUT
    return kind(
        subject,
        _reason(response, hide),
        status=status,
        uncertain=gave_up or (kind is ServerFailedError and not turned_away),
        retry_after=asked,
    )


def error_of_body(subject: Subject, response: httpx.Response, complaint: str) -> RemoteError:
    """The error of a success that can't be read; the server has acted, or someone answered in its place."""
    empty = "" if response.content.strip() else "the body is empty"
    reason = f"{_status_line(response)}, but {empty or _non_json(response) or clean(complaint)}"
    return BadAnswerError(subject, reason, status=response.status_code, uncertain=True)


def error_of_transport(subject: Subject, error: httpx.HTTPError, limit: float) -> RemoteError:
    """The error of an exchange without an answer; `limit` is the time limit of a call in seconds.

    Raise it outside the handler: httpx's error holds the request with its token, and must not travel along.
    """
    where = _host(error.request.url) if error._request is not None else "the server"  # noqa: SLF001 - `request` raises where there is none
    certificate = _certificate_problem(error)
    if certificate:
        return UntrustedError(subject, f"{where} is not trusted: {certificate}")
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        reason = f"no connection to {where} in time"
    elif isinstance(error, httpx.ProxyError):
        reason = f"the proxy in front of {where} gave no connection ({clean(str(error))})"
    elif isinstance(error, httpx.ConnectError):
        reason = f"no connection to {where} ({clean(str(error)) or 'refused'})"
    elif isinstance(error, httpx.TimeoutException):
        reason = f"no answer from {where} within {limit:g} s"
    elif isinstance(error, httpx.DecodingError):
        return BadAnswerError(subject, f"the answer of {where} can't be decoded", uncertain=True)
    else:
        # The text of a protocol error may quote a header, so only its kind is told.
        reason = f"the connection to {where} was lost before the whole answer ({type(error).__name__})"
    return UnreachableError(subject, reason, uncertain=not isinstance(error, _NOT_SENT))


def is_json(response: httpx.Response) -> bool:
    """Whether an answer claims to be JSON; one that claims nothing may be."""
    media_type = _media_type(response)
    return media_type in {"", "application/json"} or media_type.endswith("+json")


def _reason(response: httpx.Response, hide: Sequence[SecretStr]) -> str:
    status = _status_line(response)
    if response.is_redirect:
        target = urlsplit(response.headers.get("location", "")).hostname or "another path of this server"
        return f"{status}: it points to {clean(target)}, and redirects are not followed, for the token's sake"
    other = _non_json(response)
    if other:
        return f"{status}: {other}"
    words = _words(response, hide)
    return f"{status}: {words}" if words else status


def _words(response: httpx.Response, hide: Sequence[SecretStr]) -> str:
    """What a problem report says (RFC 9457, and Huma's `errors`), without the `value` that it echoes."""
    if not response.content.strip():
        return ""
    try:
        problem: Any = response.json()
    except (ValueError, RecursionError):
        return "the body is not JSON, or is cut off"
    if not isinstance(problem, dict):
        return ""
    words = [_text(problem.get("detail"), hide) or _text(problem.get("title"), hide)]
    errors = problem.get("errors")
    details = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    for detail in details[:_MOST_DETAILS]:
        place, message = _text(detail.get("location"), hide), _text(detail.get("message"), hide)
        words.append(f"{place}: {message}" if place and message else place or message)
    if len(details) > _MOST_DETAILS:
        words.append(f"and {len(details) - _MOST_DETAILS} more")
    return "; ".join(word for word in words if word)


def _text(value: object, hide: Sequence[SecretStr]) -> str:
    return clean(value, hide).rstrip(".") if isinstance(value, str) else ""


def _status_line(response: httpx.Response) -> str:
    try:
        phrase = HTTPStatus(response.status_code).phrase
    except ValueError:
        phrase = clean(response.reason_phrase)
    return f"{response.status_code} {phrase}".strip()


def _non_json(response: httpx.Response) -> str:
    """What an answer is instead of JSON, with the title of a page but never the page; empty for JSON and no body."""
    if not response.content.strip() or is_json(response):
        return ""
    title = re.search(r"<title[^>]*>([^<]{1,500})</title>", response.text, re.IGNORECASE)
    shown = f' ("{clean(unescape(title[1]), limit=80)}")' if title else ""
    return f"it answered {clean(_media_type(response), limit=80)} instead of JSON{shown}"


def _media_type(response: httpx.Response) -> str:
    content_type: str = response.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower()


def _host(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _certificate_problem(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return clean(cause.verify_message or str(cause))
        cause = cause.__cause__ or cause.__context__
    return ""

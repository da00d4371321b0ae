"""From a failed HTTP exchange to the error for the person at the terminal, in the server's own words."""

from __future__ import annotations

import codecs
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

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
from pulumi_resource_apikeys.http_client.failures import Trouble
from pulumi_resource_apikeys.retrying import retry_after
from pulumi_resource_apikeys.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pydantic import SecretStr

    from pulumi_resource_apikeys.http_client.failures import NoAnswerError
    from pulumi_resource_apikeys.http_client.peer import Answer


class UntrustedError(UnreachableError):
    """The server's certificate is not trusted here; trying again doesn't change that."""

    may_repeat = False
    advice = "Check endpoint; where a proxy brings its own certificates, name the file of its CA in SSL_CERT_FILE"


class UnusableEnvironmentError(UnreachableError):
    """An environment variable that decides how to connect can't be used; trying again doesn't change that."""

    may_repeat = False
    advice = ""


_BY_STATUS: dict[int, type[RemoteError]] = {
    HTTPStatus.UNAUTHORIZED: UnauthorizedError,
    HTTPStatus.FORBIDDEN: ForbiddenError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimitedError,
}
_BY_TROUBLE: dict[Trouble, type[RemoteError]] = {
    Trouble.UNREACHABLE: UnreachableError,
    Trouble.UNREADABLE: BadAnswerError,
    Trouble.UNTRUSTED: UntrustedError,
    Trouble.MISCONFIGURED: UnusableEnvironmentError,
}
REFUSALS = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
)
"""Statuses by which this API says that it did nothing; others may come from something between that gave up waiting."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PROBLEM = "application/problem+json"
CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"})
"""Encodings of pages; one that is not among them is read as UTF-8, as far as that goes."""
TITLE_WITHIN = 16 * 1024
"""Bytes of a page in which its title is looked for."""

_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,500})</title>", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}\"?([\w.:-]+)", re.IGNORECASE)
_MOST_DETAILS = 5


def error_of_answer(subject: Subject, answer: Answer, now: datetime, *, hide: Sequence[SecretStr] = ()) -> RemoteError:
    """The error of an answer that is no success; `hide` are secrets that the server might echo.

    It is uncertain unless this API itself refuses: a proxy may answer anything after the work was done.
    """
    status = answer.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind: type[RemoteError] = ServerFailedError
    elif status < HTTPStatus.BAD_REQUEST:
        kind = BadAnswerError
    else:
        kind = _BY_STATUS.get(status, RejectedError)
    return kind(
        subject,
        _reason(answer, hide),
        status=status,
        may_have_acted=not refuses(answer),
        retry_after=retry_after(answer.headers, now),
    )


def refuses(answer: Answer) -> bool:
    """Whether this API itself says that it did nothing."""
    if answer.status not in REFUSALS or _media_type(answer).lower() != PROBLEM:
        return False
    problem = _json(answer)
    return isinstance(problem, dict) and problem.get("status", answer.status) == answer.status


def error_of_body(subject: Subject, answer: Answer, complaint: str, *, hide: Sequence[SecretStr] = ()) -> RemoteError:
    """The error of a success that can't be read; the server has acted, or someone answered in its place."""
    empty = "the body is empty" if _is_empty(answer) else ""
    reason = f"{_status_line(answer, hide)}, but {empty or _non_json(answer, hide) or one_line(complaint, hide)}"
    return BadAnswerError(subject, reason, status=answer.status, may_have_acted=True)


def error_of_no_answer(subject: Subject, failure: NoAnswerError) -> RemoteError:
    """The error of an exchange without an answer."""
    return _BY_TROUBLE[failure.trouble](subject, failure.reason, may_have_acted=failure.sent)


def is_json(answer: Answer) -> bool:
    """Whether an answer claims to be JSON; one that claims nothing may be."""
    media_type = _media_type(answer).lower()
    return media_type in {"", "application/json"} or media_type.endswith("+json")


def _reason(answer: Answer, hide: Sequence[SecretStr]) -> str:
    status = _status_line(answer, hide)
    if answer.status in REDIRECTS:
        target = _target(answer.headers.get("location", "")) or "another path of this server"
        return f"{status}: it points to {one_line(target, hide)}, and redirects are not followed, for the token's sake"
    other = _non_json(answer, hide)
    if other:
        return f"{status}: {other}"
    words = _words(answer, hide)
    return f"{status}: {words}" if words else status


def _target(location: str) -> str:
    """The host that a redirect points to; empty where it is the same or can't be told."""
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""


def _words(answer: Answer, hide: Sequence[SecretStr]) -> str:
    """What a problem report says (RFC 9457, and Huma's `errors`), without the `value` that it echoes."""
    if _is_empty(answer):
        return ""
    problem = _json(answer)
    if problem is _NO_JSON:
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


_NO_JSON = object()


def _json(answer: Answer) -> Any:  # noqa: ANN401 - whatever the server sent
    try:
        return json.loads(answer.body.decode(json.detect_encoding(answer.body), "replace"))
    except (ValueError, RecursionError):
        return _NO_JSON


def _is_empty(answer: Answer) -> bool:
    return not answer.body or answer.body.isspace()


def _text(value: object, hide: Sequence[SecretStr]) -> str:
    return one_line(value, hide).rstrip(".") if isinstance(value, str) else ""


def _status_line(answer: Answer, hide: Sequence[SecretStr]) -> str:
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = one_line(answer.reason_phrase, hide, limit=80)
    return f"{answer.status} {phrase}".strip()


def _non_json(answer: Answer, hide: Sequence[SecretStr]) -> str:
    """What an answer is instead of JSON, with the title of a page but never the page; empty for JSON and no body."""
    if _is_empty(answer) or is_json(answer):
        return ""
    from html import unescape  # noqa: PLC0415 - brings a table of 2,000 names, for pages only

    title = _TITLE.search(_page(answer))
    shown = f' ("{one_line(unescape(title[1]), hide, limit=80)}")' if title else ""
    return f"it answered {one_line(_media_type(answer), hide, limit=80)} instead of JSON{shown}"


def _page(answer: Answer) -> str:
    """The beginning of a page as text."""
    named = _CHARSET.search(answer.headers.get("content-type", "")[:200])
    try:
        charset = codecs.lookup(named[1] if named else "utf-8").name
    except (LookupError, ValueError):
        charset = "utf-8"
    return answer.body[:TITLE_WITHIN].decode(charset if charset in CHARSETS else "utf-8", "replace")


def _media_type(answer: Answer) -> str:
    """As it was written: a secret in it is known by that."""
    return answer.headers.get("content-type", "").partition(";")[0].strip()

"""From answers and failures of the wire to the errors that a person reads."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from fakes.clock import START
from fakes.tokens import made_up_jwt
from harness.faults import FAULTS
from pulumi_resource_apikeys import errors
from pulumi_resource_apikeys.api.problems import (
    REFUSALS,
    UntrustedError,
    error_of_answer,
    error_of_body,
    error_of_no_answer,
)
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
from pulumi_resource_apikeys.http_client.failures import NoAnswerError, Trouble
from pulumi_resource_apikeys.http_client.peer import Answer

SUBJECT = Subject("create", "p-1", "deploy")
NGINX = "<html>\r\n<head><title>502 Bad Gateway</title></head><body>secret page</body></html>"
OPAQUE = "sess-0123456789-opaque-abcdef"


def answer(status: int, problem: object = None, *, reason: str = "", **kwargs: Any) -> Answer:
    if problem is not None:
        kwargs = {"json": problem, "headers": {"content-type": "application/problem+json", **kwargs.get("headers", {})}}
    built = httpx.Response(status, **kwargs)
    return Answer(status, dict(built.headers.items()), built.content, reason)


def error(answered: Answer, *hide: str) -> RemoteError:
    return error_of_answer(SUBJECT, answered, START, hide=[SecretStr(text) for text in hide])


@pytest.mark.parametrize(
    ("status", "kind", "may_have_acted"),
    [
        (301, BadAnswerError, True),
        (302, BadAnswerError, True),
        (400, RejectedError, True),
        (401, UnauthorizedError, False),
        (403, ForbiddenError, False),
        (404, NotFoundError, False),
        (408, RejectedError, True),
        (409, RejectedError, True),
        (413, RejectedError, True),
        (422, RejectedError, False),
        (425, RejectedError, True),
        (429, RateLimitedError, True),
        (499, RejectedError, True),
        (500, ServerFailedError, True),
        (502, ServerFailedError, True),
        (503, ServerFailedError, True),
        (504, ServerFailedError, True),
        (599, ServerFailedError, True),
        (999, ServerFailedError, True),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[RemoteError], may_have_acted: bool) -> None:
    found = error(answer(status, {"title": "T", "status": status, "detail": "why"}))
    assert type(found) is kind
    assert (found.status, found.may_have_acted, found.subject) == (status, may_have_acted, SUBJECT)


def kinds(kind: type[RemoteError]) -> set[type[RemoteError]]:
    """The errors of that family that this package has."""
    return {kind, *(each for direct in kind.__subclasses__() for each in kinds(direct))}


def test_every_error_of_the_api_comes_of_a_status_of_a_failed_exchange_or_of_what_was_asked() -> None:
    of_status = {type(error(answer(status, {"detail": "why"}))) for status in range(300, 600)}
    of_trouble = {type(error_of_no_answer(SUBJECT, NoAnswerError(trouble, "why", sent=True))) for trouble in Trouble}
    asked_for = {RemoteError, errors.LostKeyError, errors.AdminManagedError, errors.MissingProjectError}
    assert of_status | of_trouble | asked_for == kinds(RemoteError)


def test_every_status_that_has_its_own_error_or_is_a_refusal_is_among_the_faults_that_are_tried() -> None:
    tried = {fault.told.get("status") for fault in FAULTS if fault.told}
    own = {status for status in range(400, 500) if type(error(answer(status))) is not RejectedError}
    assert own | REFUSALS <= tried | {401}, "a token that is refused is a fault of its own"


@pytest.mark.parametrize("status", [429, 503])
def test_what_turns_a_create_away_tells_when_to_come_back(status: int) -> None:
    found = error(answer(status, {"detail": "busy"}, headers={"retry-after": "7"}))
    assert (found.may_have_acted, found.may_repeat, found.retry_after) == (True, True, 7.0)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ({"title": "Forbidden", "status": 403, "detail": "no access to this project."}, "no access to this project"),
        ({"title": "Quota", "detail": ""}, "Quota"),
        ({"detail": None, "title": None, "errors": None}, None),
        ({"detail": 7, "title": ["x"], "errors": "y"}, None),
        ([], None),
        ("words", None),
        (
            {
                "detail": "validation failed",
                "errors": [
                    {"location": "body.name", "message": "expected length >= 1", "value": "secret value"},
                    {"location": "body.scopes[0]", "message": "unknown scope", "value": {"key": "secret value"}},
                    {"message": "just a message"},
                    {"location": "body"},
                    {"value": "secret value"},
                    "no object",
                ],
            },
            "validation failed; body.name: expected length >= 1; body.scopes[0]: unknown scope; just a message; body",
        ),
    ],
)
def test_the_reason_is_the_servers_words_without_the_values_it_echoes(problem: object, reason: str | None) -> None:
    found = error(answer(403, problem))
    assert found.reason == (f"403 Forbidden: {reason}" if reason else "403 Forbidden")


def test_of_many_details_the_first_are_told() -> None:
    errors = [{"location": f"body.scopes[{n}]", "message": "bad"} for n in range(20)]
    reason = error(answer(422, {"detail": "failed", "errors": errors})).reason
    assert "body.scopes[4]: bad; and 15 more" in reason
    assert "body.scopes[5]" not in reason


def test_secrets_that_the_server_echoes_are_not_told() -> None:
    token, jwt = "opaque-token", made_up_jwt(sub="u")
    found = error(answer(401, {"detail": f"bad {token}", "errors": [{"location": jwt, "message": f"x {jwt}"}]}), token)
    assert token not in str(found)
    assert jwt not in str(found)
    assert "bad [redacted]" in str(found)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answer(502, html=NGINX), '502 Bad Gateway: it answered text/html instead of JSON ("502 Bad Gateway")'),
        (answer(404, html="<p>x"), "404 Not Found: it answered text/html instead of JSON"),
        (answer(500, text="oops"), "500 Internal Server Error: it answered text/plain instead of JSON"),
        (answer(500), "500 Internal Server Error"),
        (answer(520), "520"),
        (
            answer(500, content=b'{"detail": "cut', headers={"content-type": "application/problem+json"}),
            "500 Internal Server Error: the body is not JSON, or is cut off",
        ),
    ],
)
def test_what_is_not_json_is_told_without_its_page(response: Answer, reason: str) -> None:
    assert error(response).reason == reason


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://login.example.com/?token=secret", "it points to login.example.com,"),
        ("/elsewhere?token=secret", "it points to another path of this server,"),
        (None, "it points to another path of this server,"),
    ],
)
def test_of_a_redirect_only_the_host_is_told(location: str | None, shown: str) -> None:
    headers = {} if location is None else {"location": location}
    reason = error(answer(302, headers=headers)).reason
    assert reason.startswith("302 Found: ")
    assert shown in reason
    assert "secret" not in reason


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answer(200, html=NGINX), '200 OK, but it answered text/html instead of JSON ("502 Bad Gateway")'),
        (answer(200), "200 OK, but the body is empty"),
        (answer(200, headers={"content-type": "application/json"}), "200 OK, but the body is empty"),
        (answer(201, json={}), "201 Created, but key_id: Field required"),
    ],
)
def test_an_unreadable_success_may_have_acted(response: Answer, reason: str) -> None:
    found = error_of_body(SUBJECT, response, "key_id: Field required")
    assert isinstance(found, BadAnswerError)
    assert found.may_have_acted
    assert found.reason == reason


@pytest.mark.parametrize(
    ("trouble", "kind", "may_repeat"),
    [
        (Trouble.UNREACHABLE, UnreachableError, True),
        (Trouble.UNREADABLE, BadAnswerError, True),
        (Trouble.UNTRUSTED, UntrustedError, False),
        (Trouble.MISCONFIGURED, UnreachableError, False),
    ],
)
@pytest.mark.parametrize("sent", [True, False])
def test_no_answer_is_uncertain_once_something_was_sent(
    trouble: Trouble, kind: type[RemoteError], may_repeat: bool, sent: bool
) -> None:
    found = error_of_no_answer(SUBJECT, NoAnswerError(trouble, "the reason", sent=sent))
    assert isinstance(found, kind)
    assert (found.may_have_acted, found.may_repeat, found.reason) == (sent, may_repeat, "the reason")


ECHOES = [
    answer(200, html=f"<title>{OPAQUE}</title>"),
    answer(403, html=f"<TITLE lang='x'>Hello {OPAQUE.upper()}</TITLE>"),
    answer(403, html=f"<title>{OPAQUE[:15]}</title>"),
    answer(500, content=b"x", headers={"content-type": f"text/{OPAQUE}; charset=utf-8"}),
    answer(302, headers={"location": f"https://{OPAQUE}.example.com/"}),
    answer(599, reason=f"No {OPAQUE}"),
    answer(403, {"detail": OPAQUE, "title": OPAQUE, "errors": [{"location": OPAQUE, "message": OPAQUE}]}),
]


@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
def test_an_opaque_token_is_told_nowhere(echo: Answer) -> None:
    hide = [SecretStr(OPAQUE)]
    for found in (error(echo, OPAQUE), error_of_body(SUBJECT, echo, f"complaint {OPAQUE}", hide=hide)):
        assert OPAQUE[:12].lower() not in str(found).lower()
        assert "[redacted]" in error(echo, OPAQUE).reason


CHARSETS = [
    "utf-16",
    "hex",
    "base64",
    "rot13",
    "zip",
    "no-such",
    "utf-7",
    "idna",
    "punycode",
    "undefined",
    "ü",
    '"',
    "",
]
DETAIL = '{"detail": "why", "errors": [{"location": "ü"}]}'


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "utf-7"])
@pytest.mark.parametrize("media_type", ["text/html", "application/problem+json"])
def test_a_page_in_any_charset_is_an_error_and_no_bug(charset: str, encoding: str, media_type: str) -> None:
    text = NGINX if media_type == "text/html" else DETAIL
    headers = {"content-type": f"{media_type}; charset={charset}"}
    found = error(Answer(502, headers, text.encode(encoding)))
    assert found.reason.startswith("502 Bad Gateway")
    assert found.may_have_acted
    assert isinstance(error_of_body(SUBJECT, Answer(200, headers, text.encode(encoding)), "x"), BadAnswerError)


@pytest.mark.parametrize("charset", ["utf-16", "UTF-16LE", '"utf-8"', "iso-8859-1", "Windows-1252"])
def test_the_title_of_a_page_in_a_usual_charset_is_told(charset: str) -> None:
    page = "<title>Störung</title>".encode(charset.strip('"'))
    found = error(Answer(502, {"content-type": f"text/html; charset={charset}"}, page))
    assert found.reason == '502 Bad Gateway: it answered text/html instead of JSON ("Störung")'


HUGE: list[tuple[str, str]] = [
    ("text/html", "<title" * 40_000),
    ("text/html", "<title>" * 40_000),
    ("text/html", "<title " + "x" * 180_000),
    ("text/html", "<title>" + "x" * 180_000 + "</title>"),
    ("text/html", "&amp" * 60_000),
    ("x" * 90_000, "x"),
    (";" * 90_000, "x"),
    ("text/html" + "; charset" * 9_000, "x"),
    ("application/problem+json", '{"detail": "' + "eyJ" * 80_000 + '"}'),
    ("application/problem+json", '{"errors": [' + '{"message": "a "},' * 14_000 + "{}]}"),
    ("application/problem+json", "[" * 250_000),
]


@pytest.mark.parametrize(("media_type", "text"), HUGE, ids=range(len(HUGE)))
def test_no_answer_takes_a_time_that_grows_faster_than_it(media_type: str, text: str) -> None:
    began = time.process_time()
    error(Answer(502, {"content-type": media_type, "retry-after": "9" * 90_000}, text.encode()), OPAQUE)
    assert time.process_time() - began < 0.5


def test_the_whole_text_names_what_failed_why_and_what_to_do() -> None:
    assert str(error(answer(403, {"detail": "no access"}))) == (
        'could not create API key "deploy" in project p-1: 403 Forbidden: no access. Check that the token\'s user may'
        " manage API keys of this project, and that projectId is the right one"
    )

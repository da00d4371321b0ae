import ssl
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from fakes.clock import START
from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.api.problems import UntrustedError, error_of_answer, error_of_body, error_of_transport
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

SUBJECT = Subject("create", "p-1", "deploy")
NGINX = "<html>\r\n<head><title>502 Bad Gateway</title></head><body>secret page</body></html>"


def answer(status: int, problem: object = None, **kwargs: Any) -> httpx.Response:
    if problem is not None:
        kwargs = {"json": problem, "headers": {"content-type": "application/problem+json", **kwargs.get("headers", {})}}
    return httpx.Response(status, request=httpx.Request("POST", "https://api.example.com/x"), **kwargs)


def error(response: httpx.Response, *hide: str) -> RemoteError:
    return error_of_answer(SUBJECT, response, START, hide=[SecretStr(text) for text in hide])


@pytest.mark.parametrize(
    ("status", "kind", "uncertain"),
    [
        (301, BadAnswerError, False),
        (302, BadAnswerError, False),
        (400, RejectedError, False),
        (401, UnauthorizedError, False),
        (403, ForbiddenError, False),
        (404, NotFoundError, False),
        (408, RejectedError, True),
        (409, RejectedError, False),
        (422, RejectedError, False),
        (425, RejectedError, False),
        (429, RateLimitedError, False),
        (500, ServerFailedError, True),
        (502, ServerFailedError, True),
        (503, ServerFailedError, True),
        (504, ServerFailedError, True),
        (599, ServerFailedError, True),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[RemoteError], uncertain: bool) -> None:
    found = error(answer(status, {"title": "T", "status": status, "detail": "why"}))
    assert type(found) is kind
    assert (found.status, found.uncertain, found.subject) == (status, uncertain, SUBJECT)


def test_a_503_that_says_when_to_come_back_did_nothing() -> None:
    found = error(answer(503, {"detail": "busy"}, headers={"retry-after": "7"}))
    assert (found.uncertain, found.retry_after) == (False, 7.0)


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
def test_what_is_not_json_is_told_without_its_page(response: httpx.Response, reason: str) -> None:
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
def test_an_unreadable_success_may_have_acted(response: httpx.Response, reason: str) -> None:
    found = error_of_body(SUBJECT, response, "key_id: Field required")
    assert isinstance(found, BadAnswerError)
    assert found.uncertain
    assert found.reason == reason


@pytest.mark.parametrize(
    ("failure", "uncertain", "reason"),
    [
        (
            httpx.ConnectError("All connection attempts failed"),
            False,
            "no connection to https://api.example.com:8443 (All connection attempts failed)",
        ),
        (httpx.ConnectTimeout(""), False, "no connection to https://api.example.com:8443 in time"),
        (httpx.ProxyError("403 Forbidden"), False, "gave no connection (403 Forbidden)"),
        (httpx.ReadTimeout(""), True, "no answer from https://api.example.com:8443 within 30 s"),
        (httpx.WriteTimeout(""), True, "no answer from https://api.example.com:8443 within 30 s"),
        (httpx.ReadError(""), True, "lost before the whole answer (ReadError)"),
        (httpx.RemoteProtocolError("Bearer secret"), True, "lost before the whole answer (RemoteProtocolError)"),
        (httpx.LocalProtocolError("Bearer secret"), True, "lost before the whole answer (LocalProtocolError)"),
    ],
)
def test_no_answer_is_unreachable_and_uncertain_once_something_was_sent(
    failure: httpx.RequestError, uncertain: bool, reason: str
) -> None:
    failure.request = httpx.Request("POST", "https://api.example.com:8443/x", headers={"Authorization": "Bearer s"})
    found = error_of_transport(SUBJECT, failure, 30.0)
    assert isinstance(found, UnreachableError)
    assert found.uncertain is uncertain
    assert reason in found.reason
    assert "Bearer" not in str(found)


def test_an_answer_that_can_not_be_decoded_is_a_bad_answer() -> None:
    assert isinstance(error_of_transport(SUBJECT, httpx.DecodingError("x"), 30.0), BadAnswerError)


def test_an_untrusted_certificate_is_told_as_such() -> None:
    failure = httpx.ConnectError("x")
    failure.__cause__ = certificate = ssl.SSLCertVerificationError(1, "bad")
    certificate.verify_message = "self-signed certificate"
    found = error_of_transport(SUBJECT, failure, 30.0)
    assert isinstance(found, UntrustedError)
    assert not found.uncertain
    assert "not trusted: self-signed certificate" in str(found)
    assert "SSL_CERT_FILE" in str(found)


def test_the_whole_text_names_what_failed_why_and_what_to_do() -> None:
    assert str(error(answer(403, {"detail": "no access"}))) == (
        'could not create API key "deploy" in project p-1: 403 Forbidden: no access. Check that the token\'s user may'
        " manage API keys of this project, and that projectId is the right one"
    )

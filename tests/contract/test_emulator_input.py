"""Whatever a client sends, the answer is a problem that says what is wrong, never a failure of the server."""

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest

from apikeys_emulator.terms import DEFAULT_JWT_SECRET
from apikeys_emulator.testing import Emulator

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c11"
CREATE = f"/api/v1/projects/{PROJECT}/keys"
CLERK = "/v1/sessions/sess_1/tokens"


@pytest.fixture(scope="module")
def watched() -> Iterator[Emulator]:
    """A server of which nothing may be on standard error at the end."""
    with Emulator() as emulator:
        yield emulator
        assert emulator.stderr() == ""


@pytest.fixture
def call(watched: Emulator) -> Iterator[Callable[..., httpx.Response]]:
    """Send a request with the token that its path wants."""
    token = watched.token()
    with httpx.Client(base_url=watched.url, trust_env=False) as client:

        def send(method: str, path: str, **request: Any) -> httpx.Response:
            key = watched.clerk_secret_key if path.startswith("/v1/") else token
            return client.request(
                method, path, **request | {"headers": {"Authorization": f"Bearer {key}"} | request.get("headers", {})}
            )

        yield send
    watched.reset()


def assert_refused(answer: httpx.Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    if not str(answer.request.url.path).startswith("/v1/"):
        assert answer.headers["content-type"] == "application/problem+json"
    if answer.request.method != "HEAD":
        assert answer.json()


NUMBERS = [b"1e999", b"-1e999", b"NaN", b"Infinity", b"-Infinity", b"9" * 5000, b"1" + b"0" * 4000]
NESTED = [b"[" * 101 + b"]" * 101, b"[" * 900 + b"]" * 900, b'{"a":' * 300 + b"1" + b"}" * 300, b"[" * 200_000]
TEXTS = [rb'"\ud800"', rb'"\udfff\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b'"\x00"']
VALUES = NUMBERS + NESTED + TEXTS
BODIES = [
    b"",
    b" ",
    b"null",
    b"true",
    b"{",
    b"[]",
    bytes(range(256)),
    rb'{"name": "ci", "\ud800": 1}',
    b'{"name": "ci", "name": 1}',
    b'{"name": "ci", "": 1}',
    *VALUES,
    *(b'{"name": %b}' % value for value in VALUES),
    *(b'{"name": "ci", "scopes": [%b]}' % value for value in VALUES),
    *(b'{"name": "ci", "expires_at": %b}' % value for value in VALUES),
    *(b'{"name": "ci", "x": {"y": %b}}' % value for value in VALUES),
]
MEDIA_TYPES: list[str | bytes | None] = [
    None,
    "",
    ";",
    "application/json",
    "application/json; charset=utf-16",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    b"\xe9",
]


def shown(value: Any) -> str:
    return str(value)[:40]


@pytest.mark.parametrize("body", BODIES, ids=shown)
def test_a_body_of_a_create(call: Callable[..., httpx.Response], body: bytes) -> None:
    for path in (CREATE, "/api/v1/projects/x/keys"):
        assert_refused(call("POST", path, content=body, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize("media_type", MEDIA_TYPES, ids=shown)
def test_a_media_type_of_a_create(call: Callable[..., httpx.Response], media_type: str | bytes | None) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    for path, body in itertools.product([CREATE, "/api/v1/projects/x/keys"], [b"", b"{", b"[1e999]", b'{"name": 1}']):
        assert_refused(call("POST", path, content=body, headers=headers))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"1e999", "invalid JSON: number 1e999 is out of range"),
        (b"9" * 5000, f"invalid JSON: number {'9' * 40} is out of range"),
        (b"NaN", "invalid JSON: invalid character in NaN"),
        (b"[" * 101 + b"]" * 101, "invalid JSON: nested deeper than 100 levels"),
        (b"[" * 200_000, "invalid JSON: nested deeper than 100 levels"),
        (b'"\xff"', "invalid JSON: invalid UTF-8"),
    ],
    ids=shown,
)
@pytest.mark.parametrize("path", [CREATE, "/_emulator/behaviour"])
def test_what_is_wrong_with_a_number_a_nesting_or_a_text_is_said(
    call: Callable[..., httpx.Response], path: str, value: bytes, says: str
) -> None:
    answer = call("POST", path, content=b'{"name": %b}' % value)
    assert answer.status_code == 400
    assert [(error["location"], error["message"]) for error in answer.json()["errors"]] == [("body", says)]


def test_numbers_and_nesting_within_reason_are_echoed(call: Callable[..., httpx.Response]) -> None:
    for value in (b"1e308", b"9" * 4000, b"[" * 90 + b"]" * 90):
        answer = call("POST", CREATE, content=b'{"name": %b}' % value)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["location"] == "body.name"


def test_of_two_equal_names_the_last_holds(call: Callable[..., httpx.Response]) -> None:
    assert call("POST", CREATE, content=b'{"name": 1, "name": "last"}').json()["name"] == "last"


@pytest.mark.parametrize(
    "path",
    [
        CLERK,
        *(f"/_emulator/{each}" for each in ("token", "faults", "clock", "behaviour", "keys", "verify")),
        f"/_emulator/projects/{PROJECT}",
        "/_emulator/projects/x",
        "/_emulator/sessions/s",
    ],
)
def test_a_body_of_any_other_call(call: Callable[..., httpx.Response], path: str) -> None:
    for body in BODIES:
        if path == CLERK and body in {b"", b"null"}:
            continue  # there, a body is no must
        for media_type in ("application/json", "text/plain"):
            assert_refused(call("POST", path, content=body, headers={"Content-Type": media_type}))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("keys", {"project_id": PROJECT, "created_by": "\ud800"}),
        ("keys", {"project_id": PROJECT, "scopes": ["\ud800"]}),
        ("verify", {"key": "\ud800"}),
        ("token", {"subject": "\ud800"}),
        ("faults", {"operation": "list", "kind": "html", "detail": "\ud800"}),
        ("faults", {"operation": "list", "kind": "html", "location": "/\u20ac"}),
        ("faults", {"operation": "list", "kind": "html", "charset": "\u20ac"}),
        ("faults", {"operation": "list", "kind": "html", "retry_after": "\u20ac"}),
        ("faults", {"operation": "list", "kind": "html", "set_cookie": "\ud800"}),
    ],
    ids=shown,
)
def test_a_text_that_can_not_be_kept_or_sent(
    call: Callable[..., httpx.Response], path: str, body: dict[str, Any]
) -> None:
    assert call("POST", f"/_emulator/{path}", content=json.dumps(body)).status_code == 422


PATHS = [
    CREATE,
    f"{CREATE}/{PROJECT}",
    f"{CREATE}/",
    "/api/v1/openapi.json",
    "/api/v1/schemas/ErrorModel.json",
    "/api/v1/projects/%00/keys",
    "/api/v1/projects/%ff/keys",
    "/api/v1/projects/%ed%a0%80/keys",
    CLERK,
    "/v1/sessions/sess_%ff/tokens",
    "/_emulator/keys",
    f"/_emulator/keys/{PROJECT}",
    "/_emulator/keys?project_id=%00",
    "/",
    "//",
    "/%00",
    "*",
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ODD"])
@pytest.mark.parametrize("path", PATHS)
def test_any_method_on_any_path(call: Callable[..., httpx.Response], method: str, path: str) -> None:
    answer = call(method, path)
    if answer.is_error:
        assert_refused(answer)


CLAIMS: dict[str, dict[str, Any]] = {
    "half an emoji in sub": {"sub": "\ud800"},
    "number in sub": {"sub": 5},
    "text in exp": {"exp": "soon"},
    "huge nbf": {"nbf": 10**400},
}
TOKENS = {
    "bytes": b"\xe9.x.y",
    "deep": base64.urlsafe_b64encode(b"[" * 30_000) + b".e30.e30",
    "dots": b"..",
    **{
        name: jwt.encode({"sub": "user_1", "exp": 32_503_680_000, **claims}, DEFAULT_JWT_SECRET).encode()
        for name, claims in CLAIMS.items()
    },
}


@pytest.mark.parametrize("token", list(TOKENS.values()), ids=list(TOKENS))
def test_a_token(call: Callable[..., httpx.Response], token: bytes) -> None:
    answer = call("POST", CREATE, json={"name": "ci"}, headers={"Authorization": b"Bearer " + token})
    assert answer.status_code == 401
    assert_refused(answer)


def test_a_tenant_that_can_not_be_stored_is_as_none(call: Callable[..., httpx.Response]) -> None:
    claims = {"sub": "user_1", "exp": 32_503_680_000, "org_id": "\ud800"}
    headers = {"Authorization": f"Bearer {jwt.encode(claims, DEFAULT_JWT_SECRET)}"}
    assert call("POST", CREATE, json={"name": "ci"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "end", ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2999-01-01T00:00:00+99:99", "2999-02-30T00:00:00Z"]
)
def test_an_end_that_is_no_date(call: Callable[..., httpx.Response], end: str) -> None:
    assert call("POST", CREATE, json={"name": "ci", "expires_at": end}).status_code == 422


def test_a_clock_at_the_end_of_time_stands_still(watched: Emulator, call: Callable[..., httpx.Response]) -> None:
    watched.set_clock(now="9999-12-31T23:59:59.999999999Z")
    assert watched.now() == "9999-12-31T23:59:59.999999999Z"
    assert call("POST", "/_emulator/token", json={}).status_code == 200
    watched.set_clock(now="0001-01-01T00:00:00Z")
    assert call("POST", "/_emulator/token", json={"ttl_seconds": -1e6}).json()["expires_at"] < "0001-01-01T00:00:01"

"""Clerk's call over a mocked transport."""

import json
import logging
import traceback
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from pytest_httpx import HTTPXMock

from fakes.clock import START, FakeClock
from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.credentials.clerk import DEADLINE, RETRIES, ClerkSource
from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.settings import ClerkSession

KEY = "sk_live_0123456789"
URL = "https://clerk.example.com/v1/sessions/sess_1/tokens"
EPOCH = int(START.timestamp())
JWT = made_up_jwt(iat=EPOCH, exp=EPOCH + 60)
MINTED = {"object": "token", "jwt": JWT}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def source(clock: FakeClock, session: str = "sess_1", lifetime: int | None = None) -> ClerkSource:
    return ClerkSource(ClerkSession(SecretStr(KEY), session, "https://clerk.example.com", lifetime), clock)


def refusal(status: int, *errors: object, **headers: str) -> dict[str, Any]:
    return {
        "status_code": status,
        "json": {"errors": list(errors) or [{"message": "short", "long_message": "The long words."}]},
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
    }


async def failure(clerk: ClerkSource) -> str:
    with pytest.raises(CredentialError) as caught:
        await clerk.fetch()
    return str(caught.value)


async def test_a_token_is_minted_with_the_secret_key(httpx_mock: HTTPXMock, clock: FakeClock) -> None:
    httpx_mock.add_response(method="POST", url=URL, json=MINTED)
    token = await source(clock).fetch()
    assert token.secret.get_secret_value() == JWT
    assert token.seconds_left(START, just_made=True) == 60
    request = httpx_mock.get_requests()[0]
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.content == b""


async def test_a_lifetime_is_asked_for_where_it_was_set(httpx_mock: HTTPXMock, clock: FakeClock) -> None:
    httpx_mock.add_response(json=MINTED)
    await source(clock, lifetime=300).fetch()
    assert json.loads(httpx_mock.get_requests()[0].content) == {"expires_in_seconds": 300}


async def test_the_session_is_quoted(httpx_mock: HTTPXMock, clock: FakeClock) -> None:
    httpx_mock.add_response(json=MINTED)
    await source(clock, session="a/b?c").fetch()
    assert httpx_mock.get_requests()[0].url.raw_path == b"/v1/sessions/a%2Fb%3Fc/tokens"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "the session has ended or is unknown to this instance: sign in again and set the new clerkSessionId"),
        (401, "Clerk refused clerkSecretKey"),
        (403, "Clerk answered 403"),
        (422, "Clerk answered 422"),
        (302, "Clerk answered 302"),
    ],
)
async def test_a_refusal_says_what_to_do_in_clerks_words_and_is_not_tried_again(
    httpx_mock: HTTPXMock, clock: FakeClock, status: int, words: str
) -> None:
    httpx_mock.add_response(**refusal(status))
    text = await failure(source(clock))
    assert words in text
    assert f"{status} The long words" in text
    assert "clerkSessionId sess_1" in text
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"errors": [{"message": "only short"}]}},
        {"json": {"errors": "x"}},
        {"json": []},
        {"html": "<p>x"},
        {"content": b""},
    ],
)
async def test_a_refusal_in_any_form_is_told(httpx_mock: HTTPXMock, clock: FakeClock, body: dict[str, Any]) -> None:
    httpx_mock.add_response(status_code=403, **body)
    assert "Clerk answered 403" in await failure(source(clock))


async def test_a_rate_limit_is_waited_out(httpx_mock: HTTPXMock, clock: FakeClock) -> None:
    httpx_mock.add_response(**refusal(429, retry_after="10"))
    httpx_mock.add_response(json=MINTED)
    await source(clock).fetch()
    assert 10 <= clock.monotonic() < 15


async def test_a_wait_longer_than_the_deadline_is_not_begun(httpx_mock: HTTPXMock, clock: FakeClock) -> None:
    httpx_mock.add_response(**refusal(429, retry_after="3600"))
    assert "Clerk answered 429" in await failure(source(clock))
    assert clock.slept == []


@pytest.mark.parametrize(
    "passing",
    [
        refusal(500),
        refusal(503),
        {"html": "<p>proxy"},
        {"json": {"object": "token"}},
        {"content": b""},
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
    ],
    ids=repr,
)
async def test_what_may_pass_is_tried_again(
    httpx_mock: HTTPXMock, clock: FakeClock, passing: dict[str, Any] | Exception
) -> None:
    if isinstance(passing, dict):
        httpx_mock.add_response(**passing)
    else:
        httpx_mock.add_exception(passing)
    httpx_mock.add_response(json=MINTED)
    assert (await source(clock).fetch()).secret.get_secret_value() == JWT


async def test_retries_are_bounded(httpx_mock: HTTPXMock, clock: FakeClock) -> None:
    httpx_mock.add_exception(httpx.ConnectError("refused"), is_reusable=True)
    text = await failure(source(clock))
    assert "Clerk can't be reached: no connection to https://clerk.example.com (refused)" in text
    assert len(httpx_mock.get_requests()) <= RETRIES + 1
    assert clock.monotonic() < DEADLINE


@pytest.mark.parametrize(
    "answer",
    [
        refusal(401, {"long_message": f"bad {KEY}"}),
        refusal(404, {"message": f"{KEY} {JWT}"}),
        {"json": {"object": "token", "jwt": 7, "x": JWT}},
        {"json": {"jwt": f"two words {JWT}"}},
        {"html": f"<title>{KEY}</title>"},
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"),
    ],
    ids=range(6),
)
async def test_no_failure_shows_the_key_or_a_token(
    httpx_mock: HTTPXMock, clock: FakeClock, caplog: pytest.LogCaptureFixture, answer: dict[str, Any] | Exception
) -> None:
    caplog.set_level(logging.DEBUG)
    if isinstance(answer, dict):
        httpx_mock.add_response(**{"headers": {"x-echo": KEY}, **answer}, is_reusable=True)
    else:
        httpx_mock.add_exception(answer, is_reusable=True)
    clerk = source(clock)
    with pytest.raises(CredentialError) as caught:
        await clerk.fetch()
    error: BaseException | None = caught.value
    texts = ["".join(traceback.format_exception(caught.value)), caplog.text, repr(clerk)]
    while error is not None:
        texts.append(f"{error} {error!r} {vars(error)!r}")
        error = error.__cause__ or error.__context__
    assert not [text for text in texts if KEY in text or JWT[:20] in text]

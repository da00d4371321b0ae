"""No token and no minted secret is in anything that the client raises, logs or shows of itself."""

import asyncio
import logging
import traceback
from collections.abc import Coroutine, Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from pytest_httpx import HTTPXMock

from fakes.clock import FakeClock
from fakes.keys import new_key
from fakes.tokens import FakeTokens, made_up_jwt
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.api.exchange import Request
from pulumi_resource_apikeys.errors import ApiKeysError, Subject
from pulumi_resource_apikeys.settings import Settings

TOKEN = made_up_jwt(sub="user_1")
SECRET = "ak_live_0123456789"
ECHO = {"detail": f"bad {TOKEN} {TOKEN[:20]}", "errors": [{"location": TOKEN, "message": TOKEN, "value": SECRET}]}
CREATED = f'{{"key_id": "k-1", "name": "n", "key": "{SECRET}"}}'.encode()
JSON = {"content-type": "application/json", "x-echo": TOKEN, "set-cookie": f"session={TOKEN}"}

ANSWERS: list[dict[str, Any]] = [
    *[{"status_code": status, "json": ECHO, "headers": JSON} for status in (400, 401, 403, 404, 422, 429, 500, 503)],
    {"status_code": 302, "headers": {"location": f"https://x.example.com/{TOKEN}"}},
    {"html": f"<title>{TOKEN}</title>"},
    {"content": CREATED[:-1], "headers": JSON},
    {"content": CREATED.replace(b'"k-1"', b"7"), "headers": JSON},
    {"content": b"[" + CREATED + b"]", "headers": JSON},
    {"content": CREATED.replace(b'"name"', b'"created_at": "x", "name"'), "headers": JSON},
]
FAILURES = [
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"),
    httpx.RemoteProtocolError(f"illegal status line {TOKEN}"),
    httpx.ProxyError(TOKEN),
]


def shown(error: BaseException) -> Iterator[str]:
    """All that anybody could print of an error and of every error that it carries."""
    yield "".join(traceback.format_exception(error))
    todo: list[BaseException | None] = [error]
    while todo:
        found = todo.pop()
        if found is not None:
            yield f"{found} {found!r} {found.args!r} {vars(found)!r}"
            todo += [found.__cause__, found.__context__]


async def fail(caplog: pytest.LogCaptureFixture) -> list[str]:
    """All that is shown when each of the three calls is made and fails, if it does."""
    caplog.set_level(logging.DEBUG)
    client = ApiClient(
        Settings(max_retries=1),
        "https://api.example.com",
        FakeTokens(TOKEN, f"{TOKEN}2"),
        FakeClock(),
        operation_limit=30,
    )
    texts = [repr(client), str(client)]
    calls: list[Coroutine[None, None, object]] = [
        client.list("p-1"),
        client.mint(new_key("p-1", "n")),
        client.revoke("p-1", "k-1", label="n"),
    ]
    for result in [await asyncio.gather(call, return_exceptions=True) for call in calls]:
        texts += shown(result[0]) if isinstance(result[0], ApiKeysError) else [repr(result)]
    await client.aclose()
    return [*texts, *[record.getMessage() for record in caplog.records]]


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
async def test_no_answer_makes_the_client_show_a_secret(
    httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture, answer: dict[str, Any]
) -> None:
    httpx_mock.add_response(**answer, is_reusable=True)
    for text in await fail(caplog):
        assert TOKEN[:20] not in text
        assert SECRET not in text


@pytest.mark.parametrize("failure", FAILURES, ids=range(len(FAILURES)))
async def test_no_failure_makes_the_client_show_a_secret(
    httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    httpx_mock.add_exception(failure, is_reusable=True)
    for text in await fail(caplog):
        assert TOKEN[:20] not in text
        assert SECRET not in text


async def test_a_minted_key_does_not_show_its_secret(httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    httpx_mock.add_response(status_code=201, content=CREATED, headers=JSON)
    client = ApiClient(Settings(), "https://api.example.com", FakeTokens(TOKEN), FakeClock())
    minted = await client.mint(new_key("p-1", "n"))
    await client.aclose()
    assert minted.secret == SecretStr(SECRET)
    assert SECRET not in repr(minted) + str(minted) + caplog.text


def test_a_request_holds_no_token() -> None:
    assert set(vars(Request(Subject("list", "p-1"), "GET", "/"))) == {"subject", "method", "path", "body"}

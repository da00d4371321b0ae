"""401s that are mistakes: the client with real tokens, over a mocked transport."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from pytest_httpx import HTTPXMock

from fakes.clock import FakeClock
from fakes.keys import new_key
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.credentials.tokens import Tokens
from pulumi_resource_apikeys.errors import CredentialError, UnauthorizedError
from pulumi_resource_apikeys.settings import Settings, StaticToken

ENDPOINT = "https://api.example.com"
TOKEN = "opaque-0123456789"
PROJECTS = [str(uuid4()) for _ in range(24)]


@pytest.fixture
def client() -> ApiClient:
    clock = FakeClock()
    tokens = Tokens([StaticToken(SecretStr(TOKEN), "the environment")], clock, lambda _line: None)
    return ApiClient(Settings(max_retries=0), ENDPOINT, tokens, clock)


def refused(*_: object) -> httpx.Response:
    problem = {"status": 401, "detail": "session unknown"}
    return httpx.Response(401, json=problem, headers={"content-type": "application/problem+json"})


@pytest.mark.parametrize("at_once", [1, 8, 24])
async def test_calls_that_each_meet_one_401_all_get_over_it_with_the_same_token(
    client: ApiClient, httpx_mock: HTTPXMock, at_once: int
) -> None:
    asked: Counter[str] = Counter()

    async def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        asked[request.url.path] += 1
        await asyncio.sleep(0)
        return refused() if asked[request.url.path] == 1 else httpx.Response(200, json=[])

    httpx_mock.add_callback(answer, is_reusable=True)
    for start in range(0, len(PROJECTS), at_once):
        lists = [client.list(project) for project in PROJECTS[start : start + at_once]]
        assert await asyncio.gather(*lists) == [()] * at_once
    assert set(asked.values()) == {2}
    await client.aclose()


async def test_one_401_does_not_fail_the_rest_of_the_run(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_callback(refused)
    httpx_mock.add_response(json=[], is_reusable=True)
    for project in PROJECTS:
        assert await client.list(project) == ()
    assert len(httpx_mock.get_requests()) == len(PROJECTS) + 1
    await client.aclose()


async def test_a_token_that_is_always_refused_is_given_up_and_not_sent_again(
    client: ApiClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_callback(refused, is_reusable=True)
    with pytest.raises(UnauthorizedError, match="401 Unauthorized: session unknown"):
        await client.list(PROJECTS[0])
    for project in PROJECTS[1:]:
        with pytest.raises(CredentialError, match=r"token of the environment: the server refused it\. Set a new one"):
            await client.list(project)
    assert len(httpx_mock.get_requests()) == 2
    await client.aclose()


async def test_a_create_that_is_refused_once_is_sent_again(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_callback(refused)
    httpx_mock.add_response(status_code=201, json={"key_id": "k-1", "name": "deploy", "key": "ak_secret"})
    minted = await client.mint(new_key(PROJECTS[0], "deploy"))
    assert minted.secret.get_secret_value() == "ak_secret"
    await client.aclose()

"""The client over a mocked transport: what it sends, what it tries again, and what its answers mean."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest
from pytest_httpx import HTTPXMock

from fakes.clock import START, FakeClock
from fakes.keys import new_key
from fakes.tokens import FakeTokens
from pulumi_resource_apikeys import __version__
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.errors import (
    BadAnswerError,
    CredentialError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    RemoteError,
    ServerFailedError,
    UnauthorizedError,
    UnreachableError,
)
from pulumi_resource_apikeys.keys.port import NewKey
from pulumi_resource_apikeys.settings import Settings

ENDPOINT = "https://api.example.com"
PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
KEYS = f"{ENDPOINT}/api/v1/projects/{PROJECT}/keys"
SETTINGS = Settings(endpoint=ENDPOINT, max_retries=2)
CREATED = {"key_id": "k-1", "name": "deploy", "key": "ak_secret"}
ACTIVE = [{"key_id": "k-1", "name": "deploy", "is_active": True}]
REVOKED = [{"key_id": "k-1", "name": "deploy", "is_active": False}]
HTML: dict[str, Any] = {"html": "<title>Proxy</title>"}
EMPTY: dict[str, Any] = {"content": b""}
CUT: dict[str, Any] = {"content": b'{"key_id": "k-', "headers": {"content-type": "application/json"}}

MakeClient = Callable[..., ApiClient]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def make(clock: FakeClock) -> AsyncIterator[MakeClient]:
    made: list[ApiClient] = []

    def make_client(tokens: FakeTokens | None = None, settings: Settings = SETTINGS, **more: Any) -> ApiClient:
        made.append(ApiClient(settings, ENDPOINT, tokens or FakeTokens(), clock, **more))
        return made[-1]

    yield make_client
    for client in made:
        await client.aclose()


@pytest.fixture
def client(make: MakeClient) -> ApiClient:
    return make()


def problem(status: int, detail: str = "why", **headers: str) -> dict[str, Any]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"title": "t", "status": status, "detail": detail}
    return {"status_code": status, "json": body, "headers": {"content-type": "application/problem+json", **sent}}


async def mint(client: ApiClient) -> str:
    return (await client.mint(new_key(PROJECT, "deploy"))).secret.get_secret_value()


async def revoke(client: ApiClient, made_at: datetime | None = None) -> bool:
    return await client.revoke(PROJECT, "k-1", label="deploy", made_at=made_at)


def methods(httpx_mock: HTTPXMock) -> list[str]:
    return [request.method for request in httpx_mock.get_requests()]


# What is sent


async def test_a_list_is_one_get_with_the_token(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="GET", url=KEYS, json=ACTIVE)
    assert [key.key_id for key in await client.list(PROJECT)] == ["k-1"]
    request = httpx_mock.get_requests()[0]
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["user-agent"] == f"pulumi-resource-apikeys/{__version__}"


async def test_a_create_sends_what_was_set_and_nothing_else(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=KEYS, status_code=201, json=CREATED, is_reusable=True)
    await client.mint(new_key(PROJECT, "deploy"))
    await client.mint(new_key(PROJECT, "deploy", scopes=("a",), expires_at="2027-01-01T00:00:00Z"))
    assert [json.loads(request.content) for request in httpx_mock.get_requests()] == [
        {"name": "deploy"},
        {"name": "deploy", "scopes": ["a"], "expires_at": "2027-01-01T00:00:00Z"},
    ]


async def test_ids_are_quoted(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="DELETE", status_code=204)
    await client.revoke("p/1?x", "k 1/../#", label="deploy")
    assert httpx_mock.get_requests()[0].url.raw_path == b"/api/v1/projects/p%2F1%3Fx/keys/k%201%2F..%2F%23"


@pytest.mark.parametrize("key_id", ["", ".", ".."])
async def test_an_id_that_would_change_the_address_is_never_sent(client: ApiClient, key_id: str) -> None:
    with pytest.raises(
        RemoteError, match=r'could not revoke .*: the id "\.{0,2}" can\'t be part of an address'
    ) as caught:
        await client.revoke(PROJECT, key_id, label="deploy")
    assert not caught.value.may_have_acted


# What answers mean


@pytest.mark.parametrize("status", [200, 201])
async def test_a_created_key_comes_with_its_secret(client: ApiClient, httpx_mock: HTTPXMock, status: int) -> None:
    httpx_mock.add_response(status_code=status, json=CREATED)
    assert await mint(client) == "ak_secret"


@pytest.mark.parametrize(
    ("answer", "success"),
    [
        ({"json": {"success": True}}, True),
        ({"json": {"success": False}}, False),
        ({"status_code": 204}, True),
    ],
)
async def test_a_revoke_answers_the_success(
    client: ApiClient, httpx_mock: HTTPXMock, answer: dict[str, Any], success: bool
) -> None:
    httpx_mock.add_response(**answer)
    assert await revoke(client) is success


@pytest.mark.parametrize("status", [202, 204, 206])
async def test_a_list_of_another_status_than_200_is_no_list(
    make: MakeClient, httpx_mock: HTTPXMock, status: int
) -> None:
    httpx_mock.add_response(status_code=status, json=[])
    with pytest.raises(BadAnswerError, match=str(status)):
        await make(settings=replace(SETTINGS, max_retries=0)).list(PROJECT)


async def test_null_from_a_proxy_that_says_html_is_no_empty_list(make: MakeClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(html="null")
    with pytest.raises(BadAnswerError):
        await make(settings=replace(SETTINGS, max_retries=0)).list(PROJECT)


async def test_a_list_that_goes_on_at_another_page_is_an_error(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=ACTIVE, headers={"link": f'<{KEYS}?page=2>; rel="next"'}, is_reusable=True)
    with pytest.raises(BadAnswerError, match="this version of the provider reads no pages"):
        await client.list(PROJECT)


TOLD_OF_A_NEW_KEY: dict[str, tuple[Any, Any]] = {
    "name": ("deploy", "build"),
    "scopes": (["read"], ["write"]),
    "expires_at": ("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
}
"""Two values of each part of a new key that the API is told in the body."""
NOT_IN_THE_BODY = {"project_id", "unique", "owner"}


def test_every_part_of_a_new_key_is_told_or_is_known_not_to_be() -> None:
    assert {field.name for field in fields(NewKey)} == TOLD_OF_A_NEW_KEY.keys() | NOT_IN_THE_BODY


@pytest.mark.parametrize("part", TOLD_OF_A_NEW_KEY)
async def test_what_is_wanted_of_a_new_key_is_sent(client: ApiClient, httpx_mock: HTTPXMock, part: str) -> None:
    httpx_mock.add_response(status_code=201, json=CREATED, is_reusable=True)
    for value in TOLD_OF_A_NEW_KEY[part]:
        await client.mint(replace(new_key(PROJECT, "deploy"), **{part: value}))
    first, second = (request.content for request in httpx_mock.get_requests())
    assert first != second


# Retries

PASSING = [problem(status) for status in (408, 425, 429, 500, 502, 503, 504)] + [HTML, EMPTY, CUT]
FAILURES: list[Exception] = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadTimeout("slow"),
    httpx.ReadError("lost"),
    httpx.RemoteProtocolError("lost"),
]


@pytest.mark.parametrize("answer", PASSING, ids=str)
async def test_a_list_is_tried_again_when_the_failure_may_pass(
    client: ApiClient, httpx_mock: HTTPXMock, answer: dict[str, Any]
) -> None:
    httpx_mock.add_response(**answer)
    httpx_mock.add_response(json=ACTIVE)
    assert len(await client.list(PROJECT)) == 1


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
async def test_list_and_revoke_are_tried_again_when_the_connection_fails(
    client: ApiClient, httpx_mock: HTTPXMock, failure: Exception
) -> None:
    httpx_mock.add_exception(failure)
    httpx_mock.add_response(json=ACTIVE)
    assert len(await client.list(PROJECT)) == 1
    httpx_mock.add_exception(failure)
    httpx_mock.add_response(json={"success": True})
    assert await revoke(client)


@pytest.mark.parametrize("status", [300, 302, 400, 403, 404, 409, 422])
async def test_a_list_is_not_tried_again_when_the_failure_will_stay(
    client: ApiClient, httpx_mock: HTTPXMock, status: int
) -> None:
    httpx_mock.add_response(**problem(status))
    with pytest.raises(RemoteError):
        await client.list(PROJECT)
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize("retries", [0, 2])
async def test_the_last_error_comes_after_the_retries(make: MakeClient, httpx_mock: HTTPXMock, retries: int) -> None:
    httpx_mock.add_response(**problem(500), is_reusable=True)
    with pytest.raises(ServerFailedError):
        await make(settings=replace(SETTINGS, max_retries=retries)).list(PROJECT)
    assert len(httpx_mock.get_requests()) == retries + 1


@pytest.mark.parametrize(
    "answer", [problem(429), problem(429, retry_after="3"), problem(503, retry_after="3")], ids=str
)
async def test_a_create_that_was_turned_away_is_left_to_the_caller_who_can_look_first(
    client: ApiClient, httpx_mock: HTTPXMock, answer: dict[str, Any]
) -> None:
    httpx_mock.add_response(**answer)
    with pytest.raises(RemoteError) as caught:
        await mint(client)
    assert caught.value.may_have_acted
    assert caught.value.may_repeat
    assert caught.value.retry_after == (3.0 if "retry-after" in answer["headers"] else None)
    assert len(httpx_mock.get_requests()) == 1


async def test_a_create_after_a_rate_limit_waits_for_its_end(
    client: ApiClient, httpx_mock: HTTPXMock, clock: FakeClock
) -> None:
    httpx_mock.add_response(**problem(429, retry_after="3"))
    with pytest.raises(RateLimitedError):
        await mint(client)
    httpx_mock.add_response(status_code=201, json=CREATED)
    assert await mint(client) == "ak_secret"
    assert clock.monotonic() >= 3


@pytest.mark.parametrize("answer", [{"status_code": 202, "json": CREATED}, {"text": json.dumps(CREATED)}], ids=str)
async def test_a_create_whose_key_can_be_read_is_a_success_whatever_else_is_odd(
    client: ApiClient, httpx_mock: HTTPXMock, answer: dict[str, Any]
) -> None:
    httpx_mock.add_response(**answer)
    assert await mint(client) == "ak_secret"


@pytest.mark.parametrize("failure", FAILURES[:2], ids=repr)
async def test_a_create_is_tried_again_where_there_was_no_connection(
    client: ApiClient, httpx_mock: HTTPXMock, failure: Exception
) -> None:
    httpx_mock.add_exception(failure)
    httpx_mock.add_response(status_code=201, json=CREATED)
    assert await mint(client) == "ak_secret"


@pytest.mark.parametrize("failure", FAILURES[2:], ids=repr)
async def test_a_create_whose_answer_was_lost_is_uncertain_and_not_tried_again(
    client: ApiClient, httpx_mock: HTTPXMock, failure: Exception
) -> None:
    httpx_mock.add_exception(failure)
    with pytest.raises(UnreachableError) as caught:
        await mint(client)
    assert caught.value.may_have_acted


@pytest.mark.parametrize(
    "answer",
    [
        *[problem(status) for status in (500, 502, 503, 504)],
        problem(500, retry_after="1"),
        HTML,
        EMPTY,
        CUT,
        {"status_code": 204},
        {"json": {"key_id": "k-1", "name": "deploy"}},
        {"json": {"name": "deploy", "key": "ak_secret"}},
    ],
    ids=str,
)
async def test_a_create_that_may_have_made_a_key_is_uncertain_and_not_tried_again(
    client: ApiClient, httpx_mock: HTTPXMock, answer: dict[str, Any]
) -> None:
    httpx_mock.add_response(**answer)
    with pytest.raises(RemoteError) as caught:
        await mint(client)
    assert caught.value.may_have_acted
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, UnauthorizedError), (403, ForbiddenError), (404, NotFoundError), (422, RejectedError)],
)
async def test_a_create_that_this_api_refused_is_certain(
    client: ApiClient, httpx_mock: HTTPXMock, status: int, kind: type[RemoteError]
) -> None:
    httpx_mock.add_response(**problem(status), is_reusable=True)
    with pytest.raises(kind) as caught:
        await mint(client)
    assert not caught.value.may_have_acted


STRANGERS: list[dict[str, Any]] = [
    {"html": "<title>Proxy</title>"},
    {"json": {"message": "no"}},
    {"json": {"status": 200}, "headers": {"content-type": "application/problem+json"}},
    {"json": [], "headers": {"content-type": "application/problem+json"}},
    {"content": b"{", "headers": {"content-type": "application/problem+json"}},
    {"content": b""},
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
@pytest.mark.parametrize("status", [401, 403, 404, 422])
async def test_a_create_that_somebody_else_refused_is_uncertain_and_sent_once(
    client: ApiClient, httpx_mock: HTTPXMock, status: int, stranger: dict[str, Any]
) -> None:
    httpx_mock.add_response(status_code=status, **stranger)
    with pytest.raises(RemoteError) as caught:
        await mint(client)
    assert caught.value.may_have_acted
    assert caught.value.may_repeat is (status == 401)
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    "status", [300, 302, 304, 400, 402, 405, 407, 408, 409, 411, 413, 418, 425, 426, 431, 451, 499]
)
async def test_a_create_answered_with_another_status_is_uncertain_also_with_a_problem_report(
    client: ApiClient, httpx_mock: HTTPXMock, status: int
) -> None:
    httpx_mock.add_response(**problem(status))
    with pytest.raises(RemoteError) as caught:
        await mint(client)
    assert caught.value.may_have_acted
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    "where", ["api.wire.read_minted", "http_client.peer.read_body", "api.exchange.error_of_answer"]
)
async def test_a_create_that_fails_by_a_bug_is_uncertain_and_shows_nothing(
    client: ApiClient, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("ak_secret")

    monkeypatch.setattr(f"pulumi_resource_apikeys.{where}", broken)
    httpx_mock.add_response(status_code=409 if "error" in where else 201, json=CREATED)
    with pytest.raises(RemoteError, match="RuntimeError") as caught:
        await mint(client)
    assert caught.value.may_have_acted
    assert "ak_secret" not in str(caught.value)
    assert caught.value.__context__ is None


async def test_after_a_401_of_a_proxy_the_next_create_comes_with_another_token(
    make: MakeClient, httpx_mock: HTTPXMock
) -> None:
    client = make(FakeTokens("old", "new"))
    httpx_mock.add_response(
        status_code=401, html="<title>Sign in</title>", match_headers={"Authorization": "Bearer old"}
    )
    with pytest.raises(UnauthorizedError, match="Sign in"):
        await mint(client)
    httpx_mock.add_response(status_code=201, json=CREATED, match_headers={"Authorization": "Bearer new"})
    assert await mint(client) == "ak_secret"


async def test_a_server_that_stays_away_is_told_after_the_retries_and_a_create_is_certain_not_done(
    client: ApiClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_exception(httpx.ConnectError("refused"), is_reusable=True)
    with pytest.raises(UnreachableError, match=r"no connection to https://api\.example\.com \(refused\)") as caught:
        await mint(client)
    assert not caught.value.may_have_acted
    assert len(httpx_mock.get_requests()) == 3


async def test_a_certificate_that_is_not_trusted_is_told_at_once(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    failure = httpx.ConnectError("x")
    failure.__cause__ = certificate = ssl.SSLCertVerificationError(1, "x")
    certificate.verify_message = "self-signed certificate"
    httpx_mock.add_exception(failure, is_reusable=True)
    for call in (client.list(PROJECT), client.mint(new_key(PROJECT, "deploy"))):
        with pytest.raises(UnreachableError, match=r"is not trusted: .*self-signed certificate"):
            await call
    assert len(httpx_mock.get_requests()) == 2


# The rate limit


async def test_a_rate_limit_is_waited_out_without_using_up_the_retries(
    client: ApiClient, httpx_mock: HTTPXMock, clock: FakeClock
) -> None:
    for _ in range(10):
        httpx_mock.add_response(**problem(429, retry_after="5"))
    httpx_mock.add_response(json=ACTIVE)
    assert len(await client.list(PROJECT)) == 1
    assert clock.monotonic() >= 50


async def test_a_rate_limit_that_stays_ends_at_the_deadline(
    make: MakeClient, httpx_mock: HTTPXMock, clock: FakeClock
) -> None:
    httpx_mock.add_response(**problem(429, "slow down", retry_after="9"), is_reusable=True)
    with pytest.raises(RateLimitedError, match="slow down"):
        await make(operation_limit=60.0).list(PROJECT)
    assert 30 <= clock.monotonic() <= 60


async def test_a_wait_longer_than_the_deadline_is_not_begun(
    make: MakeClient, httpx_mock: HTTPXMock, clock: FakeClock
) -> None:
    client = make(operation_limit=60.0)
    httpx_mock.add_response(**problem(429, retry_after="3600"))
    with pytest.raises(RateLimitedError):
        await client.list(PROJECT)
    with pytest.raises(RateLimitedError, match="asks to wait 3600 s more"):
        await mint(client)
    assert clock.slept == []
    assert len(httpx_mock.get_requests()) == 1


async def test_one_limited_call_slows_down_all(make: MakeClient, httpx_mock: HTTPXMock, clock: FakeClock) -> None:
    sent: list[float] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        sent.append(clock.monotonic())
        if len(sent) == 1:
            return httpx.Response(429, headers={"retry-after": "30"}, json={"detail": "slow down"})
        return httpx.Response(201, json=CREATED)

    httpx_mock.add_callback(answer, is_reusable=True)
    client = make(settings=replace(SETTINGS, max_concurrency=1))
    made = await asyncio.gather(*[mint(client) for _ in range(10)], return_exceptions=True)
    assert [type(each) for each in made] == [RateLimitedError, *[str] * 9]
    assert len(sent) == 10
    assert min(sent[1:]) >= 30


# The token


async def test_a_refused_token_is_given_back_and_another_tried_once(make: MakeClient, httpx_mock: HTTPXMock) -> None:
    tokens = FakeTokens("old", "new", "newer")
    httpx_mock.add_response(**problem(401), match_headers={"Authorization": "Bearer old"})
    httpx_mock.add_response(json=ACTIVE, match_headers={"Authorization": "Bearer new"})
    assert len(await make(tokens).list(PROJECT)) == 1
    assert tokens.refusals == ["old"]


@pytest.mark.parametrize("call", [mint, revoke, lambda client: client.list(PROJECT)])
async def test_a_second_401_is_the_answer(
    make: MakeClient, httpx_mock: HTTPXMock, call: Callable[[ApiClient], Any]
) -> None:
    tokens = FakeTokens("old", "new", "newer")
    httpx_mock.add_response(**problem(401, "token has expired"), is_reusable=True)
    with pytest.raises(UnauthorizedError, match="401 Unauthorized: token has expired") as caught:
        await call(make(tokens))
    assert not caught.value.may_have_acted
    assert tokens.refusals == ["old", "new"]
    assert len(httpx_mock.get_requests()) == 2


async def test_where_there_is_no_other_token_the_401_and_the_reason_are_told(
    make: MakeClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(**problem(401, "token has expired"))
    with pytest.raises(UnauthorizedError, match=r"token has expired; and there is no other token to try: token of"):
        await make(FakeTokens("only")).list(PROJECT)


async def test_without_a_token_nothing_is_sent(make: MakeClient) -> None:
    tokens = FakeTokens("x")
    tokens.refused(await tokens.token())
    with pytest.raises(CredentialError):
        await mint(make(tokens))


# Revoking what is gone, and lost answers


@pytest.mark.parametrize("listing", [[], REVOKED])
async def test_a_404_of_a_revoke_is_a_success_where_the_list_has_no_such_active_key(
    client: ApiClient, httpx_mock: HTTPXMock, listing: object
) -> None:
    httpx_mock.add_response(method="DELETE", **problem(404, "key not found"))
    httpx_mock.add_response(method="GET", json=listing)
    assert await revoke(client)


EXPIRED = [{**ACTIVE[0], "expires_at": "2020-01-01T00:00:00Z"}]
LATER, EARLIER = "Wed, 01 Jan 2020 00:00:00 GMT", "Tue, 31 Dec 2019 23:59:59 GMT"


@pytest.mark.parametrize("failure", [problem(404), problem(500), problem(502)], ids=str)
@pytest.mark.parametrize(("date", "gone"), [(LATER, True), (EARLIER, False), (None, False), ("soon", False)])
async def test_a_revoke_that_failed_is_a_success_where_the_key_has_ended_by_the_servers_clock_alone(  # noqa: PLR0913, PLR0917 - fixtures and cases
    client: ApiClient,
    httpx_mock: HTTPXMock,
    clock: FakeClock,
    failure: dict[str, Any],
    date: str | None,
    gone: bool,
) -> None:
    assert clock.now().year > 2020
    httpx_mock.add_response(method="DELETE", **failure, is_reusable=True)
    httpx_mock.add_response(method="GET", json=EXPIRED, headers={} if date is None else {"date": date})
    if gone:
        assert await revoke(client)
    else:
        with pytest.raises(RemoteError, match="could not revoke"):
            await revoke(client)


UUID = "5f0c8a52-93a1-4d43-8d2e-0d5c6a1f7b10"


@pytest.mark.parametrize("form", [UUID.upper(), UUID.replace("-", ""), f"{{{UUID}}}", f"urn:uuid:{UUID}"])
async def test_a_key_that_a_server_knows_by_another_form_of_its_id_only_is_revoked_by_that(
    client: ApiClient, httpx_mock: HTTPXMock, form: str
) -> None:
    httpx_mock.add_response(method="DELETE", url=f"{KEYS}/{UUID}", **problem(404))
    httpx_mock.add_response(method="GET", json=[{**ACTIVE[0], "key_id": form}])
    httpx_mock.add_response(method="DELETE", url=f"{KEYS}/{quote(form, safe='')}", status_code=204)
    assert await client.revoke(PROJECT, UUID, label="deploy")


@pytest.mark.parametrize("key_id", ["words-42", "42", "a/b", "a..b", "ä ö", "%2e%2e", "k\ufffd"])
async def test_a_key_whose_id_is_no_uuid_is_revoked_by_it(
    client: ApiClient, httpx_mock: HTTPXMock, key_id: str
) -> None:
    httpx_mock.add_response(method="DELETE", status_code=204)
    assert await client.revoke(PROJECT, key_id, label="deploy")
    assert unquote(httpx_mock.get_requests()[0].url.raw_path.decode().rpartition("/")[2]) == key_id


async def test_a_404_of_a_revoke_is_an_error_where_the_key_is_still_active(
    client: ApiClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="DELETE", **problem(404, "no route"))
    httpx_mock.add_response(method="GET", json=ACTIVE)
    with pytest.raises(NotFoundError, match=r'could not revoke API key "deploy" in project .*no route'):
        await revoke(client)


@pytest.mark.parametrize(("status", "kind"), [(404, NotFoundError), (403, ForbiddenError), (500, ServerFailedError)])
async def test_a_404_of_a_revoke_is_an_error_where_the_list_can_not_be_had(
    client: ApiClient, httpx_mock: HTTPXMock, status: int, kind: type[RemoteError]
) -> None:
    httpx_mock.add_response(method="DELETE", **problem(404))
    httpx_mock.add_response(method="GET", **problem(status, "of the list"), is_reusable=True)
    with pytest.raises(kind, match=r"could not list the API keys .*of the list"):
        await revoke(client)


async def test_a_404_is_checked_with_a_new_list_not_a_kept_one(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="GET", json=ACTIVE)
    await client.list(PROJECT)
    httpx_mock.add_response(method="DELETE", **problem(404))
    httpx_mock.add_response(method="GET", json=[])
    assert await revoke(client)


@pytest.mark.parametrize("answer", [HTML, EMPTY, CUT, {"json": {}}, {"status_code": 202}], ids=str)
async def test_an_unreadable_answer_to_a_revoke_is_checked_with_the_list(
    client: ApiClient, httpx_mock: HTTPXMock, answer: dict[str, Any]
) -> None:
    httpx_mock.add_response(method="DELETE", **answer)
    httpx_mock.add_response(method="GET", json=REVOKED)
    assert await revoke(client)
    assert methods(httpx_mock) == ["DELETE", "GET"]


async def test_a_revoke_answered_by_someone_else_is_tried_again_while_the_key_is_active(
    client: ApiClient, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="DELETE", **HTML)
    httpx_mock.add_response(method="GET", json=ACTIVE)
    httpx_mock.add_response(method="DELETE", json={"success": True})
    assert await revoke(client)


@pytest.mark.parametrize("listing", [[], REVOKED])
@pytest.mark.parametrize("failure", [*FAILURES[2:], problem(500), problem(503)], ids=repr)
async def test_a_revoke_whose_answers_were_all_lost_is_checked_with_the_list(
    client: ApiClient, httpx_mock: HTTPXMock, failure: Exception | dict[str, Any], listing: object
) -> None:
    if isinstance(failure, dict):
        httpx_mock.add_response(method="DELETE", **failure, is_reusable=True)
    else:
        httpx_mock.add_exception(failure, method="DELETE", is_reusable=True)
    httpx_mock.add_response(method="GET", json=listing)
    assert await revoke(client)
    assert methods(httpx_mock) == ["DELETE"] * 3 + ["GET"]


@pytest.mark.parametrize(
    ("age", "listed_before", "listing", "ended"),
    [
        (timedelta(minutes=9), False, [], False),
        (timedelta(minutes=9), True, [], True),
        (timedelta(minutes=9), False, REVOKED, True),
        (timedelta(minutes=10), False, [], True),
        (timedelta(minutes=-5), False, [], False),
    ],
)
async def test_a_list_without_a_young_key_does_not_show_that_a_failed_revoke_ended_it(  # noqa: PLR0913, PLR0917 - a table
    client: ApiClient, httpx_mock: HTTPXMock, age: timedelta, listed_before: bool, listing: object, ended: bool
) -> None:
    if listed_before:
        httpx_mock.add_response(method="GET", json=ACTIVE)
        await client.list(PROJECT)
    httpx_mock.add_response(method="DELETE", **problem(500, "of the revoke"), is_reusable=True)
    httpx_mock.add_response(method="GET", json=listing)
    with nullcontext() if ended else pytest.raises(RemoteError, match="of the revoke"):
        assert await revoke(client, START - age)


@pytest.mark.parametrize(("status", "answer"), [(200, ACTIVE), (403, {"detail": "no list"})])
async def test_a_revoke_that_can_not_be_seen_done_is_the_first_error_and_uncertain(
    client: ApiClient, httpx_mock: HTTPXMock, status: int, answer: object
) -> None:
    httpx_mock.add_response(method="DELETE", **problem(500, "of the revoke"), is_reusable=True)
    httpx_mock.add_response(method="GET", status_code=status, json=answer)
    with pytest.raises(ServerFailedError, match="of the revoke") as caught:
        await revoke(client)
    assert caught.value.may_have_acted


async def test_a_revoke_lost_first_and_refused_then_is_uncertain(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadError("lost"), method="DELETE")
    httpx_mock.add_response(method="DELETE", **problem(403))
    httpx_mock.add_response(method="GET", **problem(403))
    with pytest.raises(ForbiddenError) as caught:
        await revoke(client)
    assert caught.value.may_have_acted


async def test_a_revoke_that_was_refused_is_not_checked(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(**problem(403, "admin-managed"))
    with pytest.raises(ForbiddenError, match="admin-managed") as caught:
        await revoke(client)
    assert not caught.value.may_have_acted
    assert methods(httpx_mock) == ["DELETE"]


# The shared list


async def test_200_reads_cost_one_call_and_writes_drop_the_list(client: ApiClient, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="GET", json=ACTIVE, is_reusable=True)
    httpx_mock.add_response(method="POST", status_code=201, json=CREATED)
    httpx_mock.add_response(method="DELETE", status_code=204)
    await asyncio.gather(*[client.list(PROJECT) for _ in range(200)])
    await mint(client)
    await client.list(PROJECT)
    await revoke(client)
    await client.list(PROJECT)
    assert methods(httpx_mock) == ["GET", "POST", "GET", "DELETE", "GET"]


@pytest.mark.parametrize(("write", "method"), [(mint, "POST"), (revoke, "DELETE")])
async def test_a_write_that_failed_drops_the_list_too(
    client: ApiClient, httpx_mock: HTTPXMock, write: Callable[[ApiClient], Any], method: str
) -> None:
    httpx_mock.add_response(method="GET", json=ACTIVE, is_reusable=True)
    httpx_mock.add_response(method=method, **problem(403))
    await client.list(PROJECT)
    with pytest.raises(ForbiddenError):
        await write(client)
    await client.list(PROJECT)
    assert methods(httpx_mock).count("GET") == 2


# Cancellation and time limits


@pytest.mark.parametrize("call", [mint, revoke, lambda client: client.list(PROJECT)])
async def test_a_cancelled_call_ends_as_cancelled_and_the_client_stays_usable(
    client: ApiClient, httpx_mock: HTTPXMock, call: Callable[[ApiClient], Any]
) -> None:
    sent = asyncio.Event()

    async def never(_request: httpx.Request) -> httpx.Response:
        sent.set()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("cancelled before")

    httpx_mock.add_callback(never)
    task = asyncio.ensure_future(call(client))
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    httpx_mock.add_response(method="GET", json=ACTIVE)
    assert len(await client.list(PROJECT)) == 1


async def test_an_answer_that_trickles_ends_at_the_time_limit(
    make: MakeClient, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_request: httpx.Request) -> httpx.Response:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("cancelled before")

    monkeypatch.setattr("pulumi_resource_apikeys.api.exchange.LEAST_LIMIT", 0.01)
    httpx_mock.add_callback(never)
    with pytest.raises(
        UnreachableError, match=r"no whole answer from https://api\.example\.com within 0\.05 s"
    ) as caught:
        await mint(make(settings=replace(SETTINGS, request_timeout=0.05)))
    assert caught.value.may_have_acted

"""The provider's client against the emulator: the three calls, the shared list, tokens."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from pydantic import SecretStr

from apikeys_emulator.terms import RevokeAgain, RevokedKeys
from apikeys_emulator.testing import Emulator
from fakes.keys import new_key
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.credentials.tokens import Tokens
from pulumi_resource_apikeys.errors import (
    CredentialError,
    ForbiddenError,
    NotFoundError,
    RejectedError,
    UnauthorizedError,
    UnreachableError,
)
from pulumi_resource_apikeys.keys.port import KeyStatus, NewKey, status_in
from pulumi_resource_apikeys.settings import ClerkSession, Settings, StaticToken, TokenSource

MakeClient = Callable[..., ApiClient]


@pytest.fixture
async def make() -> AsyncIterator[MakeClient]:
    """Makes clients of an endpoint with the sources of their tokens, and closes them."""
    made: list[ApiClient] = []

    def make_client(endpoint: str, *sources: TokenSource, **changes: float) -> ApiClient:
        clock = SystemClock()
        settings = replace(Settings(), **changes)  # type: ignore[arg-type]  # the numbers among the settings
        made.append(ApiClient(settings, endpoint, Tokens(sources, clock, lambda _line: None), clock))
        return made[-1]

    yield make_client
    for client in made:
        await client.aclose()


@pytest.fixture
def client(make: MakeClient, emulator: Emulator) -> ApiClient:
    return make(emulator.url, static(emulator.token()))


def static(token: str) -> StaticToken:
    return StaticToken(SecretStr(token), "the provider configuration")


async def test_a_new_project_has_no_keys(client: ApiClient, project_id: str) -> None:
    assert await client.list(project_id) == ()


async def test_a_minted_key_is_accepted_by_the_server_and_listed(
    client: ApiClient, emulator: Emulator, project_id: str
) -> None:
    whole: dict[str, Any] = {
        "project_id": project_id,
        "name": "deploy",
        "scopes": ("read", "write"),
        "expires_at": "2099-01-01T00:00:00Z",
    }
    assert {field.name for field in fields(NewKey)} == {*whole, "unique", "owner"}
    minted = await client.mint(new_key(**whole))
    assert emulator.verify(minted.secret.get_secret_value())
    (listed,) = await client.list(project_id)
    assert listed.key_id == minted.remote.key_id
    assert (listed.name, listed.scopes, listed.project_id) == ("deploy", ("read", "write"), project_id)
    assert listed.created_at == minted.remote.created_at
    assert listed.expires_at is not None
    assert listed.last_used_at is not None


@pytest.mark.parametrize("status", [200, 201])
async def test_a_key_without_scopes_and_end(
    client: ApiClient, emulator: Emulator, project_id: str, status: int
) -> None:
    emulator.set_behaviour(create_status=status)
    minted = await client.mint(new_key(project_id, "deploy"))
    assert minted.remote.scopes == ()
    assert minted.remote.expires_at is None


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize(("revoked_keys", "told"), [("listed", KeyStatus.REVOKED), ("absent", KeyStatus.ABSENT)])
async def test_a_revoked_key_is_revoked(  # noqa: PLR0913, PLR0917 - fixtures and cases
    client: ApiClient, emulator: Emulator, project_id: str, status: int, revoked_keys: RevokedKeys, told: KeyStatus
) -> None:
    emulator.set_behaviour(revoke_status=status, revoked_keys=revoked_keys)
    key = emulator.add_key(project_id)
    assert await client.revoke(project_id, key.key_id, label=key.name)
    assert emulator.keys(project_id)[0].state == "revoked"
    assert status_in(await client.list(project_id), key.key_id, SystemClock().now()) is told


@pytest.mark.parametrize(("again", "success"), [("success", True), ("not_found", True), ("success_false", False)])
async def test_revoking_again(
    client: ApiClient, emulator: Emulator, project_id: str, again: RevokeAgain, success: bool
) -> None:
    emulator.set_behaviour(revoke_again=again)
    key = emulator.add_key(project_id)
    emulator.revoke(key.key_id)
    assert await client.revoke(project_id, key.key_id, label=key.name) is success


async def test_revoking_a_key_that_never_was(client: ApiClient, project_id: str) -> None:
    assert await client.revoke(project_id, str(uuid.uuid4()), label="gone")


async def test_revoking_in_a_project_that_is_not_there_is_no_success(
    client: ApiClient, emulator: Emulator, project_id: str
) -> None:
    emulator.set_project(project_id, "missing")
    with pytest.raises(NotFoundError, match="404 Not Found: project not found"):
        await client.revoke(project_id, str(uuid.uuid4()), label="gone")


async def test_an_admin_managed_key_is_refused_in_the_servers_words(
    client: ApiClient, emulator: Emulator, project_id: str
) -> None:
    key = emulator.add_key(project_id, is_admin_managed=True)
    with pytest.raises(ForbiddenError, match="admin-managed keys can't be revoked"):
        await client.revoke(project_id, key.key_id, label=key.name)


async def test_a_bad_request_names_the_place_and_not_the_value(client: ApiClient, project_id: str) -> None:
    with pytest.raises(RejectedError) as caught:
        await client.mint(new_key(project_id, "x" * 101, scopes=None, expires_at="2001-01-01T00:00:00Z"))
    assert "422 Unprocessable" in str(caught.value)
    assert "body.name: expected length <= 100" in str(caught.value)
    assert "x" * 101 not in caught.value.reason


async def test_a_project_that_is_no_uuid_is_refused_with_its_place(client: ApiClient) -> None:
    with pytest.raises(RejectedError, match=r"path\.projectId: "):
        await client.list("not-a-uuid")


async def test_a_closed_project_is_forbidden(client: ApiClient, emulator: Emulator, project_id: str) -> None:
    emulator.set_project(project_id, "forbidden")
    with pytest.raises(ForbiddenError, match="403 Forbidden: you do not have access to this project"):
        await client.list(project_id)


async def test_an_endpoint_that_is_another_server_says_to_check_it(
    make: MakeClient, emulator: Emulator, project_id: str
) -> None:
    with pytest.raises(NotFoundError, match="Check projectId and endpoint"):
        await make(f"{emulator.url}/elsewhere", static(emulator.token())).list(project_id)


async def test_no_header_token_or_secret_is_logged(
    make: MakeClient, emulator: Emulator, project_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = Tokens([clerk(emulator)], SystemClock(), lambda _line: None)
    client = make(emulator.url, static((await tokens.token()).get_secret_value()))
    minted = await client.mint(new_key(project_id, "deploy"))
    assert f"POST {emulator.url}/api/v1/projects/{project_id}/keys: 20" in caplog.text
    for secret in (await tokens.token(), minted.secret, SecretStr(emulator.clerk_secret_key)):
        assert secret.get_secret_value() not in caplog.text
    assert "headers" not in caplog.text


async def test_a_server_that_is_down_is_unreachable(make: MakeClient, own_emulator: Emulator, project_id: str) -> None:
    client = make(own_emulator.url, static(own_emulator.token()), max_retries=1)
    own_emulator.stop()
    with pytest.raises(UnreachableError, match="no connection to http://127") as caught:
        await client.mint(new_key(project_id, "deploy"))
    assert not caught.value.may_have_acted


async def test_200_reads_at_once_cost_one_list_call(client: ApiClient, emulator: Emulator, project_id: str) -> None:
    keys = emulator.add_keys(200, project_id)
    emulator.reset_counts()
    lists = await asyncio.gather(*[client.list(project_id) for _ in keys])
    assert {len(listing) for listing in lists} == {200}
    assert emulator.counts()["list"] == 1


async def test_many_writes_at_once_are_all_done(client: ApiClient, emulator: Emulator, project_id: str) -> None:
    minted = await asyncio.gather(*[client.mint(new_key(project_id, f"key-{n}")) for n in range(40)])
    assert len(emulator.active_keys(project_id)) == 40
    await asyncio.gather(*[client.revoke(project_id, key.remote.key_id, label="x") for key in minted])
    assert emulator.active_keys(project_id) == []
    assert emulator.counts()["create"] == 40


# Tokens


async def test_a_token_of_another_issuer_is_refused_in_the_servers_words(
    make: MakeClient, emulator: Emulator, project_id: str
) -> None:
    with Emulator(jwt_secret="another secret of at least 32 bytes") as other:
        client = make(emulator.url, static(other.token()))
    with pytest.raises(UnauthorizedError, match="401 Unauthorized: token signature is invalid"):
        await client.list(project_id)
    with pytest.raises(CredentialError, match="the server refused it"):
        await client.list(project_id)


async def test_an_expired_static_token_is_refused_before_any_call(
    make: MakeClient, emulator: Emulator, project_id: str
) -> None:
    client = make(emulator.url, static(emulator.token(-3600)))
    emulator.reset_counts()
    with pytest.raises(CredentialError, match="expired 1 h ago"):
        await client.list(project_id)
    assert emulator.counts()["list"] == 0


async def test_an_expired_token_of_the_state_gives_way_to_clerk(
    make: MakeClient, emulator: Emulator, project_id: str
) -> None:
    client = make(emulator.url, static(emulator.token(-3600)), clerk(emulator))
    assert await client.list(project_id) == ()
    assert emulator.counts()["clerk"] == 1


async def test_one_token_of_clerk_serves_many_calls(make: MakeClient, emulator: Emulator, project_id: str) -> None:
    client = make(emulator.url, clerk(emulator))
    await asyncio.gather(*[client.mint(new_key(project_id, f"key-{n}")) for n in range(20)])
    assert emulator.counts()["clerk"] == 1


async def test_a_session_that_ended_says_to_sign_in_again(
    make: MakeClient, emulator: Emulator, project_id: str
) -> None:
    emulator.end_session("sess_1")
    with pytest.raises(CredentialError, match="sign in again and set the new clerkSessionId"):
        await make(emulator.url, clerk(emulator)).list(project_id)


async def test_a_wrong_key_of_clerk_says_so_and_is_not_shown(
    make: MakeClient, emulator: Emulator, project_id: str
) -> None:
    with pytest.raises(CredentialError, match="Clerk refused clerkSecretKey") as caught:
        await make(emulator.url, clerk(emulator, key="sk_wrong_0123")).list(project_id)
    assert "sk_wrong_0123" not in str(caught.value)


@pytest.mark.parametrize("skew", [-3600.0, 3600.0])
async def test_a_server_whose_clock_differs_by_an_hour_is_no_trouble(
    make: MakeClient, emulator: Emulator, project_id: str, skew: float
) -> None:
    emulator.set_clock(offset_seconds=skew)
    client = make(emulator.url, clerk(emulator))
    for _ in range(5):
        await client.list(project_id, fresh=True)
    assert emulator.counts()["clerk"] == 1


async def test_a_token_that_the_server_ended_early_is_replaced_in_the_middle_of_a_run(
    make: MakeClient, emulator: Emulator, project_id: str
) -> None:
    client = make(emulator.url, clerk(emulator))
    await client.list(project_id)
    emulator.set_clock(offset_seconds=600)
    await client.mint(new_key(project_id, "deploy"))
    assert emulator.counts()["clerk"] == 2


def clerk(emulator: Emulator, key: str | None = None) -> ClerkSession:
    return ClerkSession(SecretStr(key or emulator.clerk_secret_key), "sess_1", emulator.url)


async def test_calls_to_this_machine_do_not_go_through_a_proxy(
    make: MakeClient, emulator: Emulator, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert await make(emulator.url, clerk(emulator), max_retries=0).list(project_id) == ()

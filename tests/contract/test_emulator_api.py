"""Every habit of the API that the provider has to live with, as the emulator shows it."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from apikeys_emulator.terms import DEFAULT_JWT_SECRET
from apikeys_emulator.testing import Emulator

LISTED_FIELDS = {
    "created_at",
    "created_by",
    "expires_at",
    "is_active",
    "is_admin_managed",
    "key_id",
    "key_prefix",
    "last_used_at",
    "name",
    "project_id",
    "scopes",
    "tenant_id",
}
NANOSECONDS_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["$schema"] == "/api/v1/schemas/ErrorModel.json"
    assert body["status"] == status
    assert body["title"]
    assert body["type"] == "about:blank"
    return body


class TestList:
    def test_of_no_keys_is_null(self, api: httpx.Client, keys_path: str) -> None:
        answer = api.get(keys_path)
        assert answer.status_code == 200
        assert answer.text == "null"

    def test_shows_every_field_and_no_secret(self, api: httpx.Client, keys_path: str) -> None:
        created = api.post(keys_path, json={"name": "ci", "scopes": ["read", "write"]}).json()
        answer = api.get(keys_path)
        (listed,) = answer.json()
        assert set(listed) == LISTED_FIELDS
        assert created["key"] not in answer.text
        assert listed["expires_at"] is None
        assert listed["last_used_at"] is None
        assert listed["is_admin_managed"] is False
        assert listed["scopes"] == ["read", "write"]
        assert {name: listed[name] for name in created if name in listed} == {
            name: created[name] for name in created if name in listed
        }

    @pytest.mark.parametrize("scopes", [{}, {"scopes": None}, {"scopes": []}])
    def test_shows_empty_scopes_as_null(self, api: httpx.Client, keys_path: str, scopes: dict[str, Any]) -> None:
        assert api.post(keys_path, json={"name": "ci", **scopes}).json()["scopes"] is None
        assert api.get(keys_path).json()[0]["scopes"] is None

    def test_is_of_one_project_only(self, api: httpx.Client, keys_path: str) -> None:
        api.post(keys_path, json={"name": "ci"})
        assert api.get(f"/projects/{uuid.uuid4()}/keys").text == "null"

    def test_takes_the_project_in_capitals(self, api: httpx.Client, project_id: str, keys_path: str) -> None:
        api.post(keys_path, json={"name": "ci"})
        assert len(api.get(f"/projects/{project_id.upper()}/keys").json()) == 1


class TestCreate:
    def test_answers_the_secret_once_and_leaves_out_what_is_not_set(
        self, api: httpx.Client, emulator: Emulator, project_id: str, keys_path: str
    ) -> None:
        answer = api.post(keys_path, json={"name": "ci"})
        assert answer.status_code == 200
        created = answer.json()
        assert set(created) == (LISTED_FIELDS - {"is_admin_managed", "last_used_at", "expires_at"}) | {"key", "$schema"}
        assert created["$schema"] == "/api/v1/schemas/CreateAPIKeyOutputBody.json"
        assert re.fullmatch(r"ak_live_[A-Za-z0-9]{40}", created["key"])
        assert created["key_prefix"] == created["key"][:12]
        assert created["project_id"] == project_id
        assert created["is_active"] is True
        assert created["created_by"] == "user_emulator"
        assert str(uuid.UUID(created["key_id"])) == created["key_id"]
        assert str(uuid.UUID(created["tenant_id"])) == created["tenant_id"]
        assert NANOSECONDS_UTC.fullmatch(created["created_at"])
        assert emulator.verify(created["key"])

    def test_gives_equal_names_to_different_keys(self, api: httpx.Client, keys_path: str) -> None:
        first, second = (api.post(keys_path, json={"name": "ci"}).json() for _ in range(2))
        assert first["key_id"] != second["key_id"]
        assert first["key"] != second["key"]

    def test_names_the_user_and_tenant_of_the_token(self, emulator: Emulator, keys_path: str) -> None:
        claims = {"sub": "user_7", "org_id": "org_9", "exp": 32_503_680_000}
        token = jwt.encode(claims, DEFAULT_JWT_SECRET, algorithm="HS256")
        created = httpx.post(
            f"{emulator.url}/api/v1{keys_path}", json={"name": "ci"}, headers={"Authorization": f"Bearer {token}"}
        ).json()
        assert created["created_by"] == "user_7"
        assert created["tenant_id"] == "org_9"

    @pytest.mark.parametrize(
        ("sent", "shown"),
        [
            ("2999-01-02T03:04:05Z", "2999-01-02T03:04:05.000000000Z"),
            ("2999-01-02T03:04:05.123456789123+02:00", "2999-01-02T01:04:05.123456789Z"),
            ("9999-12-31T23:59:59.5Z", "9999-12-31T23:59:59.500000000Z"),
        ],
    )
    def test_shows_an_end_in_utc_with_nanoseconds(
        self, api: httpx.Client, keys_path: str, sent: str, shown: str
    ) -> None:
        assert api.post(keys_path, json={"name": "ci", "expires_at": sent}).json()["expires_at"] == shown
        assert api.get(keys_path).json()[0]["expires_at"] == shown

    @pytest.mark.parametrize(
        ("body", "location", "message", "value"),
        [
            ({}, "body", "expected required property name to be present", {}),
            ({"name": 7}, "body.name", "expected string", 7),
            ({"name": None}, "body.name", "expected string", None),
            ({"name": ""}, "body.name", "expected length >= 1", ""),
            ({"name": "n" * 101}, "body.name", "expected length <= 100", "n" * 101),
            ({"name": "ci", "scopes": "read"}, "body.scopes", "expected array", "read"),
            ({"name": "ci", "scopes": ["read", 2]}, "body.scopes[1]", "expected string", 2),
            ({"name": "ci", "color": 1}, "body.color", "unexpected property", {"name": "ci", "color": 1}),
            ({"name": "ci", "expires_at": 1}, "body.expires_at", "expected string", 1),
            (
                {"name": "ci", "expires_at": "tomorrow"},
                "body.expires_at",
                "expected string to be RFC 3339 date-time",
                "tomorrow",
            ),
            (
                {"name": "ci", "expires_at": "2020-01-01T00:00:00+02:00"},
                "body.expires_at",
                "expected date-time in the future",
                "2020-01-01T00:00:00+02:00",
            ),
            ([1], "body", "expected object", [1]),
        ],
    )
    def test_refuses_what_does_not_fit_and_echoes_it(  # noqa: PLR0913, PLR0917 - the columns of the table
        self, api: httpx.Client, keys_path: str, body: object, location: str, message: str, value: object
    ) -> None:
        problem = assert_problem(api.post(keys_path, json=body), 422)
        assert problem["detail"] == "validation failed"
        assert problem["errors"] == [{"location": location, "message": message, "value": value}]
        assert api.get(keys_path).text == "null"

    def test_names_every_fault_of_a_body(self, api: httpx.Client, keys_path: str) -> None:
        problem = assert_problem(api.post(keys_path, json={"scopes": [1], "x": 2}), 422)
        assert {error["location"] for error in problem["errors"]} == {"body", "body.scopes[0]", "body.x"}

    @pytest.mark.parametrize(
        ("content", "media_type", "status", "detail"),
        [
            (b"", "application/json", 400, "request body is required"),
            (b'{"name": "ci"', "application/json", 400, "validation failed"),
            (b'{"name": NaN}', "application/json", 400, "validation failed"),
            (b'{"name": "\xff"}', "application/json", 400, "validation failed"),
            (b'{"name": "\\ud800"}', "application/json", 422, "validation failed"),
            (b'{"name": "ci"}', "text/plain", 415, "unknown content type, expected application/json"),
        ],
    )
    def test_refuses_what_is_no_json(  # noqa: PLR0913, PLR0917 - the columns of the table
        self, api: httpx.Client, keys_path: str, content: bytes, media_type: str, status: int, detail: str
    ) -> None:
        answer = api.post(keys_path, content=content, headers={"Content-Type": media_type})
        assert assert_problem(answer, status)["detail"] == detail


class TestRevoke:
    @pytest.fixture
    def key_path(self, api: httpx.Client, keys_path: str) -> str:
        return f"{keys_path}/{api.post(keys_path, json={'name': 'ci'}).json()['key_id']}"

    def test_leaves_the_key_in_the_list_as_inactive(
        self, api: httpx.Client, emulator: Emulator, keys_path: str
    ) -> None:
        created = api.post(keys_path, json={"name": "ci"}).json()
        answer = api.delete(f"{keys_path}/{created['key_id']}")
        assert answer.status_code == 200
        assert answer.json() == {"$schema": "/api/v1/schemas/RevokeAPIKeyOutputBody.json", "success": True}
        assert api.get(keys_path).json()[0]["is_active"] is False
        assert not emulator.verify(created["key"])

    def test_again_is_a_success(self, api: httpx.Client, key_path: str) -> None:
        api.delete(key_path)
        assert api.delete(key_path).json()["success"] is True

    def test_of_an_unknown_key_is_not_found(self, api: httpx.Client, keys_path: str) -> None:
        assert assert_problem(api.delete(f"{keys_path}/{uuid.uuid4()}"), 404)["detail"] == "key not found"

    def test_of_a_key_of_another_project_is_not_found(
        self, api: httpx.Client, emulator: Emulator, project_id: str
    ) -> None:
        key = emulator.add_key(project_id)
        assert_problem(api.delete(f"/projects/{uuid.uuid4()}/keys/{key.key_id}"), 404)
        assert [each.state for each in emulator.keys(project_id)] == ["active"]

    def test_of_an_admin_managed_key_is_forbidden(
        self, api: httpx.Client, emulator: Emulator, project_id: str, keys_path: str
    ) -> None:
        key = emulator.add_key(project_id, is_admin_managed=True)
        problem = assert_problem(api.delete(f"{keys_path}/{key.key_id}"), 403)
        assert problem["detail"] == "admin-managed keys can't be revoked through the API"
        assert [each.state for each in emulator.keys(project_id)] == ["active"]


class TestPath:
    @pytest.mark.parametrize("text", ["x", "0" * 31, "{6ba7b810-9dad-11d1-80b4-00c04fd430c8", "é"])
    @pytest.mark.parametrize(
        ("method", "path", "location"),
        [
            ("GET", "/projects/{}/keys", "path.projectId"),
            ("POST", "/projects/{}/keys", "path.projectId"),
            ("DELETE", "/projects/{}/keys/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "path.projectId"),
            ("DELETE", "/projects/6ba7b810-9dad-11d1-80b4-00c04fd430c8/keys/{}", "path.keyId"),
        ],
    )
    def test_takes_only_uuids(self, api: httpx.Client, method: str, path: str, location: str, text: str) -> None:
        body = {"name": "ci"} if method == "POST" else None
        problem = assert_problem(api.request(method, path.format(text), json=body), 422)
        assert problem["errors"] == [
            {"location": location, "message": "expected string to be RFC 4122 uuid: invalid UUID format", "value": text}
        ]

    def test_unknown_is_a_problem(self, api: httpx.Client) -> None:
        assert_problem(api.get("/nothing"), 404)

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_with_a_wrong_method_is_a_problem_that_names_the_right_ones(
        self, api: httpx.Client, keys_path: str, method: str
    ) -> None:
        answer = api.request(method, keys_path)
        assert_problem(answer, 405)
        assert answer.headers["allow"] == "GET, POST"


def token_with(**claims: object) -> str:
    whole = {"sub": "user_1", "exp": 32_503_680_000, **claims}
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, DEFAULT_JWT_SECRET)


class TestAuthorization:
    @pytest.fixture
    def anonymous(self, emulator: Emulator) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=f"{emulator.url}/api/v1", trust_env=False) as client:
            yield client

    @pytest.mark.parametrize(
        ("header", "detail"),
        [
            (None, "missing authorization header"),
            ("", "missing authorization header"),
            ("Basic dTpw", "authorization header is not a bearer token"),
            ("Bearer", "authorization header is not a bearer token"),
            ("Bearer not-a-jwt", "token is malformed"),
            (f"Bearer {jwt.encode({'sub': 'u'}, 'another secret that is long enough')}", "token signature is invalid"),
            (f"Bearer {jwt.encode({'sub': 'u'}, '', algorithm='none')}", "token is signed with another algorithm"),
            (f"Bearer {token_with(exp=1)}", "token has expired"),
            (f"Bearer {token_with(exp=None)}", "token has no expiry"),
            (f"Bearer {token_with(nbf=32_503_680_000)}", "token is not valid yet"),
            (f"Bearer {token_with(sub=None)}", "token has no subject"),
        ],
    )
    def test_says_what_is_wrong_with_a_token(
        self, anonymous: httpx.Client, keys_path: str, header: str | None, detail: str
    ) -> None:
        headers = {} if header is None else {"Authorization": header}
        answer = anonymous.get(keys_path, headers=headers)
        assert assert_problem(answer, 401)["detail"] == detail
        assert answer.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/projects/x/keys"),
            ("POST", "/projects/x/keys"),
            ("DELETE", "/projects/x/keys/y"),
        ],
    )
    def test_comes_before_everything_else(self, anonymous: httpx.Client, method: str, path: str) -> None:
        assert_problem(anonymous.request(method, path), 401)

    def test_ends_with_the_token_by_the_clock_of_the_server(
        self, emulator: Emulator, anonymous: httpx.Client, keys_path: str
    ) -> None:
        headers = {"Authorization": f"Bearer {emulator.token(ttl_seconds=60)}"}
        assert anonymous.get(keys_path, headers=headers).status_code == 200
        emulator.set_clock(offset_seconds=61)
        assert assert_problem(anonymous.get(keys_path, headers=headers), 401)["detail"] == "token has expired"

    def test_takes_no_token_that_was_minted_expired(
        self, emulator: Emulator, anonymous: httpx.Client, keys_path: str
    ) -> None:
        headers = {"Authorization": f"Bearer {emulator.token(ttl_seconds=-1)}"}
        assert assert_problem(anonymous.get(keys_path, headers=headers), 401)["detail"] == "token has expired"

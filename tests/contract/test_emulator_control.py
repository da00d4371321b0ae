"""The control API: what a test or a person does to the server behind the back of a stack."""

import socket
import uuid
from typing import Any

import httpx
import jwt
import pytest

from apikeys_emulator.terms import Access
from apikeys_emulator.testing import Emulator


class TestKeys:
    def test_made_out_of_band_are_listed_and_accepted(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        key = emulator.add_key(
            project_id,
            "by-hand",
            scopes=["read"],
            created_at="2020-01-01T00:00:00Z",
            created_by="user_x",
            expires_at="2999-01-01T00:00:00Z",
            last_used_at="2021-01-01T00:00:00Z",
            is_admin_managed=True,
        )
        (listed,) = api.get(keys_path).json()
        assert listed["key_id"] == key.key_id
        assert listed["name"] == "by-hand"
        assert listed["scopes"] == ["read"]
        assert listed["created_at"] == "2020-01-01T00:00:00.000000000Z"
        assert listed["created_by"] == "user_x"
        assert listed["expires_at"] == "2999-01-01T00:00:00.000000000Z"
        assert listed["last_used_at"] == "2021-01-01T00:00:00.000000000Z"
        assert listed["is_admin_managed"] is True
        assert emulator.verify(key.key)

    def test_can_be_made_many_at_once(self, emulator: Emulator, project_id: str) -> None:
        made = emulator.add_keys(200, project_id, "many")
        assert [key.name for key in emulator.keys(project_id)] == [f"many-{number}" for number in range(1, 201)]
        assert len({key.key for key in made}) == 200

    def test_are_told_without_secrets(self, emulator: Emulator, project_id: str) -> None:
        made = emulator.add_key(project_id)
        answer = httpx.get(f"{emulator.url}/_emulator/keys")
        assert made.key not in answer.text
        assert "hash" not in answer.text
        assert emulator.keys(project_id)[0].key == ""
        assert made.key not in repr(made)

    def test_change_in_what_is_named_only(self, emulator: Emulator, project_id: str) -> None:
        key = emulator.add_key(project_id, expires_at="2999-01-01T00:00:00Z")
        changed = emulator.patch_key(key.key_id, last_used_at="2022-01-01T00:00:00Z", created_at="2019-01-01T00:00:00Z")
        assert changed.expires_at == key.expires_at
        assert changed.last_used_at == "2022-01-01T00:00:00.000000000Z"
        assert changed.created_at == "2019-01-01T00:00:00.000000000Z"
        assert emulator.patch_key(key.key_id, expires_at=None).expires_at is None

    def test_count_as_active_until_revoked_or_expired(self, emulator: Emulator, project_id: str) -> None:
        alive = emulator.add_key(project_id, "alive")
        revoked = emulator.add_key(project_id, "revoked")
        ending = emulator.add_key(project_id, "ending", expires_at="2999-01-01T00:00:00Z")
        emulator.revoke(revoked.key_id)
        assert {key.name for key in emulator.active_keys(project_id)} == {"alive", "ending"}
        emulator.patch_key(ending.key_id, expires_at="2001-01-01T00:00:00Z")
        assert [key.key_id for key in emulator.active_keys(project_id)] == [alive.key_id]
        assert [key.state for key in emulator.keys(project_id)] == ["active", "revoked", "expired"]

    def test_are_gone_when_forgotten(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        key = emulator.add_key(project_id)
        emulator.forget(key.key_id)
        assert api.get(keys_path).text == "null"
        with pytest.raises(ValueError, match="key not found"):
            emulator.forget(key.key_id)

    def test_can_be_one_project_only(self, emulator: Emulator, project_id: str) -> None:
        emulator.add_key(project_id)
        emulator.add_key(str(uuid.uuid4()))
        assert [key.project_id for key in emulator.keys(project_id)] == [project_id]


class TestVerify:
    def test_stamps_the_use(self, emulator: Emulator, project_id: str) -> None:
        key = emulator.add_key(project_id, scopes=["read"])
        emulator.set_clock(now="2031-05-06T07:08:09Z")
        answer = httpx.post(f"{emulator.url}/_emulator/verify", json={"key": key.key})
        assert answer.json() == {
            "key_id": key.key_id,
            "project_id": project_id,
            "name": "made-by-hand",
            "scopes": ["read"],
        }
        assert (emulator.keys(project_id)[0].last_used_at or "").startswith("2031-05-06T07:08:")

    @pytest.mark.parametrize(
        ("change", "detail"),
        [({"is_active": False}, "is revoked"), ({"expires_at": "2001-01-01T00:00:00Z"}, "is expired")],
    )
    def test_refuses_a_dead_key_and_stamps_nothing(
        self, emulator: Emulator, project_id: str, change: dict[str, Any], detail: str
    ) -> None:
        key = emulator.add_key(project_id)
        emulator.patch_key(key.key_id, **change)
        answer = httpx.post(f"{emulator.url}/_emulator/verify", json={"key": key.key})
        assert answer.status_code == 401
        assert detail in answer.json()["detail"]
        assert emulator.keys(project_id)[0].last_used_at is None

    @pytest.mark.parametrize("secret", ["", "ak_live_unknown"])
    def test_refuses_an_unknown_key(self, emulator: Emulator, secret: str) -> None:
        assert not emulator.verify(secret)


class TestClock:
    def test_expires_keys(self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str) -> None:
        created = api.post(keys_path, json={"name": "ci", "expires_at": "2999-01-01T00:00:00Z"}).json()
        emulator.set_clock(now="2999-01-01T00:00:00Z")
        assert not emulator.verify(created["key"])
        assert emulator.active_keys(project_id) == []

    def test_stamps_new_keys(self, emulator: Emulator, project_id: str) -> None:
        emulator.set_clock(now="2031-05-06T07:08:09Z")
        assert emulator.add_key(project_id).created_at.startswith("2031-05-06T07:08:")

    def test_goes_by_an_offset(self, emulator: Emulator) -> None:
        before = emulator.now()
        emulator.set_clock(offset_seconds=-86_400)
        assert emulator.now() < before
        emulator.set_clock(offset_seconds=86_400)
        assert emulator.now() > before

    @pytest.mark.parametrize("body", [{}, {"now": "2031-05-06T07:08:09Z", "offset_seconds": 1}, {"now": "noon"}])
    def test_refuses_what_is_no_time(self, emulator: Emulator, body: dict[str, Any]) -> None:
        assert httpx.post(f"{emulator.url}/_emulator/clock", json=body).status_code == 422


class TestProjects:
    @pytest.mark.parametrize(("access", "status"), [("forbidden", 403), ("missing", 404)])
    def test_can_be_closed_for_every_call(  # noqa: PLR0913, PLR0917 - fixtures
        self,
        emulator: Emulator,
        api: httpx.Client,
        project_id: str,
        keys_path: str,
        access: Access,
        status: int,
    ) -> None:
        key = emulator.add_key(project_id)
        emulator.set_project(project_id, access)
        answers = [
            api.get(keys_path),
            api.post(keys_path, json={"name": "ci"}),
            api.delete(f"{keys_path}/{key.key_id}"),
        ]
        assert [answer.status_code for answer in answers] == [status] * 3
        assert len(emulator.active_keys(project_id)) == 1
        emulator.set_project(project_id, "ok")
        assert api.get(keys_path).status_code == 200

    def test_missing_is_worded(self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str) -> None:
        emulator.set_project(project_id, "missing")
        assert api.get(keys_path).json()["detail"] == "project not found"


class TestBehaviour:
    def test_can_leave_revoked_keys_out(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        emulator.add_key(project_id, is_active=False)
        assert len(api.get(keys_path).json()) == 1
        emulator.set_behaviour(revoked_keys="absent")
        assert api.get(keys_path).text == "null"

    def test_can_show_expired_keys_in_three_ways(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        emulator.add_key(project_id, expires_at="2001-01-01T00:00:00Z")
        assert api.get(keys_path).json()[0]["is_active"] is True
        emulator.set_behaviour(expired_keys="inactive")
        assert api.get(keys_path).json()[0]["is_active"] is False
        emulator.set_behaviour(expired_keys="absent")
        assert api.get(keys_path).text == "null"

    def test_can_answer_a_create_with_201(self, emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
        emulator.set_behaviour(create_status=201)
        answer = api.post(keys_path, json={"name": "ci"})
        assert answer.status_code == 201
        assert answer.json()["key"]

    def test_can_answer_a_revoke_with_nothing(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        emulator.set_behaviour(revoke_status=204)
        answer = api.delete(f"{keys_path}/{emulator.add_key(project_id).key_id}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert emulator.active_keys(project_id) == []

    def test_can_answer_a_second_revoke_in_other_ways(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        key = emulator.add_key(project_id, is_active=False)
        emulator.set_behaviour(revoke_again="not_found")
        assert api.delete(f"{keys_path}/{key.key_id}").status_code == 404
        emulator.set_behaviour(revoke_again="success_false")
        assert api.delete(f"{keys_path}/{key.key_id}").json()["success"] is False

    def test_can_turn_the_list_round(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        emulator.add_keys(20, project_id, "k")
        created = [key["name"] for key in api.get(keys_path).json()]
        assert created == [f"k-{number}" for number in range(1, 21)]
        emulator.set_behaviour(list_order="reverse")
        assert [key["name"] for key in api.get(keys_path).json()] == created[::-1]
        emulator.set_behaviour(list_order="random")
        orders = [[key["name"] for key in api.get(keys_path).json()] for _ in range(3)]
        assert any(order != created for order in orders)
        assert all(sorted(order) == sorted(created) for order in orders)

    def test_keeps_the_switches_that_are_not_named(self, emulator: Emulator) -> None:
        emulator.set_behaviour(create_status=201)
        emulator.set_behaviour(revoke_status=204)
        switches = httpx.get(f"{emulator.url}/_emulator/behaviour").json()
        assert (switches["create_status"], switches["revoke_status"]) == (201, 204)


class TestJournal:
    def test_counts_calls_by_operation_and_nothing_else(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        created = api.post(keys_path, json={"name": "ci"}).json()
        api.get(keys_path)
        api.get(keys_path)
        api.delete(f"{keys_path}/{created['key_id']}")
        api.get("/openapi.json")
        emulator.keys(project_id)
        assert emulator.counts() == {"list": 2, "create": 1, "revoke": 1, "clerk": 0}
        emulator.reset_counts()
        assert emulator.counts() == {"list": 0, "create": 0, "revoke": 0, "clerk": 0}

    def test_tells_project_key_and_status_of_each_call_but_no_secret(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        created = api.post(keys_path, json={"name": "ci"}).json()
        api.post(keys_path, json={"nome": "ci"})
        api.delete(f"{keys_path}/{created['key_id']}")
        told = [(call.operation, call.project_id, call.key_id, call.status) for call in emulator.calls()]
        assert told == [
            ("create", project_id, created["key_id"], 200),
            ("create", project_id, None, 422),
            ("revoke", project_id, created["key_id"], 200),
        ]
        text = httpx.get(f"{emulator.url}/_emulator/calls").text
        assert created["key"] not in text
        assert api.headers["authorization"].removeprefix("Bearer ") not in text

    def test_has_no_call_of_a_caller_who_hung_up_before_it_was_whole(
        self, emulator: Emulator, api: httpx.Client, keys_path: str
    ) -> None:
        target = httpx.URL(emulator.url)
        before = len(emulator.calls())
        with socket.create_connection((target.host, target.port or 80)) as caller:
            caller.sendall(
                f"POST /api/v1{keys_path} HTTP/1.1\r\nHost: {target.host}\r\nContent-Length: 9\r\n\r\n{{".encode()
            )
            api.get(keys_path)
        api.get(keys_path)
        assert [(call.operation, call.status) for call in emulator.calls()[before:]] == [("list", 200)] * 2


class TestReset:
    def test_makes_all_as_at_the_start_but_for_the_keys(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        emulator.add_key(project_id)
        emulator.fault("any", "html", None)
        emulator.set_project(project_id, "missing")
        emulator.set_behaviour(create_status=201)
        emulator.set_clock(offset_seconds=1e9)
        emulator.end_session("sess_1")
        api.get(keys_path)
        emulator.reset()
        assert sum(emulator.counts().values()) == 0
        assert len(api.get(keys_path).json()) == 1
        assert api.post(keys_path, json={"name": "ci"}).status_code == 200
        assert emulator.now() < "2050"
        assert mint(emulator).status_code == 200


def mint(emulator: Emulator, session: str = "sess_1", key: str = "sk_test_emulator", **request: Any) -> httpx.Response:
    url = f"{emulator.url}/v1/sessions/{session}/tokens"
    return httpx.post(url, headers={"Authorization": f"Bearer {key}"}, **request)


class TestClerk:
    def test_mints_a_token_that_the_api_takes(self, emulator: Emulator, keys_path: str) -> None:
        minted = mint(emulator)
        assert minted.status_code == 200
        assert minted.json()["object"] == "token"
        token = minted.json()["jwt"]
        answer = httpx.get(f"{emulator.url}/api/v1{keys_path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("request_body", "life"),
        [({}, 60), ({"json": {}}, 60), ({"json": {"expires_in_seconds": 600}}, 600), ({"json": None}, 60)],
    )
    def test_gives_tokens_the_life_that_was_asked_for(
        self, emulator: Emulator, request_body: dict[str, Any], life: int
    ) -> None:
        claims = jwt.decode(mint(emulator, **request_body).json()["jwt"], options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == life
        assert claims["sid"] == "sess_1"

    @pytest.mark.parametrize(
        ("session", "key", "status", "code"),
        [
            ("user_1", "sk_test_emulator", 404, "resource_not_found"),
            ("sess_ended", "sk_test_emulator", 404, "resource_not_found"),
            ("sess_1", "sk_test_wrong", 401, "clerk_key_invalid"),
        ],
    )
    def test_fails_in_the_shape_of_clerk(
        self, emulator: Emulator, session: str, key: str, status: int, code: str
    ) -> None:
        emulator.end_session("sess_ended")
        answer = mint(emulator, session, key)
        assert answer.status_code == status
        (error,) = answer.json()["errors"]
        assert error["code"] == code
        assert error["message"]
        assert error["long_message"]
        assert answer.json()["clerk_trace_id"]
        assert key not in answer.text

    @pytest.mark.parametrize("body", [{"expires_in_seconds": 0}, {"expires_in_seconds": "x"}, {"seconds": 5}, []])
    def test_refuses_another_body(self, emulator: Emulator, body: object) -> None:
        answer = mint(emulator, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "form_param_format_invalid"

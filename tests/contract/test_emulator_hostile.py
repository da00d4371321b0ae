"""A server that lags, lies or writes oddly: every such switch and fault as an HTTP client sees it."""

import gzip
import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from apikeys_emulator.terms import Echo, IdCase, Names
from apikeys_emulator.testing import Emulator

LAG = 1800


def listing(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    body: list[dict[str, Any]] | None = api.get(path).json()
    return body or []


class TestLag:
    def test_hides_a_fresh_key_from_the_list_for_a_while(
        self, emulator: Emulator, api: httpx.Client, keys_path: str
    ) -> None:
        emulator.set_behaviour(create_lag_seconds=LAG)
        secret = api.post(keys_path, json={"name": "ci"}).json()["key"]
        assert api.get(keys_path).text == "null"
        assert emulator.verify(secret)
        emulator.set_clock(offset_seconds=LAG)
        assert [key["name"] for key in listing(api, keys_path)] == ["ci"]

    @pytest.mark.parametrize("revoked_keys", ["listed", "absent"])
    def test_shows_a_revoked_key_as_active_for_a_while_though_it_works_no_more(
        self, emulator: Emulator, api: httpx.Client, keys_path: str, revoked_keys: Any
    ) -> None:
        made = api.post(keys_path, json={"name": "ci"}).json()
        emulator.set_behaviour(revoke_lag_seconds=LAG, revoked_keys=revoked_keys)
        assert api.delete(f"{keys_path}/{made['key_id']}").json()["success"] is True
        assert [key["is_active"] for key in listing(api, keys_path)] == [True]
        assert not emulator.verify(made["key"])
        emulator.set_clock(offset_seconds=LAG)
        after = {"listed": [False], "absent": []}[revoked_keys]
        assert [key["is_active"] for key in listing(api, keys_path)] == after

    def test_holds_for_a_revoke_by_hand_and_ends_when_it_is_taken_back(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        key = emulator.add_key(project_id)
        emulator.set_behaviour(revoke_lag_seconds=LAG)
        emulator.revoke(key.key_id)
        assert listing(api, keys_path)[0]["is_active"] is True
        assert emulator.keys(project_id)[0].revoked_at is not None
        assert emulator.patch_key(key.key_id, is_active=True).revoked_at is None

    def test_counts_from_the_first_revoke(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        key = emulator.add_key(project_id)
        emulator.set_behaviour(revoke_lag_seconds=LAG)
        api.delete(f"{keys_path}/{key.key_id}")
        emulator.set_clock(offset_seconds=LAG)
        api.delete(f"{keys_path}/{key.key_id}")
        assert listing(api, keys_path)[0]["is_active"] is False

    def test_outlives_a_restart(self, own_emulator: Emulator, project_id: str) -> None:
        own_emulator.revoke(own_emulator.add_key(project_id).key_id)
        revoked_at = own_emulator.keys()[0].revoked_at
        own_emulator.restart()
        assert own_emulator.keys()[0].revoked_at == revoked_at is not None


class TestList:
    @pytest.mark.parametrize(("switch", "text"), [("array", "[]"), ("null", "null")])
    def test_of_no_keys_can_be_an_array_or_null(
        self, emulator: Emulator, api: httpx.Client, keys_path: str, switch: Any, text: str
    ) -> None:
        emulator.set_behaviour(empty_list=switch)
        assert api.get(keys_path).text == text

    @pytest.mark.parametrize(("null", "text"), [(False, "[]"), (True, "null")])
    def test_can_be_empty_although_there_are_keys(  # noqa: PLR0913, PLR0917 - fixtures
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str, null: bool, text: str
    ) -> None:
        emulator.add_key(project_id)
        emulator.fault("list", "no_keys", 2, null=null)
        answers = [api.get(keys_path) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert [answer.text for answer in answers[:2]] == [text] * 2
        assert len(answers[2].json()) == 1

    def test_that_is_empty_by_a_fault_still_wants_a_token(self, emulator: Emulator, keys_path: str) -> None:
        emulator.fault("list", "no_keys", null=True)
        assert httpx.get(f"{emulator.url}/api/v1{keys_path}").status_code == 401

    def test_can_show_an_id_twice_active_and_inactive(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        alive, _ = emulator.add_key(project_id), emulator.add_key(project_id, is_active=False)
        emulator.set_behaviour(double_listing=True)
        shown = [(key["key_id"] == alive.key_id, key["is_active"]) for key in listing(api, keys_path)]
        assert shown == [(True, True), (True, False), (False, False)]
        emulator.set_behaviour(list_order="reverse")
        assert [key["is_active"] for key in listing(api, keys_path)] == [False, False, True]

    def test_can_leave_out_or_deny_when_keys_were_used(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        emulator.verify(emulator.add_key(project_id).key)
        assert listing(api, keys_path)[0]["last_used_at"] is not None
        emulator.set_behaviour(last_used="null")
        assert listing(api, keys_path)[0]["last_used_at"] is None
        emulator.set_behaviour(last_used="absent")
        assert "last_used_at" not in listing(api, keys_path)[0]


def test_a_revoke_can_be_answered_with_success_and_do_nothing(
    emulator: Emulator, api: httpx.Client, keys_path: str
) -> None:
    made = api.post(keys_path, json={"name": "ci"}).json()
    emulator.set_behaviour(revoke_effect="none")
    assert api.delete(f"{keys_path}/{made['key_id']}").json()["success"] is True
    emulator.set_behaviour(revoke_status=204)
    assert api.delete(f"{keys_path}/{made['key_id']}").status_code == 204
    assert emulator.verify(made["key"])
    assert listing(api, keys_path)[0]["is_active"] is True


FORMS: dict[IdCase, Callable[[str], str]] = {
    "lower": str,
    "upper": str.upper,
    "urn": lambda text: f"urn:uuid:{text}",
    "braces": lambda text: f"{{{text}}}",
    "hex": lambda text: text.replace("-", ""),
}


class TestIds:
    @pytest.mark.parametrize("form", list(FORMS))
    def test_can_be_answered_in_every_form(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str, form: IdCase
    ) -> None:
        emulator.set_behaviour(id_case=form)
        made = api.post(keys_path, json={"name": "ci"}).json()
        (key,) = emulator.keys(project_id)
        for body in (made, listing(api, keys_path)[0]):
            assert body["project_id"] == FORMS[form](project_id)
            assert body["key_id"] == FORMS[form](key.key_id)
            assert body["tenant_id"] == key.tenant_id

    @pytest.mark.parametrize("form", list(FORMS))
    def test_are_taken_in_every_form(
        self, emulator: Emulator, api: httpx.Client, project_id: str, form: IdCase
    ) -> None:
        path = f"/projects/{FORMS[form](project_id)}/keys"
        made = api.post(path, json={"name": "ci"}).json()
        assert len(listing(api, path)) == 1
        assert api.delete(f"{path}/{FORMS[form](made['key_id'])}").status_code == 200
        assert emulator.active_keys(project_id) == []
        assert {call.project_id for call in emulator.calls()} == {project_id}
        assert emulator.calls()[-1].key_id == made["key_id"]

    def test_can_be_words(self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str) -> None:
        emulator.set_behaviour(key_ids="words", id_case="upper")
        made = api.post(keys_path, json={"name": "ci"}).json()
        with pytest.raises(ValueError, match="badly formed"):
            uuid.UUID(made["key_id"])
        assert listing(api, keys_path)[0]["key_id"] == made["key_id"]
        assert api.delete(f"{keys_path}/{made['key_id']}").status_code == 200
        assert emulator.active_keys(project_id) == []


@pytest.mark.parametrize(
    ("switch", "name"),
    [
        ("as_sent", "Deploy-production"),
        ("upper", "DEPLOY-PRODUCTION"),
        ("cut", "Deploy-produ"),
        ("prefixed", "org-Deploy-production"),
    ],
)
def test_names_can_be_changed_on_their_way_in(
    emulator: Emulator, api: httpx.Client, keys_path: str, switch: Names, name: str
) -> None:
    emulator.set_behaviour(names=switch)
    assert api.post(keys_path, json={"name": "Deploy-production"}).json()["name"] == name
    emulator.set_behaviour(names="as_sent")
    assert listing(api, keys_path)[0]["name"] == name


class TestOddFields:
    @pytest.mark.parametrize(
        "date",
        [
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "2026-12-31T23:59:60Z",
            "2026-11-24T10:31:39",
            "2026-11-24T24:00:00Z",
            "soon",
        ],
    )
    def test_dates_are_written_as_they_are_given(
        self, emulator: Emulator, api: httpx.Client, keys_path: str, date: str
    ) -> None:
        emulator.set_behaviour(odd_dates=date)
        made = api.post(keys_path, json={"name": "ci"}).json()
        assert (made["created_at"], made["expires_at"]) == (date, date)
        (listed,) = listing(api, keys_path)
        assert (listed["created_at"], listed["expires_at"], listed["last_used_at"]) == (date, date, None)
        assert emulator.verify(made["key"])

    def test_only_the_dates_that_are_named_are_odd(self, emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
        emulator.set_behaviour(odd_dates="soon", odd_date_fields=["last_used_at"])
        made = api.post(keys_path, json={"name": "ci"}).json()
        assert "soon" not in made.values()
        assert "last_used_at" not in made
        assert [name for name, value in listing(api, keys_path)[0].items() if value == "soon"] == ["last_used_at"]
        emulator.set_behaviour(odd_dates=None)
        assert listing(api, keys_path)[0]["last_used_at"] is None

    def test_half_an_emoji_can_be_in_every_text(self, emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
        emulator.set_behaviour(odd_text="surrogate")
        made = api.post(keys_path, json={"name": "ci", "scopes": ["read", "write"]})
        assert made.text.count("\\ud83d") == 6
        for body in (made.json(), listing(api, keys_path)[0]):
            assert body["name"] == "ci\ud83d"
            assert body["created_by"] == "user_emulator\ud83d"
            assert body["tenant_id"].endswith("\ud83d")
            assert body["key_prefix"].endswith("\ud83d")
            assert body["scopes"] == ["read\ud83d", "write\ud83d"]
        assert emulator.verify(made.json()["key"])

    def test_half_an_emoji_is_only_in_the_texts_that_are_named(
        self, emulator: Emulator, api: httpx.Client, keys_path: str
    ) -> None:
        emulator.set_behaviour(odd_text="surrogate", odd_text_fields=["name", "scopes"])
        made = api.post(keys_path, json={"name": "ci"})
        assert made.text.count("\\ud83d") == 1
        assert made.json()["scopes"] is None

    def test_a_create_can_leave_out_fields_and_answer_others_as_told(
        self, emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str
    ) -> None:
        emulator.set_behaviour(
            create_leaves_out=["created_at", "tenant_id", "scopes"], create_overrides={"key_id": "k/1", "is_active": 7}
        )
        made = api.post(keys_path, json={"name": "ci"}).json()
        assert not {"created_at", "tenant_id", "scopes"} & set(made)
        assert (made["key_id"], made["is_active"]) == ("k/1", 7)
        assert len(emulator.active_keys(project_id)) == 1
        assert listing(api, keys_path)[0]["key_id"] == emulator.keys(project_id)[0].key_id


@pytest.mark.parametrize("status", [300, 302, 304, 307, 401, 403, 413, 422, 429, 499, 500, 503, 599])
@pytest.mark.parametrize("work", [True, False])
def test_a_create_can_fail_with_every_status_after_the_work_or_before(  # noqa: PLR0913, PLR0917 - fixtures
    emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str, status: int, work: bool
) -> None:
    emulator.fault("create", "status", status=status, work=work, retry_after="2")
    answer = api.post(keys_path, json={"name": "ci"})
    assert answer.status_code == status
    assert len(emulator.active_keys(project_id)) == int(work)
    assert ("location" in answer.headers) == (status in {302, 307})
    if status != 304:
        assert answer.headers["retry-after"] == "2"
    assert answer.content == b"" if status == 304 else answer.json()["status"] == status


def test_a_redirect_can_lead_anywhere(emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
    emulator.fault("any", "html", status=302, location="http://127.0.0.1:9/login")
    assert api.get(keys_path).headers["location"] == "http://127.0.0.1:9/login"


@pytest.mark.parametrize("operation", ["list", "create", "revoke"])
def test_a_page_can_come_with_success(
    emulator: Emulator, api: httpx.Client, project_id: str, keys_path: str, operation: Any
) -> None:
    key = emulator.add_key(project_id)
    emulator.fault(operation, "html", status=200, detail="Sign in")
    call = {
        "list": ("GET", keys_path),
        "create": ("POST", keys_path),
        "revoke": ("DELETE", f"{keys_path}/{key.key_id}"),
    }
    answer = api.request(*call[operation], json={"name": "ci"} if operation == "create" else None)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>200 Sign in</title>" in answer.text


FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "unauthorized"},
    {"kind": "html"},
    {"kind": "html", "status": 200},
    {"kind": "decorated"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
class TestExtras:
    @pytest.mark.parametrize("charset", ["utf-16", "hex", "base64", "unknown-xyz", "idna"])
    def test_charset(
        self, emulator: Emulator, api: httpx.Client, keys_path: str, fault: dict[str, Any], charset: str
    ) -> None:
        emulator.fault("list", **fault, charset=charset)
        with api.stream("GET", keys_path) as answer:
            body = b"".join(answer.iter_raw())
        assert answer.headers["content-type"].endswith(f"; charset={charset}")
        text = body.decode("utf-16" if charset == "utf-16" else "ascii")
        assert text[:5] in {"<html", '{"$sc', "null"}

    @pytest.mark.parametrize(
        ("cookie", "sent"),
        [("sid=1", b"sid=1"), ("sid=\u00e9\u00ff; Path=/", b"sid=\xe9\xff; Path=/"), ("s=\u20ac", b"s=\xe2\x82\xac")],
    )
    def test_set_cookie(
        self, emulator: Emulator, keys_path: str, fault: dict[str, Any], cookie: str, sent: bytes
    ) -> None:
        emulator.fault("list", **fault, set_cookie=cookie)
        assert (b"set-cookie", sent) in raw_answer(emulator, keys_path)[1]

    @pytest.mark.parametrize("packed", [True, False])
    def test_size(
        self, emulator: Emulator, api: httpx.Client, keys_path: str, fault: dict[str, Any], packed: bool
    ) -> None:
        size = 3 * 2**20 + 1
        emulator.fault("list", **fault, size_bytes=size, gzip=packed)
        with api.stream("GET", keys_path) as answer:
            body = b"".join(answer.iter_raw())
        assert "content-length" not in answer.headers
        assert (answer.headers.get("content-encoding") == "gzip") is packed
        if packed:
            assert len(body) < size / 100
            body = gzip.decompress(body)
        assert len(body) == size
        if answer.headers["content-type"].endswith("json"):
            assert json.loads(body) is None or "status" in json.loads(body)

    @pytest.mark.parametrize("place", ["media_type", "reason", "location"])
    def test_echo(self, emulator: Emulator, keys_path: str, fault: dict[str, Any], place: Echo) -> None:
        emulator.set_behaviour(opaque_tokens=True)
        emulator.fault("list", **fault, echo=[place])
        reason, headers, _ = raw_answer(emulator, keys_path)
        told = {
            "media_type": dict(headers)[b"content-type"],
            "reason": reason,
            "location": dict(headers).get(b"location"),
        }
        assert b"opaque-token-1" in (told[place] or b"")
        assert [where for where, text in told.items() if b"opaque-token-1" in (text or b"")] == [place]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ({"kind": "html", "echo": ["title"]}, "<title>502 opaque-token-1</title>"),
        ({"kind": "status", "status": 500, "echo": ["title"]}, '"title":"opaque-token-1"'),
        ({"kind": "status", "status": 500, "echo": ["detail"]}, '"detail":"opaque-token-1"'),
        ({"kind": "unauthorized", "echo": ["detail"]}, '"detail":"opaque-token-1"'),
    ],
)
def test_a_token_can_come_back_in_the_body(
    emulator: Emulator, keys_path: str, fault: dict[str, Any], text: str
) -> None:
    emulator.fault("list", **fault)
    assert text in raw_answer(emulator, keys_path)[2].decode()


def test_the_stand_in_for_clerk_echoes_its_key_too(emulator: Emulator) -> None:
    emulator.fault("clerk", "status", status=500, echo=["title", "detail"])
    answer = httpx.post(f"{emulator.url}/v1/sessions/s/tokens", headers={"Authorization": "Bearer sk_1"})
    assert answer.text.count("sk_1") == 2


def test_a_title_can_be_long(emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
    emulator.fault("list", "html", detail="<title " * 30_000)
    assert len(api.get(keys_path).text) > 400_000


def test_a_client_may_hang_up_on_a_huge_answer(emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
    emulator.fault("list", "html", size_bytes=2**40)
    with api.stream("GET", keys_path) as answer:
        assert next(answer.iter_raw())
    assert api.get(keys_path).status_code == 200
    emulator.reset()
    assert emulator.counts()["list"] == 0


def test_a_bearer_token_that_is_no_jwt_can_be_taken(emulator: Emulator, keys_path: str) -> None:
    url = f"{emulator.url}/api/v1{keys_path}"
    emulator.set_behaviour(opaque_tokens=True)
    assert httpx.get(url, headers={"Authorization": "Bearer opaque-token-1"}).status_code == 200
    assert httpx.get(url, headers={"Authorization": f"Bearer {emulator.token(-60)}"}).status_code == 401
    assert httpx.get(url).status_code == 401


@pytest.mark.parametrize(("headers", "cookie"), [({}, False), ({"Cookie": "sid=1"}, True)])
def test_calls_tell_whether_they_brought_a_cookie(
    emulator: Emulator, api: httpx.Client, keys_path: str, headers: dict[str, str], cookie: bool
) -> None:
    api.get(keys_path, headers=headers)
    assert [call.cookie for call in emulator.calls()] == [cookie]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "empty", "charset": "utf-16"},
        {"kind": "latency", "latency_ms": 1, "gzip": True},
        {"kind": "drop_after", "set_cookie": "sid=1"},
        {"kind": "decorated", "status": 200},
        {"kind": "decorated", "work": False},
        {"kind": "html", "status": 199},
        {"kind": "html", "null": True},
        {"kind": "no_keys"},
        {"kind": "html", "set_cookie": "a\r\nb: c"},
        {"kind": "html", "location": "/\n"},
        {"kind": "html", "retry_after": "1\r\n"},
        {"kind": "html", "echo": ["everywhere"]},
        {"kind": "html", "echo": ["reason"], "size_bytes": 5},
        {"kind": "html", "project_id": "x"},
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense_is_refused(emulator: Emulator, fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="emulator refused POST /_emulator/faults"):
        emulator.fault("list", **fault)


def test_only_a_list_can_lack_its_keys(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="no_keys is for the operation list only"):
        emulator.fault("any", "no_keys", null=True)


def raw_answer(emulator: Emulator, path: str) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
    """Reason phrase, headers and body of a list call with an opaque token, as they came."""
    request = httpx.Request("GET", f"{emulator.url}/api/v1{path}", headers={"Authorization": "Bearer opaque-token-1"})
    with httpx.HTTPTransport() as transport:
        answer = transport.handle_request(request)
        headers = [(name.lower(), value) for name, value in answer.headers.raw]
        return answer.extensions["reason_phrase"], headers, answer.read()

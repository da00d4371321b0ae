import dataclasses
import json
import time
from contextlib import nullcontext
from datetime import datetime, timezone
from typing import Any
from uuid import UUID as UUID_TYPE

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.keys import new_key
from pulumi_resource_apikeys.api.wire import UnreadableError, create_body, read_listing, read_minted, read_success
from pulumi_resource_apikeys.keys.port import KeyStatus, MintedKey, RemoteKey

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
UUID = "5f0c8a52-93a1-4d43-8d2e-0d5c6a1f7b10"
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
FULL: dict[str, Any] = {
    "created_at": "2026-11-24T10:31:39.288356666Z",
    "created_by": "user_1",
    "expires_at": "2027-08-24T14:15:22Z",
    "is_active": True,
    "is_admin_managed": False,
    "key_id": "k-1",
    "key_prefix": "ak_12",
    "last_used_at": "2026-11-24T11:00:00Z",
    "name": "deploy",
    "project_id": PROJECT,
    "scopes": ["read", "write"],
    "tenant_id": "t-1",
}
SECRET = "ak_12_very_secret"


def listing(*elements: object) -> tuple[RemoteKey, ...]:
    return read_listing(json.dumps(elements).encode(), PROJECT)


def test_a_full_key_is_read_with_the_times_as_the_server_wrote_them() -> None:
    assert listing(FULL) == (
        RemoteKey(
            key_id="k-1",
            project_id=PROJECT,
            name="deploy",
            is_active=True,
            scopes=("read", "write"),
            key_prefix="ak_12",
            created_at="2026-11-24T10:31:39.288356666Z",
            created_by="user_1",
            expires_at="2027-08-24T14:15:22Z",
            last_used_at="2026-11-24T11:00:00Z",
            tenant_id="t-1",
            is_admin_managed=False,
        ),
    )


@pytest.mark.parametrize("absent", [{}, dict.fromkeys(set(FULL) - {"key_id", "name"})], ids=["left out", "null"])
def test_null_and_left_out_are_alike(absent: dict[str, None]) -> None:
    assert listing({"key_id": "k-1", "name": "deploy", **absent}) == (
        RemoteKey(key_id="k-1", project_id=PROJECT, name="deploy", is_active=True, scopes=()),
    )


NO_TIMES = [
    "",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.000Z",
    "0001-01-01T01:00:00+01:00",
    "0001-01-01T00:00:00+14:00",
    "0001-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:00Z",
]


@pytest.mark.parametrize("time", NO_TIMES)
@pytest.mark.parametrize("field", ["created_at", "expires_at", "last_used_at"])
def test_an_empty_time_is_no_time(field: str, time: str) -> None:
    assert getattr(listing({**FULL, field: time})[0], field) is None


def test_unknown_fields_are_ignored() -> None:
    assert listing({**FULL, "colour": {"deep": [1]}, "$schema": "x"}) == listing(FULL)


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ('<https://api.example.com/keys?page=2>; rel="next"', False),
        ("</keys?after=x>; rel=next", False),
        ('</keys>; rel="first", </keys?page=2>; title="2"; REL="last Next"', False),
        ('</keys>; rel="first"', True),
        ("</next>; rel=nextdoor", True),
        ("", True),
    ],
)
def test_one_page_of_several_is_not_taken_for_the_list(link: str, whole: bool) -> None:
    with nullcontext() if whole else pytest.raises(UnreadableError, match="goes on at another page"):
        assert read_listing(b"[]", PROJECT, link=link) == ()


@pytest.mark.parametrize("body", [b"null", b"[]", b" null\n"])
def test_a_null_list_is_an_empty_one(body: bytes) -> None:
    assert read_listing(body, PROJECT) == ()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "the body is empty"),
        (b"  \n", "the body is empty"),
        (b'[{"key_id": "k-1", "na', "the body is not JSON, or is cut off"),
        (b"<html>", "the body is not JSON, or is cut off"),
        (b"\xff\xfe\x00", "the body is not JSON, or is cut off"),
        (b"[" * 100_000, "the body is not JSON, or is cut off"),
        (b"{}", "expected a list of keys, got an object"),
        (b'{"keys": []}', "expected a list of keys, got an object"),
        (b'"x"', "expected a list of keys, got a string"),
        (b"0", "expected a list of keys, got a number"),
        (b"false", "expected a list of keys, got a boolean"),
        (b"[null]", "[0]: expected an object, got null"),
        (b'[{"key_id": "k-1", "name": "a"}, {"name": "b"}]', "[1].key_id: expected a text, got null"),
        (b'[{"key_id": null, "name": "a"}]', "[0].key_id: expected a text, got null"),
        (b'[{"key_id": "", "name": "a"}]', "[0].key_id: expected a text, got an empty one"),
        (b'[{"key_id": true, "name": "a"}]', "[0].key_id: expected a text, got a boolean"),
        (b'[{"key_id": ["k"], "name": "a"}]', "[0].key_id: expected a text, got a list"),
        (b'[{"key_id": "k", "name": "a", "is_active": "no"}]', "[0].is_active: expected a boolean, got a string"),
        (b'[{"key_id": "k", "name": "a", "is_active": 0}]', "[0].is_active: expected a boolean, got a number"),
    ],
)
def test_a_list_that_is_not_well_formed_is_no_list(body: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_listing(body, PROJECT)
    assert str(caught.value) == complaint


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_unreadable(body: bytes) -> None:
    try:
        read = read_listing(body, PROJECT)
    except UnreadableError:
        return
    assert isinstance(read, tuple)


JSONS: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(FULL)), inner, max_size=12),
    max_leaves=20,
)


@given(JSONS)
def test_any_json_is_a_list_or_unreadable(value: object) -> None:
    try:
        read = read_listing(json.dumps(value).encode(), PROJECT)
    except UnreadableError:
        return
    assert len(read) == len(value or ())  # type: ignore[arg-type]  # a list, or it was unreadable


def minted(**fields: object) -> MintedKey:
    return read_minted(
        json.dumps({**FULL, "key": SECRET, **fields}).encode(), new_key(PROJECT, "asked", scopes=("a", "b"))
    )


def test_a_created_key_comes_with_its_secret_wrapped() -> None:
    body = {name: value for name, value in FULL.items() if name not in {"is_admin_managed", "last_used_at"}}
    made = read_minted(json.dumps({**body, "key": SECRET, "$schema": "x"}).encode(), new_key(PROJECT, "deploy"))
    assert made.secret.get_secret_value() == SECRET
    assert made.remote.key_id == "k-1"
    assert SECRET not in repr(made)


ODD_TIMES = [
    "2026-11-24T10:31:39",
    "2026-11-24T24:00:00Z",
    "0000-00-00T00:00:00Z",
    "tomorrow",
    "1e999",
    7,
    True,
    [],
    {"time": 1},
    "\ud83d",
]


@pytest.mark.parametrize("odd", ODD_TIMES, ids=repr)
@pytest.mark.parametrize("field", ["created_at", "expires_at", "last_used_at"])
def test_a_time_that_can_not_be_read_is_left_out(field: str, odd: object) -> None:
    (listed,) = listing({**FULL, field: odd})
    assert dataclasses.asdict(listed) == {**dataclasses.asdict(listing(FULL)[0]), field: None}
    assert listed.status_at(NOW) is KeyStatus.ACTIVE
    assert getattr(minted(**{field: odd}).remote, field) is None


EDGES = ["0002-01-01T00:00:00Z", "9999-12-31T23:59:59-10:00", "2016-12-31T23:59:60Z", "1970-01-01T00:00:01Z"]


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("field", ["created_at", "expires_at", "last_used_at"])
def test_a_time_at_the_edge_of_the_calendar_is_read(field: str, edge: str) -> None:
    (listed,) = listing({**FULL, field: edge})
    assert getattr(listed, field) == edge
    assert isinstance(listed.status_at(NOW), KeyStatus)


@pytest.mark.parametrize("odd", [7, True, None, [], {"a": 1}], ids=repr)
@pytest.mark.parametrize(
    ("field", "left_out"),
    [("key_prefix", None), ("created_by", None), ("tenant_id", None), ("name", ""), ("project_id", PROJECT)],
)
def test_a_text_of_another_type_is_left_out(field: str, left_out: object, odd: object) -> None:
    assert getattr(listing({**FULL, field: odd})[0], field) == left_out


@pytest.mark.parametrize("odd", [None, 7, "read", {"a": 1}, ["read", 7], [None]], ids=repr)
def test_scopes_that_can_not_be_read_are_those_asked_for_or_none(odd: object) -> None:
    assert listing({**FULL, "scopes": odd})[0].scopes == ()
    assert minted(scopes=odd).remote.scopes == ("a", "b")
    assert minted(scopes=[]).remote.scopes == ()


@pytest.mark.parametrize("odd", ["yes", 0, {}, None], ids=repr)
def test_whether_a_key_is_admin_managed_is_unknown_where_it_can_not_be_read(odd: object) -> None:
    assert listing({**FULL, "is_admin_managed": odd})[0].is_admin_managed is None


@given(st.dictionaries(st.sampled_from(sorted(set(FULL) - {"key_id"})), JSONS))
def test_whatever_else_an_answer_says_a_new_key_with_id_and_secret_is_read(fields: dict[str, object]) -> None:
    made = minted(**fields)
    assert (made.remote.key_id, made.secret.get_secret_value()) == ("k-1", SECRET)
    assert made.remote.name
    assert isinstance(made.remote.status_at(NOW), KeyStatus)
    repr(made.remote).encode()


def test_a_new_key_that_tells_no_name_bears_the_one_asked_for() -> None:
    assert minted(name=None).remote.name == "asked"


@pytest.mark.parametrize(
    "body",
    [
        b'{"key_id": "k-1", "key": "ak_12_very_secret", "name": "\\ud83d", "scopes": ["\\udd11"]}',
        b'{"key_id": "k-1", "key": "ak_12_very_secret", "tenant_id": "\\udd11", "key_prefix": "\\ud83d"}',
        b'{"key_id": "k-1", "key": "ak_12_very_secret", "name": "\xed\xa0\xbd", "created_by": "caf\xe9"}',
        b'{"key_id": "k-1", "key": "ak_12_very_secret", "name": "two\nlines"}',
        b'{"key_id": "k-1", "key": "ak_12_very_secret", "size": ' + b"9" * 10_000 + b', "ratio": NaN}',
        '{"key_id": "k-1", "key": "ak_12_very_secret", "name": "ü"}'.encode("utf-16"),
        '{"key_id": "k-1", "key": "ak_12_very_secret", "name": "ü"}'.encode("utf-8-sig"),
    ],
)
def test_a_new_key_is_read_however_its_text_is_encoded(body: bytes) -> None:
    made = read_minted(body, new_key(PROJECT, "asked"))
    assert made.secret.get_secret_value() == SECRET
    repr(made).encode()


FORMS = [UUID, UUID.upper(), f"urn:uuid:{UUID}", f"{{{UUID}}}", UUID.replace("-", "")]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_id_is_read_as_the_same(form: str) -> None:
    for key in (listing({**FULL, "key_id": form, "tenant_id": form})[0], minted(key_id=form, tenant_id=form).remote):
        assert (key.key_id, key.tenant_id) == (UUID, UUID)
        assert (key.wire_id or key.key_id) == form


@pytest.mark.parametrize("form", [PROJECT.upper(), "another", None, 7])
def test_a_key_is_of_the_project_that_was_asked(form: object) -> None:
    assert listing({**FULL, "project_id": form})[0].project_id == PROJECT
    assert minted(project_id=form).remote.project_id == PROJECT


@pytest.mark.parametrize(("key_id", "read_as"), [("words-42", "words-42"), (42, "42"), ("UPPER", "UPPER")])
def test_an_id_that_is_no_uuid_stays_as_it_is(key_id: object, read_as: str) -> None:
    assert listing({**FULL, "key_id": key_id})[0].key_id == read_as
    assert minted(key_id=key_id).remote.key_id == read_as


USED = {**FULL, "key_id": "k-2"}
NO_USE_TOLD = {name: value for name, value in FULL.items() if name != "last_used_at"}


@pytest.mark.parametrize(
    ("key", "others", "never_used"),
    [
        ({**FULL, "last_used_at": None}, [USED], True),
        ({**FULL, "last_used_at": ""}, [USED], True),
        ({**FULL, "last_used_at": "0001-01-01T00:00:00Z"}, [USED], True),
        ({**FULL, "last_used_at": None}, [], False),
        ({**FULL, "last_used_at": None}, [NO_USE_TOLD], False),
        (NO_USE_TOLD, [USED], False),
        ({**FULL, "last_used_at": "tomorrow"}, [USED], False),
        (FULL, [USED], False),
    ],
)
def test_a_key_was_never_used_only_where_a_server_that_tells_of_use_says_so(
    key: dict[str, object], others: list[dict[str, object]], never_used: bool
) -> None:
    assert listing(key, *others)[0].never_used is never_used


@pytest.mark.parametrize("damage", [{"key": None}, {"key": ""}, {"key": 7}, {"key_id": None}, {"key_id": ""}])
def test_a_create_answer_that_lacks_something_is_unreadable_and_tells_no_value(damage: dict[str, object]) -> None:
    with pytest.raises(UnreadableError) as caught:
        minted(**damage)
    error: BaseException | None = caught.value
    assert error is not None
    assert SECRET not in str(error)
    assert error.__context__ is None
    assert error.__cause__ is None


def test_a_cut_off_create_answer_does_not_travel_along_with_the_error() -> None:
    with pytest.raises(UnreadableError) as caught:
        read_minted(json.dumps({**FULL, "key": SECRET}).encode()[:-1], new_key(PROJECT, "asked"))
    assert caught.value.__context__ is None


def test_fifty_thousand_keys_are_read_in_a_moment() -> None:
    keys = [{**FULL, "key_id": str(UUID_TYPE(int=number))} for number in range(50_000)]
    body = json.dumps(keys).encode()
    began = time.process_time()
    assert len(read_listing(body, PROJECT)) == 50_000
    assert time.process_time() - began < 10


@pytest.mark.parametrize("success", [True, False])
def test_a_revoke_answer_tells_the_success(success: bool) -> None:
    assert read_success(json.dumps({"$schema": "x", "success": success}).encode()) is success


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"success": null}', b'{"success": "true"}', b"true", b"[]"])
def test_a_revoke_answer_without_it_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_success(body)


@pytest.mark.parametrize(
    ("scopes", "expires_at", "body"),
    [
        (None, None, {"name": "n"}),
        ([], None, {"name": "n", "scopes": []}),
        (("a", "b"), "2027-01-01T00:00:00Z", {"name": "n", "scopes": ["a", "b"], "expires_at": "2027-01-01T00:00:00Z"}),
    ],
)
def test_a_create_sends_only_what_was_set(
    scopes: tuple[str, ...] | None, expires_at: str | None, body: dict[str, object]
) -> None:
    assert create_body("n", scopes, expires_at) == body


def test_a_create_sends_what_json_can_hold() -> None:
    body = create_body("half \ud83d", ["\udd11"], None)
    assert body == {"name": "half \ufffd", "scopes": ["\ufffd"]}
    json.dumps(body, ensure_ascii=False).encode()

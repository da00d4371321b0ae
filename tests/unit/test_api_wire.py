import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.api.wire import UnreadableError, create_body, read_listing, read_minted, read_success
from pulumi_resource_apikeys.model.remote import RemoteKey

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
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


@pytest.mark.parametrize("time", ["", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"])
@pytest.mark.parametrize("field", ["created_at", "expires_at", "last_used_at"])
def test_an_empty_time_is_no_time(field: str, time: str) -> None:
    assert getattr(listing({**FULL, field: time})[0], field) is None


def test_unknown_fields_are_ignored() -> None:
    assert listing({**FULL, "colour": {"deep": [1]}, "$schema": "x"}) == listing(FULL)


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
        (b'""', "expected a list of keys, got a string"),
        (b"0", "expected a list of keys, got a number"),
        (b"false", "expected a list of keys, got a boolean"),
        (b"[null]", "[0]: expected an object, got null"),
        (b'[{"key_id": "k-1", "name": "a"}, {"name": "b"}]', "[1].key_id: Field required"),
        (b'[{"key_id": "k-1"}]', "[0].name: Field required"),
        (b'[{"key_id": null, "name": "a"}]', "[0].key_id: Input should be a valid string"),
        (b'[{"key_id": "", "name": "a"}]', "[0].key_id: String should have at least 1 character"),
        (b'[{"key_id": "k", "name": "a", "scopes": ["x", 1]}]', "[0].scopes[1]: Input should be a valid string"),
        (b'[{"key_id": "k", "name": "a", "is_active": "no"}]', "[0].is_active: Input should be a valid boolean"),
        (
            b'[{"key_id": "k", "name": "a", "expires_at": "tomorrow"}]',
            "[0].expires_at: not a time in RFC 3339 form",
        ),
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


def test_a_created_key_comes_with_its_secret_wrapped() -> None:
    body = {name: value for name, value in FULL.items() if name not in {"is_admin_managed", "last_used_at"}}
    minted = read_minted(json.dumps({**body, "key": SECRET, "$schema": "x"}).encode(), PROJECT)
    assert minted.secret.get_secret_value() == SECRET
    assert minted.remote.key_id == "k-1"
    assert SECRET not in repr(minted)


@pytest.mark.parametrize(
    "damage", [{"key": None}, {"key": ""}, {"key": 7}, {"key_id": None}, {"key_id": ""}, {"created_at": "x"}]
)
def test_a_create_answer_that_lacks_something_is_unreadable_and_tells_no_value(damage: dict[str, object]) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_minted(json.dumps({**FULL, "key": SECRET, **damage}).encode(), PROJECT)
    error: BaseException | None = caught.value
    assert error is not None
    assert SECRET not in str(error)
    assert error.__context__ is None
    assert error.__cause__ is None


def test_a_cut_off_create_answer_does_not_travel_along_with_the_error() -> None:
    with pytest.raises(UnreadableError) as caught:
        read_minted(json.dumps({**FULL, "key": SECRET}).encode()[:-1], PROJECT)
    assert caught.value.__context__ is None


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

"""What a project's list says of a key: active, expired, revoked or absent."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fakes.keys import PROJECT, uuid
from pulumi_resource_apikeys.keys.port import KeyStatus, RemoteKey, canonical_id, find, status_in

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def key(number: int = 1, **fields: Any) -> RemoteKey:
    return RemoteKey(key_id=uuid(number), project_id=PROJECT, name="deploy", **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, KeyStatus.ACTIVE),
        ({"expires_at": "2026-11-24T12:00:01Z"}, KeyStatus.ACTIVE),
        ({"expires_at": "2026-11-24T12:00:00Z"}, KeyStatus.EXPIRED),
        ({"expires_at": "2026-11-24T11:59:59.999999999Z"}, KeyStatus.EXPIRED),
        ({"expires_at": "2026-11-24T14:00:00+02:00"}, KeyStatus.EXPIRED),
        ({"expires_at": "2026-11-24T11:30:00-01:00"}, KeyStatus.ACTIVE),
        ({"is_active": False}, KeyStatus.REVOKED),
        ({"is_active": False, "expires_at": "2027-11-24T12:00:00Z"}, KeyStatus.REVOKED),
        ({"is_active": False, "expires_at": "2025-11-24T12:00:00Z"}, KeyStatus.REVOKED),
    ],
)
def test_a_listed_key_is_active_expired_or_revoked(fields: dict[str, Any], expected: KeyStatus) -> None:
    listing = [key(2), key(**fields)]
    assert status_in(listing, uuid(1), NOW) is expected


def test_a_key_expires_as_time_passes() -> None:
    listing = [key(expires_at="2026-11-24T13:00:00Z")]
    assert status_in(listing, uuid(1), NOW) is KeyStatus.ACTIVE
    assert status_in(listing, uuid(1), NOW + timedelta(hours=1)) is KeyStatus.EXPIRED


@pytest.mark.parametrize("listing", [[], [key(2), key(3)]])
def test_a_key_that_is_not_listed_is_absent(listing: list[RemoteKey]) -> None:
    assert status_in(listing, uuid(1), NOW) is KeyStatus.ABSENT
    assert find(listing, uuid(1)) is None


def test_a_key_is_found_by_its_id_and_not_by_its_name() -> None:
    assert find([key(2), key(1)], uuid(1)) == key(1)


UUID = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
FORMS = [UUID, UUID.upper(), f"urn:uuid:{UUID}", f"{{{UUID.upper()}}}", UUID.replace("-", "")]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_uuid_is_the_same_id(form: str) -> None:
    assert canonical_id(form) == UUID
    listed = RemoteKey(key_id=UUID, project_id=PROJECT, name="deploy")
    assert find([listed], form) is listed
    assert status_in([listed], form, NOW) is KeyStatus.ACTIVE


@pytest.mark.parametrize("text", ["words-42", "", "..", "7", f"{UUID}0", f" {UUID}", UUID.replace("0", "g"), "Words"])
def test_an_id_that_is_no_uuid_stays_as_it_is(text: str) -> None:
    assert canonical_id(text) == text

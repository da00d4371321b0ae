from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from apikeys_cli.audit import Audit, audit
from apikeys_cli.findings import MEASURED, FindingKind, Relation
from apikeys_cli.states import StackState, read_state
from fakes.keys import OTHER_PROJECT, PROJECT, uuid
from fakes.states import SECRET, exported, owner, record
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
FRESH: dict[str, Any] = {
    "created_at": "2026-11-19T00:00:00Z",
    "last_used_at": "2026-11-19T12:00:00Z",
    "expires_at": "2028-01-01T00:00:00Z",
    "created_by": "user_1",
}
ROTATING = "RotatingAPIKey"
TWO = {"previousKeyId": uuid(2), "previousRevokesAt": "2026-11-25T00:00:00Z"}


def key(number: int = 1, **fields: Any) -> RemoteKey:
    """The n-th key, made yesterday, used since, with an end far ahead."""
    return RemoteKey(**{"key_id": uuid(number), "project_id": PROJECT, "name": "by-hand", **FRESH, **fields})


def state(*records: dict[str, Any], stack: str = "prod") -> StackState:
    return read_state(exported(*records, stack=stack), stack)


def compared(keys: list[RemoteKey], *stacks: StackState, **options: Any) -> Audit:
    return audit({PROJECT: Listing(keys)}, stacks, NOW, **options)


def kinds(found: Audit) -> list[str]:
    return sorted(finding.kind.value for finding in found.findings)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["unmanaged"]),
        ({"is_active": False}, []),
        ({"expires_at": "2026-11-19T00:00:00Z"}, ["expired"]),
        ({"expires_at": "2026-12-01T00:00:00Z"}, ["expiring", "unmanaged"]),
        ({"expires_at": "2026-12-20T00:00:00Z"}, ["expiring", "unmanaged"]),
        ({"expires_at": "2026-12-20T00:00:01Z"}, ["unmanaged"]),
        ({"expires_at": None}, ["unmanaged"]),
        ({"expires_at": "some day"}, ["unmanaged"]),
        ({"last_used_at": "2026-08-22T00:00:00Z"}, ["unmanaged", "unused"]),
        ({"last_used_at": "2026-08-22T00:00:01Z"}, ["unmanaged"]),
        ({"last_used_at": None}, ["unmanaged"]),
        ({"last_used_at": None, "never_used": True}, ["unmanaged"]),
        (
            {"last_used_at": None, "never_used": True, "created_at": "2026-11-13T00:00:00Z"},
            ["never-used", "unmanaged"],
        ),
        ({"last_used_at": None, "never_used": True, "created_at": None}, ["never-used", "unmanaged"]),
        ({"is_admin_managed": True}, ["admin-managed", "unmanaged"]),
        ({"is_admin_managed": None}, ["unmanaged"]),
    ],
)
def test_what_is_found_of_a_key_that_no_stack_has(fields: dict[str, Any], expected: list[str]) -> None:
    assert kinds(compared([key(**fields)])) == expected


@pytest.mark.parametrize(
    ("kind", "outputs", "fields", "expected"),
    [
        ("APIKey", {}, {}, []),
        ("APIKey", {}, {"expires_at": None}, ["no-end"]),
        ("APIKey", {"expiresAt": "2027-01-01T00:00:00Z"}, {"expires_at": None}, []),
        ("APIKey", {}, {"is_active": False}, ["dead-key"]),
        ("APIKey", {}, {"expires_at": "2026-11-19T00:00:00Z"}, ["dead-key", "expired"]),
        ("APIKey", {}, {"expires_at": "2026-12-01T00:00:00Z"}, ["expiring"]),
        # Renewed before it ends.
        (
            "APIKey",
            {"renewBefore": "5d", "expiresIn": "30d", "expiresAt": "2026-12-01T00:00:00Z"},
            {"expires_at": "2026-12-01T00:00:00Z"},
            [],
        ),
        # Should have been renewed by now.
        (
            "APIKey",
            {"renewBefore": "15d", "expiresIn": "30d", "expiresAt": "2026-12-01T00:00:00Z"},
            {"expires_at": "2026-12-01T00:00:00Z"},
            ["expiring", "rotation-overdue"],
        ),
        ("APIKey", {"rotateAfter": "19d"}, {}, ["rotation-overdue"]),
        ("APIKey", {"rotateAfter": "20d"}, {}, []),
        (ROTATING, {}, {}, []),
        (ROTATING, {"nextRotationAt": "2026-11-20T00:00:00Z"}, {}, ["rotation-overdue"]),
        (ROTATING, {"nextRotationAt": "2026-11-13T00:00:00Z"}, {}, ["rotation-overdue"]),
        (ROTATING, {"nextRotationAt": "2026-11-12T00:00:00Z"}, {}, ["rotation-overdue", "schedule-too-rare"]),
        (ROTATING, {"nextRotationAt": "2026-11-12T00:00:00Z"}, {"is_active": False}, ["dead-key", "schedule-too-rare"]),
        (ROTATING, {"__lateBy": 7 * 86400}, {}, []),
        (ROTATING, {"__lateBy": 8 * 86400}, {}, ["schedule-too-rare"]),
        (ROTATING, {}, {"expires_at": None}, ["no-end"]),
        (ROTATING, {}, {"last_used_at": "2026-01-01T00:00:00Z"}, ["unused"]),
    ],
)
def test_what_is_found_of_a_resource_and_its_key(
    kind: str, outputs: dict[str, Any], fields: dict[str, Any], expected: list[str]
) -> None:
    found = compared([key(**fields)], state(record(owner(kind=kind), **outputs)))
    assert kinds(found) == expected
    assert {finding.stack for finding in found.findings} <= {"infra/prod"}


def test_a_listing_that_lacks_a_resources_key_shows_it_as_dead_unless_it_was_just_made() -> None:
    old, young = record(owner("old"), 1), record(owner("young"), 2, createdAt="2026-11-19T23:55:00Z")
    (finding,) = compared([], state(old, young)).findings
    assert (finding.kind, finding.key_id) == (FindingKind.DEAD_KEY, uuid(1))
    assert "is not listed" in finding.message


@pytest.mark.parametrize(
    ("outputs", "fields", "expected"),
    [
        (TWO, {}, []),
        (TWO, {"is_active": False}, []),
        # A previous key is meant to end and to fall out of use.
        (TWO, {"expires_at": "2026-11-26T00:00:00Z", "last_used_at": "2026-01-01T00:00:00Z"}, []),
        ({**TWO, "previousRevokesAt": "2026-11-20T00:00:00Z"}, {}, ["retirement-overdue"]),
        ({**TWO, "previousRevokesAt": "2026-11-10T00:00:00Z"}, {}, ["retirement-overdue"]),
        ({**TWO, "previousRevokesAt": "2026-11-10T00:00:00Z"}, {"is_active": False}, []),
        # Used yesterday, so it may stay for seven days from then.
        ({**TWO, "previousRevokesAt": "2026-11-10T00:00:00Z", "retire": "whenUnused"}, {}, []),
        (
            {**TWO, "previousRevokesAt": "2026-11-10T00:00:00Z", "retire": "whenUnused"},
            {"last_used_at": "2026-11-11T00:00:00Z"},
            ["retirement-overdue"],
        ),
        (
            {**TWO, "previousRevokesAt": "2026-11-10T00:00:00Z", "retire": "whenUnused", "maxOverlap": "12d"},
            {},
            ["retirement-overdue"],
        ),
    ],
)
def test_what_is_found_of_a_previous_key(outputs: dict[str, Any], fields: dict[str, Any], expected: list[str]) -> None:
    found = compared([key(1), key(2, **fields)], state(record(owner(kind=ROTATING), **outputs)))
    assert kinds(found) == expected
    if fields.get("is_active", True):
        assert [audited.relation for audited in found.keys] == [Relation.MANAGED, Relation.PREVIOUS]
    assert all(finding.key_id == uuid(2) for finding in found.findings)


def test_a_replaced_resource_that_is_still_to_be_deleted_keeps_its_key_alive() -> None:
    old, new = {**record(owner(), 1), "delete": True}, record(owner(), 2)
    found = compared([key(1), key(2)], state(new, old))
    assert [audited.relation for audited in found.keys] == [Relation.LEAVING, Relation.MANAGED]
    assert kinds(found) == ["retirement-overdue"]


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        (owner("deploy").made_name("deploy", b"seed"), Relation.ORPHANED),
        (owner("long-gone").made_name("any", b"seed"), Relation.ORPHANED),
        (owner("deploy").made_name("deploy", b"seed").upper(), Relation.ORPHANED),
        (owner("deploy", stack="staging").made_name("deploy", b"seed"), Relation.UNMANAGED),
        ("deploy", Relation.UNMANAGED),
        ("deploy-9db4063", Relation.UNMANAGED),
        ("deploy-abcdefghijklmnop", Relation.UNMANAGED),
    ],
)
def test_a_key_that_no_state_knows_is_an_orphan_by_its_mark_and_never_by_a_likeness(
    name: str, relation: Relation
) -> None:
    found = compared([key(1), key(2, name=name)], state(record(owner("deploy"))))
    assert [audited.relation for audited in found.keys] == [Relation.MANAGED, relation]


def test_an_orphan_is_told_with_its_stack_and_with_its_resource_if_that_is_still_there() -> None:
    lost, gone = owner("deploy").made_name("deploy", b"seed"), owner("long-gone").made_name("any", b"seed")
    found = compared([key(1), key(2, name=lost), key(3, name=gone)], state(record(owner("deploy"))))
    told = [(one.made_by, one.of_resource.name if one.of_resource else None) for one in found.keys]
    assert told == [
        (None, None),
        ("infra/prod", "deploy"),
        ("infra/prod", None),
    ]


def test_a_stack_without_keys_knows_what_it_made() -> None:
    found = compared([key(1, name=owner().made_name("deploy", b"seed"))], state())
    assert kinds(found) == ["orphaned"]


def test_a_key_that_a_resource_replaced_is_its_orphan_whatever_its_name() -> None:
    found = compared([key(1), key(2, name="custom")], state(record(owner(), __replaced=[uuid(2)])))
    assert kinds(found) == ["orphaned"]


def test_a_name_that_bears_the_mark_of_an_unknown_stack_is_said_to() -> None:
    (finding,) = compared([key(name=owner(stack="other").made_name("x", b"seed"))], state()).findings
    assert "perhaps a stack made it that was not given" in finding.message


def test_a_key_of_two_resources_is_shared() -> None:
    both = state(record(owner()), stack="prod"), state(record(owner(stack="copy")), stack="copy")
    found = compared([key(1)], *both)
    assert kinds(found) == ["shared"]
    assert [claim.stack for claim in found.keys[0].claims] == ["infra/prod", "infra/copy"]


def test_a_stack_that_is_given_twice_counts_once() -> None:
    once = state(record(owner(), 1), record(owner("dead"), 2))
    found = compared([key(1)], once, once)
    assert kinds(found) == ["dead-key"]
    assert found.stacks == ("infra/prod",)


def test_it_is_told_who_made_a_key_that_nobody_manages() -> None:
    (finding,) = compared([key(created_by="user_ada")], state()).findings
    assert finding.message.endswith("; it was made by user_ada")


def test_ids_compare_as_uuids_in_any_form() -> None:
    found = compared([key(1)], state(record(owner(), keyId=uuid(1).upper(), projectId=PROJECT.upper())))
    assert found.keys[0].relation is Relation.MANAGED


def test_resources_of_other_projects_and_of_other_apis_are_left_out_and_said_to_be() -> None:
    elsewhere = record(owner("elsewhere"), 1, __endpoint="https://other.example.com")
    other = record(owner("other"), 2, projectId=OTHER_PROJECT)
    found = compared([], state(elsewhere, other), here=frozenset({"https://api.example.com"}))
    assert (found.findings, found.resources) == ((), ())
    assert len(found.left_out) == 2
    assert "https://other.example.com" in found.left_out[0]
    assert f"--project {OTHER_PROJECT}" in found.left_out[1]


def test_several_projects_are_compared_at_once() -> None:
    listings = {PROJECT: Listing([key(1)]), OTHER_PROJECT: Listing([key(2, project_id=OTHER_PROJECT)])}
    found = audit(listings, [state(record(owner(), 2, projectId=OTHER_PROJECT))], NOW)
    assert [audited.relation for audited in found.keys] == [Relation.UNMANAGED, Relation.MANAGED]


def test_the_servers_time_counts_where_it_told_one() -> None:
    listing = Listing([key(expires_at="2026-11-21T00:00:00Z")])
    listing.served_at = NOW + timedelta(days=2)
    found = audit({PROJECT: listing}, [], NOW)
    assert kinds(found) == ["expired"]
    assert found.now == NOW + timedelta(days=2)


def test_limits_are_the_users() -> None:
    keys = [key(expires_at="2026-12-15T00:00:00Z", last_used_at="2026-11-18T00:00:00Z")]
    limits = {**MEASURED, FindingKind.EXPIRING: timedelta(days=14), FindingKind.UNUSED: timedelta(days=2)}
    assert kinds(compared(keys, limits=limits)) == ["unmanaged", "unused"]


def test_a_delay_that_is_allowed_is_no_finding() -> None:
    late = state(record(owner(kind=ROTATING), nextRotationAt="2026-11-19T00:00:00Z"))
    limits = {**MEASURED, FindingKind.ROTATION_OVERDUE: timedelta(days=2)}
    assert kinds(compared([key(1)], late, limits=limits)) == []


def test_the_name_of_a_key_is_not_shown_where_its_stack_keeps_it_as_a_secret() -> None:
    lost = owner().made_name("secret-base", b"seed")
    found = compared([key(1), key(2), key(3, name=lost)], state(record(owner(), name=SECRET)))
    assert [audited.shown_name for audited in found.keys] == [None, "by-hand", None]
    assert not any("secret-base" in finding.subject for finding in found.findings)


def test_the_worst_comes_first() -> None:
    keys = [key(1, is_admin_managed=True), replace(key(2), name=owner("x").made_name("x", b"seed"))]
    found = compared(keys, state())
    assert [finding.kind.value for finding in found.findings] == ["orphaned", "unmanaged", "admin-managed"]

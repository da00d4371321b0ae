from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from apikeys_cli.states import UnreadableStateError, read_state
from fakes.keys import PROJECT, uuid
from fakes.states import SECRET, exported, owner, record
from pulumi_resource_apikeys.keys.ownership import DYNAMIC_TYPE, Owner, mark_of

UPGRADED = Path(__file__).parents[2] / "data" / "upgrade" / "state.json"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc,arg-type] # the parts of a date


def test_a_real_export_of_an_earlier_version_is_read_with_both_kinds_of_resources() -> None:
    state = read_state(json.loads(UPGRADED.read_text()), "dev")

    assert state.name == "infra/dev"
    assert {(key.kind, key.name, key.dynamic) for key in state.keys} >= {
        ("APIKey", "deploy", False),
        ("APIKey", "plain", True),
        ("RotatingAPIKey", "turning", True),
        ("RotatingAPIKey", "billing", False),
    }
    (billing,) = [key for key in state.keys if key.name == "billing"]
    assert billing.previous_key_id == "f6fafda3-c9ec-4777-bc33-b8cdb0f5cbd6"
    assert billing.previous_retires_at == utc(2081, 8, 28, 15, 6, 57)
    (secretly_named,) = [key for key in state.keys if key.name == "metrics"]
    assert secretly_named.secret_name


@pytest.mark.parametrize("plaintext", ['"sk-secret"', '"sk-secret-of-a-list"'])
def test_no_value_of_a_secret_is_kept_even_where_the_export_shows_it(plaintext: str) -> None:
    shown = {**SECRET, "plaintext": plaintext}
    del shown["ciphertext"]
    of = owner("deploy", "RotatingAPIKey")
    state = read_state(exported(record(of, key=shown, previousKey=shown, name=shown, keyName=shown)), "prod")

    assert state.shows_secrets
    assert "sk-secret" not in repr(asdict(state))
    assert "ciphertext" not in repr(asdict(state))
    assert state.keys[0].secret_name


def test_ciphertext_alone_is_no_secret_in_clear() -> None:
    assert not read_state(exported(record(owner())), "prod").shows_secrets


@pytest.mark.parametrize(
    ("outputs", "due"),
    [
        ({}, None),
        ({"rotateAfter": "10d"}, utc(2026, 11, 11)),
        ({"renewBefore": "5d", "expiresIn": "30d", "expiresAt": "2026-12-01T00:00:00Z"}, utc(2026, 11, 26)),
        ({"rotateAfter": "10d", "renewBefore": "5d", "expiresAt": "2026-12-01T00:00:00Z"}, utc(2026, 11, 11)),
        ({"rotateAfter": "nonsense"}, None),
        ({"rotateAfter": SECRET}, None),
    ],
)
def test_when_an_api_key_is_due(outputs: dict[str, Any], due: datetime | None) -> None:
    (key,) = read_state(exported(record(owner(), **outputs)), "prod").keys
    assert key.next_rotation_at == due


@pytest.mark.parametrize(
    ("outputs", "retires", "latest"),
    [
        ({}, None, None),
        ({"previousKeyId": uuid(9), "previousRevokesAt": "2026-11-08T00:00:00Z"}, utc(2026, 11, 8), utc(2026, 11, 8)),
        (
            {"previousKeyId": uuid(9), "previousRevokesAt": "2026-11-08T00:00:00Z", "retire": "whenUnused"},
            utc(2026, 11, 8),
            utc(2026, 12, 1),
        ),
        (
            {
                "previousKeyId": uuid(9),
                "previousRevokesAt": "2026-11-08T00:00:00Z",
                "retire": "whenUnused",
                "maxOverlap": "10d",
            },
            utc(2026, 11, 8),
            utc(2026, 11, 11),
        ),
    ],
)
def test_when_a_previous_key_retires(
    outputs: dict[str, Any], retires: datetime | None, latest: datetime | None
) -> None:
    (key,) = read_state(exported(record(owner(kind="RotatingAPIKey"), **outputs)), "prod").keys
    assert (key.previous_retires_at, key.previous_ends_latest) == (retires, latest)
    assert (key.rotate_every, key.overlap) == (timedelta(days=30), timedelta(days=7))


@pytest.mark.parametrize("hidden", ["__", "_"])
def test_hidden_properties_are_read_as_the_plugin_and_the_dynamic_provider_write_them(hidden: str) -> None:
    outputs: dict[str, Any] = {
        f"{hidden}lateBy": 3600,
        f"{hidden}endpoint": "https://API.example.com/",
        f"{hidden}replaced": [uuid(7)],
    }
    (key,) = read_state(exported(record(owner(kind="RotatingAPIKey"), **outputs)), "prod").keys
    assert (key.late_by, key.endpoint, key.replaced) == (timedelta(hours=1), "https://api.example.com", (uuid(7),))


@pytest.mark.parametrize("change", [{"external": True}, {"type": "random:index:RandomId"}, {"outputs": {}, "id": "?"}])
def test_what_is_only_read_or_of_another_type_or_has_no_key_is_not_managed(change: dict[str, Any]) -> None:
    assert read_state(exported({**record(owner()), **change}), "prod").keys == ()


def test_a_replaced_resource_that_is_still_to_be_deleted_is_told_apart() -> None:
    old, new = {**record(owner(), 1), "delete": True}, record(owner(), 2)
    assert [key.leaving for key in read_state(exported(new, old), "prod").keys] == [False, True]


@pytest.mark.parametrize(
    ("outputs", "made_here"),
    [({}, True), ({"key": None}, False), ({"generation": 0}, False), ({"generation": 3}, True)],
)
def test_a_key_that_was_taken_over_is_not_one_that_the_resource_made(outputs: dict[str, Any], made_here: bool) -> None:
    (key,) = read_state(exported(record(owner(), **outputs)), "prod").keys
    assert key.made_here is made_here


def test_the_letters_of_a_stack_are_learnt_from_the_keys_that_it_made_itself() -> None:
    kept_elsewhere = owner(backend="s3://states")
    mark = mark_of(kept_elsewhere.made_name("deploy"))
    assert mark is not None

    made = read_state(exported(record(owner(), name=kept_elsewhere.made_name("deploy"))), "prod")
    taken_over = read_state(exported(record(owner(), name=kept_elsewhere.made_name("deploy"), key=None)), "prod")
    told = read_state(exported(record(owner(), name="any")), "prod", "s3://states")

    assert mark.stack in made.letters
    assert mark.stack not in taken_over.letters
    assert mark.stack in told.letters


def test_the_checkpoint_of_a_file_backend_is_read_too() -> None:
    checkpoint = {"version": 3, "checkpoint": {"latest": exported(record(owner()))["deployment"]}}
    assert [key.name for key in read_state(checkpoint, "prod").keys] == ["deploy"]


@pytest.mark.parametrize("empty", [{"deployment": {}}, {"deployment": {"resources": None}}, {"checkpoint": {}}])
def test_a_stack_without_resources_has_no_keys(empty: object) -> None:
    state = read_state(empty, "prod")
    assert (state.name, state.keys) == ("prod", ())


@pytest.mark.parametrize("other", [None, [], "text", {}, {"resources": []}, {"deployment": {"resources": "many"}}])
def test_what_is_no_export_is_refused(other: object) -> None:
    with pytest.raises(UnreadableStateError, match="is not what `pulumi stack export` writes"):
        read_state(other, "prod")


def test_a_dynamic_resource_has_the_letters_of_the_plugins_resource() -> None:
    plugin = owner()
    dynamic = Owner(plugin.project, plugin.stack, f"{DYNAMIC_TYPE}APIKey", plugin.name)
    (key,) = read_state(exported(record(dynamic)), "prod").keys
    assert key.dynamic
    assert key.project_id == PROJECT
    assert key.owner.mark == plugin.mark

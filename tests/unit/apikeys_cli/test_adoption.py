from __future__ import annotations

import json
from typing import Any

import pytest

from apikeys_cli import adoption
from fakes.audits import HOSTILE, everything
from fakes.keys import PROJECT, uuid
from pulumi_resource_apikeys.keys.port import RemoteKey

AUDIT = everything()


def key(name: str, number: int = 1) -> RemoteKey:
    return RemoteKey(uuid(number), PROJECT, name)


def test_candidates_are_the_live_keys_that_no_stack_has() -> None:
    assert {one.key.key_id for one in adoption.candidates(AUDIT)} == set(map(uuid, (5, 6, 7, 8)))


@pytest.mark.parametrize(
    ("pick", "found"),
    [
        (uuid(5), uuid(5)),
        (uuid(5).upper(), uuid(5)),
        (f"{PROJECT}/{uuid(5)}", uuid(5)),
        (HOSTILE, uuid(5)),
        ("admins", uuid(8)),
        # An orphan's stack has lost it.
        (uuid(4), uuid(4)),
    ],
)
def test_a_key_is_picked_by_its_id_or_by_its_name(pick: str, found: str) -> None:
    keys, problems = adoption.picked(AUDIT, [pick, pick])
    assert ([one.key.key_id for one in keys], problems) == ([found], [])


@pytest.mark.parametrize(
    ("pick", "reason"),
    [
        ("nope", "no live key of the project has that id or name"),
        (uuid(12), "no live key"),
        (uuid(9), "it is expired"),
        (uuid(3), "ci of infra/prod has it already"),
        ("the-secret-name", "no live key"),
    ],
)
def test_a_key_that_cannot_be_taken_over_is_refused_with_the_reason(pick: str, reason: str) -> None:
    keys, (problem,) = adoption.picked(AUDIT, [pick])
    assert keys == ()
    assert problem.property == pick
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Deploy Key (CI)"], ["deploy-key-ci"]),
        (["deploy", "Deploy", "deploy!"], ["deploy-2", "deploy-3", "deploy-4"]),
        (["42"], ["key-42"]),
        (["日本語", "!"], ["key", "key-2"]),
        (["x" * 100], ["x" * 60]),
    ],
)
def test_resources_get_names_of_their_own(names: list[str], expected: list[str]) -> None:
    made = adoption.adoptions([key(name, number) for number, name in enumerate(names)], {"deploy"})
    assert [one.name for one in made] == expected


@pytest.mark.parametrize(("rotation", "kind"), [(None, "APIKey"), (adoption.Rotation("30d", "7d"), "RotatingAPIKey")])
def test_the_import_file_names_type_name_and_id(rotation: Any, kind: str) -> None:
    made = adoption.adoptions([key("ci")], (), rotation)
    assert json.loads(adoption.import_file(made)) == {
        "resources": [{"type": f"apikeys:index:{kind}", "name": "ci", "id": f"{PROJECT}/{uuid(1)}"}]
    }

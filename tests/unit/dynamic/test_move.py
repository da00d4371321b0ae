"""The edit of an exported state: what refers to a moved key follows, and what can't be moved is refused."""

from __future__ import annotations

import copy
import io
import json
from typing import Any

import pytest

from pulumi_resource_apikeys.dynamic import move

STACK = "urn:pulumi:dev::infra"
KEY = f"{STACK}::apikeys:index:APIKey::deploy"
CHILD = f"{STACK}::app:index:Service$apikeys:index:APIKey$other:index:Thing::apikeys:index:APIKey"
PROVIDER = f"{STACK}::pulumi:providers:apikeys::default_0_1_0::an-id"
ENDPOINT = "https://api.example.com"
CIPHER = {move.MARK: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}


def exported() -> dict[str, Any]:
    return {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": PROVIDER.rpartition("::")[0], "type": "pulumi:providers:apikeys", "id": "an-id"},
                {
                    "urn": KEY,
                    "type": "apikeys:index:APIKey",
                    "id": "project/key",
                    "provider": PROVIDER,
                    "inputs": {"name": "deploy", "triggers": {"a": CIPHER}, "__defaults": ["name"]},
                    "outputs": {"name": "deploy", "key": CIPHER, "triggers": {"a": CIPHER}, "__endpoint": ENDPOINT},
                    "additionalSecretOutputs": ["key"],
                    "refreshBeforeUpdate": True,
                },
                {
                    "urn": CHILD,
                    "type": "other:index:Thing",
                    "parent": KEY,
                    "dependencies": [KEY],
                    "propertyDependencies": {"secret": [KEY], "none": None},
                    "deletedWith": KEY,
                    "inputs": {"note": KEY},
                },
            ]
        },
    }


def resources(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {record["urn"]: record for record in state["deployment"]["resources"]}


def test_all_that_refers_to_a_moved_key_follows() -> None:
    state = exported()

    told = move.to_dynamic(state)

    new = KEY.replace("apikeys:index:APIKey", "pulumi-python:dynamic/apikeys:APIKey")
    found = resources(state)
    child = next(record for record in found.values() if record["type"] == "other:index:Thing")
    assert told == [f"moved {KEY}"]
    assert child["urn"] == (
        f"{STACK}::app:index:Service$pulumi-python:dynamic/apikeys:APIKey$other:index:Thing::apikeys:index:APIKey"
    )
    assert child["parent"] == child["deletedWith"] == new
    assert child["dependencies"] == [new]
    assert child["propertyDependencies"] == {"secret": [new], "none": []}
    assert child["inputs"] == {"note": KEY}
    assert found[new]["inputs"]["_program"] == {"name": "deploy", "secrets": ["triggers"]}
    assert found[new]["inputs"]["_defaults"] == ["name"]
    assert found[new]["outputs"]["key"] == CIPHER
    assert found[new]["outputs"]["_endpoint"] == ENDPOINT
    assert not {"__endpoint", "__defaults"} & found[new]["outputs"].keys()
    assert "refreshBeforeUpdate" not in found[new]
    provider = f"{STACK}::pulumi:providers:pulumi-python::default"
    assert found[new]["provider"] == f"{provider}::{found[provider]['id']}"
    assert list(found).index(provider) < list(found).index(new)


def test_there_and_back_is_where_it_began_but_for_the_provider() -> None:
    state = exported()
    before = resources(copy.deepcopy(state))

    move.to_dynamic(state)
    move.to_plugin(state)

    after = resources(state)
    assert after[KEY] == before[KEY]
    assert after[CHILD] == {**before[CHILD], "propertyDependencies": {"secret": [KEY], "none": []}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "is not what `pulumi stack export` writes"),
        (json.dumps({"deployment": {"pending_operations": [{}], "resources": []}}), "has pending operations"),
        (json.dumps({"deployment": {"resources": []}}), "has nothing to move"),
        (json.dumps({"deployment": None}), "has nothing to move"),
        (json.dumps([]), "is not what `pulumi stack export` writes"),
    ],
)
def test_what_cannot_be_moved_is_refused_and_nothing_is_written(
    given: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))

    status = move.main(["dynamic"])

    written, told = capsys.readouterr()
    assert status == 1
    assert written == ""
    assert told.startswith("error: ")
    assert words in told

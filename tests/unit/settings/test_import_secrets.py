"""Secrets of keys to be imported: from the environment alone, one or by the key's id, and shown by nothing."""

from __future__ import annotations

import pytest

from pulumi_resource_apikeys.settings import read, variable_of

KEY_ID = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
OWN = "APIKEYS_IMPORT_SECRET_0B9D5C1E_6A53_4C1E_9A51_2F7F3A3D7C10"


def test_a_key_has_a_variable_of_its_own() -> None:
    assert variable_of(KEY_ID) == OWN


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {}),
        ({"APIKEYS_IMPORT_SECRET": ""}, {}),
        ({"APIKEYS_IMPORT_SECRET": "sk-1\n"}, {"APIKEYS_IMPORT_SECRET": "sk-1"}),
        ({OWN: "sk-1"}, {OWN: "sk-1"}),
        ({OWN.replace("9A51", "9a51"): "sk-1"}, {OWN: "sk-1"}),
        ({f"APIKEYS_IMPORT_SECRET_{KEY_ID}": "sk-1"}, {OWN: "sk-1"}),
        ({"APIKEYS_TOKEN": "jwt"}, {}),
    ],
)
def test_it_is_read_from_the_environment(environment: dict[str, str], expected: dict[str, str]) -> None:
    found, problems = read({}, environment)
    assert problems == []
    assert {name: secret.get_secret_value() for name, secret in found.import_secrets.items()} == expected
    assert "sk-1" not in repr(found)


def test_it_is_no_option_of_the_provider_for_an_option_stays_in_the_state() -> None:
    _, problems = read({"importSecret": "sk-1"}, {})
    assert [problem.property for problem in problems] == ["importSecret"]

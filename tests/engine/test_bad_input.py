"""What a program may get wrong: each fault named with its property, before anything is called."""

from __future__ import annotations

import re
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack
from harness.variants import both

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"


def problems(result: Result) -> dict[str, str]:
    """The reasons by property, as the engine shows what a check found."""
    found = (re.search(r"property (\S+) value \{.*\} has a problem: (.*)", error) for error in result.errors())
    return {match[1]: match[2] for match in found if match}


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        pytest.param(
            {
                "projectId": "production",
                "name": " ",
                "scopes": ["read", "deploy write"],
                "expiresAt": "31 January 2027",
                "rotateAfter": "3 months",
                "scope": ["read"],
                "owner": "me",
            },
            {
                "projectId": '"production" is not a UUID',
                "name": "must not be blank",
                "scopes[1]": "a scope must not be empty or contain white space",
                "expiresAt": "is not a time in RFC 3339 form",
                "rotateAfter": '"3 months" is not a duration',
                "scope": 'unknown property; did you mean "scopes"?',
                "owner": "unknown property; there are expiresAt",
            },
            id="every property on its own",
        ),
        pytest.param(
            {"projectId": PROJECT, "scopes": ["read", "write", "read"]},
            {"scopes": "names read more than once"},
            id="double scopes",
        ),
        pytest.param(
            {"projectId": PROJECT, "expiresAt": "2099-01-01T00:00:00Z", "expiresIn": "90d"},
            {"expiresIn": "can't be set together with expiresAt"},
            id="two ends",
        ),
        pytest.param(
            {"projectId": PROJECT, "expiresAt": "2020-01-01T00:00:00Z"},
            {"expiresAt": "2020-01-01T00:00:00Z has passed"},
            id="an end in the past",
        ),
        pytest.param({}, {"projectId": "is required: set it here or on the provider"}, id="no project"),
        pytest.param(
            {"projectId": PROJECT, "triggers": {"build": {"$asset": "a file"}}},
            {"triggers.build": "must not be an asset"},
            id="an asset",
        ),
    ],
)
@both
def test_is_named_with_its_property_and_calls_nothing(
    stack: Stack, emulator: Emulator, arguments: dict[str, Any], reasons: dict[str, str]
) -> None:
    stack.declare({"deploy": {"type": "Raw", "args": arguments}})

    preview = stack.preview()

    assert not preview.ok
    shown = problems(preview)
    assert shown.keys() == reasons.keys(), preview.output
    for name, reason in reasons.items():
        assert reason in shown[name]
    assert len(preview.errors()) == len(reasons), preview.output
    assert not preview.shows_traceback()
    assert set(emulator.counts().values()) == {0}


@both
def test_an_input_that_is_wrong_and_secret_is_not_shown(stack: Stack, project: str) -> None:
    stack.declare(
        {
            "deploy": {
                "type": "Raw",
                "args": {
                    "projectId": project,
                    "rotateAfter": {"$secret": "hush-hush"},
                    "scopes": ["read", {"$secret": "silent scope"}],
                    "triggers": {"$secret": {"build": "mum's the word"}},
                    "owner": {"$secret": "between us"},
                },
            }
        }
    )

    preview = stack.preview()

    assert not preview.ok
    assert len(preview.errors()) == 3, preview.output
    for name in ("rotateAfter", "scopes[1]", "owner"):
        assert name in "".join(preview.errors())
    for secret in ("hush-hush", "silent scope", "mum's the word", "between us"):
        assert secret not in preview.output


def test_a_run_that_fails_its_check_leaves_the_existing_keys_as_they_were(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare({"deploy": {"args": {"project_id": project, "scopes": ["read"]}}})
    assert stack.up().ok
    before = stack.facts()
    stack.declare({"deploy": {"args": {"project_id": project, "scopes": ["read", "read"]}}})

    up = stack.up()

    assert problems(up).keys() == {"scopes"}, up.output
    assert stack.facts() == before
    assert emulator.verify(stack.facts()["deploy"]["outputs"]["key"]["plaintext"].strip('"'))

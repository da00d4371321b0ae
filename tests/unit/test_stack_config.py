"""The stack's configuration as it is now comes before what a default provider's state remembers."""

from __future__ import annotations

import json

import pytest

from pulumi_resource_apikeys.plugin.stack_config import in_force

DEFAULT = "urn:pulumi:prod::infra::pulumi:providers:apikeys::default_0_1_0"
EXPLICIT = "urn:pulumi:prod::infra::pulumi:providers:apikeys::default-looking"
REMEMBERED = {"version": "0.1.0", "endpoint": "https://old.example.com", "token": "old", "offline": "true"}


def configured(stack: object, remembered: dict[str, object] | None = None, **environment: str) -> dict[str, object]:
    return dict(
        in_force(
            REMEMBERED if remembered is None else remembered,  # type: ignore[arg-type] # plain values are enough here
            DEFAULT,
            {"PULUMI_CONFIG": json.dumps(stack), **environment},
        )
    )


def test_what_the_stack_says_now_comes_first() -> None:
    assert configured({"endpoint": "https://new.example.com", "token": "new"}) == {
        "version": "0.1.0",
        "endpoint": "https://new.example.com",
        "token": "new",
    }


def test_what_is_said_nowhere_else_is_remembered_but_never_offline() -> None:
    assert configured({}) == {"version": "0.1.0", "endpoint": "https://old.example.com", "token": "old"}


@pytest.mark.parametrize(
    "named",
    [{"tokenFile": "f"}, {"tokenCommand": '["c"]'}, {"clerkSecretKey": "k"}, {"clerkSessionId": "s"}, {"token": "new"}],
)
def test_a_source_that_is_named_now_takes_the_place_of_all_that_is_remembered(named: dict[str, str]) -> None:
    remembered: dict[str, object] = {
        "token": "old",
        "tokenFile": "old",
        "tokenCommand": "old",
        "clerkSecretKey": "old",
        "clerkSessionId": "old",
        "clerkApiUrl": "https://old.example.com",
        "clerkTokenLifetime": "5m",
    }
    assert configured(named, remembered) == named


def test_the_address_of_a_source_names_none() -> None:
    remembered: dict[str, object] = {"token": "old"}
    stack = {"clerkApiUrl": "https://clerk.example.com"}
    assert configured(stack, remembered) == {**remembered, **stack}


def test_the_environment_comes_before_what_is_remembered_and_stays_there() -> None:
    assert configured({}, APIKEYS_TOKEN_FILE="f", APIKEYS_ENDPOINT="https://new.example.com") == {"version": "0.1.0"}


@pytest.mark.parametrize(
    ("urn", "config"),
    [
        (EXPLICIT, '{"token": "new"}'),
        ("", '{"token": "new"}'),
        (DEFAULT, None),
        (DEFAULT, ""),
        (DEFAULT, "null"),
        (DEFAULT, "{"),
    ],
)
def test_an_explicit_provider_or_a_silent_engine_leaves_what_is_remembered(urn: str, config: str | None) -> None:
    environment = {"APIKEYS_TOKEN": "other"} if config is None else {"PULUMI_CONFIG": config}
    assert in_force(REMEMBERED, urn, environment) is REMEMBERED

"""The stack's configuration as it is now comes before what a default provider's state remembers, and no other's."""

from __future__ import annotations

import json

import pytest

from pulumi_resource_apikeys.plugin.stack_config import differing, effective_config, marked

PREFIX = "urn:pulumi:prod::infra::pulumi:providers:apikeys::"
DEFAULT = f"{PREFIX}default_0_1_0"
REMEMBERED = {"version": "0.1.0", "endpoint": "https://old.example.com", "token": "old", "offline": "true"}


def environment_of(stack: object) -> dict[str, str]:
    return {"PULUMI_CONFIG": json.dumps(stack)}


def configured(stack: object, remembered: dict[str, object] | None = None, **environment: str) -> dict[str, object]:
    return dict(
        effective_config(
            REMEMBERED if remembered is None else remembered,  # type: ignore[arg-type] # plain values are enough here
            DEFAULT,
            {**environment_of(stack), **environment},
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


@pytest.mark.parametrize("config", [None, "", "null", "{"])
def test_an_engine_that_tells_no_configuration_leaves_what_is_remembered(config: str | None) -> None:
    environment = {"APIKEYS_TOKEN": "other"} if config is None else {"PULUMI_CONFIG": config}
    assert effective_config(REMEMBERED, DEFAULT, environment) is REMEMBERED


NAMES = {
    "default": None,
    "default_0_1_0": "0.1.0",
    "default_1_2_3_alpha_4_exp_sha-5": "1.2.3-alpha.4+exp.sha-5",
    "default_1_2_3_b_7": "1.2.3+b.7",
    "default_0_1_0_https_/example_com": "0.1.0",
    "default_github_/api_github_com_x": None,
}
"""What the engine calls default providers, by the version that it gives them."""

OTHERS = {
    "default": "0.1.0",
    "default_eu": "0.1.0",
    "default_0_1": "0.1.0",
    "default_0_1_00": "0.1.0",
    "default_0_2_0": "0.1.0",
    "default_1_2_3": "1.2.3-alpha",
    "default-looking": None,
    "defaults": None,
    "the_default": None,
    "Default": None,
    "x::default": None,
}
"""What it never calls one."""


def given(version: str | None) -> dict[str, str]:
    return {"endpoint": "https://own.example.com", **({"version": version} if version else {})}


@pytest.mark.parametrize(("name", "version"), NAMES.items())
def test_a_state_of_a_provider_that_is_named_as_the_engine_does_is_a_default_ones(
    name: str, version: str | None
) -> None:
    stack = {"endpoint": "https://new.example.com"}
    assert effective_config(given(version), PREFIX + name, environment_of(stack)) == {**given(version), **stack}


@pytest.mark.parametrize(
    ("urn", "version"),
    [
        *((PREFIX + name, version) for name, version in OTHERS.items()),
        ("urn:pulumi:prod::infra::my:index:Team$pulumi:providers:apikeys::default_0_1_0", "0.1.0"),
        ("urn:pulumi:prod::infra::a$b::pulumi:providers:apikeys::default_0_1_0", "0.1.0"),
        ("urn:pulumi:prod::infra::pulumi:providers:other::default_0_1_0", "0.1.0"),
        ("", None),
    ],
)
def test_a_urn_that_no_default_provider_bears_is_an_explicit_ones(urn: str, version: str | None) -> None:
    inputs, environment = given(version), environment_of({"endpoint": "https://new.example.com"})
    assert effective_config(inputs, urn, environment) is inputs
    assert marked(inputs, urn, environment) == inputs


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("own", "stack"),
    [
        ({"endpoint": "https://own.example.com"}, {"endpoint": "https://stack.example.com"}),
        ({"endpoint": "https://own.example.com"}, {}),
        ({}, {"endpoint": "https://stack.example.com"}),
        ({"endpoint": "https://same.example.com", "token": "own"}, {"endpoint": "https://same.example.com"}),
        ({"token": "own"}, {"token": "of the stack"}),
    ],
)
def test_a_program_can_not_have_its_provider_taken_for_a_default_one_by_its_name(
    name: str, own: dict[str, str], stack: dict[str, str]
) -> None:
    news = {**own, **({"version": NAMES[name]} if NAMES[name] else {})}
    checked = marked(news, PREFIX + name, environment_of(stack))
    assert checked == {**news, "__explicit": True}
    for now in (stack, {**stack, "endpoint": "https://later.example.com", "token": "later"}):
        assert effective_config(checked, PREFIX + name, environment_of(now)) is checked


@pytest.mark.parametrize(("name", "version"), NAMES.items())
@pytest.mark.parametrize("forged", [{}, {"__explicit": True}, {"__explicit": False}, {"__internal": {}}])
def test_a_default_provider_is_checked_with_what_the_stack_says_and_is_not_marked(
    name: str, version: str | None, forged: dict[str, object]
) -> None:
    stack = {"endpoint": "https://stack.example.com", "maxRetries": "3"}
    news = {**stack, **({"version": version} if version else {}), **forged}
    checked = marked(news, PREFIX + name, environment_of(stack))  # type: ignore[arg-type] # plain values
    assert checked == {option: value for option, value in news.items() if option != "__explicit"}


def test_an_engine_that_tells_no_configuration_has_nothing_marked() -> None:
    assert marked(REMEMBERED, DEFAULT, {}) == REMEMBERED


@pytest.mark.parametrize(
    ("olds", "news", "expected"),
    [
        ({"token": "a"}, {"token": "a"}, []),
        ({"token": "a", "tokenFile": "f"}, {"token": "b", "endpoint": "e"}, ["endpoint", "token", "tokenFile"]),
        ({"token": "a"}, {"token": "a", "__explicit": True}, ["__explicit"]),
        ({"token": "a", "__explicit": True}, {"token": "a"}, []),
        ({"token": "a", "__explicit": True}, {"token": "a", "__explicit": True}, []),
    ],
)
def test_a_provider_that_is_found_to_be_explicit_is_configured_anew(
    olds: dict[str, object], news: dict[str, object], expected: list[str]
) -> None:
    assert differing(olds, news) == expected  # type: ignore[arg-type] # plain values

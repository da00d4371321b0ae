"""The provider's configuration: each option from the stack and from the environment, what comes first, what clashes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from fakes.keys import OTHER_PROJECT, PROJECT
from pulumi_resource_apikeys import settings
from pulumi_resource_apikeys.credentials.tokens import NO_SOURCE
from pulumi_resource_apikeys.errors import Problem, SettingsError
from pulumi_resource_apikeys.http_client.loopback import is_loopback
from pulumi_resource_apikeys.model.values import UNKNOWN, Value
from pulumi_resource_apikeys.settings import (
    ClerkSession,
    HalfOfClerk,
    Settings,
    StaticToken,
    TokenCommand,
    TokenFile,
    environment_variable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENTED = (Path(__file__).parents[3] / "docs" / "credentials.md").read_text(encoding="utf-8")
ENDPOINT = "https://api.example.com"
STACK, ENVIRONMENT = "the provider configuration", "the environment"


def read(props: Mapping[str, Value] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    found, problems = settings.read(props or {}, environment or {})
    assert problems == []
    return found


def problems_of(props: Mapping[str, Value], environment: Mapping[str, str] | None = None) -> list[Problem]:
    return settings.read(props, environment or {})[1]


FORMER = ("https://a.example.com", "https://b.example.com/x")
PLAIN = [
    ("endpoint", ENDPOINT, "endpoint", ENDPOINT),
    ("projectId", PROJECT, "project_id", PROJECT),
    ("projectId", PROJECT.upper(), "project_id", PROJECT),
    ("offline", "true", "offline", True),
    ("offline", "1", "offline", True),
    ("offline", "No", "offline", False),
    ("detectRevoked", "false", "detect_revoked", False),
    ("detectRevoked", "0", "detect_revoked", False),
    ("requestTimeout", "5s", "request_timeout", 5.0),
    ("requestTimeout", "PT1M", "request_timeout", 60.0),
    ("maxRetries", "0", "max_retries", 0),
    ("maxRetries", "20", "max_retries", 20),
    ("maxConcurrency", "1", "max_concurrency", 1),
    ("tokenFile", "/run/token", "sources", (TokenFile("/run/token"),)),
    ("tokenCommand", '["print-token", "--for", "a b"]', "sources", (TokenCommand(("print-token", "--for", "a b")),)),
    ("tokenCommand", "print-token --for 'a b'", "sources", (TokenCommand(("print-token", "--for", "a b")),)),
    ("formerEndpoints", "https://OLD.example.com/api/v1", "former_endpoints", ("https://old.example.com",)),
    ("formerEndpoints", '["https://a.example.com", "https://b.example.com/x"]', "former_endpoints", FORMER),
    ("formerEndpoints", "https://a.example.com/ , https://b.example.com/x,", "former_endpoints", FORMER),
    ("formerEndpoints", "[]", "former_endpoints", ()),
    ("deletedProjects", f"{PROJECT.upper()}, {OTHER_PROJECT}", "deleted_projects", (PROJECT, OTHER_PROJECT)),
    ("deletedProjects", f'["{PROJECT}"]', "deleted_projects", (PROJECT,)),
]


@pytest.mark.parametrize(("option", "text", "attribute", "expected"), PLAIN)
def test_an_option_is_read_from_the_stacks_strings(option: str, text: str, attribute: str, expected: object) -> None:
    assert getattr(read({option: text}), attribute) == expected


@pytest.mark.parametrize(("option", "text", "attribute", "expected"), PLAIN)
def test_an_option_is_read_from_its_environment_variable(
    option: str, text: str, attribute: str, expected: object
) -> None:
    assert getattr(read({}, {environment_variable(option): text}), attribute) == expected


@pytest.mark.parametrize(
    ("option", "value", "attribute", "expected"),
    [
        ("offline", True, "offline", True),
        ("detectRevoked", False, "detect_revoked", False),
        ("maxRetries", 3.0, "max_retries", 3),
        ("maxRetries", 0.0, "max_retries", 0),
        ("maxConcurrency", 64.0, "max_concurrency", 64),
        ("tokenCommand", ["print-token", "x"], "sources", (TokenCommand(("print-token", "x")),)),
        ("formerEndpoints", ["https://a.example.com", "https://b.example.com/x/"], "former_endpoints", FORMER),
        ("deletedProjects", [PROJECT], "deleted_projects", (PROJECT,)),
    ],
)
def test_an_option_is_read_in_its_own_type(option: str, value: Value, attribute: str, expected: object) -> None:
    assert getattr(read({option: value}), attribute) == expected
    as_the_engine_encodes_it = json.dumps(int(value) if isinstance(value, float) else value)
    assert getattr(read({option: as_the_engine_encodes_it}), attribute) == expected


BOTH_HALVES: dict[str, Value] = {"clerkSecretKey": "k", "clerkSessionId": "s"}
EACH_OPTION: dict[str, tuple[Value, dict[str, Value]]] = {
    **{option: (text, {}) for option, text, _, _ in PLAIN if text not in {"No", "[]"}},
    "token": ("t", {}),
    "clerkSecretKey": ("k", {}),
    "clerkSessionId": ("s", {}),
    "clerkApiUrl": ("https://clerk.example.com", BOTH_HALVES),
    "clerkTokenLifetime": ("5m", BOTH_HALVES),
}
"""A value of each option that is not its default, and what must be set beside it."""


@pytest.mark.parametrize("option", settings.OPTIONS)
def test_every_option_makes_a_difference(option: str) -> None:
    value, beside = EACH_OPTION[option]
    assert read({**beside, option: value}) != read(beside)


@pytest.mark.parametrize("option", settings.OPTIONS)
def test_every_token_source_is_named_where_one_is_asked_for(option: str) -> None:
    value, _ = EACH_OPTION[option]
    if read({option: value}).sources:
        assert option in NO_SOURCE
        assert environment_variable(option) in NO_SOURCE
        assert f"`{option}`" in DOCUMENTED


def test_nothing_set_gives_the_defaults() -> None:
    assert read() == Settings()
    assert (Settings().request_timeout, Settings().max_retries, Settings().max_concurrency) == (30.0, 5, 8)
    assert Settings().detect_revoked
    assert not Settings().offline


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("endpoint", "APIKEYS_ENDPOINT"),
        ("projectId", "APIKEYS_PROJECT_ID"),
        ("tokenFile", "APIKEYS_TOKEN_FILE"),
        ("clerkSecretKey", "APIKEYS_CLERK_SECRET_KEY"),
        ("clerkApiUrl", "APIKEYS_CLERK_API_URL"),
        ("maxConcurrency", "APIKEYS_MAX_CONCURRENCY"),
    ],
)
def test_an_options_variable_is_its_name_in_capitals(option: str, variable: str) -> None:
    assert environment_variable(option) == variable


@pytest.mark.parametrize(
    ("option", "in_stack", "in_environment", "attribute", "expected"),
    [
        ("endpoint", ENDPOINT, "https://elsewhere.example.com", "endpoint", ENDPOINT),
        ("projectId", PROJECT, OTHER_PROJECT, "project_id", PROJECT),
        ("offline", False, "true", "offline", False),
        ("detectRevoked", True, "false", "detect_revoked", True),
        ("requestTimeout", "5s", "9s", "request_timeout", 5.0),
        ("maxRetries", 0.0, "9", "max_retries", 0),
        ("maxConcurrency", 2.0, "9", "max_concurrency", 2),
    ],
)
def test_the_stack_comes_before_the_environment(
    option: str, in_stack: Value, in_environment: str, attribute: str, expected: object
) -> None:
    assert getattr(read({option: in_stack}, {environment_variable(option): in_environment}), attribute) == expected


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_variable_and_a_null_option_are_not_set(value: str | None) -> None:
    environment = {} if value is None else {environment_variable(option): value for option in settings.OPTIONS}
    assert read(dict.fromkeys(settings.OPTIONS), environment) == Settings()


def test_the_engines_own_keys_are_tolerated() -> None:
    engine_own: dict[str, Value] = {
        "version": "0.1.0",
        "pluginDownloadURL": "https://example.com",
        "__internal": {"pluginDownloadURL": "https://example.com"},
        "__defaults": [],
    }
    assert read({**engine_own, "endpoint": ENDPOINT}).endpoint == ENDPOINT


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("https://api.example.com/", ENDPOINT),
        ("https://api.example.com/api/v1", ENDPOINT),
        ("https://api.example.com/api/v1/", ENDPOINT),
        ("https://api.example.com/behind/a/path", "https://api.example.com/behind/a/path"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://api.localhost:8080", "http://api.localhost:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.1.2.3", "http://127.1.2.3"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_endpoint_is_https_or_on_this_machine(address: str, endpoint: str) -> None:
    assert read({"endpoint": address}).endpoint == endpoint


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://[2001:db8::1]",
        "HTTP://API.example.com",
    ],
)
def test_plain_http_to_another_machine_is_refused_with_the_reason(address: str) -> None:
    (problem,) = problems_of({"endpoint": address})
    assert problem.property == "endpoint"
    assert problem.reason == "must be https: over plain http, tokens and new keys can be read on the way"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https:///path",
        "http://[",
        "https://api.example.com:99999",
        "https://api.example.com:port",
        "https://api example.com",
        "https://api.example.com/ x",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    assert problems_of({"endpoint": address}) == [
        Problem("endpoint", "must be an http(s) address, such as https://api.example.com")
    ]


@pytest.mark.parametrize(
    "address", ["https://ada:pass@example.com", "https://example.com?a=b", "https://example.com#a"]
)
@pytest.mark.parametrize("option", ["endpoint", "clerkApiUrl"])
def test_an_address_carries_nothing_else_and_is_not_repeated(option: str, address: str) -> None:
    (problem,) = problems_of({option: address})
    assert problem == Problem(option, "must be a plain address, without credentials, query or fragment")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("[::1]", True), ("::1", True), ("example.com", False), ("", False)],
)
def test_this_machine_is_known_by_name_and_address(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("projectId", "prod", '"prod" is not a UUID'),
        ("offline", "maybe", "must be true or false"),
        ("offline", 1.0, "must be true or false"),
        ("maxRetries", 5.5, "must be a whole number"),
        ("maxRetries", "many", "must be a whole number"),
        ("maxRetries", "²", "must be a whole number"),
        ("maxRetries", True, "must be a whole number"),
        ("maxRetries", -1.0, "greater than or equal to 0"),
        ("maxRetries", "-1", "greater than or equal to 0"),
        ("maxRetries", 21.0, "less than or equal to 20"),
        ("maxConcurrency", 0.0, "greater than or equal to 1"),
        ("requestTimeout", "30", '"30" is not a duration'),
        ("requestTimeout", "0s", "must be longer than nothing"),
        ("clerkTokenLifetime", "soon", "is not a duration"),
        ("clerkTokenLifetime", "500ms", "must be a second at least"),
        ("tokenFile", 5.0, "must be a string"),
        ("token", 5.0, "must be a string"),
        ("tokenCommand", "", "must not be empty"),
        ("tokenCommand", [], "must not be empty"),
        ("tokenCommand", 5.0, "must be a list"),
        ("tokenCommand", "a 'b", "can't be split into words"),
        ("tokenCommand", '["a"', "is not a JSON list of strings"),
        ("tokn", "x", 'unknown property; did you mean "token"?'),
        ("token_file", "x", 'unknown property; did you mean "tokenFile"?'),
    ],
)
def test_a_bad_option_is_told_by_name(option: str, value: Value, reason: str) -> None:
    (problem,) = problems_of({option: value})
    assert problem.property == option
    assert reason in problem.reason


@pytest.mark.parametrize("command", ['["print-token", 1]', ["print-token", 1.0]])
def test_a_bad_word_of_a_command_is_told_by_its_place(command: Value) -> None:
    assert problems_of({"tokenCommand": command}) == [Problem("tokenCommand[1]", "must be a string")]


@pytest.mark.parametrize(
    ("option", "value"), [("endpoint", "x"), ("maxRetries", "x"), ("projectId", "x"), ("offline", "x")]
)
def test_a_bad_variable_is_told_by_its_own_name(option: str, value: str) -> None:
    (problem,) = problems_of({}, {environment_variable(option): value})
    assert problem.property == environment_variable(option)


BAD_SECRET_KEYS = [
    "sk_live very-secret",
    " sk_live_very-secret",
    "sk_live_very-secret\n",
    "sk_live_very-secret\r\nx: y",
    "sk_live_very-secret\t",
    "sk_live_very-secret\x00",
    "sk_live_very-secret\x7f",
    "sk_live_very-secret\u00a0",
    "sk_live_very-secrét",
    "sk_live_very-secret\u200b",
    "sk_live_very-secret\ud800",
]


@pytest.mark.parametrize("key", BAD_SECRET_KEYS)
@pytest.mark.parametrize("place", ["stack", "environment"])
def test_a_secret_key_that_can_be_none_of_clerk_is_told_by_its_option_and_not_shown(key: str, place: str) -> None:
    props, variables = ({"clerkSecretKey": key}, {}) if place == "stack" else ({}, {"APIKEYS_CLERK_SECRET_KEY": key})
    (problem,) = problems_of(props, variables)
    assert problem.property == ("clerkSecretKey" if place == "stack" else "APIKEYS_CLERK_SECRET_KEY")
    assert problem.reason.startswith("must be a secret key as Clerk shows it, such as sk_live_…")
    assert "very" not in repr(problem) + str(SettingsError([problem]))


@pytest.mark.parametrize(
    "session",
    [
        "../../v1/users",
        "..",
        ".",
        "sess_1/tokens",
        "sess_1?x=y",
        "sess_1#x",
        "sess_1%2f",
        "sess_1\n",
        " sess_1",
        "sess 1",
        "sess_\x00",
        "sess_\x1b[2J",
        "sess_ü",
        "sess_\\1",
        "sess_1;x",
        "sess_1\ud800",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.x",
    ],
)
@pytest.mark.parametrize("place", ["stack", "environment"])
def test_a_session_id_that_can_be_none_is_told_by_its_option(session: str, place: str) -> None:
    props, variables = (
        ({"clerkSessionId": session}, {}) if place == "stack" else ({}, {"APIKEYS_CLERK_SESSION_ID": session})
    )
    (problem,) = problems_of(props, variables)
    assert problem.property == ("clerkSessionId" if place == "stack" else "APIKEYS_CLERK_SESSION_ID")
    assert problem.reason == "must be the id of a session, such as sess_…: ASCII letters, digits, _ and - alone"


def test_a_secret_key_in_the_place_of_a_session_id_is_told_and_not_shown() -> None:
    assert problems_of({"clerkSessionId": "sk_live_very-secret"}) == [
        Problem(
            "clerkSessionId", "must be the id of a session, such as sess_…; a secret key belongs into clerkSecretKey"
        )
    ]


def test_what_clerk_hands_out_is_taken() -> None:
    found = read({"clerkSecretKey": "sk_test_aB3$-._~+/=", "clerkSessionId": "sess_2gqNbbCZ-x_9"})
    assert found.sources == (ClerkSession(SecretStr("sk_test_aB3$-._~+/="), "sess_2gqNbbCZ-x_9"),)


ONE_SOURCE: list[tuple[dict[str, Value], object]] = [
    ({"token": "t"}, StaticToken(SecretStr("t"), STACK)),
    ({"tokenFile": "f"}, TokenFile("f")),
    ({"tokenCommand": ["c"]}, TokenCommand(("c",))),
    ({"clerkSecretKey": "k", "clerkSessionId": "s"}, ClerkSession(SecretStr("k"), "s")),
]


@pytest.mark.parametrize(("props", "source"), ONE_SOURCE)
def test_each_source_is_known(props: dict[str, Value], source: object) -> None:
    assert read(props).sources == (source,)


@pytest.mark.parametrize(("props", "source"), ONE_SOURCE)
def test_a_source_in_the_stack_is_tried_before_one_in_the_environment(props: dict[str, Value], source: object) -> None:
    found = read(props, {"APIKEYS_TOKEN": "from-environment"})
    assert found.sources == (source, StaticToken(SecretStr("from-environment"), ENVIRONMENT))


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("second", range(4))
def test_two_sources_in_one_place_clash_and_both_are_named(first: int, second: int) -> None:
    if first == second:
        return
    props = {**ONE_SOURCE[first][0], **ONE_SOURCE[second][0]}
    names = sorted((next(iter(ONE_SOURCE[first][0])), next(iter(ONE_SOURCE[second][0]))))
    (problem,) = problems_of(props)
    assert not problem.property, "a problem with a secret property would be shown without its reason"
    assert problem.reason.startswith("the provider configuration sets more than one token source, ")
    assert all(name in problem.reason for name in names)
    variables = {
        environment_variable(name): value if isinstance(value, str) else json.dumps(value)
        for name, value in props.items()
    }
    (problem,) = problems_of({}, variables)
    assert not problem.property
    assert problem.reason.startswith("the environment sets more than one token source, ")
    assert all(environment_variable(name) in problem.reason for name in names)


def test_one_source_in_each_place_is_no_clash() -> None:
    assert problems_of({"token": "t"}, {"APIKEYS_TOKEN_FILE": "f"}) == []


CLERK = ClerkSession(SecretStr("k"), "s", "https://clerk.example.com", 300)


@pytest.mark.parametrize("in_stack", [(), (0,), (1,), (0, 1), (0, 1, 2), (0, 2, 3), (1, 3), (0, 1, 2, 3)])
def test_the_parts_of_a_clerk_source_may_stand_in_two_places(in_stack: tuple[int, ...]) -> None:
    parts = [
        ("clerkSecretKey", "k"),
        ("clerkSessionId", "s"),
        ("clerkApiUrl", "https://clerk.example.com"),
        ("clerkTokenLifetime", "5m"),
    ]
    props = {name: value for index, (name, value) in enumerate(parts) if index in in_stack}
    variables = {
        environment_variable(name): value for index, (name, value) in enumerate(parts) if index not in in_stack
    }
    assert read(props, variables).sources == (CLERK,)


def test_a_clash_names_the_half_of_a_clerk_source_that_stands_there() -> None:
    (problem,) = problems_of({"tokenFile": "f", "clerkSessionId": "s"}, {"APIKEYS_CLERK_SECRET_KEY": "k"})
    assert "tokenFile and clerkSessionId" in problem.reason


@pytest.mark.parametrize("half", ["clerkSecretKey", "clerkSessionId"])
def test_half_a_clerk_source_is_kept_to_be_told_of_when_a_token_is_needed(half: str) -> None:
    (source,) = read({half: "x"}).sources
    assert isinstance(source, HalfOfClerk)
    assert source.present == half
    assert {source.present, source.missing} == {"clerkSecretKey", "clerkSessionId"}


@pytest.mark.parametrize("half", ["clerkSecretKey", "clerkSessionId"])
def test_half_a_clerk_source_does_not_stand_in_the_way_of_another(half: str) -> None:
    assert read({half: "x", "tokenFile": "f"}).sources == (TokenFile("f"),)


def test_an_empty_token_is_none() -> None:
    assert read({"token": ""}, {"APIKEYS_TOKEN_FILE": "f"}).sources == (TokenFile("f"),)


@pytest.mark.parametrize("option", settings.OPTIONS)
def test_an_option_that_is_not_known_yet_is_let_through_and_remembered(option: str) -> None:
    assert read({option: UNKNOWN}).unknown == {option}


@pytest.mark.parametrize("value", [["print-token", UNKNOWN], UNKNOWN])
def test_a_list_with_an_unknown_word_is_not_known(value: Value) -> None:
    found = read({"tokenCommand": value})
    assert found.unknown == {"tokenCommand"}
    assert found.sources == ()


@pytest.mark.parametrize(
    ("option", "variable_value", "attribute"),
    [("endpoint", "https://elsewhere.example.com", "endpoint"), ("projectId", OTHER_PROJECT, "project_id")],
)
def test_the_environment_does_not_stand_in_for_what_the_stack_will_say(
    option: str, variable_value: str, attribute: str
) -> None:
    assert getattr(read({option: UNKNOWN}, {environment_variable(option): variable_value}), attribute) is None


@pytest.mark.parametrize(
    "found",
    [
        read({"token": "very-secret"}),
        read({"clerkSecretKey": "very-secret", "clerkSessionId": "s"}),
        read({}, {"APIKEYS_TOKEN": "very-secret"}),
        read({"clerkSessionId": "s"}, {"APIKEYS_CLERK_SECRET_KEY": "very-secret"}),
    ],
)
def test_settings_never_show_a_secret(found: Settings) -> None:
    assert found.sources
    for shown in (repr(found), str(found), f"{found}", repr(dataclasses.asdict(found))):
        assert "very-secret" not in shown


@pytest.mark.parametrize(
    "props",
    [
        {"token": "very-secret", "endpoint": "x"},
        {"token": "very-secret", "tokenFile": "f"},
        {"token": ["very-secret"]},
        {"token": {"a": "very-secret"}},
        {"clerkSecretKey": ["very-secret"]},
        {"clerkSecretKey": "very-secret", "clerkSessionId": "s", "token": "very-secret"},
    ],
)
def test_problems_never_show_a_secret(props: dict[str, Value]) -> None:
    problems = problems_of(props)
    assert problems
    assert "very-secret" not in repr(problems) + str(SettingsError(problems))


def test_where_there_are_problems_the_settings_are_the_defaults() -> None:
    found, problems = settings.read({"endpoint": "x", "maxRetries": 3.0}, {})
    assert problems
    assert found == Settings()


@pytest.mark.parametrize(
    ("option", "text", "place", "reason"),
    [
        ("formerEndpoints", "https://a.example.com, ftp://b", "[1]", "must be an http(s) address"),
        ("formerEndpoints", '["https://a.example.com"', "", "is not a JSON list of strings"),
        ("formerEndpoints", "[7]", "[0]", "must be a string"),
        ("deletedProjects", "prod", "[0]", '"prod" is not a UUID'),
    ],
)
def test_an_item_of_a_list_is_told_by_its_place(option: str, text: str, place: str, reason: str) -> None:
    (in_stack,) = problems_of({option: text})
    (in_environment,) = problems_of({}, {environment_variable(option): text})
    assert (in_stack.property, in_environment.property) == (
        f"{option}{place}",
        f"{environment_variable(option)}{place}",
    )
    assert in_stack.reason == in_environment.reason
    assert in_stack.reason.startswith(reason)

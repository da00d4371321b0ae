"""Every complaint about an input names the property as Pulumi writes it, and reads well at a terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.model.facts import names_of
from pulumi_resource_apikeys.model.fields import canonical_uuid
from pulumi_resource_apikeys.model.validation import property_path, validate
from pulumi_resource_apikeys.resources.api_key.properties import APIKeyArgs, APIKeyState

UUID_TEXT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
NOT_A_TIME = "is not a time in RFC 3339 form with an offset, such as 2027-01-31T12:00:00Z"
NOT_A_DURATION = "is not a duration, such as 90d, 12h, 1w, 1h30m or ISO 8601 P90D"


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"projectId": "prod"}, Problem("projectId", f'"prod" is not a UUID, such as {UUID_TEXT}')),
        ({"projectId": 5.0}, Problem("projectId", "must be a string")),
        ({"projectId": ["a"]}, Problem("projectId", "must be a string")),
        ({"name": ""}, Problem("name", "must not be blank")),
        ({"name": " \t"}, Problem("name", "must not be blank")),
        ({"name": "deploy "}, Problem("name", "must not begin or end with white space")),
        ({"name": True}, Problem("name", "must be a string")),
        ({"scopes": "read"}, Problem("scopes", "must be a list")),
        ({"scopes": {"a": "b"}}, Problem("scopes", "must be a list")),
        ({"scopes": ["read", 1.0]}, Problem("scopes[1]", "must be a string")),
        ({"scopes": ["read", None]}, Problem("scopes[1]", "must be a string")),
        ({"scopes": ["read", ""]}, Problem("scopes[1]", "a scope must not be empty or contain white space")),
        ({"scopes": ["a b"]}, Problem("scopes[0]", "a scope must not be empty or contain white space")),
        ({"scopes": ["b", "a", "b", "a", "c"]}, Problem("scopes", "names a, b more than once")),
        ({"expiresAt": "2027-01-31"}, Problem("expiresAt", f'"2027-01-31" {NOT_A_TIME}')),
        ({"expiresAt": 1_800_000_000.0}, Problem("expiresAt", "must be a string")),
        ({"expiresIn": "soon"}, Problem("expiresIn", f'"soon" {NOT_A_DURATION}')),
        ({"expiresIn": "0d"}, Problem("expiresIn", '"0d" must be longer than nothing')),
        ({"expiresIn": 90.0}, Problem("expiresIn", "must be a string")),
        ({"triggers": "v1"}, Problem("triggers", "must be a map")),
        ({"triggers": ["v1"]}, Problem("triggers", "must be a map")),
    ],
)
def test_a_bad_input_is_told_with_its_property_and_a_reason(props: dict[str, Any], problem: Problem) -> None:
    model, problems = validate(APIKeyArgs, props)
    assert model is None
    assert problems == [problem]


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("scope", "scopes"),
        ("projectID", "projectId"),
        ("project_id", "projectId"),
        ("expires_at", "expiresAt"),
        ("expiresin", "expiresIn"),
        ("trigger", "triggers"),
    ],
)
def test_a_misspelt_property_gets_a_guess(name: str, guess: str) -> None:
    _, problems = validate(APIKeyArgs, {name: "x"})
    assert problems == [Problem(name, f'unknown property; did you mean "{guess}"?')]


def test_a_property_like_none_of_ours_gets_the_list_of_ours() -> None:
    _, problems = validate(APIKeyArgs, {"quux": "x"})
    (problem,) = problems
    assert problem.property == "quux"
    assert problem.reason == f"unknown property; there are {', '.join(sorted(names_of(APIKeyArgs)))}"


def test_all_problems_are_told_at_once() -> None:
    _, problems = validate(APIKeyArgs, {"projectId": "x", "scopes": ["a b", 1.0], "expiresIn": "y", "nam": "z"})
    assert {problem.property for problem in problems} == {"projectId", "scopes[0]", "scopes[1]", "expiresIn", "nam"}


@pytest.mark.parametrize(
    "props",
    [
        {},
        {"name": None, "scopes": None, "triggers": None},
        {"projectId": UUID_TEXT.upper(), "name": "a b", "scopes": [], "triggers": {"a": [1.0, None, {"b": True}]}},
        {"scopes": ["read:all", "write"], "expiresAt": "2027-01-31T12:00:00+02:00"},
        {"expiresIn": "P90D"},
    ],
)
def test_good_inputs_pass(props: dict[str, Any]) -> None:
    model, problems = validate(APIKeyArgs, props)
    assert model is not None
    assert problems == []


@given(
    st.dictionaries(
        st.sampled_from(names_of(APIKeyArgs)) | st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=6,
    )
)
def test_whatever_is_written_comes_to_a_model_or_to_problems(props: dict[str, Any]) -> None:
    model, problems = validate(APIKeyArgs, props)
    assert (model is None) == bool(problems)
    assert all(problem.reason and "pydantic" not in problem.reason for problem in problems)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (("scopes",), "scopes"),
        (("scopes", 1), "scopes[1]"),
        (("triggers", "version"), "triggers.version"),
        (("triggers", "a b", 0, "c"), 'triggers["a b"][0].c'),
        (("triggers", "a.b"), 'triggers["a.b"]'),
        (("triggers", 'say "a"'), 'triggers["say \\"a\\""]'),
        (("triggers", ""), 'triggers[""]'),
    ],
)
def test_a_place_is_written_as_pulumi_writes_it(location: tuple[int | str, ...], path: str) -> None:
    assert property_path(location) == path


@pytest.mark.parametrize(
    "text", [UUID_TEXT, UUID_TEXT.upper(), UUID_TEXT.replace("-", ""), f"{{{UUID_TEXT}}}", f"urn:uuid:{UUID_TEXT}"]
)
def test_a_uuid_has_one_canonical_form(text: str) -> None:
    assert canonical_uuid(text) == UUID_TEXT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prod",
        UUID_TEXT[:-1],
        f"{UUID_TEXT}\n",
        f" {UUID_TEXT}",
        f"+{UUID_TEXT[1:]}",
        f" {UUID_TEXT[1:]}",
        f"0{UUID_TEXT[1:].replace('-', '')[:-2]}_0",
        UUID_TEXT[:-1] + "g",
    ],
)
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a UUID"):
        canonical_uuid(text)


def test_a_state_of_another_version_is_read_for_what_it_has() -> None:
    state = APIKeyState.model_validate({"projectId": "p", "name": "n", "keyId": "k", "ofTheFuture": 1})
    assert (state.project_id, state.key, state.scopes) == ("p", None, None)


def test_a_state_never_shows_its_secret() -> None:
    state = APIKeyState.model_validate({"projectId": "p", "name": "n", "keyId": "k", "key": "sk-very-secret"})
    for shown in (repr(state), str(state), str(state.model_dump()), state.model_dump_json()):
        assert "sk-very-secret" not in shown

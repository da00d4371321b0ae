"""What counts as a change: meanings are compared, not spellings; what is unknown counts as changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.keys import PROJECT
from pulumi_resource_apikeys.model.facts import property_in
from pulumi_resource_apikeys.model.validation import property_of
from pulumi_resource_apikeys.model.values import UNKNOWN
from pulumi_resource_apikeys.resources.api_key.properties import APIKeyArgs, APIKeyState
from pulumi_resource_apikeys.resources.diffing import input_changes
from pulumi_resource_apikeys.resources.lifecycle import Change, Difference, Kind
from pulumi_resource_apikeys.resources.rotating_api_key.properties import RotatingAPIKeyArgs

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Props, Value


def same(name: str, old: Value, new: Value) -> bool:
    """By what the fields say: of the inputs, and of the outputs for a name that is no input."""
    return property_in(APIKeyState if name == "createdAt" else APIKeyArgs, name).same(old, new)


SCOPES = st.lists(st.text(alphabet="abc", min_size=1, max_size=3), unique=True, max_size=5)

SAME: list[tuple[str, Value, Value]] = [
    ("projectId", PROJECT, PROJECT.upper()),
    ("projectId", PROJECT, PROJECT.replace("-", "")),
    ("scopes", ["a", "b"], ["b", "a"]),
    ("scopes", [], []),
    ("expiresAt", "2027-01-31T12:00:00Z", "2027-01-31T14:00:00+02:00"),
    ("expiresAt", "2027-01-31T12:00:00Z", "2027-01-31T12:00:00.000000000Z"),
    ("expiresAt", "2027-01-31T12:00:00.288356Z", "2027-01-31T12:00:00.288356666Z"),
    ("createdAt", "2027-01-31T12:00:00.288356Z", "2027-01-31T12:00:00.288356666Z"),
    ("expiresIn", "90d", "P90D"),
    ("expiresIn", "1h30m", "90m"),
    ("rotateAfter", "1w", "7d"),
    ("renewBefore", "24h", "P1D"),
    ("name", "deploy", "deploy"),
    ("triggers", {"a": 1.0, "b": [True]}, {"b": [True], "a": 1.0}),
]
DIFFERENT: list[tuple[str, Value, Value]] = [
    ("projectId", PROJECT, PROJECT[:-1] + "1"),
    ("scopes", ["a"], ["a", "b"]),
    ("expiresAt", "2027-01-31T12:00:00Z", "2027-01-31T12:00:00+02:00"),
    ("expiresAt", "2027-01-31T12:00:00Z", "2027-01-31T12:00:01Z"),
    ("expiresIn", "90d", "91d"),
    ("name", "deploy", "Deploy"),
    ("triggers", {"a": 1.0}, {"a": 2.0}),
    ("triggers", {"a": ["x", "y"]}, {"a": ["y", "x"]}),
    ("triggers", {"a": True}, {"a": 1.0}),
    ("triggers", {"a": 0.0}, {"a": False}),
    ("triggers", {"a": "1"}, {"a": 1.0}),
    ("triggers", {"a": None, "b": 1.0}, {"b": 1.0}),
    ("name", UNKNOWN, UNKNOWN),
    ("scopes", ["a", UNKNOWN], ["a", UNKNOWN]),
    ("triggers", {"a": [UNKNOWN]}, {"a": [UNKNOWN]}),
]


@pytest.mark.parametrize(("name", "old", "new"), SAME)
def test_what_means_the_same_is_no_change(name: str, old: Value, new: Value) -> None:
    assert same(name, old, new)
    assert same(name, new, old)
    assert name == "createdAt" or input_changes({name: old}, {name: new}, APIKeyArgs) == {}


@pytest.mark.parametrize(("name", "old", "new"), DIFFERENT)
def test_what_means_something_else_is_a_change(name: str, old: Value, new: Value) -> None:
    assert not same(name, old, new)
    assert not same(name, new, old)
    changes = input_changes({name: old}, {name: new}, APIKeyArgs)
    assert {property_of(path) for path in changes} == {name}
    assert {change.replace for change in changes.values()} == {name not in {"rotateAfter", "renewBefore"}}


@pytest.mark.parametrize("nothing", [{}, {"scopes": None}, {"scopes": []}, {"triggers": None}, {"triggers": {}}])
@pytest.mark.parametrize("other", [{}, {"scopes": None}, {"scopes": []}, {"triggers": None}, {"triggers": {}}])
def test_empty_null_and_left_out_are_the_same(nothing: Props, other: Props) -> None:
    assert input_changes(nothing, other, APIKeyArgs) == {}


@pytest.mark.parametrize(
    ("olds", "news", "changes"),
    [
        ({}, {"scopes": ["a"]}, {"scopes": Change(Kind.ADD, replace=True)}),
        ({"scopes": ["a"]}, {}, {"scopes": Change(Kind.DELETE, replace=True)}),
        ({"scopes": ["a"]}, {"scopes": []}, {"scopes": Change(Kind.DELETE, replace=True)}),
        ({"scopes": ["a"]}, {"scopes": None}, {"scopes": Change(Kind.DELETE, replace=True)}),
        ({"scopes": ["a"]}, {"scopes": UNKNOWN}, {"scopes": Change(Kind.UPDATE, replace=True)}),
        ({}, {"triggers": {"v": 1.0}}, {"triggers": Change(Kind.ADD, replace=True)}),
        ({"triggers": {"v": 1.0}}, {}, {"triggers": Change(Kind.DELETE, replace=True)}),
        ({}, {"rotateAfter": "90d"}, {"rotateAfter": Change(Kind.ADD, replace=False)}),
        ({"expiresAt": "2027-01-31T12:00:00Z"}, {"expiresIn": "90d"}, {
            "expiresAt": Change(Kind.DELETE, replace=True),
            "expiresIn": Change(Kind.ADD, replace=True),
        }),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_told(olds: Props, news: Props, changes: dict[str, Change]) -> None:
    assert input_changes(olds, news, APIKeyArgs) == changes


UPDATE, ADD, DELETE = (Change(kind, replace=False) for kind in (Kind.UPDATE, Kind.ADD, Kind.DELETE))


@pytest.mark.parametrize("name", ["triggers", "emergencyTriggers"])
@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ({"a": "1", "b": "1"}, {"a": "2", "b": "1"}, {".a": UPDATE}),
        ({"a": "1"}, {"b": "1"}, {".a": DELETE, ".b": ADD}),
        ({"a": {"b": {"c": 1.0, "d": 1.0}}}, {"a": {"b": {"c": 2.0, "d": 1.0}}}, {".a.b.c": UPDATE}),
        ({"a": ["1", "2"]}, {"a": ["1", "3", "4"]}, {".a[1]": UPDATE, ".a[2]": ADD}),
        ({"a": ["1", "2"]}, {"a": ["1"]}, {".a[1]": DELETE}),
        ({"a": [{"b": "1"}]}, {"a": [{"b": "2"}]}, {".a[0].b": UPDATE}),
        ({"a": "1"}, {"a": UNKNOWN}, {".a": UPDATE}),
        ({"a": {"b": "1"}}, UNKNOWN, {"": UPDATE}),
        ({"a": "1"}, {"a": ["1"]}, {".a": UPDATE}),
        ({"a": {}}, {"a": []}, {".a": UPDATE}),
        ({"a": ["1"]}, {"a": {"0": "1"}}, {".a": UPDATE}),
        ({"a.b": "1"}, {"a.b": "2"}, {'["a.b"]': UPDATE}),
        ({'say "a"': "1"}, {'say "a"': "2"}, {'["say \\"a\\""]': UPDATE}),
        ({"": "1"}, {"": "2"}, {"": UPDATE}),
        ({"*": "1"}, {"*": "2"}, {'["*"]': UPDATE}),
        ({"a\\": "1", "b": "1"}, {"a\\": "1", "b": "2"}, {"": UPDATE}),
        ({"a": {'\\"': "1"}}, {"a": {'\\"': "2"}}, {"": UPDATE}),
        ({"a": {"\\": "1"}}, {"a": {"\\": "1"}}, {}),
    ],
)
def test_of_triggers_each_part_that_differs_is_told_by_its_path(
    name: str, old: Value, new: Value, parts: dict[str, Change]
) -> None:
    assert input_changes({name: old}, {name: new}, RotatingAPIKeyArgs) == {
        name + path: change for path, change in parts.items()
    }


def test_a_difference_tells_the_properties_beside_the_paths() -> None:
    olds: Props = {"triggers": {"a": "1", "b": "1"}, "rotateAfter": "30d"}
    news: Props = {"triggers": {"a": "2", "b": "2"}, "rotateAfter": "60d"}
    difference = Difference(input_changes(olds, news, APIKeyArgs))
    assert list(difference.changes) == ["rotateAfter", "triggers.a", "triggers.b"]
    assert difference.properties == ["rotateAfter", "triggers"]
    assert difference.replaces == ["triggers"]


def test_internal_properties_are_no_change() -> None:
    assert input_changes({"__defaults": ["name"], "__imported": True}, {"__defaults": []}, APIKeyArgs) == {}


@given(SCOPES, st.randoms(use_true_random=False))
def test_scopes_are_a_set(scopes: list[str], random: object) -> None:
    shuffled = list(scopes)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert input_changes({"scopes": scopes}, {"scopes": shuffled}, APIKeyArgs) == {}


@given(SCOPES, SCOPES)
def test_scopes_change_with_what_is_in_them(old: list[str], new: list[str]) -> None:
    assert bool(input_changes({"scopes": old}, {"scopes": new}, APIKeyArgs)) == (set(old) != set(new))


TRIGGERS = st.recursive(
    st.sampled_from(["x", 1.0, True, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b\\", 'c"']), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from("ab"), TRIGGERS), st.dictionaries(st.sampled_from("ab"), TRIGGERS))
def test_triggers_change_where_they_are_not_the_same(old: Props, new: Props) -> None:
    assert bool(input_changes({"triggers": old}, {"triggers": new}, RotatingAPIKeyArgs)) != same("triggers", old, new)

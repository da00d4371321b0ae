"""Property values: what is unknown, wherever it hides, and what is known."""

import pytest
from pydantic import SecretStr

from pulumi_resource_apikeys.model.values import UNKNOWN, Value, has_unknown, known, text, unknown_names


@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN], ["a", {"b": [UNKNOWN]}], {"a": {"b": UNKNOWN}}, (1, UNKNOWN)])
def test_an_unknown_is_seen_at_every_depth(value: Value) -> None:
    assert has_unknown(value)
    assert known({"x": value, "y": 1}) == {"y": 1}
    assert unknown_names({"x": value, "y": 1}) == {"x"}


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "", "UNKNOWN", "unknown", [], {}, ["a"], SecretStr("s")])
def test_everything_else_is_known(value: Value) -> None:
    assert not has_unknown(value)
    assert known({"x": value}) == {"x": value}
    assert unknown_names({"x": value}) == frozenset()


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), ("", None), (None, None), (UNKNOWN, None), (1, None), (["a"], None)]
)
def test_text_is_a_non_empty_string_or_nothing(value: Value, expected: str | None) -> None:
    assert text({"x": value}, "x") == expected


def test_text_of_a_missing_property_is_nothing() -> None:
    assert text({}, "x") is None


def test_the_mark_shows_as_a_word() -> None:
    assert repr({"x": UNKNOWN}) == "{'x': UNKNOWN}"

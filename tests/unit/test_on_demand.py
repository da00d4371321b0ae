"""A mapping whose values are made when they are asked for."""

from __future__ import annotations

import pytest

from pulumi_resource_apikeys.on_demand import OnDemand


def test_a_value_is_made_once_and_only_when_asked_for() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    values = OnDemand({"a": lambda: make("a"), "b": lambda: make("b")})
    assert list(values) == ["a", "b"]
    assert len(values) == 2
    assert "a" not in made
    assert [values["a"], values["a"]] == ["A", "A"]
    assert made == ["a"]
    with pytest.raises(KeyError):
        values["c"]

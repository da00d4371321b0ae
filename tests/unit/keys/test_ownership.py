"""Marks: what a made name tells of its stack and its resource, and that nothing else tells it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.keys.ownership import ALPHABET, Mark, Owner, mark_of, owner_of

OWNER = Owner("infra", "dev", "apikeys:index:APIKey", "deploy")


@given(st.text(min_size=1), st.binary())
def test_a_made_name_tells_its_resource_whatever_the_base(base: str, seed: bytes) -> None:
    assert mark_of(OWNER.made_name(base, seed)) == OWNER.mark


@pytest.mark.parametrize("changed", [str.upper, "prod-{}".format, str.title])
def test_a_server_that_changes_case_or_puts_something_before_hides_no_mark(changed: Callable[[str], str]) -> None:
    assert mark_of(changed(OWNER.made_name("deploy"))) == OWNER.mark


@pytest.mark.parametrize("field", ["project", "stack", "kind", "name"])
def test_another_project_stack_type_or_name_is_another_mark(field: str) -> None:
    other = dataclasses.replace(OWNER, **{field: "other"})
    assert other.mark != OWNER.mark
    assert (other.mark.stack == OWNER.mark.stack) is (field in {"kind", "name"})


def test_parts_are_told_apart_wherever_they_meet() -> None:
    named = (Owner("ab", "c", "t", "n"), Owner("a", "bc", "t", "n"), Owner("ab", "c", "t", "n", "file:///elsewhere"))
    assert len({owner.mark.stack for owner in named}) == len(named)


def test_a_resource_that_moves_from_the_dynamic_provider_to_the_plugin_keeps_its_mark() -> None:
    dynamic = dataclasses.replace(OWNER, kind="my:Component$pulumi-python:dynamic/apikeys:APIKey")
    assert dynamic.mark == dataclasses.replace(OWNER, kind="my:Component$apikeys:index:APIKey").mark


def test_marks_are_the_same_in_every_process_and_python() -> None:
    assert OWNER.made_name("deploy", b"1") == "deploy-rmzpr42me3m66ch3"


def test_one_seed_makes_one_name_and_none_makes_a_new_one_each_time() -> None:
    assert OWNER.made_name("deploy", b"1") == OWNER.made_name("deploy", b"1")
    assert len({OWNER.made_name("deploy", bytes([seed])) for seed in range(1, 200)}) == 199
    assert len({OWNER.made_name("deploy") for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "name",
    [
        "",
        "deploy",
        "deploy-1234567",
        "abcdefghijklmnop",
        "deploy-abcdefghijklmno",
        "deploy-abcdefghijklmnopq",
        "deploy-abcdefghijklmn01",
        "deploy-abcdefghijklmnop ",
        "deploy-abcdefghijklmnop\n",
        "deploy_abcdefghijklmnop",
    ],
)
def test_other_names_bear_none(name: str) -> None:
    assert mark_of(name) is None


def test_a_long_name_takes_no_long_time() -> None:
    assert mark_of("-abcdefghijklmno" * 20_000) is None


@pytest.mark.parametrize(
    ("urn", "owner"),
    [
        ("urn:pulumi:dev::infra::apikeys:index:APIKey::deploy", OWNER),
        (
            "urn:pulumi:dev::infra::my:Component$apikeys:index:APIKey::a::b",
            Owner("infra", "dev", "my:Component$apikeys:index:APIKey", "a::b"),
        ),
        ("", None),
        ("dev::infra::apikeys:index:APIKey::deploy", None),
        ("urn:pulumi:dev::infra::apikeys:index:APIKey", None),
    ],
)
def test_a_urn_names_a_resource(urn: str, owner: Owner | None) -> None:
    assert owner_of(urn) == owner


@given(st.text(), st.text())
def test_any_text_is_a_name_and_its_letters_are_of_the_alphabet(project: str, name: str) -> None:
    mark = Owner(project, "dev", "apikeys:index:APIKey", name).mark
    assert isinstance(mark, Mark)
    assert set(mark.stack + mark.resource) <= set(ALPHABET)

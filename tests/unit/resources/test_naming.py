"""Automatic names: the stack's wish first, else the resource's name with a random suffix; kept from then on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.clock import FakeClock
from fakes.keys import PROJECT, FakeKeys
from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.keys.ownership import Mark, Owner, mark_of
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle
from pulumi_resource_apikeys.resources.checking import filled_in
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, Naming
from pulumi_resource_apikeys.resources.naming import Named, automatic, made_name, suffixed
from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Props

SEED = b"a seed of the engine"
OWNER = Owner("infra", "dev", "apikeys:index:APIKey", "deploy")


def checked(news: Props, olds: Props | None = None, *, seed: bytes = SEED, name: str = "deploy") -> Props:
    lifecycle = APIKeyLifecycle(FakeKeys(FakeClock()), FakeClock(), PROJECT)
    answer = lifecycle.check(CheckRequest(name=name, news=news, olds=olds or {}, seed=seed))
    assert answer.problems == ()
    return answer.inputs


@given(st.binary(min_size=1))
def test_a_seed_always_gives_the_same_suffix(seed: bytes) -> None:
    assert suffixed("deploy", seed) == suffixed("deploy", seed)
    assert re.fullmatch(r"deploy-[0-9a-f]{7}", suffixed("deploy", seed))


def test_a_seeds_suffix_is_the_same_in_every_process_and_python() -> None:
    assert suffixed("deploy", b"1") == "deploy-7a6e75f"


def test_no_seed_gives_a_new_suffix_each_time() -> None:
    names = {suffixed("deploy") for _ in range(50)}
    assert len(names) == 50
    assert all(re.fullmatch(r"deploy-[0-9a-f]{7}", name) for name in names)


def test_seeds_give_suffixes_of_their_own() -> None:
    assert len({suffixed("deploy", bytes([number])) for number in range(200)}) == 200


def test_a_resource_that_is_known_marks_the_name_and_one_that_is_not_gets_a_random_suffix() -> None:
    assert mark_of(made_name("deploy", OWNER, SEED)) == OWNER.mark
    assert made_name("deploy", OWNER, SEED) == made_name("deploy", OWNER, SEED)
    assert made_name("deploy", None, SEED) == suffixed("deploy", SEED)


def test_without_a_seed_each_marked_name_is_new() -> None:
    assert len({made_name("deploy", OWNER) for _ in range(50)}) == 50


def test_the_automatic_name_of_a_key_is_marked_and_the_base_of_a_rotating_keys_names_is_not() -> None:
    request = CheckRequest(name="deploy", news={}, seed=SEED, owner=OWNER)
    assert automatic(request, marked=True) == Named(OWNER.made_name("deploy", SEED), unique=True)
    assert automatic(request, marked=False) == Named(suffixed("deploy", SEED), unique=True)


@pytest.mark.parametrize(("lifecycle", "marked"), [(APIKeyLifecycle, OWNER.mark), (RotatingAPIKeyLifecycle, None)])
def test_a_check_marks_what_is_a_keys_name(
    lifecycle: type[APIKeyLifecycle | RotatingAPIKeyLifecycle], marked: Mark | None
) -> None:
    news: Props = {"rotateEvery": "30d", "overlap": "7d"} if lifecycle is RotatingAPIKeyLifecycle else {}
    made = lifecycle(FakeKeys(FakeClock()), FakeClock(), PROJECT)
    inputs = made.check(CheckRequest(name="deploy", news=news, seed=SEED, owner=OWNER)).inputs
    assert mark_of(str(inputs["name"])) == marked


@pytest.mark.parametrize(
    ("naming", "proposed", "expected"),
    [
        (Naming.DEFAULT, "", Named(suffixed("deploy", SEED), unique=True)),
        (Naming.DEFAULT, "ignored", Named(suffixed("deploy", SEED), unique=True)),
        (Naming.PROPOSE, "prod-deploy", Named("prod-deploy", unique=False)),
        (Naming.ENFORCE, "prod-deploy", Named("prod-deploy", unique=False)),
        (Naming.PROPOSE, "", Named(suffixed("deploy", SEED), unique=True)),
        (
            Naming.DISABLE,
            "",
            Problem("name", "is required: automatic naming is disabled for this stack (pulumi:autonaming)"),
        ),
    ],
)
def test_the_stacks_wish_is_heeded(naming: Naming, proposed: str, expected: Named | Problem) -> None:
    request = CheckRequest(name="deploy", news={}, naming=naming, proposed_name=proposed, seed=SEED)
    assert automatic(request, marked=True) == expected


def test_an_automatic_name_is_marked_as_filled_in_and_a_given_one_is_not() -> None:
    assert "name" in filled_in(checked({}))
    assert "name" not in filled_in(checked({"name": "mine"}))


@pytest.mark.parametrize("naming", [Naming.PROPOSE, Naming.ENFORCE])
def test_a_proposed_name_is_not_counted_as_unique(naming: Naming) -> None:
    lifecycle = APIKeyLifecycle(FakeKeys(FakeClock()), FakeClock(), PROJECT)
    answer = lifecycle.check(CheckRequest(name="deploy", news={}, naming=naming, proposed_name="prod-deploy"))
    assert answer.inputs["name"] == "prod-deploy"
    assert "name" not in filled_in(answer.inputs)


def test_an_automatic_name_is_kept_on_later_checks_whatever_the_seed() -> None:
    first = checked({})
    again = checked({}, first, seed=b"another")
    assert again == first
    assert "name" in filled_in(again)


def test_a_proposed_name_is_kept_on_later_checks() -> None:
    lifecycle = APIKeyLifecycle(FakeKeys(FakeClock()), FakeClock(), PROJECT)
    first = lifecycle.check(CheckRequest(name="deploy", news={}, naming=Naming.PROPOSE, proposed_name="one"))
    again = lifecycle.check(
        CheckRequest(name="deploy", news={}, olds=first.inputs, naming=Naming.PROPOSE, proposed_name="two")
    )
    assert again.inputs == first.inputs


def test_removing_an_explicit_name_keeps_the_name() -> None:
    first = checked({"name": "mine"})
    again = checked({}, first)
    assert again["name"] == "mine"
    assert "name" not in filled_in(again)


def test_giving_a_name_replaces_the_automatic_one() -> None:
    again = checked({"name": "mine"}, checked({}))
    assert again["name"] == "mine"
    assert "name" not in filled_in(again)


def test_a_replaced_resource_is_checked_without_olds_and_gets_a_new_name() -> None:
    assert checked({}, {}, seed=b"one")["name"] != checked({}, {}, seed=b"two")["name"]


@pytest.mark.parametrize("resource", [" deploy", "deploy key", "  ", "\tdeploy"])
def test_a_resources_own_name_never_makes_a_key_name_that_create_refuses(resource: str) -> None:
    name = checked({}, name=resource)["name"]
    assert isinstance(name, str)
    assert name == name.strip()
    assert re.search(r"-[0-9a-f]{7}$", name)


def test_a_proposal_that_is_no_name_is_a_problem() -> None:
    lifecycle = APIKeyLifecycle(FakeKeys(FakeClock()), FakeClock(), PROJECT)
    answer = lifecycle.check(CheckRequest(name="deploy", news={}, naming=Naming.PROPOSE, proposed_name=" deploy"))
    assert answer.problems == (Problem("name", "must not begin or end with white space"),)

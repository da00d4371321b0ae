"""Checks of an `APIKey`: what is filled in, what an import left, what a preview can't know, and what is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.clock import FakeClock
from fakes.keys import OTHER_PROJECT, PROJECT, FakeKeys
from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle, imported_inputs
from pulumi_resource_apikeys.resources.checking import filled_in, shown, visible
from pulumi_resource_apikeys.resources.lifecycle import DEFAULTS, IMPORTED, Checked, CheckRequest, DiffRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

LATER, PAST = "2027-01-31T12:00:00Z", "2026-01-31T12:00:00Z"


def lifecycle(default_project: Value = PROJECT) -> APIKeyLifecycle:
    clock = FakeClock()
    return APIKeyLifecycle(FakeKeys(clock), clock, default_project)


def check(
    news: Props, olds: Props | None = None, *, project: Value = PROJECT, secret_names: Iterable[str] = ()
) -> Checked:
    request = CheckRequest(
        name="deploy", news=news, olds=olds or {}, seed=b"seed", secret_names=frozenset(secret_names)
    )
    return lifecycle(project).check(request)


def test_what_the_program_says_is_taken_as_it_is() -> None:
    news: Props = {
        "projectId": PROJECT,
        "name": "mine",
        "scopes": ["b", "a"],
        "expiresAt": LATER,
        "triggers": {"a": 1.0},
    }
    assert check(news) == Checked(news)


def test_project_and_name_are_filled_in_and_listed_as_defaults() -> None:
    checked = check({})
    assert checked.problems == ()
    assert checked.inputs["projectId"] == PROJECT
    assert checked.inputs[DEFAULTS] == ["name", "projectId"]
    assert filled_in(checked.inputs) == {"name", "projectId"}


def test_nulls_count_as_left_out() -> None:
    assert check({"name": None, "projectId": None, "scopes": None, "expiresAt": None}) == check({})


def test_no_project_anywhere_is_a_problem_that_says_where_to_set_it() -> None:
    (problem,) = check({}, project=None).problems
    assert problem.property == "projectId"
    assert problem.reason.startswith("is required: set it here or on the provider;")
    assert "the default provider has it from `pulumi config set apikeys:projectId UUID`" in problem.reason


def test_a_default_project_that_is_not_known_yet_is_passed_on() -> None:
    checked = check({}, project=UNKNOWN)
    assert checked.problems == ()
    assert checked.inputs["projectId"] is UNKNOWN


def test_the_resources_project_comes_before_the_providers() -> None:
    checked = check({"projectId": OTHER_PROJECT})
    assert checked.inputs["projectId"] == OTHER_PROJECT
    assert "projectId" not in filled_in(checked.inputs)


def test_a_project_is_written_in_its_canonical_form() -> None:
    assert check({"projectId": PROJECT.upper()}).inputs["projectId"] == PROJECT


def test_another_default_project_moves_the_key() -> None:
    first = check({})
    assert check({}, first.inputs, project=OTHER_PROJECT).inputs["projectId"] == OTHER_PROJECT


def test_a_default_project_taken_away_keeps_the_key_where_it_is() -> None:
    first = check({})
    assert check({}, first.inputs, project=None).inputs["projectId"] == PROJECT


@pytest.mark.parametrize("name", ["__defaults", "__imported", "__anything"])
def test_internal_properties_of_the_program_are_dropped(name: str) -> None:
    assert check({name: "x", "name": "mine", "projectId": PROJECT}).inputs == {"name": "mine", "projectId": PROJECT}


@pytest.mark.parametrize(
    "news",
    [
        {"projectId": UNKNOWN},
        {"name": UNKNOWN},
        {"scopes": UNKNOWN},
        {"scopes": ["a", UNKNOWN]},
        {"expiresAt": UNKNOWN},
        {"expiresIn": UNKNOWN},
        {"rotateAfter": UNKNOWN},
        {"triggers": UNKNOWN},
        {"triggers": {"a": UNKNOWN}},
        {"triggers": {"a": [{"b": UNKNOWN}]}},
        {"expiresIn": UNKNOWN, "renewBefore": "1d"},
        {"expiresIn": "90d", "rotateAfter": UNKNOWN},
    ],
)
def test_what_is_not_known_yet_is_let_through_at_every_place(news: Props) -> None:
    checked = check(news)
    assert checked.problems == ()
    assert {name: checked.inputs[name] for name in news} == dict(news)


def test_what_is_known_is_checked_beside_what_is_not() -> None:
    assert [p.property for p in check({"name": UNKNOWN, "scopes": ["a b"]}).problems] == ["scopes[0]"]


def test_a_misspelt_property_is_told_in_the_preview_though_its_value_is_unknown() -> None:
    assert check({"scope": UNKNOWN}).problems == (Problem("scope", 'unknown property; did you mean "scopes"?'),)


@pytest.mark.parametrize(
    ("news", "problem"),
    [
        (
            {"expiresAt": LATER, "expiresIn": "90d"},
            Problem("expiresIn", "can't be set together with expiresAt: keep one"),
        ),
        ({"expiresAt": PAST}, Problem("expiresAt", f"{PAST} has passed: set a later time, or use expiresIn")),
        (
            {"expiresAt": "2026-11-24T12:00:00Z"},
            Problem("expiresAt", "2026-11-24T12:00:00Z has passed: set a later time, or use expiresIn"),
        ),
    ],
)
def test_what_no_single_property_shows_is_a_problem_too(news: Props, problem: Problem) -> None:
    assert check(news).problems == (problem,)


@pytest.mark.parametrize("again", [PAST, "2026-01-31T13:00:00+01:00"])
def test_an_expiry_that_has_passed_since_is_no_problem_while_it_stays(again: str) -> None:
    olds: Props = {"projectId": PROJECT, "name": "mine", "expiresAt": PAST}
    assert check({**olds, "expiresAt": again}, olds).problems == ()


def test_an_expiry_set_anew_to_the_past_is_a_problem() -> None:
    olds: Props = {"projectId": PROJECT, "name": "mine", "expiresAt": LATER}
    assert [p.property for p in check({**olds, "expiresAt": PAST}, olds).problems] == ["expiresAt"]


@pytest.mark.parametrize(
    ("news", "property_path"),
    [
        ({"projectId": "very-secret"}, "projectId"),
        ({"name": " very-secret"}, "name"),
        ({"scopes": ["a", "very-secret", "very-secret"]}, "scopes"),
        ({"scopes": ["very-secret x"]}, "scopes[0]"),
        ({"expiresAt": "very-secret"}, "expiresAt"),
        ({"expiresIn": "very-secret"}, "expiresIn"),
        ({"rotateAfter": "very-secret"}, "rotateAfter"),
    ],
)
def test_a_problem_with_a_secret_property_does_not_quote_it(news: Props, property_path: str) -> None:
    (problem,) = check(news, secret_names=news).problems
    assert problem == Problem(property_path, "is not valid; its value is secret and so is not shown here")


@pytest.mark.parametrize(
    ("news", "hidden"),
    [
        ({"expiresIn": "36h", "renewBefore": "2d"}, "36h"),
        ({"expiresIn": "36h", "rotateAfter": "2d"}, "36h"),
    ],
)
def test_a_problem_does_not_quote_another_property_that_is_secret(news: Props, hidden: str) -> None:
    problems = check(news, secret_names={"expiresIn"}).problems
    assert problems
    assert hidden not in repr(problems)


def test_a_misspelt_secret_property_is_still_told_by_name() -> None:
    (problem,) = check({"scope": "very-secret"}, secret_names={"scope"}).problems
    assert problem == Problem("scope", 'unknown property; did you mean "scopes"?')


def test_two_properties_that_exclude_each_other_are_told_even_when_secret() -> None:
    (problem,) = check({"expiresAt": LATER, "expiresIn": "90d"}, secret_names={"expiresIn"}).problems
    assert problem.property == "expiresIn"


@pytest.mark.parametrize(
    ("path", "hidden"), [("scopes", True), ("scopes[1]", True), ("scopes.a", True), ("name", False), ("scopesX", False)]
)
def test_a_path_is_secret_by_its_first_step(path: str, hidden: bool) -> None:
    problem = Problem(path, '"x" is wrong')
    assert (shown(problem, {"scopes": ["x"]}) != problem) is hidden


class TestAfterAnImport:
    """The inputs of the state are what the import found, all of them as defaults."""

    @staticmethod
    def found() -> Props:
        keys = FakeKeys(FakeClock())
        return imported_inputs(keys.add("theirs", scopes=("read", "write"), expires_at=LATER))

    def test_a_program_that_says_nothing_keeps_all_as_found(self) -> None:
        checked = check({}, self.found())
        assert checked.problems == ()
        assert visible(checked.inputs) == visible(self.found())
        assert filled_in(checked.inputs) == {"projectId", "name", "scopes", "expiresAt"}

    def test_the_mark_of_the_import_goes_with_the_first_check(self) -> None:
        assert self.found()[IMPORTED] is True
        assert IMPORTED not in check({}, self.found()).inputs

    async def test_a_program_that_says_nothing_changes_nothing(self) -> None:
        olds = self.found()
        request = DiffRequest("id", {"name": "theirs"}, olds, check({}, olds).inputs)
        assert (await lifecycle().diff(request)).changes == {}

    @pytest.mark.parametrize(
        ("news", "changed"),
        [
            ({"name": "theirs"}, set()),
            ({"name": "mine"}, {"name"}),
            ({"scopes": ["write", "read"]}, set()),
            ({"scopes": ["read"]}, {"scopes"}),
            ({"scopes": []}, {"scopes"}),
            ({"expiresAt": "2027-01-31T13:00:00+01:00"}, set()),
            ({"expiresAt": "2028-01-31T13:00:00Z"}, {"expiresAt"}),
            ({"triggers": {"a": 1.0}}, {"triggers"}),
            ({"projectId": PROJECT.upper()}, set()),
            ({"projectId": OTHER_PROJECT}, {"projectId"}),
        ],
    )
    async def test_a_program_that_says_something_changes_that_alone(self, news: Props, changed: set[str]) -> None:
        olds = self.found()
        checked = check(news, olds)
        assert checked.problems == ()
        difference = await lifecycle().diff(DiffRequest("id", {"name": "theirs"}, olds, checked.inputs))
        assert set(difference.changes) == changed

    @pytest.mark.parametrize(
        ("news", "reason"),
        [
            ({"renewBefore": "5d"}, "can't work with a fixed expiresAt"),
            ({"renewBefore": "5d", "expiresIn": "5d"}, "must be shorter than expiresIn (5d)"),
        ],
    )
    def test_rules_hold_for_what_was_found_beside_what_the_program_says(self, news: Props, reason: str) -> None:
        (problem,) = check(news, self.found()).problems
        assert problem.property == "renewBefore"
        assert problem.reason.startswith(reason)

    @pytest.mark.parametrize("expires_in", ["90d", UNKNOWN])
    async def test_a_life_that_the_program_gives_takes_the_place_of_the_end_that_was_found(
        self, expires_in: Value
    ) -> None:
        news: Props = {"expiresIn": expires_in, "renewBefore": "5d"}
        checked = check(news, self.found())
        again = check(news, checked.inputs)
        assert checked.problems == again.problems == ()
        assert "expiresAt" not in checked.inputs
        assert "expiresAt" not in filled_in(checked.inputs)
        assert again.inputs == checked.inputs
        changes = (await lifecycle().diff(DiffRequest("id", {"name": "theirs"}, self.found(), checked.inputs))).changes
        assert {name for name, change in changes.items() if change.replace} == {"expiresAt", "expiresIn"}

    def test_an_end_that_was_found_and_has_passed_since_is_no_problem(self) -> None:
        keys = FakeKeys(FakeClock())
        olds = imported_inputs(keys.add("theirs", expires_at=PAST))
        assert check({"triggers": {"a": 1.0}}, olds).problems == ()

    @pytest.mark.parametrize("rounds", [1, 2, 3])
    def test_leftovers_stay_over_many_runs(self, rounds: int) -> None:
        inputs = self.found()
        for _ in range(rounds):
            inputs = check({}, inputs).inputs
        assert visible(inputs) == visible(self.found())


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "projectId": st.sampled_from([PROJECT, PROJECT.upper(), OTHER_PROJECT, "x", UNKNOWN, None]),
            "name": st.sampled_from(["mine", "", UNKNOWN, None]),
            "scopes": st.sampled_from([[], ["a"], ["a", "a"], ["a", UNKNOWN], UNKNOWN, None]),
            "expiresAt": st.sampled_from([LATER, PAST, "x", UNKNOWN, None]),
            "expiresIn": st.sampled_from(["90d", "0d", UNKNOWN, None]),
            "rotateAfter": st.sampled_from(["30d", "90d", UNKNOWN, None]),
            "renewBefore": st.sampled_from(["30d", "90d", UNKNOWN, None]),
            "triggers": st.sampled_from([{}, {"a": UNKNOWN}, {"a": 1.0}, "x", UNKNOWN, None]),
        },
    )
)
def test_what_was_checked_is_checked_again_to_the_same(news: Props) -> None:
    first = check(news)
    if first.problems:
        return
    again = check(visible(first.inputs), first.inputs)
    assert again.problems == ()
    assert visible(again.inputs) == visible(first.inputs)
    assert check(news, first.inputs).inputs == first.inputs

"""Errors read as one complete sentence for the person at the terminal, and show no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.keys import PROJECT
from pulumi_resource_apikeys import errors
from pulumi_resource_apikeys.errors import InputError, Problem, RemoteError, SettingsError, Subject

KINDS = [
    errors.UnauthorizedError,
    errors.ForbiddenError,
    errors.NotFoundError,
    errors.RejectedError,
    errors.RateLimitedError,
    errors.ServerFailedError,
    errors.BadAnswerError,
    errors.UnreachableError,
    errors.LostKeyError,
]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (Subject("list", PROJECT), f"list the API keys of project {PROJECT}"),
        (Subject("create", PROJECT, "deploy"), f'create API key "deploy" in project {PROJECT}'),
        (Subject("revoke", PROJECT, "deploy"), f'revoke API key "deploy" in project {PROJECT}'),
    ],
)
def test_a_subject_names_what_was_asked_the_key_and_the_project(subject: Subject, words: str) -> None:
    assert str(subject) == words


@pytest.mark.parametrize("kind", KINDS)
def test_a_remote_error_says_what_failed_why_and_what_to_do(kind: type[RemoteError]) -> None:
    error = kind(Subject("revoke", PROJECT, "deploy"), "the server says no", status=418)
    advice = f". {kind.advice}" if kind.advice else ""
    assert str(error) == f'could not revoke API key "deploy" in project {PROJECT}: the server says no{advice}'
    assert not str(error).endswith(".")


@pytest.mark.parametrize("kind", KINDS)
def test_the_servers_own_full_stop_is_not_doubled(kind: type[RemoteError]) -> None:
    error = kind(Subject("list", PROJECT), "Property foo is required but is missing.")
    assert ".." not in str(error)
    assert "is required but is missing" in str(error)


def test_a_remote_error_is_certain_unless_it_says_otherwise() -> None:
    subject = Subject("list", PROJECT)
    assert not RemoteError(subject, "x").may_have_acted
    told = RemoteError(subject, "x", may_have_acted=True, retry_after=2.5, status=503)
    assert (told.may_have_acted, told.retry_after, told.status, told.reason) == (True, 2.5, 503, "x")


def test_the_same_failure_in_other_words_stays_the_same_failure() -> None:
    error = errors.RateLimitedError(Subject("list", PROJECT), "x", may_have_acted=True, retry_after=2.5, status=429)
    other = error.with_reason("y")
    assert type(other) is errors.RateLimitedError
    assert (other.subject, other.may_have_acted, other.retry_after, other.status) == (error.subject, True, 2.5, 429)
    assert "429" not in str(other)
    assert ": y. " in str(other)


@pytest.mark.parametrize(
    ("kind", "status", "may_have_acted", "expected"),
    [
        (errors.UnreachableError, None, True, True),
        (errors.ServerFailedError, 503, True, True),
        (errors.RateLimitedError, 429, True, True),
        (errors.BadAnswerError, 200, True, True),
        (errors.BadAnswerError, None, True, True),
        (errors.BadAnswerError, 302, True, False),
        (errors.RejectedError, 408, True, True),
        (errors.RejectedError, 425, True, True),
        (errors.RejectedError, 413, True, False),
        (errors.UnauthorizedError, 401, False, False),
        (errors.UnauthorizedError, 401, True, True),
        (errors.ForbiddenError, 403, True, False),
        (errors.NotFoundError, 404, False, False),
        (RemoteError, None, False, False),
    ],
)
def test_a_failure_that_can_pass_by_itself_may_be_repeated(
    kind: type[RemoteError], status: int | None, may_have_acted: bool, expected: bool
) -> None:
    assert (
        kind(Subject("create", PROJECT, "n"), "x", status=status, may_have_acted=may_have_acted).may_repeat is expected
    )


@pytest.mark.parametrize(
    ("problem", "words"),
    [(Problem("scopes[1]", "must be a string"), "scopes[1]: must be a string"), (Problem("", "no such"), "no such")],
)
def test_a_problem_is_one_line(problem: Problem, words: str) -> None:
    assert str(problem) == words


@pytest.mark.parametrize("kind", [InputError, SettingsError])
def test_an_input_error_tells_every_problem(kind: type[InputError]) -> None:
    error = kind([Problem("a", "is bad"), Problem("b", "is worse")])
    assert str(error) == "a: is bad; b: is worse"
    assert error.problems == (Problem("a", "is bad"), Problem("b", "is worse"))


@pytest.mark.parametrize("kind", [*KINDS, InputError, SettingsError, errors.OfflineError, errors.CredentialError])
def test_every_foreseen_failure_is_of_one_family(kind: type[Exception]) -> None:
    assert issubclass(kind, errors.ApiKeysError)


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1), st.sampled_from(KINDS))
def test_the_servers_words_are_kept(reason: str, kind: type[RemoteError]) -> None:
    assert reason in str(kind(Subject("list", PROJECT), reason))

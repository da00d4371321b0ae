"""The arguments of a function: checked like a resource's inputs, before anything is asked."""

from typing import Any, ClassVar

import pytest

from fakes.keys import OTHER_PROJECT, PROJECT
from pulumi_resource_apikeys.errors import InputError
from pulumi_resource_apikeys.functions.filters import Filters
from pulumi_resource_apikeys.functions.function import arguments, project
from pulumi_resource_apikeys.functions.get_api_key import GetAPIKeyArgs
from pulumi_resource_apikeys.model.fields import Args
from pulumi_resource_apikeys.model.values import UNKNOWN


@pytest.mark.parametrize(
    ("model", "given", "property_", "reason"),
    [
        (Filters, {"unusedFor": "soon"}, "unusedFor", '"soon" is not a duration'),
        (Filters, {"expiringWithin": "-3d"}, "expiringWithin", "longer than nothing"),
        (Filters, {"projectId": "x"}, "projectId", "is not a UUID"),
        (Filters, {"active": "yes"}, "active", "true or false"),
        (Filters, {"scope": "a b"}, "scope", "white space"),
        (Filters, {"namePrefx": "a"}, "namePrefx", 'did you mean "namePrefix"?'),
        (Filters, {"active": UNKNOWN}, "active", "must be known"),
        (GetAPIKeyArgs, {"keyId": "a", "name": "b"}, "name", "can't be set together with keyId"),
    ],
)
def test_an_argument_that_can_not_be_used_is_named(
    model: type[Args], given: dict[str, Any], property_: str, reason: str
) -> None:
    with pytest.raises(InputError) as caught:
        arguments(model, given)
    (problem,) = caught.value.problems
    assert problem.property == property_
    assert reason in problem.reason


def test_what_is_wrong_with_a_secret_argument_is_told_without_it() -> None:
    with pytest.raises(InputError) as caught:
        arguments(Filters, {"unusedFor": "hunter2"}, {"unusedFor"})
    assert "hunter2" not in str(caught.value)
    assert "unusedFor" in str(caught.value)


class Both(Args):
    EXCLUSIVE: ClassVar[tuple[tuple[str, str], ...]] = (("one", "other"),)

    one: str | None = None
    other: str | None = None


def test_null_counts_as_not_given() -> None:
    assert arguments(Both, {"one": None, "other": "x"}).other == "x"


@pytest.mark.parametrize(
    ("named", "default", "expected"),
    [(PROJECT, None, PROJECT), (PROJECT, OTHER_PROJECT, PROJECT), (None, OTHER_PROJECT, OTHER_PROJECT)],
)
def test_the_project_is_that_of_the_call_or_of_the_provider(
    named: str | None, default: str | None, expected: str
) -> None:
    assert project(named, default) == expected


@pytest.mark.parametrize("default", [None, UNKNOWN])
def test_without_a_project_the_error_says_how_to_set_one(default: Any) -> None:
    with pytest.raises(InputError, match="projectId: is required"):
        project(None, default)

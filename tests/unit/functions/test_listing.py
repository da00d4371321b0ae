"""The keys that could be resources: which are listed, in pages that shift nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.keys import PROJECT
from pulumi_resource_apikeys.errors import InputError
from pulumi_resource_apikeys.functions.listing import PageRequest, ResourceList
from pulumi_resource_apikeys.model.values import UNKNOWN

if TYPE_CHECKING:
    from fakes.keys import FakeKeys
    from pulumi_resource_apikeys.functions.listing import Page
    from pulumi_resource_apikeys.keys.run import Run

MADE = ["d", "b", "e", "a", "c"]
"""Names by age, the oldest last."""
OLDEST_FIRST = MADE[::-1]


@pytest.fixture
def listed(run: Run) -> ResourceList:
    return ResourceList(run, PROJECT)


@pytest.fixture
def five(keys: FakeKeys) -> None:
    for age, name in enumerate(MADE):
        keys.add(name, created_at=f"2026-01-{20 - age}T00:00:00Z")


async def page(listed: ResourceList, query: dict[str, Any] | None = None, **wanted: Any) -> Page:
    found = await listed.page(query or {}, PageRequest(**wanted))
    assert found is not None
    return found


def names(found: Page) -> list[str]:
    return [key.name for key in found.keys]


async def test_a_listed_key_can_be_imported_by_its_id(listed: ResourceList, keys: FakeKeys) -> None:
    key = keys.add("ci")
    found = await page(listed)
    assert [(each.id, each.name) for each in found.keys] == [(f"{PROJECT}/{key.key_id}", "ci")]
    assert found.continuation == ""


@pytest.mark.parametrize(
    ("query", "expected"), [({}, ["active"]), ({"active": True}, ["active"]), ({"active": False}, ["ended"])]
)
async def test_only_active_keys_are_listed_unless_asked_for_for_no_other_can_be_read(
    listed: ResourceList, keys: FakeKeys, query: dict[str, Any], expected: list[str]
) -> None:
    keys.add("active")
    keys.add("ended", is_active=False)
    assert names(await page(listed, query)) == expected


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("limit", "size", "expected"),
    [
        (0, 0, [OLDEST_FIRST]),
        (0, 2, [OLDEST_FIRST[:2], OLDEST_FIRST[2:4], OLDEST_FIRST[4:]]),
        (0, 5, [OLDEST_FIRST]),
        (3, 0, [OLDEST_FIRST[:3]]),
        (3, 2, [OLDEST_FIRST[:2], OLDEST_FIRST[2:3]]),
        (4, 2, [OLDEST_FIRST[:2], OLDEST_FIRST[2:4]]),
        (9, 3, [OLDEST_FIRST[:3], OLDEST_FIRST[3:]]),
    ],
)
async def test_pages_together_are_the_list_up_to_the_limit(
    listed: ResourceList, limit: int, size: int, expected: list[list[str]]
) -> None:
    pages: list[list[str]] = []
    continuation = ""
    while continuation or not pages:
        found = await page(listed, limit=limit, size=size, continuation=continuation)
        pages.append(names(found))
        continuation = found.continuation
    assert pages == expected


@pytest.mark.usefixtures("five")
async def test_a_key_that_goes_between_two_pages_shifts_none_of_the_others(
    listed: ResourceList, keys: FakeKeys
) -> None:
    first = await page(listed, size=2)
    keys.change(first.keys[-1].id.partition("/")[2], is_active=False)
    assert names(await page(listed, size=2, continuation=first.continuation)) == OLDEST_FIRST[2:4]


@pytest.mark.parametrize("continuation", ["x", "WyJhIl0=", "bm90IGpzb24=", "WyJ4IiwgImIiLCAxXQ=="])
async def test_a_continuation_that_is_not_ours_is_refused(listed: ResourceList, continuation: str) -> None:
    with pytest.raises(InputError, match="continuationToken: is not one that this provider gave"):
        await page(listed, continuation=continuation)


async def test_a_query_with_something_unknown_has_no_answer_yet(listed: ResourceList, keys: FakeKeys) -> None:
    assert await listed.page({"namePrefix": UNKNOWN}, PageRequest()) is None
    assert not keys.calls


async def test_a_query_that_can_not_be_used_is_named(listed: ResourceList) -> None:
    with pytest.raises(InputError, match='namePrefx: unknown property; did you mean "namePrefix"'):
        await page(listed, {"namePrefx": "a"})

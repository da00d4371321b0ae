"""`getAPIKeys`: the filters as users write them, and a stable order. `keys.filtering` has the table of what fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.keys import OTHER_PROJECT, PROJECT, new_key
from pulumi_resource_apikeys.functions.get_api_keys import GetAPIKeys
from pulumi_resource_apikeys.model.times import format_instant, later, parse_duration

if TYPE_CHECKING:
    from fakes.clock import FakeClock
    from fakes.keys import FakeKeys
    from pulumi_resource_apikeys.keys.run import Run


@pytest.fixture
def function(run: Run) -> GetAPIKeys:
    return GetAPIKeys(run, PROJECT)


async def names(function: GetAPIKeys, **given: Any) -> tuple[list[str], list[str]]:
    found = await function.invoke(given)
    return [key.name for key in found.keys], [key.name for key in found.undecided]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["old", "young", "admins", "ended"]),
        ({"active": True}, ["old", "young", "admins"]),
        ({"active": False}, ["ended"]),
        ({"namePrefix": "o"}, ["old"]),
        ({"scope": "write"}, ["young"]),
        ({"unusedFor": "30d"}, ["old", "ended"]),
        ({"unusedFor": "P30D", "active": True}, ["old"]),
        ({"expiringWithin": "1w"}, ["young"]),
        ({"expiringWithin": "1h"}, []),
        ({"adminManaged": True}, ["admins"]),
        ({"projectId": OTHER_PROJECT}, ["elsewhere"]),
    ],
)
async def test_each_filter_is_applied(
    function: GetAPIKeys, keys: FakeKeys, clock: FakeClock, given: dict[str, Any], expected: list[str]
) -> None:
    def ago(duration: str) -> str:
        return format_instant(later(clock.now(), -parse_duration(duration)))

    keys.add("ended", created_at=ago("50d"), is_active=False, is_admin_managed=False)
    keys.add("admins", created_at=ago("60d"), is_admin_managed=True, never_used=False, last_used_at=ago("1d"))
    in_three_days = format_instant(later(clock.now(), parse_duration("3d")))
    keys.add(
        "young",
        created_at=ago("70d"),
        scopes=("read", "write"),
        expires_at=in_three_days,
        last_used_at=ago("29d"),
        never_used=False,
        is_admin_managed=False,
    )
    keys.add("old", created_at=ago("80d"), is_admin_managed=False)
    keys.add("elsewhere", project_id=OTHER_PROJECT)
    assert await names(function, **given) == (expected, [])


async def test_keys_of_which_the_server_did_not_tell_what_was_asked_are_apart(
    function: GetAPIKeys, keys: FakeKeys
) -> None:
    keys.add("told", created_at="2020-01-01T00:00:00Z")
    keys.add("not-told", created_at="2020-01-01T00:00:00Z", never_used=False)
    keys.add("other", never_used=False)
    assert await names(function, unusedFor="30d", namePrefix="") == (["told"], ["not-told", "other"])
    assert await names(function, unusedFor="30d", namePrefix="not") == ([], ["not-told"])


async def test_no_secret_is_told(function: GetAPIKeys, keys: FakeKeys) -> None:
    minted = await keys.mint(new_key(PROJECT, "ci"))
    assert minted.secret.get_secret_value() not in str((await function.invoke({})).props())

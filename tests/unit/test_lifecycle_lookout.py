"""Keys that an interrupted run may have left are told of before a key of their kind is made."""

from __future__ import annotations

import pytest

from fakes.clock import FakeClock
from fakes.keys import FakeKeys
from pulumi_resource_apikeys.lifecycle.lookout import Lookout

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"


@pytest.mark.parametrize(
    ("left", "made", "unique", "told"),
    [
        ("deploy-0a1b2c3", "deploy-fffffff", True, True),
        ("deploy-0a1b2c3", "deploy", False, False),
        ("deploy", "deploy", False, True),
        ("deploy", "deploy-fffffff", True, False),
        ("other-0a1b2c3", "deploy-fffffff", True, False),
        ("deploy-production", "deploy-fffffff", True, False),
        ("my-deploy-0a1b2c3", "deploy-fffffff", True, False),
    ],
)
async def test_only_keys_named_alike_are_told(  # noqa: PLR0913, PLR0917 - a table's columns
    keys: FakeKeys, clock: FakeClock, left: str, made: str, unique: bool, told: bool
) -> None:
    lost = await keys.mint(PROJECT, left, None, None)
    words = await Lookout(keys, clock).warnings(PROJECT, made, unique=unique)
    assert [lost.remote.key_id in word for word in words] == ([True] if told else [])


async def test_keys_that_the_state_knows_are_not_told(keys: FakeKeys, clock: FakeClock) -> None:
    known = await keys.mint(PROJECT, "deploy-0a1b2c3", None, None)
    lookout = Lookout(keys, clock)
    lookout.meet(known.remote.key_id)
    assert await lookout.warnings(PROJECT, "deploy-fffffff", unique=True) == ()


async def test_a_run_looks_once_a_project(keys: FakeKeys, clock: FakeClock) -> None:
    lookout = Lookout(keys, clock)
    for number in range(5):
        await lookout.warnings(PROJECT, f"key-000000{number}", unique=True)
    assert keys.counts == {"list": 1}


@pytest.mark.parametrize(
    ("name", "other", "used", "told"),
    [
        ("deploy-0a1b2c3", "deploy-0a1b2c3", None, True),
        ("deploy-0a1b2c3", "deploy-0a1b2c3", "2026-11-24T11:00:00Z", False),
        ("deploy-0a1b2c3", "deploy-0a1b2c4", None, False),
        ("deploy", "deploy", None, False),
    ],
)
async def test_another_key_of_a_unique_name_is_told(  # noqa: PLR0913, PLR0917 - a table's columns
    keys: FakeKeys, clock: FakeClock, name: str, other: str, used: str | None, told: bool
) -> None:
    known = keys.add(name, project_id=PROJECT)
    double = keys.add(other, project_id=PROJECT, last_used_at=used)
    lookout = Lookout(keys, clock)
    lookout.meet(known.key_id)
    words = lookout.doubles(await keys.list(PROJECT), known)
    assert [double.key_id in word for word in words] == ([True] if told else [])

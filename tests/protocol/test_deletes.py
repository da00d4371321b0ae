"""Deletes against the emulator: what counts as revoked, and what the error says where a key stays alive."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from fakes.quick_clock import QuickClock
from harness.small_engine import SmallEngine, Wanted


@pytest.fixture
def project() -> str:
    return str(uuid4())


@pytest.fixture
async def engine(emulator: Emulator, project: str) -> SmallEngine:
    """A stack with one key."""
    environment = {"APIKEYS_ENDPOINT": emulator.url, "APIKEYS_TOKEN": emulator.token()}
    made = SmallEngine(QuickClock(), environment)
    assert await made.up({"deploy": Wanted("APIKey", {"projectId": project})}) == []
    return made


@pytest.mark.parametrize("revoked_keys", ["listed", "absent"])
@pytest.mark.parametrize("again", ["success", "not_found", "success_false"])
async def test_a_key_that_was_revoked_already_is_as_good_as_revoked(
    engine: SmallEngine, emulator: Emulator, project: str, again: Any, revoked_keys: Any
) -> None:
    emulator.set_behaviour(revoke_again=again, revoked_keys=revoked_keys)
    emulator.revoke(emulator.active_keys(project)[0].key_id)
    assert await engine.up({}) == []
    assert engine.all_kept == []


async def test_a_key_that_is_gone_without_a_trace_is_as_good_as_revoked(
    engine: SmallEngine, emulator: Emulator, project: str
) -> None:
    emulator.forget(emulator.active_keys(project)[0].key_id)
    assert await engine.up({}) == []
    assert engine.all_kept == []


@pytest.mark.parametrize("status", [200, 204])
async def test_both_answers_of_a_revoke_are_understood(
    engine: SmallEngine, emulator: Emulator, project: str, status: int
) -> None:
    emulator.set_behaviour(revoke_status=status)
    assert await engine.up({}) == []
    assert emulator.active_keys(project) == []
    assert emulator.counts()["revoke"] == 1


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "empty"])
async def test_a_revoke_whose_answer_is_lost_every_time_is_seen_in_the_list(
    engine: SmallEngine, emulator: Emulator, project: str, kind: Any
) -> None:
    emulator.fault("revoke", kind, times=None)
    assert await engine.up({}) == []
    assert emulator.active_keys(project) == []


async def test_a_404_of_the_project_is_no_revoked_key(engine: SmallEngine, emulator: Emulator, project: str) -> None:
    emulator.set_project(project, "missing")
    (error,) = await engine.up({})
    assert "project not found" in error
    assert len(engine.all_kept) == 1


async def test_a_key_of_administrators_is_told_as_such(engine: SmallEngine, emulator: Emulator, project: str) -> None:
    (key,) = emulator.active_keys(project)
    emulator.patch_key(key.key_id, is_admin_managed=True)
    (error,) = await engine.up({})
    assert f'could not revoke API key "{key.name}" in project {project}: 403 Forbidden' in error
    assert "The key is managed by administrators" in error
    assert len(engine.all_kept) == 1


async def test_a_403_of_another_reason_says_nothing_of_administrators(engine: SmallEngine, emulator: Emulator) -> None:
    emulator.fault("revoke", "status", status=403)
    (error,) = await engine.up({})
    assert "Check that the token's user may manage API keys" in error
    assert "administrators" not in error
    assert len(engine.all_kept) == 1

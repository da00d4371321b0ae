"""Offline: looking and planning go on, reads answer the state, every write is refused."""

from __future__ import annotations

import pytest

from fakes.clock import FakeClock
from fakes.keys import PROJECT
from pulumi_resource_apikeys import wiring
from pulumi_resource_apikeys.errors import OfflineError
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, Lifecycle, Live
from pulumi_resource_apikeys.settings import Settings

KEY = "5f0c7a52-5f6e-4d5e-8f0a-000000000001"
STATE = {"projectId": PROJECT, "name": "mine", "keyId": KEY}


@pytest.fixture
def lifecycles() -> dict[str, Lifecycle]:
    settings = Settings(project_id=PROJECT, offline=True)
    return dict(wiring.build(settings, FakeClock(), lambda _line: None).lifecycles)


@pytest.fixture(params=list(RESOURCES))
def offline(request: pytest.FixtureRequest, lifecycles: dict[str, Lifecycle]) -> Lifecycle:
    return lifecycles[request.param]


def refused(caught: pytest.ExceptionInfo[OfflineError], action: str) -> bool:
    text = str(caught.value)
    return text.startswith(f'could not {action} API key "mine" in project {PROJECT}: the provider is offline') and all(
        part in text for part in ("nothing was changed", "APIKEYS_OFFLINE", "apikeys:offline")
    )


async def test_nothing_is_made(offline: Lifecycle) -> None:
    with pytest.raises(OfflineError) as caught:
        await offline.create({"projectId": PROJECT, "name": "mine"})
    assert refused(caught, "create")


async def test_nothing_is_updated_not_even_where_only_the_state_would_change(offline: Lifecycle) -> None:
    with pytest.raises(OfflineError) as caught:
        await offline.update(KEY, STATE, {**STATE, "rotateAfter": "30d"})
    assert refused(caught, "update")


async def test_nothing_is_revoked(offline: Lifecycle) -> None:
    with pytest.raises(OfflineError) as caught:
        await offline.delete(KEY, STATE)
    assert refused(caught, "revoke")


async def test_nothing_can_be_imported(offline: Lifecycle) -> None:
    with pytest.raises(OfflineError, match=f"could not read API key {PROJECT}/{KEY}: the provider is offline"):
        await offline.read(f"{PROJECT}/{KEY}", {}, {})


async def test_reads_answer_the_last_known_state_and_one_of_them_tells_so(lifecycles: dict[str, Lifecycle]) -> None:
    inputs = {"name": "mine"}
    found = [await each.read(KEY, inputs, STATE) for each in (*lifecycles.values(), *lifecycles.values())]
    (notice,) = [warning for live in found if isinstance(live, Live) for warning in live.warnings]
    assert notice == "the provider is offline: reads answer the last known state, and writes fail"
    assert all(live == Live(KEY, STATE, inputs) for live in found[1:])


def test_inputs_are_checked_as_ever(offline: Lifecycle) -> None:
    assert offline.check(CheckRequest(name="mine", news={"nmae": "x"})).problems
    assert "key" in offline.secrets

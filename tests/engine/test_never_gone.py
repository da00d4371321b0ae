"""A bad answer is never taken for a deleted key: the command fails and the state stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import VARIANTS

FAULTS: dict[str, dict[str, Any]] = {
    "401": {"kind": "unauthorized"},
    "403": {"kind": "status", "status": 403},
    "404": {"kind": "status", "status": 404},
    "429": {"kind": "status", "status": 429},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503},
    "html": {"kind": "html"},
    "html-404": {"kind": "html", "status": 404},
    "cut-off": {"kind": "truncate"},
    "empty": {"kind": "empty"},
    "dropped": {"kind": "drop_before"},
}
OF_ALL_CALLS = {"401", "429"}
"""Faults that other calls feel too: a token is refused, the rate of calls is limited."""
PAST = "2020-01-01T00:00:00Z"


@dataclass
class Shared:
    """A stack with a key for each fault, in a project for each; the tests leave it as they find it."""

    stack: Stack
    emulator: Emulator
    projects: dict[str, str] = field(default_factory=lambda: {fault: str(uuid4()) for fault in FAULTS})

    def keys(self) -> dict[str, Any]:
        """What the state says of the keys."""
        facts = self.stack.facts()
        return {fault: facts[fault] for fault in FAULTS if fault in facts}

    def fail(self, fault: str) -> None:
        """Let the lists of a project fail."""
        self.emulator.fault("list", times=None, project_id=self.projects[fault], **FAULTS[fault])


@pytest.fixture(scope="module", params=list(VARIANTS.values()), ids=list(VARIANTS))
def shared_stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, engine_bin: Path
) -> Iterator[Shared]:
    with Emulator() as emulator:
        folder = tmp_path_factory.mktemp("never-gone") / "stack"
        stack = Stack(
            folder, engine_bin, emulator.url, emulator.token(ttl_seconds=7200), module=request.param, warm=True
        )
        stack.environment = {"APIKEYS_MAX_RETRIES": "0"}
        stack.refresh_always()
        shared = Shared(stack, emulator)
        shared.stack.declare({fault: {"args": {"project_id": id_}} for fault, id_ in shared.projects.items()})
        made = shared.stack.up()
        assert made.ok, made.output
        yield shared


@pytest.fixture
def shared(shared_stack: Shared) -> Shared:
    shared_stack.emulator.reset()
    return shared_stack


def test_bad_answers_fail_an_up_with_an_error_for_each_key(shared: Shared) -> None:
    before = shared.keys()
    faults = [fault for fault in FAULTS if fault not in OF_ALL_CALLS]
    for fault in faults:
        shared.fail(fault)

    up = shared.stack.up("--continue-on-error")

    assert not up.ok, up.output
    told = [f"could not list the API keys of project {shared.projects[fault]}: " for fault in faults]
    assert all(sum(words in error for error in up.errors()) == 1 for words in told), up.output
    assert len(up.errors()) == len(faults)
    assert shared.keys() == before
    assert shared.emulator.counts()["create"] == 0


@pytest.mark.parametrize("fault", ["401", "429", "empty", "404"])
def test_a_bad_answer_fails_a_refresh(shared: Shared, fault: str) -> None:
    before = shared.keys()
    if fault == "404":
        shared.emulator.set_project(shared.projects[fault], "missing")
    else:
        shared.fail(fault)

    refresh = shared.stack.refresh()

    assert not refresh.ok, refresh.output
    words = f"could not list the API keys of project {shared.projects[fault]}: "
    assert any(words in error for error in refresh.errors()), refresh.output
    assert shared.keys() == before


def test_only_a_list_without_the_key_or_with_it_ended_means_deleted(shared: Shared) -> None:
    ids = {fault: key["outputs"]["keyId"] for fault, key in shared.keys().items()}
    shared.emulator.revoke(ids["401"])
    shared.emulator.forget(ids["403"])
    shared.emulator.patch_key(ids["404"], expires_at=PAST)

    refresh = shared.stack.refresh()

    assert refresh.ok, refresh.output
    assert shared.keys().keys() == ids.keys() - {"401", "403", "404"}

    healing = shared.stack.up()

    assert healing.counts()["created"] == 3, healing.output
    assert {key.key_id for key in shared.emulator.active_keys()} == {
        key["outputs"]["keyId"] for key in shared.keys().values()
    }

"""Faults of the API on the real engine: some cells of docs/faults.md, rate limits, time limits, keys of administrators.

`make fault-table` runs all cells; tests/protocol has all of them without the engine.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.fault_bench import Bench
from harness.faults import CELLS, Cell, in_company
from harness.stack import Stack
from harness.variants import both

SHOWN = [
    cell
    for cell in CELLS
    if cell.fault.name in {"500", "connection dropped after the work", "empty body", "413, after the work"}
    and (cell.call, cell.lasting) in {("create", False), ("create, own name", False), ("revoke", True)}
] + [cell for cell in CELLS if str(cell) in {"list: 500, lasting", "list: list wrongly empty, lasting"}]


@both
@pytest.mark.parametrize("batch", in_company(SHOWN), ids=lambda batch: f"{batch[0].call}, {len(batch)} faults")
def test_an_up_under_a_fault_and_the_one_after_it(
    tmp_path: Path, engine_bin: Path, variant: str, batch: list[Cell]
) -> None:
    bench = Bench(tmp_path / "stack", engine_bin, variant)
    try:
        outcomes = bench.run(batch)
    finally:
        bench.close()
    assert [outcome.complaints for outcome in outcomes] == [()] * len(batch)


@both
def test_a_rate_limit_is_met_by_slowing_down_and_no_key_fails(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare({f"key{number}": {"args": {"project_id": project}} for number in range(20)})
    emulator.fault("create", "status", times=4, after=5, status=429, retry_after="1")
    emulator.fault("create", "status", times=4, after=5, status=429)

    up = stack.up()

    assert up.ok, up.output
    assert up.warnings() == []
    assert len(emulator.active_keys(project)) == 20
    assert emulator.counts()["create"] == 20 + 8


LIMIT_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a rate limit": (
        {"kind": "status", "status": 429, "retry_after": "60", "detail": "slow down"},
        "429 .*: slow down",
    ),
    "no answer": ({"kind": "latency", "latency_ms": 90_000}, "no .*answer .*within [23](\\.[0-9]+)? s"),
}


@pytest.mark.parametrize("fault", LIMIT_FAULTS)
def test_custom_timeouts_end_the_waiting(stack: Stack, emulator: Emulator, project: str, fault: str) -> None:
    told, words = LIMIT_FAULTS[fault]
    stack.declare({"deploy": {"args": {"project_id": project}, "options": {"custom_timeouts": {"create": "3s"}}}})
    emulator.fault("create", times=None, **told)
    began = time.monotonic()

    up = stack.up()

    (error,) = up.errors()
    assert re.search(f'could not create API key "deploy-.*" in project {project}: .*{words}', error), error
    assert time.monotonic() - began < 60
    assert emulator.counts()["create"] == 1


@both
def test_a_key_of_administrators_is_not_revoked_and_the_error_says_what_it_is(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare({"deploy": {"args": {"project_id": project}}})
    assert stack.up().ok
    (key,) = emulator.active_keys(project)
    emulator.patch_key(key.key_id, is_admin_managed=True)

    destroy = stack.destroy()

    (error,) = destroy.errors()
    assert f'could not revoke API key "{key.name}" in project {project}' in error
    assert "The key is managed by administrators" in error
    assert len(emulator.active_keys(project)) == 1
    assert "deploy" in stack.facts()

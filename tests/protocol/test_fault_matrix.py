"""Every fault of the emulator at every call: the real client and servicer in this process, the emulator in another."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from fakes.quick_clock import QuickClock
from harness.faults import CELLS, Cell, Heard, judge, named_in
from harness.small_engine import SmallEngine, Wanted
from pulumi_resource_apikeys.clock import SystemClock


def wait_for_late_work(emulator: Emulator, cell: Cell) -> None:
    while cell.fault.late and any(call.status is None for call in emulator.calls()):
        time.sleep(0.05)


@pytest.mark.parametrize("cell", CELLS, ids=str)
async def test_an_up_under_a_fault_and_the_one_after_it(emulator: Emulator, tmp_path: Path, cell: Cell) -> None:
    project = str(uuid4())
    clock = SystemClock() if cell.fault.needs_real_waits else QuickClock()
    engine = SmallEngine(clock, {**cell.environment(emulator), "PULUMI_HOME": str(tmp_path)})
    before = {"key1": Wanted("APIKey", {"projectId": project}), "stays": Wanted("APIKey", {"projectId": project})}
    assert await engine.up(before) == []
    wanted = {"stays": before["stays"], "key2": Wanted("APIKey", {"projectId": project, **cell.args(2)})}

    async def up() -> Heard:
        engine.said.clear()
        errors = await engine.up(wanted)
        return Heard(not errors, set(errors), "\n".join(engine.said))

    cell.set(emulator, project)
    first = await up()
    cell.end(emulator)
    wait_for_late_work(emulator, cell)
    for suspect in named_in(first.words, emulator.active_keys(project)):
        if suspect.key_id not in engine.key_ids:
            emulator.revoke(suspect.key_id)
    second = await up()

    assert len(engine.key_ids) == len(wanted)
    outcome = judge(cell, first, second, engine.key_ids, emulator.active_keys(project))
    assert outcome.complaints == ()
    assert all(emulator.verify(secret) for kept in engine.all_kept for secret in kept.secrets.values())

"""Random histories of a stack under faults (`harness.history`): the whole plugin, and an emulator in another process.

APIKEYS_FUZZ_SEEDS=FIRST:END runs other seeds than the suite's, such as 100:1000.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from apikeys_emulator.testing import Emulator
from harness.history import History

FIRST, END = map(int, os.environ.get("APIKEYS_FUZZ_SEEDS", "0:8").split(":"))
STEPS = 8
LIMIT = 120.0
"""Seconds that a history takes at most; a traceback of one that hangs shows where."""


@pytest.mark.parametrize("seed", range(FIRST, END))
async def test_no_key_is_left_untold_and_no_secret_is_lost(emulator: Emulator, seed: int, tmp_path: Path) -> None:
    await asyncio.wait_for(_live_through(History(emulator, seed, tmp_path)), LIMIT)


async def _live_through(history: History) -> None:
    for _ in range(STEPS):
        await history.step()
    await history.settle()

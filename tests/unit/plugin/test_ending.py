"""When the plugin's process ends, by the signals that come and by whether the engine is there."""

from __future__ import annotations

import asyncio
import os
from typing import NoReturn

import pytest

from pulumi_resource_apikeys.plugin import ending
from pulumi_resource_apikeys.plugin.ending import Ending


class Due:
    """An ending that is waited for; `looks` counts the looks for the engine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, parent: int, look: type[Exception] | None) -> None:
        self.cancelled = False
        self.begun = 0
        self.looks = 0
        self._looked = asyncio.Semaphore(0)
        self._look = look
        monkeypatch.setattr(ending, "LOOKED_EVERY", 0.001)
        monkeypatch.setattr(ending, "CONNECTED_WITHIN", 0.001)
        monkeypatch.setattr(asyncio, "open_connection", self._connect)
        self.ending = Ending(parent, lambda: self.cancelled, lambda: "127.0.0.1:1")
        self.task = asyncio.ensure_future(self.ending.due(self._begin))

    async def _connect(self, _host: str, _port: str) -> NoReturn:
        self.looks += 1
        self._looked.release()
        if self._look is not None:
            raise self._look
        await asyncio.Event().wait()
        raise AssertionError

    def _begin(self) -> None:
        self.begun += 1

    async def after_looks(self, count: int) -> None:
        for _ in range(count):
            await self._looked.acquire()


async def test_an_engine_that_is_slow_to_answer_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    due = Due(monkeypatch, os.getppid(), None)
    due.ending.signalled()
    await due.after_looks(3)
    assert due.begun == 1
    assert not due.task.done()
    due.cancelled = True
    due.ending.signalled()
    await asyncio.wait_for(due.task, 60)
    assert due.begun == 1


async def test_nobody_is_waited_for_where_no_engine_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    due = Due(monkeypatch, os.getppid(), ConnectionRefusedError)
    due.ending.signalled()
    await asyncio.wait_for(due.task, 60)
    assert (due.begun, due.looks) == (1, 1)


async def test_it_ends_where_the_process_that_started_it_was_gone_before(monkeypatch: pytest.MonkeyPatch) -> None:
    due = Due(monkeypatch, os.getppid() + 1, None)
    await asyncio.wait_for(due.task, 60)
    assert (due.begun, due.looks) == (0, 0)

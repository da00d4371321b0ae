"""`QuickClock`: the real time, but waiting takes none; and a test may set it ahead."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from pulumi_resource_apikeys.clock import SystemClock


class QuickClock(SystemClock):
    """A `clock.Clock`. A sleep only moves what `monotonic` shows."""

    def __init__(self) -> None:
        self.waited = 0.0
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.waited

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds
        await asyncio.sleep(0)

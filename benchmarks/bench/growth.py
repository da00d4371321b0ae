"""How a refresh grows with what is in the project: 100 keys are read where the list has 10 to 10,000 others."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.calls import Plugin
from bench.figures import BASE, NOW, Figure
from bench.subjects import api

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.processes import Server
    from bench.subjects import Subject

PART = "growth"
OTHERS = (10, 100, 1_000, 10_000)
READ = 100
MEMORY_AIM = 100.0
"""MB with the longest list."""


@dataclass(frozen=True)
class Cost:
    """Of reading all: seconds, seconds of processor time; of the process: MB at its peak."""

    seconds: float
    cpu: float
    peak: float


async def _refresh(server: Server, endpoint: str) -> Cost:
    plugin = Plugin(server)
    try:
        await plugin.configure(endpoint)
        inputs = await plugin.check(0)
        made = [await plugin.create(number, inputs) for number in range(READ)]
        reads = [
            functools.partial(plugin.read, number, resource_id, inputs, state)
            for number, (resource_id, state) in enumerate(made)
        ]
        cost = await plugin.cost(reads, READ)
    finally:
        await plugin.aclose()
    return Cost(cost.seconds, cost.cpu, server.peak())


def measure(subjects: Mapping[str, Subject], say: Callable[[str], None]) -> list[Figure]:
    """One figure of each measure for each number of keys."""
    figures = []
    for others in OTHERS:
        costs = {}
        for name in (BASE, NOW):
            if name not in subjects:
                continue
            say(f"{READ} keys read beside {others}: {name}")
            with api(keys=others) as server, subjects[name].serving() as plugin:
                costs[name] = asyncio.run(_refresh(plugin, f"http://127.0.0.1:{server.port}"))
        case = f"{READ} reads beside {others:,} keys"
        aim = MEMORY_AIM if others == max(OTHERS) else None
        figures += [
            Figure(PART, case, "ms", {name: cost.seconds * 1000 for name, cost in costs.items()}),
            Figure(PART, case, "CPU, ms", {name: cost.cpu * 1000 for name, cost in costs.items()}),
            Figure(PART, case, "peak memory, MB", {name: cost.peak for name, cost in costs.items()}, None, aim),
        ]
    return figures

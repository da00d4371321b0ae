"""From the start of the process to the port, and to the first answer of Check: what every command waits for.

An engine meets the plugin (Handshake), configures it and checks the first resource. The processor time until then
says the same with less noise. The baseline is an empty gRPC server: a process of Python's that tells its port.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING

from bench.calls import Plugin
from bench.figures import Figure
from bench.subjects import CONSTANTS, EMPTY, NOOP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.subjects import Subject

PART = "start-up"
RUNS = 21
PORT_AIM, CHECK_AIM = 2.0, 3.0
"""Times the empty server's time to its port."""
TO_PORT, TO_CHECK = "start to port", "start to first Check"


async def _first_check(subject: Subject) -> dict[tuple[str, str], float]:
    """One start, in milliseconds, by case and measure."""
    with subject.serving() as server:
        found = {
            (TO_PORT, "ms"): server.seconds_to_port * 1000,
            (TO_PORT, "CPU, ms"): server.cpu_to_port * 1000,
        }
        if subject.name != EMPTY:
            plugin = Plugin(server)
            await plugin.configure("http://127.0.0.1:1")
            await plugin.check(1)
            found[TO_CHECK, "ms"] = (time.perf_counter() - server.started) * 1000
            found[TO_CHECK, "CPU, ms"] = server.cpu() * 1000
            await plugin.aclose()
    return found


def measure(subjects: Mapping[str, Subject], say: Callable[[str], None]) -> list[Figure]:
    """The medians of many starts, the subjects in turn."""
    shown = {name: subject for name, subject in subjects.items() if name not in {CONSTANTS, NOOP}}
    starts: dict[str, list[dict[tuple[str, str], float]]] = {name: [] for name in shown}
    for number in range(RUNS):
        say(f"start {number + 1} of {RUNS}")
        for name, subject in shown.items():
            starts[name].append(asyncio.run(_first_check(subject)))
    figures = []
    for case, measured in ((TO_PORT, "ms"), (TO_CHECK, "ms"), (TO_PORT, "CPU, ms"), (TO_CHECK, "CPU, ms")):
        values = {
            # The empty server checks nothing: all is held against its time to the port.
            name: median(each[TO_PORT if name == EMPTY else case, measured] for each in found)
            for name, found in starts.items()
        }
        figures.append(Figure(PART, case, measured, values, EMPTY, PORT_AIM if case == TO_PORT else CHECK_AIM))
    return figures

"""Whole commands on the real engine: stacks of 1 to 1,000 keys, with an API that answers at once or after 50 ms.

The baseline is the no-op plugin: the engine, the program and its host, which take most of the time, cost the same.
"""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.figures import BASE, NOW, Figure
from bench.processes import watching
from bench.subjects import NOOP, api
from harness.engine import engine_folder
from harness.stack import Stack
from harness.variants import DYNAMIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bench.subjects import Subject
    from harness.stack import Result

PART = "commands"
PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
SIZES = (1, 10, 100, 200, 1_000)
LATENCIES = (0.0, 0.05)
RUNS = {1: 5, 10: 3, 100: 3, 200: 3, 1_000: 1}
"""How often a stack of that size lives; the medians count."""

DYNAMIC_KEYS, DYNAMIC_RUNS, DYNAMIC_AIM = 100, 3, 1.05
"""Of dynamic resources; the aim is times the time before, with something for noise."""

AIMS: dict[tuple[int, float], dict[str, float]] = {
    (1, 0.0): {"preview": 1.25},
    (200, 0.0): {"up": 1.12, "preview": 1.15, "refresh": 1.15, "destroy": 1.12},
    (200, 0.05): {"up": 1.20, "preview": 1.20, "refresh": 1.20, "destroy": 1.30},
    (1_000, 0.0): {"up": 1.05, "destroy": 1.05},
}
"""Times the no-op plugin's time, by how many keys and the API's latency in seconds."""


@dataclass(frozen=True)
class Cost:
    """One command: seconds, the plugins' processor time in seconds, their peak memory in MB, HTTP calls by kind."""

    seconds: float
    cpu: float
    peak: float
    calls: dict[str, int]


def _plugin_stack(subject: Subject, endpoint: str, engine: Path, folder: Path) -> tuple[Stack, str]:
    """A stack whose plugin is the subject's, and what the command line of that plugin names."""
    stack = Stack(folder, engine, endpoint, "a-token")
    with (folder / "Pulumi.yaml").open("a") as project:
        project.write(f"plugins:\n  providers:\n    - name: apikeys\n      path: {subject.folder}\n")
    return stack, str(subject.executable)


def _dynamic_stack(subject: Subject, endpoint: str, engine: Path, folder: Path) -> tuple[Stack, str]:
    """A stack whose dynamic providers are the subject's, and what the command line of their host names."""
    path = {"PYTHONPATH": str(subject.modules)}
    return Stack(folder, engine, endpoint, "a-token", module=DYNAMIC, environment=path), "pulumi.dynamic"


def _life(stack: Stack, program: str, keys: int) -> Iterator[tuple[str, Cost]]:
    """The commands of one stack's life, each with its cost. Raises RuntimeError with the output of one that fails."""
    args = {"project_id": PROJECT, "scopes": ["builds:read", "builds:write"]}
    stack.declare({f"key-{number}": {"args": args, "exports": []} for number in range(keys)})
    commands: dict[str, Callable[[], Result]] = {
        "up": stack.up,
        "preview": stack.preview,
        "refresh": stack.refresh,
        "destroy": stack.destroy,
    }
    for name, command in commands.items():
        endpoint = str(stack.endpoint)
        _counts(endpoint)
        with watching(program) as used:
            began = time.perf_counter()
            done = command()
            seconds = time.perf_counter() - began
        if not done.ok:
            raise RuntimeError(f"{name} of {keys} keys with {program}:\n{done.output}")
        yield name, Cost(seconds, used.seconds, used.peak, _counts(endpoint))


def _counts(endpoint: str) -> dict[str, int]:
    """How many calls of each kind there were since this was asked last."""
    with urllib.request.urlopen(f"{endpoint}/counts") as answer:  # noqa: S310 - our own server on loopback
        counts: dict[str, int] = json.load(answer)
    return counts


def measure(
    subjects: Mapping[str, Subject], say: Callable[[str], None], sizes: tuple[int, ...] = SIZES
) -> list[Figure]:
    """All commands with all subjects, the subjects in turn."""
    engine = engine_folder()
    figures = []
    names = [name for name in (NOOP, BASE, NOW) if name in subjects]
    for keys in sizes:
        for latency in LATENCIES:
            costs: dict[str, dict[str, list[Cost]]] = defaultdict(lambda: {name: [] for name in names})
            runs = RUNS.get(keys, 1)
            for run in range(runs):
                for name in names:
                    say(f"{keys} keys at {latency * 1000:.0f} ms, run {run + 1} of {runs}: {name}")
                    with api(latency) as server, tempfile.TemporaryDirectory(prefix="apikeys-bench-") as folder:
                        endpoint = f"http://127.0.0.1:{server.port}"
                        stack = _plugin_stack(subjects[name], endpoint, engine, Path(folder) / "stack")
                        for command, cost in _life(*stack, keys):
                            costs[command][name].append(cost)
            for command, each in costs.items():
                figures += _figures(
                    f"{command} of {keys:,} at {latency * 1000:.0f} ms",
                    each,
                    AIMS.get((keys, latency), {}).get(command),
                )
    return figures


def measure_dynamic(subjects: Mapping[str, Subject], say: Callable[[str], None]) -> list[Figure]:
    """All commands of a stack of dynamic resources, which must not be slower than before."""
    engine = engine_folder()
    names = [name for name in (BASE, NOW) if name in subjects]
    costs: dict[str, dict[str, list[float]]] = defaultdict(lambda: {name: [] for name in names})
    for run in range(DYNAMIC_RUNS):
        for name in names:
            say(f"{DYNAMIC_KEYS} dynamic keys, run {run + 1} of {DYNAMIC_RUNS}: {name}")
            with api() as server, tempfile.TemporaryDirectory(prefix="apikeys-bench-") as folder:
                endpoint = f"http://127.0.0.1:{server.port}"
                stack = _dynamic_stack(subjects[name], endpoint, engine, Path(folder) / "stack")
                for command, cost in _life(*stack, DYNAMIC_KEYS):
                    costs[command][name].append(cost.seconds)
    return [
        Figure(
            "dynamic",
            f"{command} of {DYNAMIC_KEYS}",
            "s",
            {name: median(found) for name, found in each.items()},
            BASE,
            DYNAMIC_AIM,
        )
        for command, each in costs.items()
    ]


def _figures(case: str, costs: Mapping[str, list[Cost]], aim: float | None) -> list[Figure]:
    ours = {name: found for name, found in costs.items() if name != NOOP}
    kinds = sorted({kind for found in ours.values() for cost in found for kind in cost.calls})
    return [
        Figure(
            PART, case, "s", {name: median(cost.seconds for cost in found) for name, found in costs.items()}, NOOP, aim
        ),
        Figure(
            PART,
            case,
            "CPU of the plugin, s",
            {name: median(cost.cpu for cost in found) for name, found in costs.items()},
            NOOP,
        ),
        Figure(
            PART,
            case,
            "peak memory, MB",
            {name: max(cost.peak for cost in found) for name, found in costs.items()},
            NOOP,
        ),
        *(
            Figure(
                PART,
                case,
                f"{kind} calls",
                {name: median(cost.calls.get(kind, 0) for cost in found) for name, found in ours.items()},
            )
            for kind in kinds
        ),
    ]

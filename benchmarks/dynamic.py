"""A stack of many keys, with the plugin and with the dynamic provider: `PYTHONPATH=tests python benchmarks/dynamic.py`.

Times `up`, a preview of nothing, and `refresh` on the real engine, and counts the list calls that each cost. The
emulator and a file backend are on this machine, so the time is the engine's and the providers'. Ends non-zero where a
refresh costs more list calls than it may.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apikeys_emulator.testing import Emulator
from harness.engine import engine_folder
from harness.stack import Stack
from harness.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.stack import Result

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
LISTS_A_REFRESH_MAY_COST = 2


@dataclass(frozen=True)
class Measured:
    """A command: how long it took, in seconds, and how many list calls it made."""

    seconds: float
    lists: int


def measure(emulator: Emulator, command: Callable[[], Result]) -> Measured:
    """Run a command of a stack. Raises RuntimeError with its output where it fails."""
    emulator.reset_counts()
    began = time.perf_counter()
    done = command()
    seconds = time.perf_counter() - began
    if not done.ok:
        raise RuntimeError(done.output)
    return Measured(seconds, emulator.counts()["list"])


def run(way: str, keys: int, engine: Path, folder: Path) -> dict[str, Measured]:
    """The whole life of a stack of that many keys, by command."""
    with Emulator() as emulator:
        stack = Stack(folder / way, engine, emulator.url, emulator.token(ttl_seconds=3600), module=VARIANTS[way])
        stack.declare({f"key-{number}": {"args": {"project_id": PROJECT}, "exports": []} for number in range(keys)})
        measured = {
            "up": measure(emulator, stack.up),
            "preview": measure(emulator, stack.preview),
            "up again": measure(emulator, stack.up),
            "refresh": measure(emulator, stack.refresh),
            "destroy": measure(emulator, stack.destroy),
        }
        left = emulator.active_keys(PROJECT)
    if left:
        raise RuntimeError(f"{len(left)} keys are left active")
    return measured


def main() -> int:
    """Measure both, print them side by side; returns the exit status."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--keys", type=int, default=100, help="how many keys the stack has (default: 100)")
    keys: int = arguments.parse_args().keys
    engine = engine_folder()
    with tempfile.TemporaryDirectory(prefix="apikeys-benchmark-") as folder:
        found = {way: run(way, keys, engine, Path(folder)) for way in VARIANTS}
    print(f"{keys} keys".ljust(12) + "".join(f"{way:>12}{'lists':>8}" for way in found))
    for command in found["plugin"]:
        print(
            command.ljust(12)
            + "".join(f"{each[command].seconds:>10.1f} s{each[command].lists:>8}" for each in found.values())
        )
    return int(any(each["refresh"].lists > LISTS_A_REFRESH_MAY_COST for each in found.values()))


if __name__ == "__main__":
    sys.exit(main())

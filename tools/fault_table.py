"""What the real engine's `up` does under every fault at every call, and what is left: the table of docs/faults.md.

    python tools/fault_table.py [--check] [--workers N] [--only WORDS]

Each cell: an `up` that lists, makes or revokes a key under the fault, then an `up` without it. Between them the keys
that the first one told the user to look at are revoked, as a user would. Cells share an `up` where they can, each in a
project of its own. Ends non-zero where a cell is not as promised.

The table is written into the docs, or with `--check` compared with them. `--only` runs some cells and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from harness.engine import engine_folder  # noqa: E402 - after the path of the tests' own modules
from harness.fault_bench import Bench  # noqa: E402 - the same
from harness.faults import CALLS, CELLS, Cell, Outcome, in_company  # noqa: E402 - the same

DOCS = ROOT / "docs" / "faults.md"
BEGIN, END = "<!-- begin of the table: make fault-table -->", "<!-- end of the table -->"
HEADINGS = {
    "list": "List, as a refresh or a plain `up` with keys in the state does",
    "create": "Create, name left to Pulumi",
    "create, own name": "Create, name of the user's own",
    "revoke": "Revoke",
}


class Benches:
    """A bench for each worker."""

    def __init__(self, folder: Path, engine_bin: Path) -> None:
        """Make them as they are needed."""
        self._folder, self._engine_bin = folder, engine_bin
        self._own = threading.local()
        self.all: list[Bench] = []

    def run(self, batch: list[Cell]) -> list[Outcome]:
        """Run a batch on the worker's own bench."""
        if not hasattr(self._own, "bench"):
            self._own.bench = Bench(self._folder / threading.current_thread().name, self._engine_bin)
            self.all.append(self._own.bench)
        bench: Bench = self._own.bench
        outcomes = bench.run(batch)
        for outcome in outcomes:
            print(f"{'NOT AS PROMISED' if outcome.complaints else 'ok'}: {outcome.cell}", file=sys.stderr, flush=True)
        return outcomes


def run(cells: list[Cell], workers: int) -> list[Outcome]:
    """Run the cells, several at once."""
    engine = engine_folder()
    with tempfile.TemporaryDirectory(prefix="apikeys-faults-") as folder:
        benches = Benches(Path(folder), engine)
        try:
            with ThreadPoolExecutor(workers) as pool:
                return [outcome for outcomes in pool.map(benches.run, in_company(cells)) for outcome in outcomes]
        finally:
            for bench in benches.all:
                bench.close()


def ending(outcome: Outcome) -> str:
    """How the first `up` ended."""
    return "succeeds" if outcome.succeeded else f'fails: "{outcome.cell.fault.words}"'


def left(outcomes: list[Outcome]) -> str:
    """What is left after the second `up`, for the fault met once and all the time."""
    if any(outcome.complaints for outcome in outcomes):
        return "NOT AS PROMISED"
    suspicious = [outcome for outcome in outcomes if outcome.cell.leaves_a_suspect]
    if not suspicious:
        return "the wanted keys alone"
    which = "" if len(suspicious) == len(outcomes) else " (fault all the time)"
    return f"the wanted keys alone, once the user revoked the one that was told of{which}"


def table(outcomes: list[Outcome]) -> str:
    """The table in Markdown: a part for each call, a row for each fault."""
    parts = []
    for call in CALLS:
        rows = ["| fault | the `up` that meets it once | the `up` under it all the time | left after the next `up` |"]
        rows.append("|---|---|---|---|")
        of_call = sorted((o for o in outcomes if o.cell.call == call), key=lambda o: CELLS.index(o.cell))
        for fault, pair in groupby(of_call, key=lambda o: o.cell.fault):
            both = list(pair)
            endings = [ending(outcome) for outcome in both] if len(both) > 1 else ["-", ending(both[0])]
            rows.append(f"| {fault.name} | {' | '.join(endings)} | {left(both)} |")
        parts.append(f"### {HEADINGS[call]}\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def main() -> int:
    """Run, print, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the docs instead of writing them")
    parser.add_argument("--workers", type=int, default=3, help="how many stacks at once")
    parser.add_argument("--only", default="", help="run only cells whose name has these words")
    arguments = parser.parse_args()
    cells = [cell for cell in CELLS if arguments.only in str(cell)]
    began = time.monotonic()
    outcomes = run(cells, arguments.workers)
    shown = table(outcomes)
    print(shown)
    print(f"\n{len(cells)} cells in {time.monotonic() - began:.0f} s", file=sys.stderr)
    broken = [outcome for outcome in outcomes if outcome.complaints]
    for outcome in broken:
        print(f"\nNOT AS PROMISED: {outcome.cell}\n  " + "\n  ".join(outcome.complaints), file=sys.stderr)
    if broken:
        return 1
    if arguments.only:
        return 0
    before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
    text = f"{before}{BEGIN}\n\n{shown}\n\n{END}{rest.partition(END)[2]}"
    if arguments.check:
        return int(text != DOCS.read_text(encoding="utf-8"))
    DOCS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

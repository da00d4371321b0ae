"""What the provider costs, beside an older commit and beside baselines, all in one run: `make bench`.

Writes a table to the terminal, and the table, the same as JSON and a chart to a folder. With `--docs` the table and the
chart go into docs/performance.md as well.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench import calls, commands, growth, startup
from bench.figures import as_chart, as_json, as_table, into_page
from bench.subjects import CHECKOUT, prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.figures import Figure

DEFAULT_BASE = "a89f98d"
"""The commit before the plugin was made quick."""
PARTS: dict[str, Callable[..., list[Figure]]] = {
    "startup": startup.measure,
    "calls": calls.measure,
    "growth": growth.measure,
    "commands": commands.measure,
    "dynamic": commands.measure_dynamic,
}
PAGE = CHECKOUT / "docs" / "performance.md"


class Progress:
    """One line on standard error that says what is going on, and since when."""

    def __init__(self) -> None:
        """Begin now."""
        self._began = time.monotonic()
        self._ends = "\r" if sys.stderr.isatty() else "\n"

    def __call__(self, what: str) -> None:
        """Say it, over what was said before where that is a terminal."""
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        sys.stderr.write(f"bench: {minutes}:{seconds:02} {what}".ljust(100) + self._ends)
        sys.stderr.flush()


def about(base: str | None) -> dict[str, str]:
    """What was measured, and on what."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return {
        "now": described.stdout.strip() or "no git",
        "before": base or "none",
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help=f"parts, separated by commas: {', '.join(PARTS)}")
    parser.add_argument("--base", default=DEFAULT_BASE, help="commit to compare with; empty for none (%(default)s)")
    parser.add_argument("--keys", default="", help="sizes of the stacks of `commands`, separated by commas")
    parser.add_argument("--folder", type=Path, default=CHECKOUT / ".cache" / "bench", help="where the results go")
    parser.add_argument("--docs", action="store_true", help="put table and chart into docs/performance.md too")
    wanted = parser.parse_args()
    parts = wanted.only.split(",") if wanted.only else list(PARTS)
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    sizes = {"sizes": tuple(int(size) for size in wanted.keys.split(","))} if wanted.keys else {}
    say, figures = Progress(), []
    with tempfile.TemporaryDirectory(prefix="apikeys-bench-") as folder:
        try:
            subjects = prepare(Path(folder), wanted.base or None)
            for part in parts:
                figures += PARTS[part](subjects, say, **(sizes if part == "commands" else {}))
        except RuntimeError as error:
            say("it broke off")
            sys.stderr.write(f"\nbench: {error}\n")
            return 1
    say("done")
    known = about(wanted.base or None)
    table = as_table(figures)
    sys.stdout.write(f"\n{'; '.join(f'{name}: {value}' for name, value in known.items())}\n\n{table}")
    wanted.folder.mkdir(parents=True, exist_ok=True)
    (wanted.folder / "bench.md").write_text(table)
    (wanted.folder / "bench.json").write_text(as_json(figures, known))
    (wanted.folder / "bench.svg").write_text(as_chart(figures))
    if wanted.docs:
        PAGE.with_suffix(".svg").write_text(as_chart(figures))
        PAGE.write_text(into_page(PAGE.read_text(), table))
    sys.stdout.write(f"\nThe same as JSON and as a chart is in {wanted.folder}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Prints what a real `pulumi up` of 60 keys costs with tokens that live two seconds and an API that takes 200 ms.

PYTHONPATH=tests .venv/bin/python benchmarks/short_tokens.py [KEYS]
"""

import sys
import tempfile
from pathlib import Path

from harness.engine import engine_folder
from harness.short_tokens import AT_ONCE, LATENCY, LIFE, SOURCES, Outcome, run, table


def main() -> None:
    """Run with each source; fail where an `up` fails."""
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    engine = engine_folder()
    print(f"pulumi up of {keys} keys; tokens live {LIFE:g} s, calls take {LATENCY:g} s, {AT_ONCE} at once")
    outcomes: list[Outcome] = []
    for source in SOURCES:
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(run(source, Path(folder), engine, keys))
    print(table(outcomes))
    failed = [outcome.up.output for outcome in outcomes if not outcome.up.ok]
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()

"""Prints how long the comparison of a project's keys with the states of stacks takes: 10,000 keys, 50 stacks.

Seconds are those of the processor, so that what else the machine does counts little.

PYTHONPATH=tests .venv/bin/python benchmarks/audit.py [KEYS] [STACKS]
"""

import json
import platform
import sys
import time
from collections import Counter
from datetime import datetime, timezone

from apikeys_cli.audit import audit
from apikeys_cli.states import read_state
from fakes.keys import PROJECT, uuid
from fakes.states import exported, owner, record
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey

RUNS = 5
NOW = datetime(2026, 11, 28, tzinfo=timezone.utc)


def state_of(stack: int, numbers: range) -> str:
    """An export: every other resource rotates; the last key of ten is one that the state lost."""
    kinds = ("APIKey", "RotatingAPIKey")
    known = [number for number in numbers if number % 10 < 7]  # noqa: PLR2004 - seven of ten
    owners = [owner(f"key-{number}", kinds[number % 2], f"stack-{stack}") for number in known]
    return json.dumps(
        exported(*(record(of, number) for of, number in zip(owners, known, strict=True)), stack=f"stack-{stack}")
    )


def listed(number: int, stacks: int) -> RemoteKey:
    """The key as the API lists it: seven of ten managed, one orphaned, two made by hand."""
    lost = owner(f"lost-{number}", stack=f"stack-{number % stacks}").made_name("lost")
    return RemoteKey(
        key_id=uuid(number),
        project_id=PROJECT,
        name=lost if number % 10 == 9 else f"key-{number}",  # noqa: PLR2004 - the last of ten
        created_at="2026-06-01T10:31:39.288356666Z",
        expires_at=None if number % 3 else "2026-12-10T00:00:00Z",
        last_used_at="2026-11-27T23:59:59.5Z" if number % 4 else "2026-01-01T00:00:00Z",
    )


def main() -> None:
    """Time both parts: reading the exports, and comparing."""
    keys, stacks = int(dict(enumerate(sys.argv)).get(1, "10000")), int(dict(enumerate(sys.argv)).get(2, "50"))
    share = keys // stacks
    exports = [state_of(stack, range(stack * share, (stack + 1) * share)) for stack in range(stacks)]
    took = []
    counts = Counter[str]()
    for _ in range(RUNS):
        # New objects in every run: dates are read when they are first asked for.
        listing = Listing(listed(number, stacks) for number in range(keys))
        began = time.process_time()
        states = [read_state(json.loads(export), "any") for export in exports]
        read = time.process_time()
        found = audit({PROJECT: listing}, states, NOW)
        took.append((read - began, time.process_time() - read))
        counts = Counter(finding.kind.value for finding in found.findings)
    reading, comparing = min(took, key=sum)
    print(f"{keys} keys, {stacks} stacks of {sum(map(len, exports)) // stacks // 1024} KiB; best of {RUNS}")
    print(f"  reading the exports  {reading:6.2f} s")
    print(f"  comparing            {comparing:6.2f} s")
    print(f"  together             {reading + comparing:6.2f} s   (Python {platform.python_version()})")
    print("  found:", ", ".join(f"{number} {kind}" for kind, number in counts.items()))


if __name__ == "__main__":
    main()

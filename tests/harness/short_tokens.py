"""One `pulumi up` of many keys that outlives its tokens many times, and what it cost."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.token_program import TokenProgram

if TYPE_CHECKING:
    from harness.stack import Result

Source = Literal["tokenCommand", "Clerk"]

SOURCES: tuple[Source, ...] = ("tokenCommand", "Clerk")
LIFE = 2.0
"""Seconds; a JWT's times are whole seconds, so such a token lives between one and two."""
LATENCY = 0.2
"""Seconds that each call of the API takes at least."""
AT_ONCE = 2
"""Calls at a time: few enough that the run takes several lives of a token."""


@dataclass(frozen=True)
class Outcome:
    """A run: how many tokens it fetched, and for how many seconds it called the API. `refused` counts 401 answers."""

    source: Source
    up: Result
    keys: int
    tokens: int
    calling: float
    whole: float
    refused: int

    @property
    def least(self) -> int:
        """The fewest tokens that the calls can have been made with."""
        return max(int(self.calling / LIFE), 1)

    @property
    def most(self) -> int:
        """The most that it should have taken: tokens of the shortest life, each renewed at four fifths of it."""
        return int(self.calling / (LIFE / 2 * 0.8)) + 2


def run(source: Source, folder: Path, engine_bin: Path, keys: int = 60) -> Outcome:
    """Make a stack of that many keys in a new folder, against an emulator of its own."""
    project = str(uuid4())
    with Emulator(token_ttl_seconds=LIFE) as emulator:
        stack = Stack(folder / "stack", engine_bin, emulator.url, None)
        program = TokenProgram(folder, emulator.url, ttl_seconds=LIFE)
        stack.environment = {"APIKEYS_MAX_CONCURRENCY": str(AT_ONCE), "APIKEYS_PROJECT_ID": project}
        if source == "tokenCommand":
            stack.environment["APIKEYS_TOKEN_COMMAND"] = json.dumps(program.argv)
        else:
            stack.environment["APIKEYS_CLERK_SECRET_KEY"] = emulator.clerk_secret_key
            stack.environment["APIKEYS_CLERK_SESSION_ID"] = "sess_short"
            stack.environment["APIKEYS_CLERK_API_URL"] = emulator.url
        stack.declare({f"key-{number}": {"exports": []} for number in range(keys)})
        for operation in ("list", "create"):
            emulator.fault(operation, "latency", times=None, latency_ms=LATENCY * 1000)
        started = time.monotonic()
        up = stack.up()
        whole = time.monotonic() - started
        calls = [call for call in emulator.calls() if call.operation != "clerk"]
        times = [datetime.fromisoformat(call.time[:19]) for call in calls]
        return Outcome(
            source,
            up,
            len(emulator.active_keys(project)),
            program.runs() if source == "tokenCommand" else emulator.counts()["clerk"],
            (max(times) - min(times)).total_seconds() + 1.0 if times else 0.0,
            whole,
            sum(call.status == 401 for call in calls),
        )


def table(outcomes: list[Outcome]) -> str:
    """The outcomes as a table for people."""
    head = f"{'source':<14}{'keys':>6}{'calling':>10}{'whole up':>10}{'tokens':>8}{'bounds':>9}{'401':>5}"
    rows = [
        f"{each.source:<14}{each.keys:>6}{each.calling:>8.1f} s{each.whole:>8.1f} s{each.tokens:>8}"
        f"{f'{each.least}-{each.most}':>9}{each.refused:>5}"
        for each in outcomes
    ]
    return "\n".join([head, *rows, f"(Python {sys.version.split()[0]})"])

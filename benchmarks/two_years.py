"""Two years of a daily `pulumi up` with a rotating key, on the real engine: `make two-years`.

Every day: a preview, an `up`, then each consumer uses its key on the server. The plugin is served here with a clock
that is moved on, and so is the server's. Pulumi's own program runs for each command; only the language host is kept
between them, as Pulumi's Automation API does with an inline program. Ends non-zero at the first day that is not as
computed. Options: days, rotateEvery and overlap in days.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pulumi
import pulumi_apikeys as apikeys
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc

from apikeys_emulator.testing import Emulator
from harness.engine import engine_folder
from harness.world import plugin_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.stack import Stack

PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
REPORTED_EVERY = 30


class NotAsComputedError(Exception):
    """A day was not as computed."""


@dataclass(frozen=True)
class Plan:
    """The days of the run, and the policy in days."""

    days: int
    every: int
    overlap: int

    def mints(self, day: int) -> bool:
        """Whether a key is made on that day; day 0 makes the first."""
        return day % self.every == 0

    def revokes(self, day: int) -> bool:
        """Whether a key is revoked on that day."""
        return day > self.every and day % self.every == self.overlap


@contextmanager
def language_host(plan: Plan) -> Iterator[str]:
    """The program, as a language host on loopback; gives its address."""

    def program() -> None:
        key = apikeys.RotatingAPIKey(
            "deploy", project_id=PROJECT, rotate_every=f"{plan.every}d", overlap=f"{plan.overlap}d"
        )
        pulumi.export("key", key.key)
        pulumi.export("previous", key.previous_key)

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(program), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def expect(holds: bool, claim: str, said: str) -> None:
    """End the run where a claim does not hold."""
    if not holds:
        raise NotAsComputedError(f"{claim}\n{said}")


class Run:
    """A stack, its server, and the time."""

    def __init__(self, plan: Plan, stack: Stack, emulator: Emulator, host: str) -> None:
        """Take what the days go by."""
        self.plan = plan
        self.mints = 0
        self.revokes = 0
        self._stack = stack
        self._emulator = emulator
        self._host = f"--client={host}"
        self._consumers: list[str] = []

    def day(self, day: int) -> None:
        """One day's preview, `up`, and uses of keys."""
        mints, revokes = self.plan.mints(day), self.plan.revokes(day)
        quiet = not mints and not revokes

        self._all_work(f"before day {day}'s run")
        preview = self._stack.preview(self._host)
        shown = preview.counts()
        expect(preview.ok, f"day {day}: the preview succeeds", preview.output)
        expect(_shows_changes(shown) is not quiet, f"day {day}: the preview shows changes as computed", preview.output)
        before = set(self._live())
        self._emulator.reset_counts()
        up = self._stack.up(self._host)
        expect(up.ok, f"day {day}: the run succeeds", up.output)
        after = set(self._live())
        self.mints += len(after - before)
        self.revokes += len(before - after)
        expect(len(after - before) == mints and len(before - after) == revokes, f"day {day}: as computed", up.output)
        alive = self._alive_during_run(len(before))
        expect(alive <= {1, 2}, f"day {day}: one or two live keys at every moment, not {alive}", up.output)
        if not quiet:
            outputs = self._stack.outputs()
            self._consumers = [key for key in (outputs["key"], outputs["previous"]) if key]
        expect(len(self._consumers) == len(after), f"day {day}: every live key is in the state", up.output)
        self._all_work(f"after day {day}'s run")

    def _alive_during_run(self, alive: int) -> set[int]:
        """How many keys were alive after each call of the run that made or revoked one, or all the time."""
        counts = [alive] if alive else []
        for call in self._emulator.calls():
            if call.operation in {"create", "revoke"}:
                alive += 1 if call.operation == "create" else -1
                counts.append(alive)
        return set(counts)

    def _live(self) -> list[str]:
        return [key.key_id for key in self._emulator.active_keys(PROJECT)]

    def _all_work(self, when: str) -> None:
        for secret in self._consumers:
            expect(self._emulator.verify(secret), f"{when}: each consumer's key is accepted", "")


def _shows_changes(counts: dict[str, int]) -> bool:
    return any(word != "unchanged" for word in counts)


def live_through(plan: Plan) -> None:
    """Run all days, and tell what came of them."""
    engine = engine_folder()
    folder = Path(tempfile.mkdtemp(prefix="two-years-"))
    began = time.monotonic()
    try:
        with (
            Emulator() as emulator,
            language_host(plan) as host,
            plugin_world(folder / "stack", engine, emulator, PROJECT) as world,
        ):
            run = Run(plan, world.stack, emulator, host)
            for day in range(plan.days):
                run.day(day)
                if day % REPORTED_EVERY == 0:
                    print(f"day {day}: {run.mints} made, {run.revokes} revoked, as computed", flush=True)
                world.time.pass_by(days=1)
        print(
            f"{plan.days} days, a preview and an up each: {run.mints} keys made, {run.revokes} revoked, as computed;"
            f" one or two live keys and every consumer's key accepted all the time;"
            f" {time.monotonic() - began:.0f} s"
        )
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--rotate-every", type=int, default=30)
    parser.add_argument("--overlap", type=int, default=7)
    options = parser.parse_args()
    try:
        live_through(Plan(options.days, options.rotate_every, options.overlap))
    except NotAsComputedError as error:
        print(f"not as computed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

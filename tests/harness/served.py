"""The provider served by the test itself, with a clock that the test moves; the engine attaches to it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import Self

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack
from pulumi_resource_apikeys.model.times import format_instant
from pulumi_resource_apikeys.plugin.server import PluginServer

YEARS = 10 * 365 * 86400
"""Seconds that a token lives which no moved clock ends."""


class MovedClock:
    """A `clock.Clock` whose time of day stands still until it is moved; waits are real."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ServedPlugin:
    """A context manager in which the plugin listens on `port`, in a thread of its own."""

    def __init__(self, clock: MovedClock, environment: Mapping[str, str]) -> None:
        self.clock = clock
        self.port = 0
        self._environment = environment
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="served-plugin")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = PluginServer(self.clock, self._environment)
        self.port = await server.start()
        self._ready.set()
        await self._ended.wait()
        await server.stop()


class Time:
    """The time of the served plugin and of the server, moved together, or apart by `server_ahead`."""

    def __init__(self, emulator: Emulator, start: datetime | None = None) -> None:
        self.clock = MovedClock(start or datetime.now(timezone.utc).replace(microsecond=0))
        self.start = self.clock.moment
        self.server_ahead = timedelta(0)
        self._emulator = emulator
        self.move_to(self.clock.moment)

    def token(self) -> str:
        """A token that is valid at all times that a test may move to."""
        self._emulator.set_clock(now=format_instant(self.start - timedelta(days=5 * 365)))
        token = self._emulator.token(ttl_seconds=YEARS)
        self.move_to(self.now)
        return token

    @property
    def now(self) -> datetime:
        """The plugin's time."""
        return self.clock.moment

    def move_to(self, moment: datetime) -> None:
        """Let it be that time."""
        self.clock.moment = moment
        self._emulator.set_clock(now=format_instant(moment + self.server_ahead))

    def pass_by(self, **span: float) -> None:
        """Let time pass; the span is given as to `timedelta`."""
        self.move_to(self.now + timedelta(**span))


@dataclass
class World:
    """A stack whose plugin is served here, the server, and the time of both."""

    stack: Stack
    emulator: Emulator
    time: Time
    project: str

    def declare(self, args: dict[str, Any], consumer: bool = False) -> None:
        """A program with one RotatingAPIKey, `deploy`, and, where asked for, a consumer of both its keys."""
        given = {"project_id": self.project, "rotate_every": "30d", "overlap": "7d", **args}
        keys = {name: value for name, value in given.items() if value is not None}
        resources: dict[str, Any] = {"deploy": {"type": "RotatingAPIKey", "args": keys, "exports": EXPORTS}}
        if consumer:
            both = {"current": {"$output": "deploy.key"}, "previous": {"$output": "deploy.previous_key"}}
            resources["app"] = {"type": "Consumer", "args": both}
        self.stack.declare(resources)

    def up(self) -> Result:
        """`pulumi up`, which must succeed."""
        done = self.stack.up()
        assert done.ok, done.output
        return done

    def preview(self) -> Result:
        """`pulumi preview`, which must succeed."""
        done = self.stack.preview()
        assert done.ok, done.output
        return done

    def outputs(self) -> Outputs:
        """What the stack puts out of `deploy`."""
        shown = self.stack.outputs()
        return Outputs(*(shown.get(f"deploy.{name}", "") for name in EXPORTS))

    def live(self) -> set[str]:
        """The ids of the keys that live on the server."""
        return {key.key_id for key in self.emulator.active_keys(self.project)}


@dataclass(frozen=True)
class Outputs:
    """The outputs of a rotating key; empty where there are none."""

    key: str
    key_id: str
    previous_key: str
    previous_key_id: str
    rotated_at: str
    next_rotation_at: str
    previous_revokes_at: str
    generation: float


EXPORTS = [field.name for field in fields(Outputs)]


@contextmanager
def moved_world(folder: Path, engine_bin: Path, emulator: Emulator, project: str) -> Iterator[World]:
    """A world whose time begins now and passes only when it is moved."""
    now = Time(emulator)
    environment = {"APIKEYS_ENDPOINT": emulator.url, "APIKEYS_TOKEN": now.token()}
    with ServedPlugin(now.clock, environment) as plugin:
        attached = {"PULUMI_DEBUG_PROVIDERS": f"apikeys:{plugin.port}"}
        yield World(Stack(folder, engine_bin, emulator.url, None, environment=attached), emulator, now, project)

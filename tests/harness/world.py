"""A stack whose time the test moves, with the plugin or with the dynamic provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from apikeys_emulator.testing import Emulator
from harness.served import MovedClock, ServedPlugin
from harness.stack import Result, Stack
from harness.variants import DYNAMIC
from pulumi_resource_apikeys.model.times import format_instant

MOVED_HOST = Path(__file__).with_name("moved_host")
YEARS = 10 * 365 * 86400
"""Seconds that a token lives which no moved clock ends."""


class Time:
    """The time of the provider and of the server, moved together, or apart by `server_ahead`."""

    def __init__(self, emulator: Emulator, shown_in: Path | None = None) -> None:
        self.clock = MovedClock(datetime.now(timezone.utc).replace(microsecond=0), shown_in)
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
        """The provider's time."""
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
    """A stack, its server, and the time of both."""

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

    def make_two_keys(self, **args: Any) -> None:
        """Let the stack have a current key and a previous one, by a change of `triggers`."""
        self.declare(args)
        self.up()
        self.declare({**args, "triggers": {"v": 2}})
        self.up()

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
def plugin_world(folder: Path, engine_bin: Path, emulator: Emulator, project: str) -> Iterator[World]:
    """A world with the plugin, whose time begins now and passes only when it is moved."""
    now = Time(emulator)
    environment = {"APIKEYS_ENDPOINT": emulator.url, "APIKEYS_TOKEN": now.token()}
    with ServedPlugin(now.clock, environment) as plugin:
        attached = {"PULUMI_DEBUG_PROVIDERS": f"apikeys:{plugin.port}"}
        yield World(
            Stack(folder, engine_bin, emulator.url, None, environment=attached, warm=True), emulator, now, project
        )


@contextmanager
def dynamic_world(folder: Path, engine_bin: Path, emulator: Emulator, project: str) -> Iterator[World]:
    """Such a world with the dynamic provider, whose stack refreshes always, as a plugin's does by itself."""
    clock = folder.with_name("clock")
    now = Time(emulator, clock)
    environment = {"PYTHONPATH": str(MOVED_HOST), "HARNESS_CLOCK": str(clock)}
    stack = Stack(folder, engine_bin, emulator.url, now.token(), module=DYNAMIC, environment=environment, warm=True)
    stack.refresh_always()
    yield World(stack, emulator, now, project)

"""What all dynamic providers of one process share: the configuration, one event loop, one client.

The host has four threads and no event loop; the client needs one. So a loop runs in a thread of its own until the
process ends.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_resource_apikeys import settings, wiring
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.errors import ApiKeysError, Problem, SettingsError
from pulumi_resource_apikeys.journal import Journal, root_of

from . import engine_call
from .engine_pipe import EnginePipe
from .words import StderrReporter

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from pulumi.dynamic import Config

    from pulumi_resource_apikeys.model.values import Props
    from pulumi_resource_apikeys.resources.lifecycle import Live
    from pulumi_resource_apikeys.wiring import Services

T = TypeVar("T")

NAMESPACE = "apikeys"
WATCHED_EVERY = 0.05
"""Seconds between two looks, during a write, at whether the engine still waits for it."""


def configuration(config: Config, environment: Mapping[str, str]) -> tuple[settings.Settings, list[Problem]]:
    """The settings in force from the stack's configuration and the environment, and every problem with them.

    For a refresh and a destroy, the engine takes the stack's configuration from the state.
    """
    values = {
        option: value for option in settings.OPTIONS if (value := config.get(f"{NAMESPACE}:{option}")) is not None
    }
    options, problems = settings.read(values, environment)
    if not problems and options.endpoint is None and not options.offline:
        problems = [settings.MISSING_ENDPOINT]
    options = replace(options, endpoint_remembered="endpoint" in values)
    return options, [_named(problem) for problem in problems]


def _named(problem: Problem) -> Problem:
    """The problem with the configuration key in its words: no property of a resource is at fault."""
    of_stack = problem.property and not problem.property.startswith("APIKEYS_")
    return Problem("", f"{NAMESPACE}:{problem}" if of_stack else str(problem))


class Loop:
    """An event loop in a thread of its own, for callers in any other thread."""

    def __init__(self) -> None:
        """Start it."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="apikeys", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Stop it; what still runs is cancelled."""
        self.run(_cancel_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Host:
    """The configured provider of this process."""

    def __init__(
        self,
        build: Callable[[Callable[[str], None]], Services],
        problems: list[Problem],
        engine_gone: Callable[[], bool],
        reporter: StderrReporter,
    ) -> None:
        """`build` makes the services, given what shows the user a line; `problems` say why they can't be used."""
        self.reporter = reporter
        self._problems = problems
        self._engine_gone = engine_gone
        self._loop = Loop()

        async def within() -> Services:
            return build(reporter.inform)

        self._services = self._loop.run(within())

    def services(self) -> Services:
        """The services. Raises SettingsError if the configuration can't be used."""
        if self._problems:
            raise SettingsError(self._problems)
        return self._services

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that makes no key, and wait for the result; not for long once the engine gives it up."""
        return self._loop.run(self._watched(work, self._useless()))

    def write(self, work: Coroutine[Any, Any, Live], before: Props) -> Live:
        """Do something that may make a key; if the engine gives it up meanwhile, that key is revoked again.

        `before` is the state that the engine has.
        """
        useless = self._begun_in_time(work)
        live = self._loop.run(self._watched(work, useless))
        if useless():
            self._loop.run(self._services.undo(live.state, before))
            raise ApiKeysError("the engine takes no answer any more, so a key that was made is revoked again")
        self._services.delivered(live.state)
        return live

    def change(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that revokes keys, and wait for the result."""
        return self._loop.run(self._watched(work, self._begun_in_time(work)))

    def _useless(self) -> Callable[[], bool]:
        """What tells whether nobody takes the result of this thread's work."""
        given_up = engine_call.given_up()
        return lambda: given_up() or self._engine_gone()

    def _begun_in_time(self, work: Coroutine[Any, Any, T]) -> Callable[[], bool]:
        """The same for work that is not begun if that is so already: raises ApiKeysError."""
        useless = self._useless()
        if useless():
            work.close()
            raise ApiKeysError("the run was cancelled before this began; nothing was done")
        return useless

    async def _watched(self, work: Coroutine[Any, Any, T], useless: Callable[[], bool]) -> T:
        """Do something; from when it is useless, nothing is sent any more that still waits to be sent."""
        task = asyncio.ensure_future(work)
        while not task.done():
            if useless():
                self._services.interrupt()
            await asyncio.wait({task}, timeout=WATCHED_EVERY)
        return task.result()

    def close(self) -> None:
        """Close the client, and end the loop and its thread."""
        if not self._engine_gone():
            for words in self._services.engine_ended_well():
                self.reporter.warn(words)
        self._loop.run(self._services.aclose())
        self._loop.close()


_lock = threading.Lock()
_shared: Host | None = None


def shared(config: Config) -> Host:
    """The host of this process, made at the first call: the engine configures a process once."""
    global _shared  # noqa: PLW0603 - the providers are objects of a module, and so is what they share
    with _lock:
        if _shared is None:
            found, problems = configuration(config, os.environ)
            pipe = EnginePipe(1)
            pipe.end_with_it()

            def build(report: Callable[[str], None]) -> Services:
                return wiring.build(found, SystemClock(), report, Journal(root_of(os.environ)))

            _shared = Host(build, problems, pipe.broken, StderrReporter())
            atexit.register(_shared.close)
        return _shared

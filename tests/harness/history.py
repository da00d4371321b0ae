"""A made-up history of a stack, from a seed: a program that changes, a server that fails, people who revoke by hand.

Plugins and engines are killed, older checkpoints put back, two runs are made at once, and the server's lists lag.

After each step it is checked that no key is alive that neither the state knows nor anybody was told of, that every
secret of the state works or its key is known to have ended, and that nothing shows a bug or a secret. What a kill or a
checkpoint that was put back left is told of at the latest by the last runs, which are made with nothing in their way.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fakes.quick_clock import QuickClock
from harness.small_engine import SmallEngine, Wanted
from pulumi_resource_apikeys.keys.strays import MISSED_BY, MISSED_FOR

if TYPE_CHECKING:
    from pathlib import Path

    from apikeys_emulator.terms import FaultTarget
    from apikeys_emulator.testing import EmulatedKey, Emulator
    from harness.small_engine import Run

LIMIT = "1s"
LATE_MS = 1300.0
FAULTS: tuple[dict[str, Any], ...] = (
    *({"kind": "status", "status": status} for status in (403, 404, 408, 422, 425, 429, 500, 503, 504)),
    {"kind": "status", "status": 503, "retry_after": "1"},
    {"kind": "status", "status": 500, "work": True},
    {"kind": "status", "status": 504, "work": True},
    {"kind": "latency", "latency_ms": 40},
    {"kind": "latency", "latency_ms": LATE_MS},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "truncate"},
    {"kind": "html"},
    {"kind": "html", "status": 404},
    {"kind": "empty"},
    {"kind": "unauthorized"},
)
TARGETS: tuple[FaultTarget, ...] = ("list", "create", "create", "revoke", "any")
NAMES = tuple(f"key{number}" for number in range(5))
SECRET = re.compile(r"ak_live_[A-Za-z0-9]{20}")
BUG = re.compile(r"Traceback|this is a bug|Exception")


class History:
    """A stack with its server, and what was told of."""

    def __init__(self, emulator: Emulator, seed: int, home: Path) -> None:
        self.random = Random(seed)  # noqa: S311 - a made-up history
        self.emulator = emulator
        self.clock = QuickClock()
        self.project = str(UUID(int=self.random.getrandbits(128), version=4))
        token = emulator.token(ttl_seconds=10 * 365 * 86400.0)
        surroundings = {"APIKEYS_ENDPOINT": emulator.url, "APIKEYS_TOKEN": token, "PULUMI_HOME": str(home)}
        self.engine = SmallEngine(self.clock, surroundings, seed)
        self.older: list[SmallEngine] = []
        self.lost: set[str] = set()
        self.program: dict[str, Wanted] = {}
        self.history: list[str] = []
        self.told_of: set[str] = set()
        self.by_hand: set[str] = set()
        self.working: set[str] = set()
        self.late = False
        self._token = token

    def note(self, words: str) -> None:
        """Keep what was done, for the message of a failure."""
        self.history.append(words)

    async def step(self) -> None:
        """Something happens, then a run, then all is checked."""
        for change in self.random.sample([self._change_program, self._let_time_pass, self._act_by_hand], 2):
            change()
        self.engine.environment |= {
            "APIKEYS_MAX_RETRIES": str(self.random.choice([0, 1, 2])),
            "APIKEYS_MAX_CONCURRENCY": str(self.random.choice([1, 3, 8])),
            "APIKEYS_REQUEST_TIMEOUT": LIMIT,
        }
        faults = (
            [] if self.random.random() < 0.25 else [self._set_fault() for _ in range(self.random.choice([1, 1, 2, 3]))]
        )
        lag = self.random.choice([0, 0, 0, 2, 30])
        self.emulator.set_behaviour(
            create_lag_seconds=lag,
            revoke_lag_seconds=self.random.choice([0, lag]),
            revoked_keys=self.random.choice(["listed", "absent"]),
        )
        if lag:
            self.note(f"lists lag by {lag} s")
        runs = [
            *(self._up, self._up, self._up, self._refresh, self._cancelled, self._abandoned),
            *(self._killed, self._killed, self._put_back, self._twice, self._destroyed),
        ]
        self.engine.said.clear()
        excused = await self.random.choice(runs)(bool(faults))
        self.emulator.clear_faults()
        self.emulator.set_behaviour(create_lag_seconds=0, revoke_lag_seconds=0)
        await self.check(excused=excused or bool(lag))

    async def settle(self) -> None:
        """With no faults, the program is made real within three runs; then all of it is taken away."""
        self.engine.environment |= {"APIKEYS_MAX_RETRIES": "3", "APIKEYS_REQUEST_TIMEOUT": "60s"}
        self.engine.said.clear()
        self.late = False
        self.note("settles")
        self.emulator.set_behaviour(revoked_keys="listed")
        self.program.setdefault("key0", Wanted("APIKey", {"projectId": self.project}))
        await self.engine.up(self.program)
        for _ in range(MISSED_BY - 1):
            # What no resource leads to any more is told of once several runs over some time have missed it.
            self._pass_by(MISSED_FOR)
            errors = await self.engine.up(self.program)
            assert errors == [], self.told(errors)
        assert self.engine.doomed == [], self.told("replaced keys stay")
        assert self.engine.state.keys() == self.program.keys(), self.told("the state is not the program")
        await self.check(excused=True)
        active = {key.key_id for key in self.emulator.active_keys(self.project)}
        current = {kept.resource.outputs["keyId"] for kept in self.engine.state.values()}
        assert current <= active, self.told("a current key is not active")
        assert await self.engine.up({}) == []
        await self.check(excused=True)
        left = [key for key in self.emulator.active_keys(self.project) if key.key_id not in self.told_of | self.by_hand]
        assert left == [], self.told(left)

    async def check(self, *, excused: bool) -> None:
        """What must hold after every run; `excused` where the run could tell nobody."""
        while any(call.status is None and call.fault is None for call in self.emulator.calls()):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
        said = "\n".join(self.engine.said)
        assert not BUG.search(said), self.told(said)
        assert not SECRET.search(said), self.told("a secret is told")
        assert self._token not in said, self.told("the token is told")
        keys = {key.key_id: key for key in self.emulator.keys(self.project)}
        unknown = [
            key
            for key in keys.values()
            if key.state == "active" and key.key_id not in self.engine.key_ids | self.told_of | self.by_hand
        ]
        told = [key for key in unknown if key.key_id in said or key.name in said]
        untold = [key for key in unknown if key not in told]
        if excused:
            self.lost |= {key.key_id for key in untold}
        untold = [key for key in untold if key.key_id not in self.lost]
        if untold and self.late:
            # Made only after the run had looked for it: the next look at the project tells of it.
            self.note(f"refresh after late work: {await self.engine.refresh()}")
            untold = [key for key in untold if key.key_id not in "\n".join(self.engine.said)]
        assert excused or not untold, self.told(untold)
        self.told_of |= {key.key_id for key in told}
        for kept in self.engine.all_kept:
            for key_id, secret in kept.secrets.items():
                self._check_secret(keys, key_id, secret)

    def _check_secret(self, keys: dict[str, EmulatedKey], key_id: str, secret: str) -> None:
        """A secret works or its key has ended; it is tried once only, since a key that is used counts as used."""
        key = keys.get(key_id)
        if key is None or key.state != "active":
            assert key_id in self.by_hand or key is not None, self.told(f"{key_id} never was")
            return
        assert secret.startswith(key.key_prefix), self.told(f"the secret of {key_id} is another key's")
        if key_id not in self.working:
            assert self.emulator.verify(secret), self.told(f"the secret of {key_id} does not work")
            self.working.add(key_id)

    def told(self, what: object) -> str:
        """What failed, with all that led there."""
        return "\n".join([str(what), "after:", *self.history, "said:", *self.engine.said])

    # What happens

    def _change_program(self) -> None:
        name = self.random.choice(NAMES)
        if name in self.program and self.random.random() < 0.3:
            del self.program[name]
            self.note(f"{name} leaves the program")
            return
        kind = "RotatingAPIKey" if NAMES.index(name) % 2 else "APIKey"
        args: dict[str, Any] = {"projectId": self.project}
        optional = {
            "name": self.random.choice([f"own-{name}", f"own-{name}-b"]),
            "scopes": self.random.choice([["a"], ["a", "b"]]),
            "triggers": {"t": self.random.choice(["1", "2"])},
        }
        if kind == "RotatingAPIKey":
            args |= {"rotateEvery": "30d", "overlap": "7d"}
            optional["emergencyTriggers"] = {"e": self.random.choice(["1", "2"])}
            optional["expiresAfter"] = "60d"
            optional["retire"] = "whenUnused"
        else:
            optional["rotateAfter"] = "20d"
        args |= {option: value for option, value in optional.items() if self.random.random() < 0.35}
        self.program[name] = Wanted(kind, args)
        self.note(f"{name} is {kind} {args}")

    def _let_time_pass(self) -> None:
        days = self.random.choice([0, 0, 1, 8, 31])
        self._pass_by(timedelta(days=days))
        self.note(f"{days} days pass")

    def _pass_by(self, span: timedelta) -> None:
        self.clock.ahead += span
        self.emulator.set_clock(offset_seconds=self.clock.ahead.total_seconds())

    def _act_by_hand(self) -> None:
        known = sorted(self.engine.key_ids & {key.key_id for key in self.emulator.active_keys(self.project)})
        if not known or self.random.random() < 0.6:
            return
        key_id = self.random.choice(known)
        self.by_hand.add(key_id)
        if self.random.random() < 0.5:
            self.emulator.revoke(key_id)
            self.note(f"{key_id} is revoked by hand")
        else:
            self.emulator.forget(key_id)
            self.note(f"{key_id} is removed by hand")

    def _set_fault(self) -> dict[str, Any]:
        fault = self.random.choice(FAULTS)
        operation, times = self.random.choice(TARGETS), self.random.choice([1, 1, 2, 5, None])
        after = self.random.choice([0, 0, 0, 1, 3])
        if fault.get("status") == 429 and times is None:
            times = 20
        self.emulator.fault(operation, times=times, after=after, **fault)
        self.late |= fault.get("latency_ms") == LATE_MS
        self.note(f"fault of {operation}: {fault}, {times} times, after {after}")
        return fault

    # Runs; each tells whether it could tell nobody of a key

    async def _up(self, _faults: bool) -> bool:
        self.older = [*self.older[-3:], self.engine.copy()]
        self.note(f"up: {await self.engine.up(self.program)}")
        return False

    async def _refresh(self, _faults: bool) -> bool:
        self.note(f"refresh: {await self.engine.refresh()}")
        return False

    async def _cancelled(self, _faults: bool) -> bool:
        after = self.random.uniform(0, 0.1)

        async def cancel(run: Run) -> None:
            await asyncio.sleep(after)
            await run.cancel()

        self.note(f"up, cancelled after {after:.3f} s: {await self.engine.up(self.program, cancel)}")
        return False

    async def _killed(self, _faults: bool) -> bool:
        after = self.random.choice([self.random.uniform(0, 0.1), self.random.uniform(0, 0.3)])
        self.note(f"up, the plugin is killed after {after:.3f} s")
        await self.engine.kill(self.program, after)
        return True

    async def _put_back(self, _faults: bool) -> bool:
        if self.older:
            self.engine.take_state_of(self.random.choice(self.older))
            self.note("an older checkpoint is put back")
        self.note(f"up: {await self.engine.up(self.program)}")
        return True

    async def _twice(self, _faults: bool) -> bool:
        other = self.engine.copy()
        done = await asyncio.gather(self.engine.up(self.program), other.up(self.program))
        self.engine.said += other.said
        self.note(f"two ups at once: {done}")
        if self.random.random() < 0.5:
            self.engine.take_state_of(other)
        return True

    async def _destroyed(self, _faults: bool) -> bool:
        self.older.append(self.engine.copy())
        self.note(f"destroy: {await self.engine.up({})}")
        return False

    async def _abandoned(self, faults: bool) -> bool:
        after = self.random.uniform(0, 0.1)
        self.note(f"up, the engine is gone after {after:.3f} s")
        self.told_of |= await self.engine.die(self.program, after) - self.engine.key_ids
        return faults

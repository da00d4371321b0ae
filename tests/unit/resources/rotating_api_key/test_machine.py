"""Rotation against all that can happen to it: hypothesis makes up the lives of a rotating key and looks for a bad end.

A life goes on by runs as the engine makes them (refresh, check, diff, update), and between them, in any order: time,
clocks that jump, consumers that use keys, keys revoked by hand, changes of the program, calls that fail, runs that die
before their result is recorded, and two runs at once.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import SecretStr

from fakes.clock import FakeClock
from fakes.journals import kill
from fakes.keys import PROJECT, FakeKeys, lost_answer
from pulumi_resource_apikeys.clock import Deadline
from pulumi_resource_apikeys.errors import ApiKeysError, ServerFailedError, Subject
from pulumi_resource_apikeys.journal import Journal
from pulumi_resource_apikeys.keys.ownership import Owner
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey, server_time
from pulumi_resource_apikeys.keys.run import run_of
from pulumi_resource_apikeys.model.times import format_instant, parse_duration, parse_instant
from pulumi_resource_apikeys.model.values import UNKNOWN, Props, Value, text
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, DiffRequest, Live
from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle
from pulumi_resource_apikeys.resources.rotating_api_key.properties import RotatingAPIKeyState

POLICIES: list[dict[str, Value]] = [
    {"rotateEvery": "30d", "overlap": "7d"},
    {"rotateEvery": "30d", "overlap": "7d", "expiresAfter": "37d"},
    {"rotateEvery": "30d", "overlap": "7d", "retire": "whenUnused"},
    {"rotateEvery": "30d", "overlap": "7d", "retire": "whenUnused", "maxOverlap": "14d"},
    {"rotateEvery": "2d", "overlap": "1d", "expiresAfter": "3d"},
    {"rotateEvery": "365d", "overlap": "364d"},
]
POLICY = {"rotateEvery", "overlap", "expiresAfter", "retire", "maxOverlap"}
CHANGES: list[dict[str, Value]] = [
    {"triggers": {"version": "a"}},
    {"triggers": {"version": "b"}},
    {"scopes": ["a"]},
    {"scopes": ["a", "b"]},
    {"scopes": ["b", "a"]},
    {"name": "deploy"},
    {"name": "metrics"},
    {"emergencyTriggers": {"incident": "x"}},
    {"emergencyTriggers": {"incident": "y"}},
    *POLICIES,
]
FAULTS = [
    "revoke fails",
    "revoke is refused",
    "create fails",
    "list fails",
    "answer is lost, key is made",
    "answer is lost, no key is made",
]
OWNER = Owner("infra", "dev", "apikeys:index:RotatingAPIKey", "infra")
LATEST = timedelta(minutes=1)
"""A list that lags behind shows a key of that age; a run that succeeds after it must tell of one that nobody knows."""
FAILED = ServerFailedError(Subject("do something with", PROJECT), "500 internal error", status=500)


def key_ids(state: Props) -> set[str]:
    """The ids of the keys that a state knows."""
    return set(RotatingAPIKeyState.of(state).key_ids)


class OurClock:
    """The clock of the machine that runs Pulumi: the server's, and how far it is off."""

    def __init__(self, server: FakeClock) -> None:
        self.server = server
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return self.server.now() + self.ahead

    def monotonic(self) -> float:
        return self.server.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.server.sleep(seconds)


class ForgetfulKeys(FakeKeys):
    """A server that may no longer list a revoked key, and whose errors name the key."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.forgotten: set[str] = set()

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        told = await super().list(project_id, fresh=fresh, deadline=deadline)
        listing = Listing(key for key in told if key.key_id not in self.forgotten)
        listing.served_at = server_time(told)
        return listing

    async def revoke(
        self,
        project_id: str,
        key_id: str,
        *,
        label: str,
        made_at: datetime | None = None,  # noqa: ARG002 - the port's signature
        deadline: Deadline | None = None,
    ) -> bool:
        try:
            return await super().revoke(project_id, key_id, label=label, deadline=deadline)
        except ServerFailedError as error:
            raise ServerFailedError(Subject("revoke", project_id, label), error.reason) from None


@dataclass(frozen=True)
class Recorded:
    """What the engine's state has of the resource. `failed`: the next run must update it, whatever the diff says."""

    id: str
    inputs: Props
    state: Props
    failed: bool = False


@dataclass(frozen=True)
class Ran:
    """What a run came to: its result, its words, and the keys that lived before it, that it made, and that it ended."""

    result: Recorded
    words: str
    lived: frozenset[str]
    made: frozenset[str]
    ended: frozenset[str]
    error: bool


class LifeOfARotatingKey(RuleBasedStateMachine):
    """One rotating key, its server, and the state."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.server = FakeClock()
        self.clock = OurClock(self.server)
        self.keys = ForgetfulKeys(self.server)
        self.told = ""
        self.excused: set[str] = set()
        """Keys of runs that failed, died, or lost a race: they may live beside the resource's two, if told of."""
        self.steady_since: datetime | None = None
        """When the current key was made, by the server, if our clock was not moved since."""
        self.recorded: Recorded | None = None
        self.home = tempfile.TemporaryDirectory()

    def teardown(self) -> None:
        self.loop.close()
        self.home.cleanup()

    @initialize(policy=st.sampled_from(POLICIES), name=st.sampled_from([None, "deploy"]), imported=st.booleans())
    def begins(self, policy: dict[str, Value], name: str | None, imported: bool) -> None:
        self.program: dict[str, Value] = {"projectId": PROJECT, **policy, **({"name": name} if name else {})}
        journal, lifecycle = self.process()
        if imported:
            by_hand = self.keys.add("made-by-hand")
            live = self.loop.run_until_complete(lifecycle.read(f"{PROJECT}/{by_hand.key_id}", {}, {}, OWNER))
            assert isinstance(live, Live)
        else:
            inputs = lifecycle.check(CheckRequest("infra", self.program, seed=b"seed", owner=OWNER)).inputs
            live = self.loop.run_until_complete(lifecycle.create(inputs, OWNER))
            self.steady_since = self.server.now()
        self.end(journal, live.state)
        self.recorded = Recorded(live.id, live.inputs, live.state)

    def process(self) -> tuple[Journal, RotatingAPIKeyLifecycle]:
        """A plugin process of a run."""
        journal = Journal(Path(self.home.name))
        run = run_of(self.keys, self.clock, journal=journal)
        return journal, RotatingAPIKeyLifecycle(self.keys, self.clock, run=run)

    def end(self, journal: Journal, state: Props) -> None:
        """The end of such a process, once the engine has recorded that state."""
        journal.deliver(str(state["keyId"]))
        journal.engine_has_all()
        journal.end()

    # The world

    @rule(hours=st.one_of(st.just(24), st.integers(1, 24 * 10), st.integers(1, 24 * 400)))
    def time_passes(self, hours: int) -> None:
        self.server.advance(hours * 3600)

    @rule(days=st.one_of(st.just(0), st.integers(-40, 40), st.integers(-800, 800)))
    def our_clock_jumps(self, days: int) -> None:
        self.clock.ahead = timedelta(days=days)
        self.steady_since = None

    @rule(which=st.sampled_from(["keyId", "previousKeyId"]))
    def a_consumer_uses_a_key(self, which: str) -> None:
        key_id = text(self.known.state, which)
        if key_id is not None and self.lives(key_id):
            self.keys.change(key_id, last_used_at=format_instant(self.server.now()))

    @rule(which=st.sampled_from(["keyId", "previousKeyId"]), trace=st.booleans())
    def somebody_revokes_a_key(self, which: str, trace: bool) -> None:
        key_id = text(self.known.state, which)
        if key_id is not None:
            self.keys.change(key_id, is_active=False)
            self.keys.forgotten |= set() if trace else {key_id}
            self.server.advance(self.keys.lag)

    @rule(seconds=st.sampled_from([0, 0, 2, 8]))
    def lists_lag_behind(self, seconds: float) -> None:
        self.keys.lag = seconds
        self.server.advance(seconds)

    # The program, and calls that fail

    @rule(change=st.sampled_from(CHANGES))
    def the_program_changes(self, change: dict[str, Value]) -> None:
        if "rotateEvery" in change:
            self.program = {name: value for name, value in self.program.items() if name not in POLICY}
        if "name" not in change or "name" in self.program:
            self.program = {**self.program, **change}

    @rule(what=st.sampled_from(FAULTS), times=st.integers(1, 4))
    def calls_will_fail(self, what: str, times: int) -> None:
        for _ in range(times):
            if what == "revoke fails":
                self.keys.revoke_fails(FAILED)
            elif what == "revoke is refused":
                self.keys.revoke_fails(None)
            elif what == "create fails":
                self.keys.mint_fails(FAILED)
            elif what == "list fails":
                self.keys.list_fails(FAILED)
            else:
                self.keys.mint_fails(lost_answer(), made=what == "answer is lost, key is made")

    # Runs

    @rule()
    def the_program_runs(self) -> None:
        self.record(self.run())

    @rule(days=st.integers(2, 40))
    def the_program_runs_daily(self, days: int) -> None:
        for _ in range(days):
            self.server.advance(86400)
            self.record(self.run())

    @rule()
    def a_run_dies_before_its_result_is_recorded(self) -> None:
        died = self.run(dies=True)
        event(f"died after making {len(died.made)}")
        self.excused |= died.made

    @rule(first_stays=st.booleans())
    def two_runs_at_once(self, first_stays: bool) -> None:
        first, second = self.run(), self.run()
        stays, lost = (first, second) if first_stays else (second, first)
        self.excused |= lost.made
        handed_out = first.made & key_ids(first.result.state)
        assert not handed_out & second.ended, "one run ends the key that the other hands out"
        if stays.error:
            self.excused |= stays.made
        self.recorded = stays.result
        self.steady_since = None

    def run(self, *, dies: bool = False) -> Ran:
        """A run from the recorded state, in a plugin process of its own; records nothing."""
        existed, active = set(self.keys.keys), frozenset(key.key_id for key in self.keys.live)
        journal, lifecycle = self.process()
        words: list[str] = []
        try:
            result = self.loop.run_until_complete(self._run(lifecycle, words))
            error = result.failed
        except ApiKeysError as failure:
            words.append(str(failure))
            result, error = self.known, True
        said = "\n".join(words)
        assert not any(secret in said for secret in self.keys.secrets.values())
        if dies:
            kill(journal)
        else:
            self.told += said
            self.end(journal, result.state)
        ended = active - {key.key_id for key in self.keys.live}
        return Ran(result, said, active, frozenset(set(self.keys.keys) - existed), frozenset(ended), error)

    async def _run(self, lifecycle: RotatingAPIKeyLifecycle, words: list[str]) -> Recorded:
        old = self.known
        checked = lifecycle.check(CheckRequest("infra", self.program, old.inputs, seed=b"seed", owner=OWNER))
        assert not checked.problems
        seen = await lifecycle.read(old.id, old.inputs, old.state, OWNER)
        assert isinstance(seen, Live)
        words += seen.warnings
        difference = await lifecycle.diff(DiffRequest(old.id, seen.state, old.inputs, checked.inputs, owner=OWNER))
        words += difference.warnings
        assert difference.changes or not difference.notes, "what has a reason is no change, so it is never done"
        if not difference.changes and not old.failed:
            return Recorded(old.id, checked.inputs, seen.state)
        shown = await lifecycle.preview(checked.inputs, seen.state)
        done = await lifecycle.update(old.id, seen.state, checked.inputs, OWNER)
        words += [*done.warnings, *done.partial_failures]
        assert done.id == old.id
        if not done.partial_failures:
            foretold = {name: value for name, value in shown.items() if value is not UNKNOWN}
            assert foretold == {name: done.state.get(name) for name in foretold}
        return Recorded(done.id, done.inputs, done.state, bool(done.partial_failures))

    def record(self, ran: Ran) -> None:
        """Take a run's result into the state, and judge it."""
        before, now = self.known, ran.result
        self.recorded = now
        rotated = now.state["keyId"] != before.state["keyId"]
        emergency = (
            rotated
            and "emergencyTriggers" in str(self.program)
            and (now.state.get("emergencyTriggers") != before.state.get("emergencyTriggers"))
        )
        if emergency:
            event("rotated in an emergency")
        elif rotated:
            event("rotated")
        if ran.error:
            event("failed")
            self.excused |= ran.made
            for key_id in self.live() & ran.made - key_ids(now.state):
                if self.keys.lag:
                    continue  # it may be in no list yet: the next run that succeeds must tell of it
                assert key_id in ran.words or self.keys.keys[key_id].name in ran.words, "a failed run hides a key"
        else:
            self.judge_success(before, emergency=emergency)
        adopted = before.state["generation"] == 0
        assert (emergency and not adopted) or before.state["keyId"] not in ran.ended, "consumers are cut off"
        if before.state["keyId"] not in ran.lived and not emergency and not _condemned(before):
            assert before.state["previousKeyId"] not in ran.ended, "the only key that works is ended"
        self.judge_overlap(before, ran, rotated=rotated)
        if rotated:
            self.steady_since = self.server.now()

    # Judgements

    def judge_success(self, before: Recorded, *, emergency: bool) -> None:
        """One key works, no live key is forgotten, and after an emergency no older key works."""
        current = str(self.known.state["keyId"])
        assert self.keys.keys[current].is_active
        assert current not in self.keys.forgotten
        assert self.known.state["keyStatus"] == "active"
        if not self.clock.ahead:
            assert self.lives(current)
        for key_id in self.live() - key_ids(self.known.state):
            in_no_list = self.server.now() - parse_instant(str(self.keys.keys[key_id].created_at)) < LATEST
            assert key_id in self.told or (self.keys.lag and in_no_list), "a live key is forgotten"
        if emergency and before.state["generation"] != 0:
            left = self.live() & key_ids(before.state)
            assert not [key_id for key_id in left if key_id not in self.told], "an older key outlives an emergency"

    def judge_overlap(self, before: Recorded, ran: Ran, *, rotated: bool) -> None:
        """With steady clocks, a previous key ends before its overlap is over only for a newer key."""
        previous = text(before.state, "previousKeyId")
        if previous not in ran.ended or rotated or ran.error or _condemned(before) or self.steady_since is None:
            return
        overlap = parse_duration(str(self.known.inputs["overlap"]))
        assert self.server.now() - self.steady_since >= overlap - timedelta(minutes=1)

    @property
    def known(self) -> Recorded:
        assert self.recorded is not None
        return self.recorded

    def lives(self, key_id: str) -> bool:
        """Whether the server takes the key."""
        key = self.keys.keys[key_id]
        return key.is_active and (key.expires_at is None or parse_instant(key.expires_at) > self.server.now())

    def live(self) -> set[str]:
        return {key_id for key_id in self.keys.keys if self.lives(key_id)}

    @invariant()
    def at_most_two_keys_live(self) -> None:
        if self.recorded is None:
            return
        known = key_ids(self.known.state)
        told_of = {key_id for key_id in self.live() - known if key_id in self.excused or key_id in self.told}
        assert len(self.live() - told_of) <= 2

    @invariant()
    def every_secret_in_the_state_is_of_its_key(self) -> None:
        if self.recorded is None:
            return
        state = self.known.state
        for secret, key_id in (("key", state["keyId"]), ("previousKey", state["previousKeyId"])):
            value = state.get(secret)
            shown = value.get_secret_value() if isinstance(value, SecretStr) else ""
            assert shown == self.keys.secrets.get(str(key_id), "")


def _condemned(recorded: Recorded) -> bool:
    return recorded.state["previousRevokesAt"] == recorded.state["rotatedAt"]


TestLifeOfARotatingKey = LifeOfARotatingKey.TestCase
TestLifeOfARotatingKey.settings = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    phases=set(Phase) - {Phase.explain},  # which traces every line of every run
    derandomize=True,  # a red run is red for what was changed; take this out to look for new lives
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

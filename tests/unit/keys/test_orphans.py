"""Keys that a stack lost: each is told of, what a killed run left is cleaned up, and all else is left alone."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.clock import START, FakeClock
from fakes.journals import kill
from fakes.keys import OTHER_PROJECT, PROJECT, FakeKeys, lost_answer, uuid
from pulumi_resource_apikeys.clock import Deadline
from pulumi_resource_apikeys.errors import ApiKeysError, ServerFailedError, Subject
from pulumi_resource_apikeys.journal import Journal
from pulumi_resource_apikeys.keys.orphans import SETTLED
from pulumi_resource_apikeys.keys.ownership import Owner
from pulumi_resource_apikeys.keys.port import NewKey
from pulumi_resource_apikeys.keys.run import Run, run_of
from pulumi_resource_apikeys.model.times import format_instant
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, DiffRequest, Gone, Live
from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pulumi_resource_apikeys.keys.port import RemoteKey
    from pulumi_resource_apikeys.model.values import Props, Value

API_KEY, ROTATING = "apikeys:index:APIKey", "apikeys:index:RotatingAPIKey"
OWNER = Owner("infra", "dev", API_KEY, "deploy")
OTHER = Owner("infra", "dev", API_KEY, "metrics")
ENDPOINT = "https://api.example.com"
FAILED = ServerFailedError(Subject("call", PROJECT), "500 internal error", status=500)
POLICY: dict[str, Value] = {"rotateEvery": "30d", "overlap": "7d"}


def ago(**time: float) -> str:
    return format_instant(START - timedelta(**time))


async def words(run: Run, owner: Owner | None = OWNER) -> tuple[str, ...]:
    """What a run says that has met the resource."""
    listing = await run.keys.list(PROJECT)
    run.watch.note_known(owner, ())
    run.watch.looked(PROJECT, listing)
    return run.watch.words(owner, listing)


async def cleaned(run: Run, owner: Owner | None = OWNER) -> tuple[str, ...]:
    listing = await run.keys.list(PROJECT)
    run.watch.note_known(owner, ())
    run.watch.looked(PROJECT, listing)
    return await run.watch.clean_up(owner, listing)


class TestByMarks:
    async def test_a_key_of_the_resource_that_its_state_does_not_know_is_told_of_once(
        self, run: Run, keys: FakeKeys
    ) -> None:
        lost = keys.add(OWNER.made_name("deploy"), created_at=ago(days=3), last_used_at=ago(hours=1))
        (told,) = await words(run)
        for part in (
            lost.name,
            lost.key_id,
            PROJECT,
            "made 3 d ago",
            "last used 1 h ago",
            "revoke it in the dashboard",
        ):
            assert part in told
        assert await words(run) == ()

    @pytest.mark.parametrize("change", [str.upper, "prod-{}".format])
    async def test_a_server_that_changes_names_hides_none(
        self, run: Run, keys: FakeKeys, change: Callable[[str], str]
    ) -> None:
        keys.add(change(OWNER.made_name("deploy")))
        assert len(await words(run)) == 1

    @pytest.mark.parametrize(
        ("fields", "use"),
        [
            ({"last_used_at": ago(hours=2)}, "last used 2 h ago"),
            ({}, "never used"),
            ({"never_used": False}, "whether it was used is not known"),
        ],
    )
    async def test_how_it_was_used_is_told_as_far_as_the_server_tells(
        self, run: Run, keys: FakeKeys, fields: dict[str, object], use: str
    ) -> None:
        keys.add(OWNER.made_name("deploy"), **fields)
        (told,) = await words(run)
        assert use in told

    @pytest.mark.parametrize(("minutes", "hint"), [(59, True), (61, False)])
    async def test_of_a_young_one_it_is_said_that_another_run_may_be_about_to_record_it(
        self, run: Run, keys: FakeKeys, minutes: float, hint: bool
    ) -> None:
        keys.add(OWNER.made_name("deploy"), created_at=ago(minutes=minutes))
        (told,) = await words(run)
        assert ("it may be that one's" in told) is hint

    @pytest.mark.parametrize(
        "fields", [{"is_active": False}, {"expires_at": ago(seconds=1)}, {"project_id": OTHER_PROJECT}]
    )
    async def test_one_that_is_dead_or_elsewhere_is_not_told_of(
        self, run: Run, keys: FakeKeys, fields: dict[str, object]
    ) -> None:
        keys.add(OWNER.made_name("deploy"), **fields)
        assert await words(run) == ()

    @pytest.mark.parametrize(("ahead", "told"), [(timedelta(days=2), 1), (timedelta(days=-2), 1)])
    async def test_our_clock_neither_hides_nor_wakes_one(self, keys: FakeKeys, ahead: timedelta, told: int) -> None:
        keys.add(OWNER.made_name("deploy"), expires_at=ago(days=-1))
        keys.add(OWNER.made_name("deploy"), expires_at=ago(days=1))
        assert len(await words(run_of(keys, FakeClock(START + ahead)))) == told

    @pytest.mark.parametrize("form", [str, str.upper, "{{{}}}".format])
    async def test_a_key_that_the_state_knows_is_known_in_any_form_of_its_id(
        self, run: Run, keys: FakeKeys, form: Callable[[str], str]
    ) -> None:
        key = keys.add(OWNER.made_name("deploy"))
        run.watch.note_known(OTHER, [form(key.key_id)])
        assert await words(run) == ()

    async def test_nothing_is_revoked_by_its_name_alone(self, run: Run, keys: FakeKeys) -> None:
        lost = keys.add(OWNER.made_name("deploy"), created_at=ago(days=30))
        (told,) = await cleaned(run)
        assert lost.key_id in told
        assert "Nothing here will revoke it" in told
        assert keys.live == [lost]

    async def test_where_the_state_has_keys_that_were_never_told_nothing_is_said(
        self, run: Run, keys: FakeKeys
    ) -> None:
        keys.add(OWNER.made_name("deploy"))
        run.watch.note_in_state(OWNER)
        listing = await keys.list(PROJECT)
        assert run.watch.words(OWNER, listing) == ()
        run.watch.note_known(OWNER, ())
        assert len(run.watch.words(OWNER, listing)) == 1

    async def test_a_list_that_can_not_be_had_after_a_delete_says_nothing(self, run: Run, keys: FakeKeys) -> None:
        keys.list_fails(FAILED)
        assert await run.watch.last_look(OWNER, PROJECT) == ()


class TestKnownKeys:
    def test_one_key_in_two_resources_is_told_of_by_both_names(self, run: Run) -> None:
        assert run.watch.wanted(OWNER, uuid(1)) == ()
        assert run.watch.wanted(OWNER, uuid(1)) == ()
        (told,) = run.watch.wanted(OTHER, uuid(1).upper())
        for part in ("deploy", "metrics", "in the state twice", "pulumi state delete"):
            assert part in told

    @pytest.mark.parametrize(("owner", "key_id"), [(None, uuid(1)), (OTHER, None), (OTHER, uuid(2))])
    def test_another_key_or_an_unknown_resource_is_no_second(
        self, run: Run, owner: Owner | None, key_id: str | None
    ) -> None:
        run.watch.wanted(OWNER, uuid(1))
        assert run.watch.wanted(owner, key_id) == ()

    def test_the_keys_of_a_resource_are_told_the_newest_last(self, run: Run) -> None:
        run.watch.note_known(OWNER, [uuid(9), uuid(3)])
        run.watch.note_known(OTHER, [uuid(4)])
        run.watch.note_known(OWNER, [uuid(3), None, uuid(1)])
        assert run.watch.known_of(OWNER) == [uuid(9), uuid(3), uuid(1)]


class KilledRun:
    """A run of this machine that is killed around a create."""

    def __init__(self, root: Path, keys: FakeKeys, clock: FakeClock, endpoint: str = ENDPOINT) -> None:
        self.root, self.keys, self.clock, self.endpoint = root, keys, clock, endpoint

    def made(self, new: NewKey, *, answered: bool = False, **fields: object) -> RemoteKey:
        journal = Journal(self.root)
        run = run_of(self.keys, self.clock, journal=journal, endpoint=self.endpoint)
        attempt = run.watch.begin(new)
        key = self.keys.add(new.name, **fields)
        if answered:
            run.watch.made(attempt, new.owner, key.key_id)
        kill(journal)
        return key

    def left_open(self) -> int:
        """How much the runs so far left open."""
        journal = Journal(self.root)
        journal.bind(OWNER.mark.stack)
        count = len(journal.of_earlier_runs())
        journal.end()
        return count

    def next(self, endpoint: str = ENDPOINT) -> Run:
        """The run after it."""
        return run_of(self.keys, self.clock, journal=Journal(self.root), endpoint=endpoint)


@pytest.fixture
def killed(tmp_path: Path, keys: FakeKeys, clock: FakeClock) -> KilledRun:
    return KilledRun(tmp_path, keys, clock)


def new_key(owner: Owner = OWNER, name: str | None = None) -> NewKey:
    return NewKey(PROJECT, name or owner.made_name("deploy"), name is None, scopes=None, expires_at=None, owner=owner)


class TestByTheJournal:
    @pytest.mark.parametrize("owner", [OWNER, OTHER], ids=["the same resource", "another one"])
    async def test_a_key_whose_answer_never_came_is_revoked_whichever_resources_it_was(
        self, killed: KilledRun, keys: FakeKeys, owner: Owner
    ) -> None:
        lost = killed.made(new_key(owner))
        (told,) = await cleaned(killed.next())
        for part in (lost.key_id, "was revoked", "killed"):
            assert part in told
        assert (lost.name in told) is (owner == OWNER), "another one's name may come of a secret"
        assert keys.live == []
        assert await cleaned(killed.next()) == ()

    async def test_it_is_revoked_within_the_time_of_the_operation_that_finds_it(
        self, killed: KilledRun, keys: FakeKeys, clock: FakeClock
    ) -> None:
        killed.made(new_key())
        run, deadline = killed.next(), Deadline.of_operation(clock, 40.0)
        run.watch.note_known(OWNER, ())
        (told,) = await run.watch.clean_up(OWNER, await run.watch.look(PROJECT, deadline), deadline)
        assert "was revoked" in told
        assert {asked.deadline for asked in keys.calls} == {deadline}

    async def test_one_whose_answer_came_is_revoked_once_its_resource_does_not_know_it(
        self, killed: KilledRun, keys: FakeKeys
    ) -> None:
        lost = killed.made(new_key(), answered=True)
        run = killed.next()
        assert await cleaned(run, OTHER) == ()
        assert keys.live == [lost]
        (told,) = await cleaned(run)
        assert "was revoked" in told
        assert keys.live == []

    async def test_one_that_the_state_knows_is_no_loss_and_is_settled(self, killed: KilledRun, keys: FakeKeys) -> None:
        key = killed.made(new_key(), answered=True)
        run = killed.next()
        run.watch.note_known(OWNER, [key.key_id])
        assert await cleaned(run) == ()
        assert keys.live == [key]
        run.journal.end()
        assert killed.left_open() == 0

    @pytest.mark.parametrize(
        ("answered", "fields", "revoked"),
        [
            (False, {"last_used_at": ago(hours=1)}, False),
            (False, {"never_used": False}, True),
            (True, {"never_used": False}, False),
            (True, {"last_used_at": ago(hours=1)}, False),
            (True, {}, True),
        ],
    )
    async def test_what_may_be_in_use_is_told_of_and_not_revoked(
        self, killed: KilledRun, keys: FakeKeys, answered: bool, fields: dict[str, object], revoked: bool
    ) -> None:
        lost = killed.made(new_key(), answered=answered, **fields)
        (told,) = await cleaned(killed.next())
        assert lost.key_id in told
        assert (keys.live == []) is revoked

    async def test_of_a_create_that_was_tried_often_each_key_is_revoked(
        self, killed: KilledRun, keys: FakeKeys
    ) -> None:
        lost = killed.made(new_key())
        keys.add(lost.name)
        keys.revoke_fails(FAILED)
        first = killed.next()
        told = await cleaned(first)
        first.journal.end()
        assert ["was revoked" in each for each in told] == [True, False]
        assert killed.left_open() == 1
        (told_later,) = await cleaned(killed.next())
        assert "was revoked" in told_later
        assert keys.live == []
        assert killed.left_open() == 0

    async def test_a_name_of_the_users_is_told_of_and_not_revoked(self, killed: KilledRun, keys: FakeKeys) -> None:
        lost = killed.made(new_key(name="ci"))
        (told,) = await cleaned(killed.next())
        assert lost.key_id in told
        assert "bears the name that a run was about to make a key with" in told
        assert keys.live == [lost]

    async def test_a_key_of_that_name_that_a_state_knows_is_no_loss_whichever_resource_is_met_first(
        self, killed: KilledRun, keys: FakeKeys
    ) -> None:
        lost, made_later = killed.made(new_key(name="ci")), keys.add("ci")
        run = killed.next()
        assert await words(run, OTHER) == ()
        run.watch.note_known(OWNER, [made_later.key_id])
        (told,) = await words(run)
        assert lost.key_id in told

    async def test_one_whose_resource_is_not_met_is_told_of_at_the_end_as_what_may_be_known(
        self, killed: KilledRun
    ) -> None:
        lost = killed.made(new_key(name="ci"))
        run = killed.next()
        assert await words(run, OTHER) == ()
        (told,) = run.watch.left_behind()
        assert lost.key_id in told
        assert "If `pulumi stack export` does not show that id" in told

    async def test_a_key_of_that_name_that_is_older_than_the_create_is_somebody_elses(
        self, killed: KilledRun, keys: FakeKeys
    ) -> None:
        keys.add("ci", created_at=ago(minutes=11))
        lost = killed.made(new_key(name="ci"))
        (told,) = await cleaned(killed.next())
        assert lost.key_id in told

    async def test_one_that_can_not_be_revoked_is_told_of(self, killed: KilledRun, keys: FakeKeys) -> None:
        lost = killed.made(new_key())
        keys.revoke_fails(FAILED)
        (told,) = await cleaned(killed.next())
        assert lost.key_id in told
        assert "is active and in no state" in told

    async def test_another_endpoint_or_stack_or_project_is_another_place(
        self, killed: KilledRun, keys: FakeKeys
    ) -> None:
        lost = killed.made(new_key(OTHER))
        assert await cleaned(killed.next("https://other.example.com")) == ()
        assert await cleaned(killed.next(), dataclasses.replace(OWNER, stack="prod")) == ()
        keys.change(lost.key_id, project_id=OTHER_PROJECT)
        assert await cleaned(killed.next()) == ()

    @pytest.mark.parametrize(("age", "open_"), [(SETTLED - timedelta(minutes=1), 1), (SETTLED * 2, 0)])
    async def test_a_create_that_made_nothing_is_settled_once_no_list_can_lag_that_long(
        self, killed: KilledRun, keys: FakeKeys, clock: FakeClock, age: timedelta, open_: int
    ) -> None:
        lost = killed.made(new_key())
        keys.keys.pop(lost.key_id)
        clock.advance(age.total_seconds())
        run = killed.next()
        assert await cleaned(run) == ()
        run.journal.end()
        assert killed.left_open() == open_

    async def test_at_the_end_what_no_resource_met_is_told_of(self, killed: KilledRun, keys: FakeKeys) -> None:
        unanswered = killed.made(new_key(OTHER))
        answered = killed.made(new_key(dataclasses.replace(OTHER, name="a removed one")), answered=True)
        run = killed.next()
        assert len(await words(run)) == 1
        (told,) = run.watch.left_behind()
        assert answered.key_id in told
        assert answered.name not in told
        assert "If `pulumi stack export` does not show that id" in told
        assert run.watch.left_behind() == []
        assert unanswered in keys.live

    async def test_at_the_end_nothing_is_said_of_what_a_state_knows_or_was_told(
        self, killed: KilledRun, keys: FakeKeys
    ) -> None:
        key = killed.made(new_key(), answered=True)
        run = killed.next()
        run.watch.looked(PROJECT, await keys.list(PROJECT))
        run.watch.note_known(OWNER, [key.key_id])
        assert run.watch.left_behind() == []


# What is no loss. Each is a program and its past in one project; whatever the engine asks says nothing.


class Stack:
    """A stack as the engine has it, with a plugin process of its own for each run."""

    def __init__(self, keys: FakeKeys, clock: FakeClock, name: str = "dev", *, detect_revoked: bool = True) -> None:
        self.keys, self.clock, self.name, self.detect_revoked = keys, clock, name, detect_revoked
        self.state: dict[Owner, Live] = {}
        self.said: list[str] = []
        self.begin()

    def begin(self) -> None:
        """Begin another run."""
        run = run_of(self.keys, self.clock, detect_revoked=self.detect_revoked)
        self._run = run
        self._lifecycles: dict[str, APIKeyLifecycle | RotatingAPIKeyLifecycle] = {
            API_KEY: APIKeyLifecycle(self.keys, self.clock, PROJECT, run),
            ROTATING: RotatingAPIKeyLifecycle(self.keys, self.clock, PROJECT, run),
        }

    def owner(self, kind: str, name: str) -> Owner:
        return Owner("infra", self.name, kind, name)

    def _lifecycle(self, owner: Owner) -> APIKeyLifecycle | RotatingAPIKeyLifecycle:
        return self._lifecycles[owner.kind]

    def _inputs(self, owner: Owner, news: Props, olds: Props) -> Props:
        policy = POLICY if owner.kind == ROTATING else {}
        checked = self._lifecycle(owner).check(CheckRequest(owner.name, {**policy, **news}, olds, owner=owner))
        assert checked.problems == ()
        return checked.inputs

    async def up(
        self, kind: str, resource: str, *, forced: bool = False, lose_delete: bool = False, **news: Value
    ) -> Live:
        """What the engine does for one resource: check, diff, and then create, replace, update or nothing."""
        owner = self.owner(kind, resource)
        lifecycle, old = self._lifecycle(owner), self.state.get(owner)
        inputs = self._inputs(owner, news, old.inputs if old else {})
        if old is None:
            return await self._create(owner, inputs)
        if not forced:
            found = await lifecycle.diff(DiffRequest(old.id, old.state, old.inputs, inputs, owner=owner))
            self.said += found.warnings
            if not found.changes:
                return old
            if not found.replaces:
                return self._keep(owner, await lifecycle.update(old.id, old.state, inputs, owner))
        made = await self._create(owner, self._inputs(owner, news, {}))
        if not lose_delete:
            self.said += await lifecycle.delete(old.id, old.state, owner)
        return made

    async def refresh(self, kind: str, name: str) -> None:
        owner = self.owner(kind, name)
        old = self.state[owner]
        found = await self._lifecycle(owner).read(old.id, old.inputs, old.state, owner)
        self.said += found.warnings
        if isinstance(found, Gone):
            del self.state[owner]
        else:
            self.state[owner] = found

    async def destroy(self, kind: str, name: str) -> None:
        owner = self.owner(kind, name)
        old = self.state.pop(owner)
        self.said += await self._lifecycle(owner).delete(old.id, old.state, owner)

    async def _create(self, owner: Owner, inputs: Props) -> Live:
        return self._keep(owner, await self._lifecycle(owner).create(inputs, owner))

    def _keep(self, owner: Owner, live: Live) -> Live:
        self.said += [*live.warnings, *live.partial_failures]
        self.state[owner] = live
        return live


@pytest.fixture
def stack(keys: FakeKeys, clock: FakeClock) -> Stack:
    return Stack(keys, clock)


async def rotating_beside_a_key_of_its_name(stack: Stack) -> None:
    await stack.up(API_KEY, "ci", name="ci")
    await stack.up(ROTATING, "rotating", name="ci")
    stack.begin()
    await stack.up(ROTATING, "rotating", name="ci", triggers={"v": 1.0})
    await stack.up(API_KEY, "ci", name="ci", triggers={"v": 1.0})


async def two_rotating_keys_of_one_base(stack: Stack) -> None:
    for number in range(3):
        stack.begin()
        for name in ("first", "second"):
            await stack.up(ROTATING, name, name="ci", triggers={"v": float(number)})


async def a_name_that_ends_in_a_git_sha(stack: Stack) -> None:
    stack.keys.add("release-4f9c2d1", created_at=ago(days=9))
    await stack.up(API_KEY, "release")
    await stack.up(ROTATING, "rotating", name="release")
    await stack.up(API_KEY, "sha", name="release-4f9c2d1")


async def the_same_program_in_two_stacks(stack: Stack) -> None:
    other = Stack(stack.keys, stack.clock, "prod")
    for number in range(2):
        for each in (stack, other):
            each.begin()
            await each.up(API_KEY, "deploy", triggers={"v": float(number)})
            await each.up(ROTATING, "rotating", triggers={"v": float(number)})
    stack.said += other.said


async def a_state_copied_to_another_stack(stack: Stack) -> None:
    await stack.up(API_KEY, "deploy")
    await stack.up(ROTATING, "rotating")
    copy = Stack(stack.keys, stack.clock, "copy")
    copy.state = {dataclasses.replace(owner, stack="copy"): live for owner, live in stack.state.items()}
    for each in (copy, stack):
        each.begin()
        await each.up(ROTATING, "rotating", triggers={"v": 1.0})
        await each.up(API_KEY, "deploy")
    stack.said += copy.said


async def neighbours_that_were_not_met_yet(stack: Stack) -> None:
    for name in ("first", "second"):
        await stack.up(API_KEY, name)
        await stack.up(ROTATING, name)
    for name in ("first", "second"):
        stack.begin()
        await stack.refresh(ROTATING, name)
        await stack.up(API_KEY, name, triggers={"v": 1.0})


async def a_replacement_that_the_provider_was_not_asked_about(stack: Stack) -> None:
    for kind in (API_KEY, ROTATING):
        await stack.up(kind, "deploy")
        stack.begin()
        await stack.up(kind, "deploy", forced=True)


async def a_replaced_key_that_is_still_to_be_deleted(stack: Stack) -> None:
    for kind in (API_KEY, ROTATING):
        await stack.up(kind, "deploy")
        stack.begin()
        await stack.up(kind, "deploy", projectId=PROJECT)
        await stack.refresh(kind, "deploy")
        await stack.up(kind, "deploy", forced=True, lose_delete=True)
        stack.begin()
        await stack.up(kind, "deploy")
        await stack.refresh(kind, "deploy")


async def replaced_keys_none_of_which_could_be_deleted(stack: Stack) -> None:
    for number in range(8):
        stack.begin()
        await stack.up(API_KEY, "deploy", lose_delete=True, triggers={"v": float(number)})


async def revocations_not_looked_for(stack: Stack) -> None:
    stack.detect_revoked = False
    for number in range(3):
        stack.begin()
        await stack.up(API_KEY, "deploy", triggers={"v": float(number)})
        await stack.up(ROTATING, "deploy", triggers={"v": float(number)})


async def revoked_by_hand_and_made_anew(stack: Stack) -> None:
    for kind in (API_KEY, ROTATING):
        live = await stack.up(kind, "deploy")
        stack.keys.change(str(live.state["keyId"]), is_active=False)
        stack.begin()
        await stack.up(kind, "deploy")


async def destroyed_and_made_anew(stack: Stack) -> None:
    for kind in (API_KEY, ROTATING):
        await stack.up(kind, "deploy")
        stack.begin()
        await stack.destroy(kind, "deploy")
        await stack.up(kind, "deploy")


@pytest.mark.parametrize(
    "happens",
    [
        rotating_beside_a_key_of_its_name,
        two_rotating_keys_of_one_base,
        a_name_that_ends_in_a_git_sha,
        the_same_program_in_two_stacks,
        a_state_copied_to_another_stack,
        neighbours_that_were_not_met_yet,
        a_replacement_that_the_provider_was_not_asked_about,
        a_replaced_key_that_is_still_to_be_deleted,
        replaced_keys_none_of_which_could_be_deleted,
        revocations_not_looked_for,
        revoked_by_hand_and_made_anew,
        destroyed_and_made_anew,
    ],
    ids=lambda happens: happens.__name__,
)
async def test_what_is_no_loss_is_no_word_worth(stack: Stack, happens: Callable[[Stack], Awaitable[None]]) -> None:
    await happens(stack)
    assert stack.said == []


class TestLosses:
    """What a run that was killed, or a state that was put back, lost; each is told of by a later run."""

    async def _lose(self, stack: Stack, kind: str, *, first: bool) -> RemoteKey:
        """A key that a killed run made, and whose answer came nowhere."""
        if not first:
            await stack.up(kind, "deploy")
        before = dict(stack.state)
        stack.begin()
        await stack.up(kind, "deploy", triggers={"v": "lost"})
        owner = stack.owner(kind, "deploy")
        lost = stack.keys.keys[str(stack.state[owner].state["keyId"])]
        stack.state = before
        for live in before.values():
            stack.keys.change(str(live.state["keyId"]), is_active=True)
        stack.said.clear()
        stack.begin()
        return lost

    @pytest.mark.parametrize("kind", [API_KEY, ROTATING])
    @pytest.mark.parametrize("then", ["up", "trigger taken back", "refresh", "destroy"])
    async def test_of_a_resource_that_was_there_before(self, stack: Stack, kind: str, then: str) -> None:
        lost = await self._lose(stack, kind, first=False)
        match then:
            case "up":
                await stack.up(kind, "deploy", triggers={"v": "another"})
            case "trigger taken back":
                await stack.up(kind, "deploy")
            case "refresh":
                await stack.refresh(kind, "deploy")
            case _:
                await stack.destroy(kind, "deploy")
        assert [lost.key_id in told for told in stack.said] == [True]

    @pytest.mark.parametrize("kind", [API_KEY, ROTATING])
    async def test_of_a_resource_that_is_made_again(self, stack: Stack, kind: str) -> None:
        lost = await self._lose(stack, kind, first=True)
        await stack.up(kind, "deploy")
        assert [lost.key_id in told for told in stack.said] == [True]

    @pytest.mark.parametrize("kind", [API_KEY, ROTATING])
    @pytest.mark.parametrize("used", [True, False])
    async def test_of_an_older_checkpoint_that_was_put_back(self, stack: Stack, kind: str, used: bool) -> None:
        lost = await self._lose(stack, kind, first=False)
        if used:
            stack.keys.change(lost.key_id, last_used_at=format_instant(START))
        await stack.up(kind, "deploy")
        (told,) = stack.said
        assert lost.key_id in told
        assert ("find out what" in told) is used
        assert stack.keys.keys[lost.key_id].is_active

    @pytest.mark.parametrize("answered", [True, False])
    async def test_of_a_resource_that_the_program_has_no_more(
        self, killed: KilledRun, keys: FakeKeys, answered: bool
    ) -> None:
        lost = killed.made(new_key(OTHER), answered=answered)
        run = killed.next()
        said = [*await cleaned(run), *run.watch.left_behind()]
        assert [lost.key_id in told for told in said] == [True]
        assert (lost in keys.live) is answered

    async def test_of_a_create_whose_answer_was_lost_and_that_could_not_be_looked_for(
        self, stack: Stack, keys: FakeKeys
    ) -> None:
        keys.mint_fails(lost_answer(), made=True)
        keys.list_fails(FAILED)
        keys.list_fails(FAILED)
        with pytest.raises(ApiKeysError):
            await stack.up(API_KEY, "deploy")
        (lost,) = keys.live
        stack.begin()
        await stack.up(API_KEY, "deploy")
        assert [lost.key_id in told for told in stack.said] == [True]

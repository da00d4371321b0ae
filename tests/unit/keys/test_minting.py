"""Making a key: a secret is never lost with its key left alive, and nobody else's key is touched."""

from __future__ import annotations

import asyncio
import dataclasses
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.clock import START, FakeClock
from fakes.keys import OTHER_PROJECT, PROJECT, SECRET_PREFIX, Asked, FakeKeys, lost_answer
from pulumi_resource_apikeys.clock import Deadline
from pulumi_resource_apikeys.errors import (
    ApiKeysError,
    BadAnswerError,
    CancelledRunError,
    CredentialError,
    ForbiddenError,
    LostKeyError,
    RateLimitedError,
    RejectedError,
    RemoteError,
    ServerFailedError,
    Subject,
    UnauthorizedError,
    UnreachableError,
)
from pulumi_resource_apikeys.journal import Attempt, Journal
from pulumi_resource_apikeys.keys.minting import ATTEMPTS, mint
from pulumi_resource_apikeys.keys.ownership import Owner
from pulumi_resource_apikeys.keys.port import NewKey, RemoteKey
from pulumi_resource_apikeys.keys.run import Run, run_of
from pulumi_resource_apikeys.model.times import format_instant

SUBJECT = Subject("create", PROJECT, "deploy")
AUTOMATIC = NewKey(PROJECT, "deploy-1234567", unique=True, scopes=None, expires_at=None, owner=None)
GIVEN = dataclasses.replace(AUTOMATIC, name="deploy", unique=False)
NO_LIST = ServerFailedError(Subject("list", PROJECT), "500 internal error", status=500)
NO_REVOKE = ForbiddenError(Subject("revoke", PROJECT, "deploy-1234567"), "not allowed", status=403)


def ago(seconds: float) -> str:
    return format_instant(START - timedelta(seconds=seconds))


@pytest.mark.parametrize("new", [AUTOMATIC, GIVEN])
async def test_a_key_is_made_with_one_call(keys: FakeKeys, clock: FakeClock, run: Run, new: NewKey) -> None:
    minted, warnings = await mint(run, new)
    assert warnings == ()
    assert minted.remote.name == new.name
    assert minted.secret.get_secret_value() == keys.secrets[minted.remote.key_id]
    assert keys.counts == {"mint": 1}
    assert clock.slept == []


async def test_what_was_new_is_asked_for(keys: FakeKeys, run: Run) -> None:
    await mint(run, dataclasses.replace(GIVEN, scopes=["b", "a"], expires_at=ago(-60)))
    await mint(run, GIVEN)
    assert keys.calls == [
        Asked("mint", PROJECT, "deploy", ("b", "a"), ago(-60)),
        Asked("mint", PROJECT, "deploy", None, None),
    ]


@pytest.mark.parametrize("new", [AUTOMATIC, GIVEN])
@pytest.mark.parametrize(
    "error", [RejectedError(SUBJECT, "422", status=422), CredentialError("no token"), ForbiddenError(SUBJECT, "403")]
)
async def test_a_failure_that_made_nothing_is_passed_on(
    keys: FakeKeys, run: Run, new: NewKey, error: ApiKeysError
) -> None:
    keys.mint_fails(error)
    with pytest.raises(ApiKeysError) as caught:
        await mint(run, new)
    assert caught.value is error
    assert keys.counts == {"mint": 1}


class TestAutomaticName:
    """The name is ours alone: what bears it was made by the lost create."""

    async def test_a_lost_key_is_revoked_and_another_made_and_the_user_told(self, keys: FakeKeys, run: Run) -> None:
        keys.mint_fails(lost_answer(), made=True)
        minted, (warning,) = await mint(run, AUTOMATIC)
        (lost,) = [key for key in keys.keys.values() if not key.is_active]
        assert [key.key_id for key in keys.live] == [minted.remote.key_id]
        for part in (AUTOMATIC.name, PROJECT, lost.key_id, "the connection broke off", "was revoked"):
            assert part in warning
        assert minted.remote.key_id not in warning

    async def test_where_nothing_was_made_it_is_made_without_a_word(self, keys: FakeKeys, run: Run) -> None:
        keys.mint_fails(lost_answer(), made=False)
        minted, warnings = await mint(run, AUTOMATIC)
        assert warnings == ()
        assert [key.key_id for key in keys.live] == [minted.remote.key_id]
        assert keys.counts["revoke"] == 0

    async def test_the_list_that_looks_for_it_is_a_fresh_one(self, keys: FakeKeys, run: Run) -> None:
        keys.mint_fails(lost_answer(), made=True)
        await mint(run, AUTOMATIC)
        lists = [asked for asked in keys.calls if asked.verb == "list"]
        assert lists
        assert all(asked.fresh for asked in lists)

    async def test_keys_of_other_names_and_projects_are_not_touched(self, keys: FakeKeys, run: Run) -> None:
        others = [
            keys.add("deploy"),
            keys.add("deploy-1234568"),
            keys.add(AUTOMATIC.name, project_id=OTHER_PROJECT),
        ]
        keys.mint_fails(lost_answer(), made=True)
        await mint(run, AUTOMATIC)
        assert {key.key_id for key in others} < {key.key_id for key in keys.live}

    async def test_what_is_revoked_already_is_left_alone(self, keys: FakeKeys, run: Run) -> None:
        keys.add(AUTOMATIC.name, is_active=False)
        keys.mint_fails(lost_answer(), made=False)
        _, warnings = await mint(run, AUTOMATIC)
        assert warnings == ()
        assert keys.counts["revoke"] == 0

    @pytest.mark.parametrize("made", [True, False])
    async def test_attempts_end_and_nothing_is_left_alive(self, keys: FakeKeys, run: Run, made: bool) -> None:
        for _ in range(ATTEMPTS):
            keys.mint_fails(lost_answer(), made=made)
        with pytest.raises(UnreachableError, match="the connection broke off"):
            await mint(run, AUTOMATIC)
        assert keys.counts["mint"] == ATTEMPTS
        assert keys.live == []

    async def test_it_waits_longer_before_each_attempt(self, keys: FakeKeys, clock: FakeClock, run: Run) -> None:
        for _ in range(ATTEMPTS - 1):
            keys.mint_fails(lost_answer(), made=True)
        _, warnings = await mint(run, AUTOMATIC)
        assert clock.slept == sorted(set(clock.slept))
        assert len(clock.slept) == len(warnings) == ATTEMPTS - 1

    async def test_where_the_list_fails_the_user_is_told_what_to_look_for(self, keys: FakeKeys, run: Run) -> None:
        keys.mint_fails(lost_answer(AUTOMATIC.name), made=True)
        keys.list_fails(NO_LIST)
        with pytest.raises(LostKeyError) as caught:
            await mint(run, AUTOMATIC)
        for part in (
            AUTOMATIC.name,
            PROJECT,
            "the connection broke off",
            "500 internal error",
            "revoke any key of that",
        ):
            assert part in str(caught.value)
        assert keys.counts == {"mint": 1, "list": 1}

    @pytest.mark.parametrize(("error", "why"), [(NO_REVOKE, "not allowed"), (None, "success: false")])
    async def test_where_the_revoke_fails_the_user_is_told_the_key(
        self, keys: FakeKeys, run: Run, error: ApiKeysError | None, why: str
    ) -> None:
        keys.mint_fails(lost_answer(), made=True)
        keys.revoke_fails(error)
        with pytest.raises(LostKeyError) as caught:
            await mint(run, AUTOMATIC)
        (alive,) = keys.live
        for part in (
            AUTOMATIC.name,
            PROJECT,
            alive.key_id,
            "the connection broke off",
            why,
            "Revoke it in the dashboard",
        ):
            assert part in str(caught.value)
        assert keys.counts["mint"] == 1

    async def test_a_lost_key_that_lists_show_late_is_revoked_all_the_same(
        self, keys: FakeKeys, clock: FakeClock, run: Run
    ) -> None:
        keys.lag = 5
        clock.advance(60)
        keys.mint_fails(lost_answer(), made=True)
        minted, warnings = await mint(run, AUTOMATIC)
        assert keys.live == [minted.remote]
        assert ["which an earlier try of this create had made, was revoked" in told for told in warnings] == [True]

    async def test_after_a_lost_answer_a_certain_failure_is_passed_on(self, keys: FakeKeys, run: Run) -> None:
        keys.mint_fails(lost_answer(), made=True)
        keys.mint_fails(RejectedError(SUBJECT, "quota reached", status=422))
        with pytest.raises(RejectedError, match="quota reached"):
            await mint(run, AUTOMATIC)
        assert keys.live == []


class TestGivenName:
    """The name is the user's: what bears it may be anybody's, and is never touched."""

    async def test_a_lost_key_is_named_and_left_alone(self, keys: FakeKeys, run: Run) -> None:
        keys.mint_fails(lost_answer(), made=True)
        with pytest.raises(LostKeyError) as caught:
            await mint(run, GIVEN)
        (suspect,) = keys.live
        told = str(caught.value)
        for part in (
            suspect.key_id,
            f"prefix {suspect.key_prefix}",
            "made 0 s ago",
            "pulumi import",
            f"{PROJECT}/KEY_ID",
        ):
            assert part in told
        assert keys.counts == {"mint": 1, "list": 1}

    async def test_every_suspect_is_named_with_its_age(self, keys: FakeKeys, run: Run) -> None:
        suspects = [keys.add("deploy", created_at=ago(300)), keys.add("deploy", created_at=None, key_prefix=None)]
        keys.mint_fails(lost_answer(), made=True)
        with pytest.raises(LostKeyError) as caught:
            await mint(run, GIVEN)
        told = str(caught.value)
        assert all(key.key_id in told for key in keys.live)
        assert "made 5 min ago" in told
        assert f"{suspects[1].key_id};" in told

    @pytest.mark.parametrize(
        "fields",
        [{"created_at": ago(601)}, {"is_active": False}, {"expires_at": ago(1)}, {"project_id": OTHER_PROJECT}],
    )
    async def test_what_the_lost_create_cannot_have_made_is_not_suspected(
        self, keys: FakeKeys, run: Run, fields: dict[str, object]
    ) -> None:
        innocent = keys.add("deploy", **fields)
        keys.mint_fails(lost_answer(), made=True)
        with pytest.raises(LostKeyError) as caught:
            await mint(run, GIVEN)
        assert innocent.key_id not in str(caught.value)

    async def test_where_nothing_bears_the_name_the_failure_itself_is_told(self, keys: FakeKeys, run: Run) -> None:
        keys.add("deploy", created_at=ago(3600))
        keys.mint_fails(lost_answer(), made=False)
        with pytest.raises(UnreachableError, match="the connection broke off") as caught:
            await mint(run, GIVEN)
        assert not isinstance(caught.value, LostKeyError)
        assert keys.counts == {"mint": 1, "list": 1}

    async def test_where_the_list_fails_the_user_is_told_what_to_look_for(self, keys: FakeKeys, run: Run) -> None:
        keys.mint_fails(lost_answer(GIVEN.name), made=True)
        keys.list_fails(NO_LIST)
        with pytest.raises(LostKeyError) as caught:
            await mint(run, GIVEN)
        for part in ("deploy", PROJECT, "the connection broke off", "500 internal error"):
            assert part in str(caught.value)


@pytest.mark.parametrize("new", [AUTOMATIC, GIVEN])
@pytest.mark.parametrize("fault", ["none", "list", "revoke", "attempts"])
async def test_no_error_or_warning_shows_a_secret(keys: FakeKeys, run: Run, new: NewKey, fault: str) -> None:
    for _ in range(ATTEMPTS if fault == "attempts" else 1):
        keys.mint_fails(lost_answer(), made=True)
    if fault == "list":
        keys.list_fails(NO_LIST)
    if fault == "revoke":
        keys.revoke_fails(NO_REVOKE)
    try:
        told = repr(await mint(run, new))
    except RemoteError as error:
        told = "".join(traceback.format_exception(error)) + repr(error)
    assert keys.secrets
    assert SECRET_PREFIX not in told


class LateKeys(FakeKeys):
    """A server that commits a create only after the list that looked for it."""

    async def list(
        self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
    ) -> Sequence[RemoteKey]:
        listing = await super().list(project_id, fresh=fresh, deadline=deadline)
        if self.counts["list"] == 1:
            self.add(AUTOMATIC.name)
        return listing


async def test_a_key_that_an_earlier_try_makes_late_is_revoked(clock: FakeClock) -> None:
    keys = LateKeys(clock)
    keys.mint_fails(lost_answer())
    minted, warnings = await mint(run_of(keys, clock), AUTOMATIC)
    assert keys.live == [minted.remote]
    assert ["which an earlier try of this create had made, was revoked" in word for word in warnings] == [True]


@pytest.mark.parametrize("fails", ["list", "revoke"])
async def test_a_key_made_late_that_can_not_be_cleaned_up_is_told_and_the_new_one_kept(
    clock: FakeClock, fails: str
) -> None:
    class Failing(LateKeys):
        async def list(
            self, project_id: str, *, fresh: bool = False, deadline: Deadline | None = None
        ) -> Sequence[RemoteKey]:
            if fails == "list" and self.counts["list"] == 1:
                raise NO_LIST
            return await super().list(project_id, fresh=fresh, deadline=deadline)

    keys = Failing(clock)
    keys.mint_fails(lost_answer())
    if fails == "revoke":
        keys.revoke_fails(NO_REVOKE)
    minted, warnings = await mint(run_of(keys, clock), AUTOMATIC)
    assert minted.remote in keys.live
    late = next(key.key_id for key in keys.live if key != minted.remote)
    words = {
        "list": "if the dashboard shows another key of that name, revoke it",
        "revoke": f"API key {late} in project {PROJECT}, which an earlier try of this create had made, could not be",
    }
    assert [words[fails] in word for word in warnings] == [True]


@pytest.mark.parametrize("last", [lost_answer(), RejectedError(SUBJECT, "409 too many keys", status=409)])
async def test_what_was_cleaned_up_is_told_even_where_the_create_fails_in_the_end(
    keys: FakeKeys, run: Run, last: RemoteError
) -> None:
    for _ in range(ATTEMPTS - 1):
        keys.mint_fails(lost_answer(), made=True)
    keys.mint_fails(last)
    with pytest.raises(type(last)) as caught:
        await mint(run, AUTOMATIC)
    assert str(caught.value).count("was revoked, since nobody can read its secret") == ATTEMPTS - 1
    assert keys.live == []


async def test_why_the_first_try_failed_is_told_where_the_next_could_not_be_made(keys: FakeKeys, run: Run) -> None:
    keys.mint_fails(lost_answer())
    keys.mint_fails(RemoteError(SUBJECT, "the time that this may take was over"))
    with pytest.raises(RemoteError, match="the time that this may take was over") as caught:
        await mint(run, AUTOMATIC)
    assert "another try failed: the connection broke off" in str(caught.value)


@pytest.mark.parametrize("next_try", ["waits", "is sent"])
async def test_a_lost_answer_is_told_of_where_the_run_is_cancelled_before_the_next_try(
    keys: FakeKeys, clock: FakeClock, run: Run, monkeypatch: pytest.MonkeyPatch, next_try: str
) -> None:
    async def cancelled(_seconds: float) -> None:
        raise CancelledRunError("the run was cancelled")

    keys.mint_fails(lost_answer(), made=True)
    if next_try == "waits":
        monkeypatch.setattr(clock, "sleep", cancelled)
    else:
        keys.mint_fails(CancelledRunError("the run was cancelled"))
    with pytest.raises(UnreachableError) as caught:
        await mint(run, AUTOMATIC)
    told = str(caught.value)
    for part in ("the connection broke off", "the run was cancelled", "was revoked"):
        assert part in told
    assert keys.live == []


# After every failure that the API itself did not answer with a refusal, one look at the list settles what was made.

FAILURES: list[RemoteError] = [
    lost_answer(),
    ServerFailedError(SUBJECT, "500", status=500, may_have_acted=True),
    ServerFailedError(SUBJECT, "503", status=503, may_have_acted=True, retry_after=2.0),
    RateLimitedError(SUBJECT, "429", status=429, may_have_acted=True, retry_after=2.0),
    RejectedError(SUBJECT, "413 from a proxy", status=413, may_have_acted=True),
    RejectedError(SUBJECT, "499 from a proxy", status=499, may_have_acted=True),
    RejectedError(SUBJECT, "408", status=408, may_have_acted=True),
    UnauthorizedError(SUBJECT, "401 from a proxy", status=401, may_have_acted=True),
    BadAnswerError(SUBJECT, "302", status=302, may_have_acted=True),
    BadAnswerError(SUBJECT, "an odd charset", status=201, may_have_acted=True),
]


def named(error: RemoteError) -> str:
    return error.reason


@pytest.mark.parametrize("error", FAILURES, ids=named)
async def test_what_a_failed_create_made_under_a_name_of_ours_is_revoked(
    keys: FakeKeys, run: Run, error: RemoteError
) -> None:
    keys.mint_fails(error, made=True)
    made: list[RemoteKey] = []
    told = ""
    try:
        minted, warnings = await mint(run, AUTOMATIC)
        made, told = [minted.remote], "; ".join(warnings)
    except RemoteError as failure:
        told = str(failure)
    assert keys.live == made
    assert "was revoked" in told
    assert (keys.calls[1].verb, keys.calls[1].fresh) == ("list", True)


@pytest.mark.parametrize("error", FAILURES, ids=named)
@pytest.mark.parametrize("looked", [True, False])
async def test_what_a_failed_create_made_under_the_users_name_is_named(
    keys: FakeKeys, run: Run, error: RemoteError, looked: bool
) -> None:
    innocent = keys.add("deploy", created_at=ago(3600))
    if looked:
        await run.watch.look(PROJECT)
    keys.mint_fails(error, made=True)
    with pytest.raises(LostKeyError) as caught:
        await mint(run, GIVEN)
    (suspect,) = [key for key in keys.live if key != innocent]
    assert suspect.key_id in str(caught.value)
    assert innocent.key_id not in str(caught.value)
    assert keys.counts["mint"] == 1


@pytest.mark.parametrize("error", FAILURES, ids=named)
@pytest.mark.parametrize("new", [AUTOMATIC, GIVEN])
async def test_where_it_made_nothing_it_is_tried_again_if_that_can_help_and_does_no_harm(
    keys: FakeKeys, run: Run, error: RemoteError, new: NewKey
) -> None:
    turned_away = error.status in {429, 503} and error.retry_after is not None
    keys.mint_fails(error)
    if turned_away or (new.unique and error.may_repeat):
        minted, warnings = await mint(run, new)
        assert (keys.live, warnings) == ([minted.remote], ())
    else:
        with pytest.raises(type(error)) as caught:
            await mint(run, new)
        assert caught.value.reason == error.reason
        assert keys.live == []


@pytest.mark.parametrize("changes", [str.upper, "prod-{}".format, "{}-x".format, lambda name: name[:4]])
@pytest.mark.parametrize("new", [AUTOMATIC, GIVEN])
async def test_a_server_that_changes_names_does_not_hide_the_key(
    keys: FakeKeys, run: Run, changes: Callable[[str], str], new: NewKey
) -> None:
    keys.add("somebody else's")
    await run.watch.look(PROJECT)
    keys.rename = changes
    keys.mint_fails(lost_answer(), made=True)
    if new.unique and new.name.casefold() in changes(new.name).casefold():
        minted, _ = await mint(run, new)
        assert [key.name for key in keys.live] == ["somebody else's", minted.remote.name]
        return
    with pytest.raises(LostKeyError) as caught:
        await mint(run, new)
    innocent, suspect = keys.live
    assert suspect.key_id in str(caught.value)
    assert innocent.key_id not in str(caught.value)


OWNER = Owner("infra", "dev", "apikeys:index:APIKey", "deploy")
NEIGHBOUR = Owner("infra", "dev", "apikeys:index:APIKey", "metrics")


@pytest.mark.parametrize(
    "appears",
    [
        lambda keys, _run: keys.add(NEIGHBOUR.made_name("metrics")),
        lambda keys, _run: keys.add(dataclasses.replace(OWNER, stack="prod").made_name("deploy")),
        lambda keys, run: run.watch.note_known(NEIGHBOUR, [keys.add("made by another resource of this run").key_id]),
        lambda keys, run: run.watch.begin(dataclasses.replace(GIVEN, name=keys.add("under way").name, owner=NEIGHBOUR)),
        lambda keys, _run: keys.add("ended", expires_at=ago(1)),
        lambda keys, _run: keys.add("revoked", is_active=False),
        lambda keys, _run: keys.add("elsewhere", project_id=OTHER_PROJECT),
    ],
    ids=["another resource's", "another stack's", "known", "under way", "ended", "revoked", "another project's"],
)
@pytest.mark.parametrize("unique", [True, False])
async def test_keys_of_others_that_appear_meanwhile_are_no_suspects(
    keys: FakeKeys, run: Run, appears: Callable[[FakeKeys, Run], object], unique: bool
) -> None:
    await run.watch.look(PROJECT)
    appears(keys, run)
    before = list(keys.live)
    keys.mint_fails(lost_answer())
    new = dataclasses.replace(
        AUTOMATIC, name=OWNER.made_name("deploy") if unique else "deploy", unique=unique, owner=OWNER
    )
    if unique:
        minted, warnings = await mint(run, new)
        assert warnings == ()
        assert keys.live == [*before, minted.remote]
    else:
        with pytest.raises(UnreachableError):
            await mint(run, new)
        assert keys.live == before


async def test_what_others_saw_first_while_the_create_was_under_way_was_not_there_before(
    keys: FakeKeys, run: Run
) -> None:
    keys.mint_fails(lost_answer(), made=True)
    post = keys.mint

    async def slow(*arguments: object, **more: object) -> object:
        try:
            return await post(*arguments, **more)  # type: ignore[arg-type] # passed on as they came
        finally:
            await run.watch.look(PROJECT)

    keys.mint = slow  # type: ignore[method-assign, assignment] # what happens meanwhile
    with pytest.raises(LostKeyError) as caught:
        await mint(run, GIVEN)
    (suspect,) = keys.live
    assert suspect.key_id in str(caught.value)


@pytest.mark.parametrize("ahead", [timedelta(days=2), timedelta(days=-2)])
@pytest.mark.parametrize("tells_time", [True, False])
async def test_our_clock_hides_no_lost_key(keys: FakeKeys, ahead: timedelta, tells_time: bool) -> None:
    keys.tells_time = tells_time
    run = run_of(keys, FakeClock(START + ahead))
    keys.mint_fails(lost_answer(), made=True)
    new = dataclasses.replace(AUTOMATIC, expires_at=format_instant(START + timedelta(days=1)))
    minted, _ = await mint(run, new)
    assert keys.live == [minted.remote]


class TestTurnedAway:
    """A server that limits the rate says when to come again."""

    LIMITED = RateLimitedError(SUBJECT, "429", status=429, may_have_acted=True, retry_after=7.0)

    @pytest.mark.parametrize("new", [AUTOMATIC, GIVEN])
    async def test_it_is_waited_as_long_as_the_server_asks(
        self, keys: FakeKeys, clock: FakeClock, run: Run, new: NewKey
    ) -> None:
        keys.mint_fails(self.LIMITED)
        await mint(run, new)
        assert clock.slept == [7.0]

    @pytest.mark.parametrize("retries", [0, 1, 5])
    async def test_it_is_tried_again_as_often_as_the_settings_say(
        self, keys: FakeKeys, clock: FakeClock, retries: int
    ) -> None:
        for _ in range(10):
            keys.mint_fails(self.LIMITED)
        with pytest.raises(RateLimitedError):
            await mint(run_of(keys, clock, retries=retries), AUTOMATIC)
        assert keys.counts["mint"] == retries + 1

    async def test_it_does_not_use_up_the_tries_of_other_failures(self, keys: FakeKeys, run: Run) -> None:
        for error in (self.LIMITED, lost_answer(), self.LIMITED, lost_answer(), self.LIMITED):
            keys.mint_fails(error)
        minted, _ = await mint(run, AUTOMATIC)
        assert keys.live == [minted.remote]

    async def test_a_key_of_the_users_name_that_shows_up_after_the_next_try_is_named(
        self, keys: FakeKeys, clock: FakeClock, run: Run
    ) -> None:
        keys.mint_fails(self.LIMITED, made=True)
        keys.lag = 5
        clock.advance(60)
        minted, (warning,) = await mint(run, GIVEN)
        (late,) = [key for key in keys.live if key.key_id != minted.remote.key_id]
        assert late.key_id in warning
        assert minted.remote.key_id not in warning


class TestDeadline:
    """All tries together end by one deadline."""

    async def test_it_goes_along_with_every_call(self, keys: FakeKeys, clock: FakeClock, run: Run) -> None:
        deadline = Deadline.of_operation(clock, 60)
        keys.mint_fails(lost_answer(), made=True)
        await mint(run, AUTOMATIC, deadline)
        calls = [asked for asked in keys.calls if asked.verb == "mint" or (asked.verb == "list" and asked.deadline)]
        assert [asked.deadline for asked in calls] == [deadline] * 4

    async def test_no_try_begins_that_would_end_after_it(self, keys: FakeKeys, clock: FakeClock, run: Run) -> None:
        for _ in range(5):
            keys.mint_fails(RateLimitedError(SUBJECT, "429", status=429, may_have_acted=True, retry_after=40.0))
        with pytest.raises(RateLimitedError):
            await mint(run, AUTOMATIC, Deadline.of_operation(clock, 100))
        assert keys.counts["mint"] == 3
        assert clock.monotonic() <= 100

    async def test_without_one_it_is_that_of_an_operation(self, keys: FakeKeys, clock: FakeClock, run: Run) -> None:
        await mint(run, AUTOMATIC)
        assert keys.calls[0].deadline == Deadline.of_operation(clock)


class TestJournal:
    """It stays open where a key may live that nobody has, and is closed where none can."""

    async def _left(self, root: Path, keys: FakeKeys, clock: FakeClock, new: NewKey = AUTOMATIC) -> list[Attempt]:
        journal = Journal(root)
        run = run_of(keys, clock, journal=journal)
        with suppress(ApiKeysError):
            await mint(run, dataclasses.replace(new, owner=OWNER))
        journal.end()
        after = Journal(root)
        after.bind(OWNER.mark.stack)
        found = after.of_earlier_runs()
        after.end()
        return found

    async def test_a_key_that_was_made_is_open_by_its_id_until_the_engine_has_it(
        self, tmp_path: Path, keys: FakeKeys, clock: FakeClock
    ) -> None:
        (attempt,) = await self._left(tmp_path, keys, clock)
        assert [key.key_id for key in keys.live] == [attempt.key_id]
        assert attempt.started == START

    @pytest.mark.parametrize(
        "error", [RejectedError(SUBJECT, "422", status=422), CredentialError("no token"), CancelledRunError("x")]
    )
    async def test_a_create_that_surely_made_nothing_is_closed(
        self, tmp_path: Path, keys: FakeKeys, clock: FakeClock, error: ApiKeysError
    ) -> None:
        keys.mint_fails(error)
        assert await self._left(tmp_path, keys, clock) == []

    @pytest.mark.parametrize("new", [AUTOMATIC, GIVEN])
    @pytest.mark.parametrize("made", [True, False])
    @pytest.mark.parametrize("list_fails", [True, False])
    async def test_one_that_failed_otherwise_is_open_for_a_list_may_lag(  # noqa: PLR0913, PLR0917 - the cases
        self, tmp_path: Path, keys: FakeKeys, clock: FakeClock, new: NewKey, made: bool, list_fails: bool
    ) -> None:
        for _ in range(ATTEMPTS):
            keys.mint_fails(lost_answer(), made=made)
        if list_fails:
            keys.list_fails(NO_LIST)
        (attempt,) = await self._left(tmp_path, keys, clock, new)
        assert (attempt.key_id, attempt.unique) == (None, new.unique)

    async def test_a_refusal_after_a_lost_answer_does_not_close_it(
        self, tmp_path: Path, keys: FakeKeys, clock: FakeClock
    ) -> None:
        keys.mint_fails(lost_answer())
        keys.mint_fails(RejectedError(SUBJECT, "422", status=422))
        assert len(await self._left(tmp_path, keys, clock)) == 1

    async def test_it_is_written_before_the_create_is_sent(
        self, tmp_path: Path, keys: FakeKeys, clock: FakeClock
    ) -> None:
        keys.hold()
        sending = asyncio.ensure_future(self._left(tmp_path, keys, clock))
        await keys.minting.wait()
        written = _journals(tmp_path)
        keys.release()
        await sending
        assert ['"what": "sent"' in text for text in written] == [True]


def _journals(root: Path) -> list[str]:
    return [path.read_text() for path in root.rglob("*.jsonl")]

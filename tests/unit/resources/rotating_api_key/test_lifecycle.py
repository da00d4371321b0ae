"""`RotatingAPIKey` against keys in memory: settings, what a preview shows, what a refresh and an import find, what is
said of keys that nobody knows, and what a destroy ends.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from fakes.clock import START, FakeClock
from fakes.keys import PROJECT, FakeKeys, uuid
from pulumi_resource_apikeys.errors import ApiKeysError, ServerFailedError, Subject
from pulumi_resource_apikeys.keys.ownership import Owner, mark_of
from pulumi_resource_apikeys.keys.run import run_of
from pulumi_resource_apikeys.keys.undelivered import undo
from pulumi_resource_apikeys.model.times import format_instant, read_instant
from pulumi_resource_apikeys.model.values import UNKNOWN
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, Difference, DiffRequest, Live
from pulumi_resource_apikeys.resources.rotating_api_key.lifecycle import RotatingAPIKeyLifecycle
from pulumi_resource_apikeys.resources.rotating_api_key.plan import NOT_LISTED

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Props, Value

POLICY: dict[str, Value] = {"projectId": PROJECT, "rotateEvery": "30d", "overlap": "7d"}
MADE_BY_ROTATION = {"key", "keyId", "keyName", "keyPrefix", "createdAt", "rotatedAt", "nextRotationAt"}
FAILED = ServerFailedError(Subject("call", PROJECT), "500 internal error", status=500)
OWNER = Owner("infra", "dev", "apikeys:index:RotatingAPIKey", "infra")
EMPTY = {"previousKey": SecretStr(""), "previousKeyId": "", "previousRevokesAt": ""}


@pytest.fixture
def lifecycle(keys: FakeKeys, clock: FakeClock) -> RotatingAPIKeyLifecycle:
    return RotatingAPIKeyLifecycle(keys, clock)


def inputs_of(lifecycle: RotatingAPIKeyLifecycle, **news: Value) -> Props:
    checked = lifecycle.check(CheckRequest("infra", {**POLICY, **news}, seed=b"seed"))
    assert checked.problems == ()
    return checked.inputs


async def created(lifecycle: RotatingAPIKeyLifecycle, owner: Owner | None = OWNER, **news: Value) -> Live:
    return await lifecycle.create(inputs_of(lifecycle, **news), owner)


async def rotated(lifecycle: RotatingAPIKeyLifecycle, **news: Value) -> Live:
    """One that has just been rotated."""
    live = await lifecycle.create(inputs_of(lifecycle, **news), OWNER)
    return await lifecycle.update(live.id, live.state, inputs_of(lifecycle, **{**news, "triggers": {"v": 2.0}}), OWNER)


async def diff(lifecycle: RotatingAPIKeyLifecycle, live: Live, news: Props, *, refreshed: bool = False) -> Difference:
    return await lifecycle.diff(DiffRequest(live.id, live.state, live.inputs, news, refreshed, OWNER))


def shown_unknown(props: Props) -> set[str]:
    return {name for name, value in props.items() if value is UNKNOWN}


class TestSettings:
    @pytest.mark.parametrize(
        ("news", "problem"),
        [
            ({"overlap": "30d"}, "overlap: must be shorter than rotateEvery (30d), or a third key would be alive"),
            ({"overlap": "5w"}, "overlap: must be shorter than rotateEvery (30d), or a third key would be alive"),
            (
                {"expiresAfter": "36d"},
                "expiresAfter: must be at least rotateEvery + overlap (30d + 7d), or a key would end before its time",
            ),
            ({"maxOverlap": "10d"}, 'maxOverlap: only means something with retire: "whenUnused"'),
            (
                {"retire": "whenUnused", "maxOverlap": "6d"},
                "maxOverlap: must be at least overlap (7d) and at most rotateEvery (30d)",
            ),
            (
                {"retire": "whenUnused", "maxOverlap": "P31D"},
                "maxOverlap: must be at least overlap (7d) and at most rotateEvery (30d)",
            ),
            ({"rotateEvery": None}, "rotateEvery: is required"),
            ({"overlap": None}, "overlap: is required"),
        ],
    )
    def test_what_can_not_hold_is_told_by_the_propertys_name(
        self, lifecycle: RotatingAPIKeyLifecycle, news: dict[str, Value], problem: str
    ) -> None:
        checked = lifecycle.check(CheckRequest("infra", {**POLICY, **news}))
        assert [str(found) for found in checked.problems] == [problem]

    @pytest.mark.parametrize(
        "news",
        [
            {"expiresAfter": "37d"},
            {"overlap": "29d"},
            {"retire": "whenUnused", "maxOverlap": "7d"},
            {"retire": "whenUnused", "maxOverlap": "30d"},
            {"retire": "afterOverlap"},
            {"rotateEvery": "P30D", "overlap": "168h"},
            {"retire": UNKNOWN, "maxOverlap": "10d"},
            {"overlap": UNKNOWN},
            {"rotateEvery": UNKNOWN, "expiresAfter": "1d"},
        ],
    )
    def test_what_holds_or_is_not_known_yet_is_no_problem(
        self, lifecycle: RotatingAPIKeyLifecycle, news: dict[str, Value]
    ) -> None:
        assert lifecycle.check(CheckRequest("infra", {**POLICY, **news})).problems == ()


class TestPreview:
    async def test_of_a_create_knows_that_there_is_no_previous_key(self, lifecycle: RotatingAPIKeyLifecycle) -> None:
        shown = await lifecycle.preview(inputs_of(lifecycle), None)
        assert shown_unknown(shown) == MADE_BY_ROTATION
        assert {name: shown[name] for name in EMPTY} == EMPTY

    async def test_of_a_rotation_knows_that_the_current_key_becomes_the_previous(
        self, lifecycle: RotatingAPIKeyLifecycle
    ) -> None:
        live = await created(lifecycle, scopes=["a"])
        shown = await lifecycle.preview(inputs_of(lifecycle, triggers={"v": 2.0}), live.state)
        assert shown_unknown(shown) == {*MADE_BY_ROTATION, "previousRevokesAt"}
        assert shown["previousKey"] == live.state["key"]
        assert shown["previousKeyId"] == live.state["keyId"]
        assert shown["generation"] == 2
        assert "scopes" not in shown, "what the program took out goes"

    async def test_of_an_emergency_knows_that_there_will_be_no_previous_key(
        self, lifecycle: RotatingAPIKeyLifecycle
    ) -> None:
        live = await created(lifecycle)
        shown = await lifecycle.preview(inputs_of(lifecycle, emergencyTriggers={"incident": "x"}), live.state)
        assert {name: shown[name] for name in EMPTY} == EMPTY

    async def test_of_a_change_of_settings_shows_the_new_dates_and_keeps_the_keys(
        self, lifecycle: RotatingAPIKeyLifecycle
    ) -> None:
        live = await created(lifecycle)
        news = inputs_of(lifecycle, rotateEvery="60d")
        shown = await lifecycle.preview(news, live.state)
        assert shown == (await lifecycle.update(live.id, live.state, news)).state
        assert shown["key"] == live.state["key"]
        assert shown["nextRotationAt"] == format_instant(START + timedelta(days=60))

    async def test_of_settings_that_are_not_known_yet_knows_no_key(self, lifecycle: RotatingAPIKeyLifecycle) -> None:
        live = await created(lifecycle)
        news = inputs_of(lifecycle, overlap=UNKNOWN)
        assert {"key", "previousKey"} <= shown_unknown(await lifecycle.preview(news, live.state))
        assert (await diff(lifecycle, live, news)).changes.keys() == {"overlap"}

    async def test_of_a_trigger_that_is_not_known_yet_says_that_it_may_rotate(
        self, lifecycle: RotatingAPIKeyLifecycle
    ) -> None:
        live = await created(lifecycle)
        found = await diff(lifecycle, live, inputs_of(lifecycle, triggers={"v": UNKNOWN}))
        assert found.notes == ("rotates: triggers may change, which is known only when it runs",)


class TestDifference:
    async def test_nothing_is_due_before_its_time(self, lifecycle: RotatingAPIKeyLifecycle, clock: FakeClock) -> None:
        live = await created(lifecycle)
        clock.advance(29 * 86400)
        assert await diff(lifecycle, live, live.inputs) == Difference()

    async def test_a_rotation_that_is_due_changes_outputs_in_place(
        self, lifecycle: RotatingAPIKeyLifecycle, clock: FakeClock
    ) -> None:
        live = await created(lifecycle)
        clock.advance(30 * 86400)
        found = await diff(lifecycle, live, live.inputs)
        assert found.changes.keys() == {"key", "keyId", "nextRotationAt", "previousKeyId"}
        assert found.replaces == []
        assert not any(change.of_input for change in found.changes.values())
        assert found.notes == ("rotates: due since 2026-12-24T12:00:00Z, every 30 d",)

    async def test_after_a_refresh_what_the_time_brings_is_no_drift(
        self, lifecycle: RotatingAPIKeyLifecycle, clock: FakeClock
    ) -> None:
        live = await created(lifecycle)
        clock.advance(30 * 86400)
        assert await diff(lifecycle, live, live.inputs, refreshed=True) == Difference()

    async def test_another_project_replaces(self, lifecycle: RotatingAPIKeyLifecycle) -> None:
        live = await created(lifecycle)
        assert (await diff(lifecycle, live, {**live.inputs, "projectId": uuid(9)})).replaces == ["projectId"]

    async def test_where_revocations_are_not_looked_for_the_list_is_asked_for_only_where_use_decides(
        self, clock: FakeClock, keys: FakeKeys
    ) -> None:
        lifecycle = RotatingAPIKeyLifecycle(keys, clock, run=run_of(keys, clock, detect_revoked=False))
        live = await rotated(lifecycle, retire="whenUnused")
        news = inputs_of(lifecycle, retire="whenUnused", triggers={"v": 2.0})
        keys.calls.clear()
        await diff(lifecycle, live, news)
        assert keys.counts == {}
        clock.advance(8 * 86400)
        assert (await diff(lifecycle, live, news)).notes == (
            "revokes the previous key: its overlap was over on 2026-12-01T12:00:00Z, and it was never used",
        )
        assert keys.counts == {"list": 1}
        keys.list_fails(FAILED)
        (warning,) = (await diff(lifecycle, live, news)).warnings
        assert "could not be asked whether it is still used" in warning

    async def test_a_key_revoked_by_hand_rotates_with_the_reason(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        keys.change(str(live.state["keyId"]), is_active=False)
        assert (await diff(lifecycle, live, live.inputs)).notes == ("rotates: the current key is revoked",)

    async def test_an_unlooked_at_server_is_an_error_and_no_rotation(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        keys.list_fails(FAILED)
        with pytest.raises(ServerFailedError):
            await diff(lifecycle, live, live.inputs)


class TestAbsentKeys:
    """A list may be wrong, so a key that it lacks is revoked before it is forgotten."""

    async def test_the_current_one_is_replaced_and_revoked_to_be_sure(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        hidden = keys.keys.pop(str(live.state["keyId"]))
        done = await lifecycle.update(live.id, live.state, live.inputs, OWNER)
        assert ("revoke", hidden.key_id) in [(asked.verb, asked.key) for asked in keys.calls]
        assert (done.state["generation"], done.state["previousKeyId"], done.partial_failures) == (2, "", ())

    async def test_a_current_one_that_can_not_be_revoked_stays_in_the_state(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        keys.keys.pop(str(live.state["keyId"]))
        keys.revoke_fails(FAILED)
        done = await lifecycle.update(live.id, live.state, live.inputs, OWNER)
        assert done.state["previousKeyId"] == live.state["keyId"]
        assert len(done.partial_failures) == 1
        assert "the next `pulumi up` tries again" in done.partial_failures[0]

    async def test_the_previous_one_is_revoked_to_be_sure(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await rotated(lifecycle)
        hidden = keys.keys.pop(str(live.state["previousKeyId"]))
        assert (await diff(lifecycle, live, live.inputs)).notes == (f"revokes the previous key: {NOT_LISTED}",)
        done = await lifecycle.update(live.id, live.state, live.inputs, OWNER)
        assert keys.calls[-1].verb != "mint"
        assert ("revoke", hidden.key_id) in [(asked.verb, asked.key) for asked in keys.calls]
        assert done.state["previousKeyId"] == ""

    async def test_a_refresh_forgets_neither(self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys) -> None:
        live = await rotated(lifecycle)
        keys.keys.clear()
        seen = await lifecycle.read(live.id, live.inputs, live.state, OWNER)
        assert isinstance(seen, Live)
        assert seen.state == {**live.state, "keyStatus": "absent"}

    async def test_a_list_that_lags_behind_is_no_reason_to_rotate(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock
    ) -> None:
        live = await created(lifecycle)
        keys.lag = 8
        clock.advance(1)
        assert await diff(lifecycle, live, live.inputs) == Difference()


class TestUse:
    @pytest.mark.parametrize(("told", "kept"), [(False, True), (True, False)])
    async def test_a_use_that_the_server_does_not_tell_is_no_proof_that_there_is_none(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock, told: bool, kept: bool
    ) -> None:
        policy: dict[str, Value] = {"retire": "whenUnused", "maxOverlap": "14d"}
        live = await rotated(lifecycle, **policy)
        news = inputs_of(lifecycle, triggers={"v": 2.0}, **policy)
        keys.change(str(live.state["previousKeyId"]), never_used=told)
        clock.advance(8 * 86400)
        found = await diff(lifecycle, live, news)
        assert bool(found.notes) is not kept
        assert bool(found.warnings) is kept
        clock.advance(6 * 86400)
        (note,) = (await diff(lifecycle, live, news)).notes
        assert note.startswith("revokes the previous key: ")


class TestLostKeys:
    """Only a key that bears the mark of this very resource, and that its state does not know, is one that it lost."""

    async def test_each_is_told_of_once_and_none_is_touched(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        lost = [keys.add(OWNER.made_name("infra")), keys.add(OWNER.made_name("another base"))]
        seen = await lifecycle.read(live.id, live.inputs, live.state, OWNER)
        assert isinstance(seen, Live)
        assert len(seen.warnings) == 2
        assert all(key.key_id in told for key, told in zip(lost, seen.warnings, strict=True))
        done = await lifecycle.update(live.id, live.state, inputs_of(lifecycle, triggers={"v": 2.0}), OWNER)
        assert done.warnings == ()
        assert {key.key_id for key in lost} < {key.key_id for key in keys.live}

    @pytest.mark.parametrize("call", ["diff", "read", "update", "create", "delete"])
    async def test_whatever_the_engine_asks_first_tells_of_it(
        self, keys: FakeKeys, clock: FakeClock, call: str
    ) -> None:
        live = await created(RotatingAPIKeyLifecycle(keys, clock))
        lost = keys.add(OWNER.made_name("infra"))
        lifecycle = RotatingAPIKeyLifecycle(keys, clock)
        news = inputs_of(lifecycle, triggers={"v": 2.0})
        match call:
            case "diff":
                words = (await diff(lifecycle, live, live.inputs)).warnings
            case "read":
                words = (await lifecycle.read(live.id, live.inputs, live.state, OWNER)).warnings
            case "update":
                words = (await lifecycle.update(live.id, live.state, news, OWNER)).warnings
            case "create":
                await lifecycle.read(live.id, live.inputs, live.state, None)
                words = (await lifecycle.create(live.inputs, OWNER)).warnings
            case _:
                words = await lifecycle.delete(live.id, live.state, OWNER)
        assert [lost.key_id in told for told in words] == [True]

    @pytest.mark.parametrize(
        "name",
        [
            "deploy",
            "deploy-1",
            "deploy-0abcdef",
            "deploy-0abcdef-0abcdef",
            "infra-0abcdef",
            "release-4f9c2d1",
            Owner("infra", "prod", OWNER.kind, OWNER.name).made_name("deploy", b"seed"),
            Owner("other", "dev", OWNER.kind, OWNER.name).made_name("deploy", b"seed"),
            Owner("infra", "dev", OWNER.kind, "deploy").made_name("deploy", b"seed"),
            Owner("infra", "dev", "apikeys:index:APIKey", OWNER.name).made_name("deploy", b"seed"),
            Owner("infra", "dev", f"my:Component${OWNER.kind}", OWNER.name).made_name("deploy", b"seed"),
        ],
    )
    async def test_what_only_looks_alike_is_somebody_elses(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys, name: str
    ) -> None:
        live = await created(lifecycle, name="deploy")
        other = keys.add(name)
        seen = await lifecycle.read(live.id, live.inputs, live.state, OWNER)
        done = await lifecycle.update(live.id, live.state, inputs_of(lifecycle, name="deploy", scopes=["a"]), OWNER)
        assert isinstance(seen, Live)
        assert (seen.warnings, done.warnings) == ((), ())
        assert other in keys.live

    async def test_without_knowing_the_resource_nothing_is_said(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle, owner=None)
        keys.add(f"{live.state['name']}-0abcdef")
        seen = await lifecycle.read(live.id, live.inputs, live.state)
        assert isinstance(seen, Live)
        assert seen.warnings == ()

    async def test_each_generation_bears_the_mark(self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys) -> None:
        await rotated(lifecycle)
        assert [mark_of(key.name) for key in keys.live] == [OWNER.mark, OWNER.mark]


class TestImport:
    async def test_finds_a_key_without_its_secret_and_suggests_a_policy(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        by_hand = keys.add("by-hand", scopes=("a",))
        found = await lifecycle.read(f"{PROJECT}/{by_hand.key_id}", {}, {})
        assert isinstance(found, Live)
        assert found.state["key"] == SecretStr("")
        assert found.state["generation"] == 0
        assert (found.inputs["rotateEvery"], found.inputs["overlap"], found.inputs["name"]) == ("90d", "7d", "by-hand")

    async def test_the_first_run_rotates_and_is_no_emergency_although_it_brings_emergency_triggers(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        by_hand = keys.add("by-hand", created_at="2020-01-01T00:00:00Z")
        found = await lifecycle.read(f"{PROJECT}/{by_hand.key_id}", {}, {})
        assert isinstance(found, Live)
        news = inputs_of(lifecycle, emergencyTriggers={"incident": "none"}, name="by-hand")
        difference = await diff(lifecycle, found, news)
        assert difference.notes == ("rotates: the current key was imported, and its secret can't be had",)
        assert len(difference.warnings) == 1
        done = await lifecycle.update(found.id, found.state, news)
        assert done.warnings == ()
        assert {key.key_id for key in keys.live} == {by_hand.key_id, done.state["keyId"]}


class TestClocks:
    @pytest.mark.parametrize(("minutes", "side"), [(11, "behind"), (-11, "ahead of"), (9, None), (-9, None)])
    async def test_a_clock_that_is_off_the_servers_is_told_of(
        self, minutes: float, side: str | None, clock: FakeClock
    ) -> None:
        server = FakeClock(START + timedelta(minutes=minutes))
        live = await created(RotatingAPIKeyLifecycle(FakeKeys(server), clock))
        told = [f"this machine's clock is 11 min {side} the server's" in warning for warning in live.warnings]
        assert told == ([] if side is None else [True])

    async def test_a_key_made_while_our_clock_is_behind_has_its_time_from_the_server(self, clock: FakeClock) -> None:
        server = FakeClock(START + timedelta(days=100))
        live = await created(RotatingAPIKeyLifecycle(FakeKeys(server), clock))
        assert live.state["rotatedAt"] == format_instant(server.now())


class TestDestroy:
    async def test_ends_both_keys_and_one_that_fails_does_not_save_the_other(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        live = await lifecycle.update(live.id, live.state, inputs_of(lifecycle, triggers={"v": 2.0}))
        keys.revoke_fails(FAILED)
        with pytest.raises(ApiKeysError, match="500 internal error"):
            await lifecycle.delete(live.id, live.state)
        assert [key.key_id for key in keys.live] == [live.state["previousKeyId"]]
        await lifecycle.delete(live.id, live.state)
        assert keys.live == []

    async def test_names_both_failures(self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle)
        live = await lifecycle.update(live.id, live.state, inputs_of(lifecycle, triggers={"v": 2.0}))
        keys.revoke_fails(FAILED)
        keys.revoke_fails(None)
        with pytest.raises(ApiKeysError, match=r"500 internal error.*; .*success: false"):
            await lifecycle.delete(live.id, live.state)


class TestFailedRuns:
    async def test_a_third_key_that_can_not_go_stops_the_rotation(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        live = await lifecycle.update(live.id, live.state, inputs_of(lifecycle, triggers={"v": 2.0}))
        keys.revoke_fails(FAILED)
        with pytest.raises(ApiKeysError, match="500"):
            await lifecycle.update(live.id, live.state, inputs_of(lifecycle, triggers={"v": 3.0}))
        assert len(keys.live) == 2

    async def test_an_emergencys_failed_revoke_is_reported_beside_the_new_key(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        keys.revoke_fails(FAILED)
        news = inputs_of(lifecycle, emergencyTriggers={"incident": "x"})
        done = await lifecycle.update(live.id, live.state, news)
        assert len(done.partial_failures) == 1
        assert done.state["key"] != live.state["key"]
        assert done.state["previousKeyId"] == live.state["keyId"]
        again = await diff(lifecycle, done, news)
        assert again.notes == ("revokes the previous key: the emergency rotation could not revoke it",)
        finished = await lifecycle.update(done.id, done.state, news)
        assert [key.key_id for key in keys.live] == [finished.state["keyId"]] == [done.state["keyId"]]

    async def test_an_emergencys_revoke_that_the_server_refuses_of_a_key_past_its_end_by_our_clock_is_reported_too(
        self, lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock
    ) -> None:
        keys.tells_time = False
        live = await created(lifecycle, expiresAfter="37d")
        clock.advance(38 * 86400)
        keys.revoke_fails(None)
        news = inputs_of(lifecycle, expiresAfter="37d", emergencyTriggers={"incident": "x"})
        done = await lifecycle.update(live.id, live.state, news)
        assert "the server answered success: false" in done.partial_failures[0]
        assert done.state["previousKeyId"] == live.state["keyId"]


async def test_what_a_destroy_or_an_undo_revokes_may_be_as_young_as_the_current_key(
    lifecycle: RotatingAPIKeyLifecycle, keys: FakeKeys, clock: FakeClock
) -> None:
    live = await rotated(lifecycle)
    made_at = read_instant(str(live.state["createdAt"]))
    await lifecycle.delete(live.id, live.state, OWNER)
    ids = [str(live.state[name]) for name in ("previousKeyId", "keyId")]
    assert keys.said_made_at == dict.fromkeys(ids, made_at)
    keys.said_made_at.clear()
    await undo(run_of(keys, clock), live.state, {})
    assert keys.said_made_at == {ids[1]: made_at}
    assert made_at is not None

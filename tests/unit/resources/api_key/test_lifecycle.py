"""`APIKey`: previews, creates, reads, imports and deletes, against keys in memory."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from fakes.clock import START, FakeClock
from fakes.keys import OTHER_PROJECT, PROJECT, SECRET_PREFIX, FakeKeys, lost_answer, uuid
from pulumi_resource_apikeys import errors
from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Subject
from pulumi_resource_apikeys.keys.identity import KeyPath, parse_id
from pulumi_resource_apikeys.keys.ownership import Owner
from pulumi_resource_apikeys.keys.run import run_of
from pulumi_resource_apikeys.model.states import MOST_REPLACED, REPLACED
from pulumi_resource_apikeys.model.times import read_instant
from pulumi_resource_apikeys.model.values import UNKNOWN
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle
from pulumi_resource_apikeys.resources.api_key.properties import APIKeyState
from pulumi_resource_apikeys.resources.lifecycle import (
    DEFAULTS,
    IMPORTED,
    CheckRequest,
    Difference,
    DiffRequest,
    Gone,
    Kind,
    Live,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_resource_apikeys.model.values import Props, Value

MADE_BY_SERVER = {"key", "keyId", "keyPrefix", "createdAt", "createdBy", "tenantId", "isAdminManaged"}
SUBJECT = Subject("list", PROJECT)
UNKNOWN_READS: list[ApiKeysError] = [
    errors.UnauthorizedError(SUBJECT, "expired", status=401),
    errors.ForbiddenError(SUBJECT, "no", status=403),
    errors.NotFoundError(SUBJECT, "no such project", status=404),
    errors.RejectedError(SUBJECT, "bad", status=400),
    errors.RateLimitedError(SUBJECT, "slow down", status=429),
    errors.ServerFailedError(SUBJECT, "oops", status=503),
    errors.BadAnswerError(SUBJECT, "<html>", status=200),
    errors.UnreachableError(SUBJECT, "refused"),
    errors.CredentialError("no token"),
    errors.SettingsError([errors.Problem("endpoint", "is required")]),
]


@pytest.fixture
def lifecycle(keys: FakeKeys, clock: FakeClock) -> APIKeyLifecycle:
    return APIKeyLifecycle(keys, clock, PROJECT)


def checked(lifecycle: APIKeyLifecycle, **news: Value) -> Props:
    answer = lifecycle.check(CheckRequest(name="deploy", news=news, seed=b"seed"))
    assert answer.problems == ()
    return answer.inputs


async def created(lifecycle: APIKeyLifecycle, **news: Value) -> Live:
    return await lifecycle.create(checked(lifecycle, **news))


class TestPreview:
    async def test_what_the_server_makes_is_unknown_and_the_rest_known(self, lifecycle: APIKeyLifecycle) -> None:
        inputs = checked(lifecycle, scopes=["a"], expiresAt="2027-01-31T12:00:00Z", triggers={"v": 1.0})
        outputs = await lifecycle.preview(inputs, None)
        assert {name for name, value in outputs.items() if value is UNKNOWN} == MADE_BY_SERVER
        assert {name: outputs[name] for name in outputs.keys() - MADE_BY_SERVER} == {
            "projectId": PROJECT,
            "name": inputs["name"],
            "scopes": ["a"],
            "expiresAt": "2027-01-31T12:00:00Z",
            "triggers": {"v": 1.0},
        }

    async def test_the_end_of_a_life_counted_from_creation_is_unknown(self, lifecycle: APIKeyLifecycle) -> None:
        outputs = await lifecycle.preview(checked(lifecycle, expiresIn="90d"), None)
        assert outputs["expiresAt"] is UNKNOWN
        assert outputs["expiresIn"] == "90d"

    @pytest.mark.parametrize("news", [{"name": UNKNOWN}, {"scopes": ["a", UNKNOWN]}, {"triggers": {"a": UNKNOWN}}])
    async def test_unknown_inputs_stay_unknown_outputs(
        self, lifecycle: APIKeyLifecycle, news: dict[str, Value]
    ) -> None:
        outputs = await lifecycle.preview(checked(lifecycle, **news), None)
        assert {name: outputs[name] for name in news} == news

    async def test_previews_call_nothing(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle)
        before = list(keys.calls)
        await lifecycle.preview(live.inputs, None)
        await lifecycle.preview(live.inputs, live.state)
        assert keys.calls == before

    async def test_no_internal_property_is_an_output(self, lifecycle: APIKeyLifecycle) -> None:
        assert not [name for name in await lifecycle.preview(checked(lifecycle), None) if name.startswith("__")]

    async def test_an_update_leaves_what_the_server_made(self, lifecycle: APIKeyLifecycle) -> None:
        live = await created(lifecycle, rotateAfter="30d")
        outputs = await lifecycle.preview({**live.inputs, "rotateAfter": "60d"}, live.state)
        assert outputs == {**live.state, "rotateAfter": "60d"}

    async def test_an_update_takes_out_what_the_program_took_out(self, lifecycle: APIKeyLifecycle) -> None:
        live = await created(lifecycle, rotateAfter="30d", scopes=["a"])
        inputs = {name: value for name, value in live.inputs.items() if name != "rotateAfter"}
        outputs = await lifecycle.preview(inputs, live.state)
        assert outputs == {name: value for name, value in live.state.items() if name != "rotateAfter"}


class TestCreate:
    async def test_a_key_is_made_as_the_inputs_say(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle, name="mine", scopes=["b", "a"], expiresAt="2027-01-31T12:00:00Z")
        (key,) = keys.live
        assert (key.name, key.scopes, key.expires_at) == ("mine", ("b", "a"), "2027-01-31T12:00:00Z")
        assert live.id == f"{PROJECT}/{key.key_id}"
        assert live.warnings == live.partial_failures == ()

    async def test_the_state_holds_inputs_and_what_the_server_told(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle, name="mine", scopes=["b", "a"], triggers={"v": 1.0})
        (key,) = keys.live
        secret = live.state["key"]
        assert isinstance(secret, SecretStr)
        assert secret.get_secret_value() == keys.secrets[key.key_id]
        assert {name: value for name, value in live.state.items() if name != "key"} == {
            "projectId": PROJECT,
            "name": "mine",
            "scopes": ["b", "a"],
            "triggers": {"v": 1.0},
            "keyId": key.key_id,
            "keyPrefix": key.key_prefix,
            "createdAt": key.created_at,
            "createdBy": key.created_by,
            "tenantId": key.tenant_id,
            "isAdminManaged": False,
        }
        APIKeyState.model_validate(live.state)

    async def test_a_life_is_counted_from_creation(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock
    ) -> None:
        inputs = checked(lifecycle, expiresIn="90d")
        clock.advance(3600.25)
        live = await lifecycle.create(inputs)
        assert keys.live[0].expires_at == "2027-02-22T13:00:00Z"
        assert live.state["expiresAt"] == "2027-02-22T13:00:00Z"
        assert live.state["expiresIn"] == "90d"

    async def test_without_an_end_none_is_asked_for(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle)
        assert keys.calls[0].expires_at is None
        assert keys.calls[0].scopes is None
        assert "expiresAt" not in live.state

    async def test_what_the_create_answer_leaves_out_is_kept_from_what_was_asked(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mint = keys.mint

        async def forgetful(*arguments: object, **more: object) -> object:
            minted = await mint(*arguments, **more)  # type: ignore[arg-type] # passed on as they came
            bare = dataclasses.replace(minted.remote, scopes=(), expires_at=None, created_by=None)
            return dataclasses.replace(minted, remote=bare)

        monkeypatch.setattr(keys, "mint", forgetful)
        live = await created(lifecycle, scopes=["a"], expiresIn="1d")
        assert live.state["scopes"] == ["a"]
        assert live.state["expiresAt"] == "2026-11-25T12:00:00Z"
        assert "createdBy" not in live.state

    async def test_the_longest_life_that_a_check_lets_pass_can_be_made(self, lifecycle: APIKeyLifecycle) -> None:
        live = await created(lifecycle, expiresIn="36525d")
        assert str(live.state["expiresAt"]).startswith("2126-")

    async def test_only_a_name_of_ours_is_cleaned_up(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        keys.mint_fails(lost_answer(), made=True)
        live = await created(lifecycle)
        assert len(keys.live) == 1
        assert len(live.warnings) == 1
        keys.mint_fails(lost_answer(), made=True)
        with pytest.raises(errors.LostKeyError):
            await created(lifecycle, name="mine")

    async def test_inputs_go_into_the_state_as_they_were_checked(self, lifecycle: APIKeyLifecycle) -> None:
        inputs = checked(lifecycle, scopes=["a"])
        assert (await lifecycle.create(inputs)).inputs == inputs


class TestRead:
    async def test_an_active_key_is_read_as_it_was(self, lifecycle: APIKeyLifecycle) -> None:
        live = await created(lifecycle, name="mine", scopes=["b", "a"], expiresIn="90d", triggers={"v": 1.0})
        assert await lifecycle.read(live.id, live.inputs, live.state) == Live(live.id, live.state, live.inputs)

    @pytest.mark.parametrize(
        "told",
        [
            {"scopes": ("a", "b")},
            {"expires_at": "2027-01-31T14:00:00.000000000+02:00"},
            {"last_used_at": "2026-11-24T12:00:00Z"},
            {"created_at": "2026-11-24T12:00:00.000000001Z"},
            {"created_by": None, "tenant_id": None, "key_prefix": None},
            {"is_admin_managed": None},
        ],
    )
    async def test_another_spelling_or_less_of_the_same_changes_nothing(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, told: dict[str, object]
    ) -> None:
        live = await created(lifecycle, scopes=["b", "a"], expiresAt="2027-01-31T12:00:00Z")
        keys.change(live.id.partition("/")[2], **told)
        assert await lifecycle.read(live.id, live.inputs, live.state) == Live(live.id, live.state, live.inputs)

    async def test_what_really_changed_is_told(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle, scopes=["a"])
        keys.change(live.id.partition("/")[2], is_admin_managed=True, scopes=("a", "b"))
        found = await lifecycle.read(live.id, live.inputs, live.state)
        assert isinstance(found, Live)
        assert found.state == {**live.state, "isAdminManaged": True, "scopes": ["a", "b"]}

    @pytest.mark.parametrize(
        ("ended", "words"),
        [
            ("revoked", "was revoked, and not by this stack"),
            ("expired", "ended on 2026-11-25T12:00:00Z"),
            ("absent", f"is no longer in the list of project {PROJECT}"),
        ],
    )
    async def test_revoked_expired_and_absent_are_gone_and_the_reason_is_told(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock, ended: str, words: str
    ) -> None:
        live = await created(lifecycle, expiresIn="1d")
        key_id = live.id.partition("/")[2]
        happens: dict[str, Callable[[], object]] = {
            "revoked": lambda: keys.change(key_id, is_active=False),
            "expired": lambda: clock.advance(86400),
            "absent": lambda: keys.keys.pop(key_id),
        }
        assert isinstance(await lifecycle.read(live.id, live.inputs, live.state), Live)
        happens[ended]()
        assert await lifecycle.read(live.id, live.inputs, live.state) == Gone(f"API key {key_id} {words}")

    @pytest.mark.parametrize("tells_time", [True, False])
    async def test_a_key_that_ended_by_our_clock_alone_stays_for_it_may_be_alive(self, tells_time: bool) -> None:
        server, ours = FakeClock(), FakeClock()
        keys = FakeKeys(server)
        keys.tells_time = tells_time
        lifecycle = APIKeyLifecycle(keys, ours, PROJECT)
        live = await created(lifecycle, expiresIn="1d")
        ours.advance(2 * 86400)
        assert await lifecycle.read(live.id, live.inputs, live.state) == Live(live.id, live.state, live.inputs)
        server.advance(2 * 86400)
        assert isinstance(await lifecycle.read(live.id, live.inputs, live.state), Gone if tells_time else Live)

    @pytest.mark.parametrize(("age", "lag", "found"), [(1, 9, True), (1, 15, False), (3600, 1, True), (3600, 5, False)])
    async def test_a_key_that_a_list_lacks_is_looked_for_again_the_longer_the_younger_it_is(  # noqa: PLR0913, PLR0917 - the cases
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock, age: float, lag: float, found: bool
    ) -> None:
        live = await created(lifecycle)
        clock.advance(age)
        hidden = keys.keys.pop(live.id.partition("/")[2])

        async def comes_back(seconds: float) -> None:
            clock.advance(seconds)
            if seconds >= lag:
                keys.keys[hidden.key_id] = hidden

        clock.sleep = comes_back  # type: ignore[method-assign] # what passes while the lifecycle waits
        assert isinstance(await lifecycle.read(live.id, live.inputs, live.state), Live if found else Gone)

    @pytest.mark.parametrize("error", UNKNOWN_READS, ids=lambda error: type(error).__name__)
    async def test_what_is_not_known_is_an_error_and_never_gone(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, error: ApiKeysError
    ) -> None:
        live = await created(lifecycle)
        keys.list_fails(error)
        with pytest.raises(type(error)) as caught:
            await lifecycle.read(live.id, live.inputs, live.state)
        assert caught.value is error

    async def test_a_refresh_shares_the_listing_and_an_import_looks_afresh(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        await lifecycle.read(live.id, live.inputs, live.state)
        await lifecycle.read(live.id, {}, {})
        assert [asked.fresh for asked in keys.calls if asked.verb == "list"] == [False, False, True]

    async def test_a_key_is_sought_in_its_own_project(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle, projectId=OTHER_PROJECT)
        assert isinstance(await lifecycle.read(live.id, live.inputs, live.state), Live)
        assert keys.calls[-1].project_id == OTHER_PROJECT


class TestImport:
    async def test_a_key_is_found_with_all_but_its_secret(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        key = keys.add("theirs", scopes=("a",), expires_at="2027-01-31T12:00:00Z", is_admin_managed=False)
        found = await lifecycle.read(f"{PROJECT}/{key.key_id}", {}, {})
        assert isinstance(found, Live)
        assert found.id == f"{PROJECT}/{key.key_id}"
        assert "key" not in found.state
        assert found.inputs == {
            "projectId": PROJECT,
            "name": "theirs",
            "scopes": ["a"],
            "expiresAt": "2027-01-31T12:00:00Z",
            DEFAULTS: ["expiresAt", "name", "projectId", "scopes"],
            IMPORTED: True,
        }
        assert found.warnings == ()

    async def test_what_a_key_has_not_is_no_input(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        key = keys.add("theirs")
        found = await lifecycle.read(key.key_id, {}, {})
        assert isinstance(found, Live)
        assert found.inputs == {
            "projectId": PROJECT,
            "name": "theirs",
            DEFAULTS: ["name", "projectId"],
            IMPORTED: True,
        }

    async def test_a_key_id_alone_is_enough_with_a_default_project(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        key = keys.add("theirs")
        found = await lifecycle.read(key.key_id.upper(), {}, {})
        assert isinstance(found, Live)
        assert found.id == f"{PROJECT}/{key.key_id}"

    async def test_a_key_managed_by_administrators_comes_with_a_warning(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        key = keys.add("theirs", is_admin_managed=True)
        found = await lifecycle.read(key.key_id, {}, {})
        assert isinstance(found, Live)
        (warning,) = found.warnings
        for part in ('"theirs"', key.key_id, "managed by administrators", "refuse to revoke"):
            assert part in warning

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [({"is_active": False}, "it is revoked"), ({"expires_at": "2026-11-24T12:00:00Z"}, "it is expired")],
    )
    async def test_a_key_that_is_no_more_is_refused_with_the_reason(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, fields: dict[str, object], reason: str
    ) -> None:
        key = keys.add("theirs", **fields)
        with pytest.raises(ApiKeysError, match=f"could not read API key {key.key_id} of project {PROJECT}: {reason}"):
            await lifecycle.read(key.key_id, {}, {})

    async def test_a_key_that_is_not_there_is_refused_with_the_reason(self, lifecycle: APIKeyLifecycle) -> None:
        with pytest.raises(ApiKeysError, match="it is absent"):
            await lifecycle.read(uuid(77), {}, {})

    @pytest.mark.parametrize("error", UNKNOWN_READS, ids=lambda error: type(error).__name__)
    async def test_an_error_is_passed_on(self, lifecycle: APIKeyLifecycle, keys: FakeKeys, error: ApiKeysError) -> None:
        keys.list_fails(error)
        with pytest.raises(type(error)) as caught:
            await lifecycle.read(uuid(1), {}, {})
        assert caught.value is error

    async def test_the_first_run_after_it_tells_once_that_the_secret_can_not_be_had(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        key = keys.add("theirs")
        found = await lifecycle.read(key.key_id, {}, {})
        assert isinstance(found, Live)
        news = lifecycle.check(CheckRequest(name="deploy", news={}, olds=found.inputs)).inputs
        first = await lifecycle.diff(DiffRequest(found.id, found.state, found.inputs, news))
        assert first.changes == {}
        (warning,) = first.warnings
        for part in ('"theirs"', "imported", "secret can't be had", "triggers"):
            assert part in warning
        again = lifecycle.check(CheckRequest(name="deploy", news={}, olds=news)).inputs
        assert await lifecycle.diff(DiffRequest(found.id, found.state, news, again)) == Difference()


class TestDelete:
    async def test_the_key_is_revoked(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle)
        assert await lifecycle.delete(live.id, live.state) == ()
        assert keys.live == []
        assert [asked.verb for asked in keys.calls] == ["list", "mint", "revoke", "list", "list"]
        assert keys.calls[3].fresh
        assert keys.said_made_at == {live.state["keyId"]: read_instant(str(live.state["createdAt"]))}

    async def test_a_key_that_is_gone_is_as_good_as_revoked(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        live = await created(lifecycle)
        keys.keys.clear()
        assert await lifecycle.delete(live.id, live.state) == ()

    @pytest.mark.parametrize("fields", [{"is_active": False}, {"expires_at": "2026-11-24T12:00:00Z"}])
    async def test_a_refused_revoke_of_a_dead_key_is_success(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, fields: dict[str, object]
    ) -> None:
        live = await created(lifecycle)
        keys.change(live.id.partition("/")[2], **fields)
        keys.revoke_fails(None)
        keys.calls.clear()
        assert await lifecycle.delete(live.id, live.state) == ()
        assert [asked.fresh for asked in keys.calls if asked.verb == "list"] == [True, False]

    async def test_a_refused_revoke_of_a_live_key_is_an_error_that_names_it(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle, name="mine")
        keys.revoke_fails(None)
        with pytest.raises(ApiKeysError) as caught:
            await lifecycle.delete(live.id, live.state)
        for part in ('"mine"', live.id.partition("/")[2], PROJECT, "success: false", "still lists it as active"):
            assert part in str(caught.value)

    async def test_a_refused_revoke_that_no_list_can_judge_is_an_error(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        keys.revoke_fails(None)
        keys.list_fails(UNKNOWN_READS[0])
        with pytest.raises(errors.UnauthorizedError):
            await lifecycle.delete(live.id, live.state)

    @pytest.mark.parametrize("error", UNKNOWN_READS, ids=lambda error: type(error).__name__)
    async def test_a_failed_revoke_is_an_error(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, error: ApiKeysError
    ) -> None:
        live = await created(lifecycle)
        keys.revoke_fails(error)
        with pytest.raises(type(error)) as caught:
            await lifecycle.delete(live.id, live.state)
        assert caught.value is error
        assert len(keys.live) == 1


class TestIdentity:
    @pytest.mark.parametrize("text", [f"{PROJECT}/{uuid(1)}", f"{PROJECT.upper()}/{uuid(1).upper()}", uuid(1)])
    def test_an_id_is_project_and_key_or_the_key_alone(self, text: str) -> None:
        assert parse_id(text, PROJECT) == KeyPath(PROJECT, uuid(1))
        assert str(parse_id(text, PROJECT)) == f"{PROJECT}/{uuid(1)}"

    def test_a_project_in_the_id_comes_before_the_default(self) -> None:
        assert parse_id(f"{OTHER_PROJECT}/{uuid(1)}", PROJECT).project_id == OTHER_PROJECT

    @pytest.mark.parametrize("default", [None, UNKNOWN])
    def test_a_key_alone_needs_a_default_project(self, default: Value) -> None:
        with pytest.raises(InputError, match="names no project: use projectId/keyId, or set projectId on the provider"):
            parse_id(uuid(1), default)

    @pytest.mark.parametrize(
        "text", ["", "/", "de ploy", f"{PROJECT}/", f"/{uuid(1)}x", f"{PROJECT}/de\nploy", f"a/{PROJECT}/{uuid(1)}"]
    )
    def test_anything_else_is_refused_with_the_form(self, text: str) -> None:
        with pytest.raises(InputError, match="projectId/keyId"):
            parse_id(text, PROJECT)


class TestSecrets:
    async def test_no_repr_shows_a_secret(self, lifecycle: APIKeyLifecycle, keys: FakeKeys) -> None:
        keys.mint_fails(lost_answer(), made=True)
        live = await created(lifecycle)
        request = DiffRequest(live.id, live.state, live.inputs, live.inputs)
        results = [
            live,
            live.state,
            live.inputs,
            request,
            await lifecycle.diff(request),
            await lifecycle.read(live.id, live.inputs, live.state),
            await lifecycle.update(live.id, live.state, live.inputs),
            await lifecycle.preview(live.inputs, live.state),
            APIKeyState.model_validate(live.state),
        ]
        assert len(keys.secrets) == 2
        for result in results:
            assert SECRET_PREFIX not in repr(result) + str(result)


async def test_time_of_the_fake_is_the_time_of_the_key(lifecycle: APIKeyLifecycle) -> None:
    assert (await created(lifecycle)).state["createdAt"] == START.isoformat().replace("+00:00", "Z")


OWNER = Owner("infra", "dev", "apikeys:index:APIKey", "deploy")


async def diff(lifecycle: APIKeyLifecycle, live: Live, *, refreshed: bool = False) -> Difference:
    return await lifecycle.diff(DiffRequest(live.id, live.state, live.inputs, live.inputs, refreshed, OWNER))


class TestDiffLooks:
    """A key that can't be used any more is replaced, with the reason; what only may be so is left."""

    @pytest.mark.parametrize(
        ("ended", "words"),
        [
            ("revoked", "was revoked, and not by this stack"),
            ("expired", "ended on 2026-11-25T12:00:00Z"),
            ("absent", f"is no longer in the list of project {PROJECT}"),
        ],
    )
    async def test_a_key_that_ended_is_replaced_and_the_reason_told(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock, ended: str, words: str
    ) -> None:
        live = await created(lifecycle, expiresIn="1d")
        key_id = str(live.state["keyId"])
        assert await diff(lifecycle, live) == Difference()
        happens: dict[str, Callable[[], object]] = {
            "revoked": lambda: keys.change(key_id, is_active=False),
            "expired": lambda: clock.advance(86400),
            "absent": lambda: keys.keys.pop(key_id),
        }
        happens[ended]()
        found = await diff(lifecycle, live)
        assert found.replaces == ["keyId"]
        assert found.changes["keyId"].kind is Kind.ADD
        assert found.notes == (f"is replaced: API key {key_id} {words}",)
        assert found.warnings == ()
        assert await diff(lifecycle, live, refreshed=True) == Difference()

    async def test_a_key_past_its_end_by_our_clock_alone_is_replaced_and_by_that_revoked(
        self, clock: FakeClock
    ) -> None:
        keys = FakeKeys(FakeClock())
        keys.tells_time = False
        lifecycle = APIKeyLifecycle(keys, clock, PROJECT)
        live = await created(lifecycle, expiresIn="1d")
        clock.advance(2 * 86400)
        assert (await diff(lifecycle, live)).replaces == ["keyId"]
        await lifecycle.delete(live.id, live.state, OWNER)
        assert keys.live == []

    @pytest.mark.parametrize("ahead", [2 * 86400, -2 * 86400])
    async def test_the_servers_time_counts_where_it_tells_one(self, clock: FakeClock, ahead: float) -> None:
        keys = FakeKeys(FakeClock())
        lifecycle = APIKeyLifecycle(keys, clock, PROJECT)
        live = await created(lifecycle, expiresAt="2026-11-25T12:00:00Z")
        clock.advance(ahead)
        assert await diff(lifecycle, live) == Difference()

    @pytest.mark.parametrize(
        ("age", "lag", "found"),
        [(1, 9, True), (1, 12, False), (599, 609, True), (3600, 3601, True), (3600, 3605, False)],
    )
    async def test_a_list_that_lags_behind_replaces_nothing(  # noqa: PLR0913, PLR0917 - the cases
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock, age: float, lag: float, found: bool
    ) -> None:
        live = await created(lifecycle)
        clock.advance(age)
        keys.lag = lag
        assert (await diff(lifecycle, live)).replaces == ([] if found else ["keyId"])

    @pytest.mark.parametrize("error", UNKNOWN_READS, ids=lambda error: type(error).__name__)
    async def test_what_is_not_known_is_an_error_and_no_replace(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, error: ApiKeysError
    ) -> None:
        live = await created(lifecycle)
        keys.list_fails(error)
        with pytest.raises(type(error)) as caught:
            await diff(lifecycle, live)
        assert caught.value is error

    async def test_where_it_is_not_wanted_no_list_is_asked_for(self, keys: FakeKeys, clock: FakeClock) -> None:
        lifecycle = APIKeyLifecycle(keys, clock, PROJECT, run_of(keys, clock, detect_revoked=False))
        live = await created(lifecycle)
        keys.change(str(live.state["keyId"]), is_active=False)
        keys.calls.clear()
        assert await diff(lifecycle, live) == Difference()
        assert keys.calls == []

    @pytest.mark.parametrize("form", [str.upper, "urn:uuid:{}".format])
    async def test_a_state_with_ids_in_another_form_knows_its_key(
        self, lifecycle: APIKeyLifecycle, clock: FakeClock, form: Callable[[str], str]
    ) -> None:
        live = await created(lifecycle)
        state = {**live.state, "keyId": form(str(live.state["keyId"])), "projectId": PROJECT}
        assert await lifecycle.diff(DiffRequest(live.id, state, live.inputs, live.inputs, owner=OWNER)) == Difference()
        assert clock.slept == []

    async def test_a_key_listed_twice_and_once_active_is_active(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys
    ) -> None:
        live = await created(lifecycle)
        key = keys.keys[str(live.state["keyId"])]
        keys.keys["the same once more"] = key
        keys.change(key.key_id, is_active=False)
        assert await diff(lifecycle, live) == Difference()

    async def test_one_key_in_two_resources_is_told_of(self, lifecycle: APIKeyLifecycle) -> None:
        live = await created(lifecycle)
        await diff(lifecycle, live)
        twin = dataclasses.replace(OWNER, name="twin")
        (told,) = (
            await lifecycle.diff(DiffRequest(live.id, live.state, live.inputs, live.inputs, owner=twin))
        ).warnings
        assert "in the state twice: as deploy and as twin" in told

    async def test_other_reasons_are_told_beside_it(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock
    ) -> None:
        live = await created(lifecycle, rotateAfter="1d")
        keys.change(str(live.state["keyId"]), is_active=False)
        clock.advance(86400)
        found = await diff(lifecycle, live)
        assert found.replaces == ["rotateAfter", "keyId"]
        assert len(found.notes) == 2


class TestReplaced:
    """A new key's state names those that it replaced, which the engine may still have to delete."""

    async def _replaced(self, keys: FakeKeys, clock: FakeClock, live: Live) -> Live:
        lifecycle = APIKeyLifecycle(keys, clock, PROJECT)
        await diff(lifecycle, live)
        return await lifecycle.create(checked(lifecycle), OWNER)

    async def test_the_first_replaces_none(self, lifecycle: APIKeyLifecycle) -> None:
        assert REPLACED not in (await lifecycle.create(checked(lifecycle), OWNER)).state

    async def test_the_newest_are_kept_in_their_order(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock
    ) -> None:
        lives = [await lifecycle.create(checked(lifecycle), OWNER)]
        for _ in range(MOST_REPLACED + 3):
            lives.append(await self._replaced(keys, clock, lives[-1]))
        expected = [live.state["keyId"] for live in lives[-1 - MOST_REPLACED : -1]]
        assert lives[-1].state[REPLACED] == expected
        assert APIKeyState.of(lives[-1].state).replaced == expected

    async def test_it_stays_through_a_refresh_and_an_update_and_is_no_difference(
        self, lifecycle: APIKeyLifecycle, keys: FakeKeys, clock: FakeClock
    ) -> None:
        live = await self._replaced(keys, clock, await lifecycle.create(checked(lifecycle), OWNER))
        seen = await lifecycle.read(live.id, live.inputs, live.state, OWNER)
        assert isinstance(seen, Live)
        assert seen.state[REPLACED] == live.state[REPLACED]
        assert (await lifecycle.update(live.id, live.state, live.inputs, OWNER)).state[REPLACED] == live.state[REPLACED]
        assert await diff(lifecycle, live) == Difference()

    @pytest.mark.parametrize("value", [None, "no list", {"a": "b"}])
    def test_what_is_no_list_counts_as_none(self, value: Value) -> None:
        assert APIKeyState.of({REPLACED: value}).known_ids == []

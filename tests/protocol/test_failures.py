"""Failures as the engine gets them: a code, one clear message, no secret, and what was made is never lost."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest
from pulumi.runtime.proto import engine_pb2, provider_pb2

from fakes.engine import URN, partial_state, plain, secret, struct
from fakes.keys import PROJECT, SECRET_PREFIX, lost_answer
from pulumi_resource_apikeys import errors
from pulumi_resource_apikeys.errors import Subject
from pulumi_resource_apikeys.plugin import status
from pulumi_resource_apikeys.plugin.status import DETAILS_KEY, code_of
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle
from pulumi_resource_apikeys.resources.lifecycle import Live

if TYPE_CHECKING:
    from fakes.engine import Driver
    from fakes.served import Served
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.values import Props
    from pulumi_resource_apikeys.resources.lifecycle import Gone

SUBJECT = Subject("create", PROJECT, "deploy")
FAMILIES: list[tuple[errors.ApiKeysError, grpc.StatusCode]] = [
    (errors.InputError([errors.Problem("name", "is bad")]), grpc.StatusCode.INVALID_ARGUMENT),
    (errors.SettingsError([errors.Problem("endpoint", "is bad")]), grpc.StatusCode.INVALID_ARGUMENT),
    (errors.OfflineError("the provider is offline"), grpc.StatusCode.FAILED_PRECONDITION),
    (errors.CredentialError("no token"), grpc.StatusCode.UNAUTHENTICATED),
    (errors.UnauthorizedError(SUBJECT, "401"), grpc.StatusCode.UNAUTHENTICATED),
    (errors.ForbiddenError(SUBJECT, "403"), grpc.StatusCode.PERMISSION_DENIED),
    (errors.NotFoundError(SUBJECT, "404"), grpc.StatusCode.NOT_FOUND),
    (errors.RejectedError(SUBJECT, "422"), grpc.StatusCode.INVALID_ARGUMENT),
    (errors.RateLimitedError(SUBJECT, "429"), grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.ServerFailedError(SUBJECT, "500"), grpc.StatusCode.UNKNOWN),
    (errors.BadAnswerError(SUBJECT, "HTML"), grpc.StatusCode.UNKNOWN),
    (errors.UnreachableError(SUBJECT, "refused"), grpc.StatusCode.FAILED_PRECONDITION),
    (errors.LostKeyError(SUBJECT, "lost: “é ☃” 100%"), grpc.StatusCode.UNKNOWN),
    (errors.InternalError("our bug"), grpc.StatusCode.INTERNAL),
    (errors.ApiKeysError("something"), grpc.StatusCode.UNKNOWN),
]


@pytest.mark.parametrize(("error", "code"), FAMILIES, ids=lambda value: type(value).__name__)
async def test_each_family_has_its_code_and_its_own_words(
    plugin: Served, driver: Driver, error: errors.ApiKeysError, code: grpc.StatusCode
) -> None:
    inputs = (await driver.check({})).inputs
    plugin.keys.mint_fails(error)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await driver.create(inputs)
    assert caught.value.code() is code
    assert caught.value.details() == str(error)


@pytest.mark.parametrize("kind", [kind for kind, _ in FAMILIES], ids=lambda value: type(value).__name__)
def test_no_failure_looks_like_a_plugin_that_died(kind: errors.ApiKeysError) -> None:
    assert code_of(kind) not in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.CANCELLED}


@pytest.mark.parametrize("verb", ["create", "read", "delete"])
async def test_a_bug_shows_its_place_and_no_value(
    plugin: Served, driver: Driver, verb: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    made = await driver.made(name=secret("hidden-name"))
    bug = KeyError(f"very-secret {SECRET_PREFIX}")
    plugin.keys.mint_fails(bug)
    plugin.keys.list_fails(bug)
    plugin.keys.revoke_fails(bug)
    calls = {
        "create": lambda: driver.create(made.inputs),
        "read": lambda: driver.refresh(made),
        "delete": lambda: driver.delete(made),
    }
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await calls[verb]()  # type: ignore[no-untyped-call] # one of the three above
    details = str(caught.value.details())
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert details.startswith("this is a bug in the apikeys provider (KeyError at keys.py:")
    shown = details + caplog.text + "".join(capfd.readouterr())
    for hidden in ("very-secret", SECRET_PREFIX, "hidden-name", PROJECT, "Traceback"):
        assert hidden not in shown


async def test_a_failed_read_answers_no_empty_id(plugin: Served, driver: Driver) -> None:
    made = await driver.made()
    plugin.keys.list_fails(errors.ForbiddenError(Subject("list", PROJECT), "no", status=403))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await driver.refresh(made)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


class HalfMade(APIKeyLifecycle):
    """Everything is done, and something failed all the same."""

    async def create(self, inputs: Props, owner: Owner | None = None) -> Live:
        return self._half(await super().create(inputs, owner))

    async def read(self, resource_id: str, inputs: Props, state: Props, owner: Owner | None = None) -> Live | Gone:
        found = await super().read(resource_id, inputs, state, owner)
        assert isinstance(found, Live)
        return self._half(found)

    async def update(self, resource_id: str, state: Props, inputs: Props, owner: Owner | None = None) -> Live:
        return self._half(await super().update(resource_id, state, inputs, owner))

    @staticmethod
    def _half(live: Live) -> Live:
        return dataclasses.replace(
            live, warnings=("a word",), partial_failures=("the first thing failed", "so did another")
        )


class TestMadeAndFailed:
    """The call fails, and the engine is given all that it must save."""

    @pytest.fixture
    async def half(self, plugin: Served) -> Served:
        plugin.lifecycles["apikeys:index:APIKey"] = HalfMade(plugin.keys, plugin.clock, PROJECT)
        await plugin.driver.configure({"endpoint": "https://api.example.com", "projectId": PROJECT})
        return plugin

    async def test_a_create_saves_id_state_and_secret(self, half: Served) -> None:
        inputs = (await half.driver.check({"name": secret("hidden-name"), "scopes": ["read"]})).inputs
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await half.driver.create(inputs)
        assert caught.value.details() == "the first thing failed; so did another"
        found = partial_state(caught.value)
        (key,) = half.keys.live
        assert found.id == f"{PROJECT}/{key.key_id}"
        assert list(found.reasons) == ["the first thing failed", "so did another"]
        assert not found.refresh_before_update
        assert plain(found.inputs) == inputs
        outputs = plain(found.properties)
        assert outputs["key"] == secret(half.keys.secrets[key.key_id])
        assert outputs["name"] == secret("hidden-name")
        assert outputs["keyId"] == key.key_id
        assert [logged.message for logged in half.engine.warnings] == ["a word"]

    async def test_a_read_and_an_update_save_the_state(self, half: Served) -> None:
        inputs = (await half.driver.check({})).inputs
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await half.driver.create(inputs)
        made = partial_state(caught.value)
        urn, state = half.driver.urn, made.properties
        read = provider_pb2.ReadRequest(id=made.id, urn=urn, inputs=made.inputs, properties=state)
        update = provider_pb2.UpdateRequest(id=made.id, urn=urn, olds=state, news=made.inputs)
        for call in (half.driver.stub.Read(read), half.driver.stub.Update(update)):
            with pytest.raises(grpc.aio.AioRpcError) as again:
                await call
            found = partial_state(again.value)
            assert found.id == made.id
            assert plain(found.properties) == plain(made.properties)
            assert plain(found.inputs) == plain(made.inputs)

    @pytest.mark.parametrize("megabytes", [0.3, 3, 6, 13])
    async def test_a_large_state_is_saved_too(self, half: Served, megabytes: float) -> None:
        triggers = {"large": "x" * int(megabytes * 2**20)}
        inputs = (await half.driver.check({"triggers": triggers})).inputs
        create = provider_pb2.CreateRequest(urn=URN, properties=struct(inputs))
        try:
            saved = (await half.driver.stub.Create(create)).properties
        except grpc.aio.AioRpcError as error:
            saved = partial_state(error).properties
        (key,) = half.keys.live
        assert plain(saved)["key"] == secret(half.keys.secrets[key.key_id])
        assert plain(saved)["triggers"] == triggers

    async def test_inputs_that_the_engine_does_not_heed_are_left_out_first(
        self, half: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inputs = (await half.driver.check({"triggers": {"large": "x" * 10_000}})).inputs
        monkeypatch.setattr(status, "LARGEST_DETAILS", 15_000)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await half.driver.create(inputs)
        found = partial_state(caught.value)
        assert plain(found.inputs) == {}
        assert plain(found.properties)["triggers"] == inputs["triggers"]

    async def test_a_state_that_can_not_travel_with_a_failure_is_answered_and_the_failure_told(
        self, half: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inputs = (await half.driver.check({"triggers": {"large": "x" * 10_000}})).inputs
        monkeypatch.setattr(status, "LARGEST_DETAILS", 15_000)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await half.driver.create(inputs)
        made = partial_state(caught.value)
        read = provider_pb2.ReadRequest(id=made.id, urn=URN, inputs=struct(inputs), properties=made.properties)
        monkeypatch.setattr(status, "LARGEST_DETAILS", 1000)
        told = (
            "the first thing failed; so did another. The resource's state is too large to be saved along with an error,"
            " so what was done counts as done"
        )

        again = await half.driver.create(inputs)
        found = await half.driver.stub.Read(read)

        assert again.outputs["key"] == secret(half.keys.secrets[again.outputs["keyId"]])
        assert plain(found.properties) == plain(made.properties)
        assert plain(found.inputs) == inputs
        errors_told = [each.message for each in half.engine.logged if each.severity == engine_pb2.ERROR]
        assert errors_told == [told]  # once: the same words about the same resource are said once in a run

    async def test_an_update_that_made_no_key_just_fails_where_its_state_can_not_travel(
        self, half: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inputs = (await half.driver.check({})).inputs
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await half.driver.create(inputs)
        made = partial_state(caught.value)
        monkeypatch.setattr(status, "LARGEST_DETAILS", 100)
        with pytest.raises(grpc.aio.AioRpcError) as again:
            await half.driver.stub.Update(
                provider_pb2.UpdateRequest(id=made.id, urn=URN, olds=made.properties, news=made.inputs)
            )
        assert again.value.details() == "the first thing failed; so did another"
        assert DETAILS_KEY not in str(again.value.trailing_metadata())


async def test_an_endless_message_arrives_as_far_as_it_can(plugin: Served, driver: Driver) -> None:
    inputs = (await driver.check({})).inputs
    plugin.keys.mint_fails(errors.ApiKeysError("☃" * 20_000_000))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await driver.create(inputs)
    assert str(caught.value.details()).startswith("☃☃☃")


async def test_a_warning_that_can_not_be_said_loses_no_key(plugin: Served, driver: Driver) -> None:
    inputs = (await driver.check({})).inputs
    plugin.keys.mint_fails(lost_answer(), made=True)
    await plugin.servicer._log.close()
    made = await driver.create(inputs)
    assert made.outputs["key"] == secret(plugin.keys.secrets[plugin.keys.live[0].key_id])

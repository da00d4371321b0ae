"""One key from check to delete, as the engine calls it, and what is secret on the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pulumi.runtime.proto import provider_pb2

from fakes.engine import TYPE, UNKNOWN_STRING, Driver, Resource, Wire, plain, secret
from fakes.keys import PROJECT, SECRET_PREFIX, lost_answer, uuid

if TYPE_CHECKING:
    from fakes.served import Served

MADE_BY_SERVER = {"key", "keyId", "keyPrefix", "createdAt", "createdBy", "tenantId", "isAdminManaged"}
NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
ADD_REPLACE, UPDATE_REPLACE = provider_pb2.PropertyDiff.ADD_REPLACE, provider_pb2.PropertyDiff.UPDATE_REPLACE


def without_secrets(outputs: Wire) -> str:
    """What of the outputs is in the clear, as text."""
    return json.dumps({name: value for name, value in outputs.items() if value != secret_of(value)})


def secret_of(value: Any) -> object:
    return secret(value["value"]) if isinstance(value, dict) and "value" in value else None


async def test_a_key_from_check_to_delete(plugin: Served, driver: Driver) -> None:
    checked = await driver.check({"scopes": ["read"]})
    assert checked.failures == []
    assert checked.inputs["projectId"] == PROJECT
    assert checked.inputs["name"].startswith("deploy-")

    shown = await driver.preview(checked.inputs)
    assert {name: value for name, value in shown.items() if name not in MADE_BY_SERVER} == {
        "projectId": PROJECT,
        "name": checked.inputs["name"],
        "scopes": ["read"],
    }
    assert shown["keyId"] == UNKNOWN_STRING
    assert shown["key"] == secret(UNKNOWN_STRING)
    assert plugin.keys.calls == []

    made = await driver.create(checked.inputs)
    (key,) = plugin.keys.live
    assert made.id == f"{PROJECT}/{key.key_id}"
    assert made.outputs["key"] == secret(plugin.keys.secrets[key.key_id])
    assert made.outputs["keyId"] == key.key_id
    assert not made.refresh_first
    assert SECRET_PREFIX not in without_secrets(made.outputs)

    again = await driver.check({"scopes": ["read"]}, made.inputs)
    assert again.inputs == made.inputs
    assert (await driver.diff(made, again.inputs)).changes == NONE

    found = await driver.refresh(made)
    assert found == made

    await driver.delete(made)
    assert plugin.keys.live == []
    gone = await driver.refresh(made)
    assert gone == Resource("", {}, {}, refresh_first=False)
    await driver.delete(made)


async def test_a_changed_input_is_told_in_detail_and_replaces(driver: Driver) -> None:
    made = await driver.made(scopes=["read"])
    news = (await driver.check({"scopes": ["read", "write"], "triggers": {"v": 1}}, made.inputs)).inputs
    difference = await driver.diff(made, news)
    assert difference.changes == SOME
    assert difference.hasDetailedDiff
    assert sorted(difference.replaces) == sorted(difference.diffs) == ["scopes", "triggers"]
    assert {path: (change.kind, change.inputDiff) for path, change in difference.detailedDiff.items()} == {
        "scopes": (UPDATE_REPLACE, True),
        "triggers": (ADD_REPLACE, True),
    }
    assert not difference.deleteBeforeReplace


async def test_an_unknown_input_counts_as_changed(driver: Driver) -> None:
    made = await driver.made(scopes=["read"])
    news = (await driver.check({"scopes": ["read", UNKNOWN_STRING]}, made.inputs)).inputs
    assert (await driver.diff(made, news)).replaces == ["scopes"]


async def test_a_time_rule_is_changed_in_place(plugin: Served, driver: Driver) -> None:
    made = await driver.made(rotateAfter="30d")
    news = (await driver.check({"rotateAfter": "60d"}, made.inputs)).inputs
    difference = await driver.diff(made, news)
    assert (difference.changes, list(difference.diffs), list(difference.replaces)) == (SOME, ["rotateAfter"], [])
    shown = await driver.update(made, news, preview=True)
    assert plain(shown.properties) == {**made.outputs, "rotateAfter": "60d"}
    updated = await driver.update(made, news)
    assert plain(updated.properties) == {**made.outputs, "rotateAfter": "60d"}
    assert not updated.refresh_before_update
    assert plugin.keys.counts["mint"] == 1


async def test_a_key_that_is_due_is_replaced_and_the_reason_told(plugin: Served, driver: Driver) -> None:
    made = await driver.made(rotateAfter="30d")
    plugin.clock.advance(31 * 86400)
    news = (await driver.check({"rotateAfter": "30d"}, made.inputs)).inputs
    assert list((await driver.diff(made, news)).replaces) == ["rotateAfter"]
    (logged,) = plugin.engine.logged
    assert "due since 2026-12-24" in logged.message
    assert logged.urn == driver.urn


class TestSecretInputs:
    """What the program marks secret stays secret on every way back."""

    NEWS: ClassVar[Wire] = {
        "name": secret("hidden-name"),
        "scopes": ["read", secret("hidden-scope")],
        "triggers": {"a": {"b": secret("hidden-trigger")}},
    }

    async def test_in_inputs_and_outputs(self, driver: Driver) -> None:
        checked = await driver.check(self.NEWS)
        assert checked.failures == []
        made = await driver.create(checked.inputs)
        found = await driver.refresh(made)
        updated = await driver.update(made, {**made.inputs, "rotateAfter": "9d"})
        shown = await driver.update(made, {**made.inputs, "rotateAfter": "9d"}, preview=True)
        for props in (
            checked.inputs,
            await driver.preview(checked.inputs),
            made.outputs,
            found.inputs,
            found.outputs,
            plain(updated.properties),
            plain(shown.properties),
        ):
            assert props["name"] == secret("hidden-name")
            assert props["scopes"] == secret(["read", "hidden-scope"])
            assert props["triggers"] == secret({"a": {"b": "hidden-trigger"}})

    @pytest.mark.parametrize(
        ("kind", "given", "computed"),
        [
            ("APIKey", {"expiresIn": "90d"}, {"expiresAt"}),
            ("RotatingAPIKey", {"name": "hidden-name"}, {"keyName"}),
            ("RotatingAPIKey", {"expiresAfter": "90d"}, {"expiresAt"}),
            ("RotatingAPIKey", {"rotateEvery": "30d"}, {"nextRotationAt", "__lateBy"}),
            ("RotatingAPIKey", {"overlap": "7d"}, {"previousRevokesAt"}),
        ],
    )
    async def test_in_outputs_that_tell_them_under_another_name(
        self, plugin: Served, driver: Driver, kind: str, given: dict[str, str], computed: set[str]
    ) -> None:
        driver.urn = f"urn:pulumi:dev::infra::apikeys:index:{kind}::deploy"
        rotating = {"rotateEvery": "30d", "overlap": "7d"} if kind == "RotatingAPIKey" else {}
        checked = await driver.check({**rotating, **{name: secret(value) for name, value in given.items()}})

        def expect_secret(props: Wire) -> None:
            told = {name for name, value in props.items() if value == secret_of(value)}
            assert told == {*given, *computed & props.keys(), *{"key", "previousKey"} & props.keys()}

        expect_secret(await driver.preview(checked.inputs))
        made = await driver.create(checked.inputs)
        expect_secret(made.outputs)
        expect_secret((await driver.refresh(made)).outputs)
        plugin.clock.advance(60 * 86400)
        expect_secret(plain((await driver.update(made, made.inputs)).properties))
        expect_secret(plain((await driver.update(made, made.inputs, preview=True)).properties))

    async def test_when_the_program_no_longer_gives_them(self, driver: Driver) -> None:
        first = await driver.check({"name": secret("hidden-name")})
        again = await driver.check({}, first.inputs)
        assert again.inputs["name"] == secret("hidden-name")

    async def test_when_an_update_takes_out_another(self, driver: Driver) -> None:
        made = await driver.made(name=secret("hidden-name"), rotateAfter="9d")
        outputs = {**made.outputs, "createdBy": secret("ada@example.com")}
        news = {name: value for name, value in made.inputs.items() if name != "rotateAfter"}
        updated = await driver.update(Resource(made.id, made.inputs, outputs, refresh_first=True), news)
        assert plain(updated.properties)["createdBy"] == secret("ada@example.com")

    @pytest.mark.parametrize("news", [{"scopes": [secret("hidden scope")]}, {"expiresIn": secret("hidden scope")}])
    async def test_in_problems(self, driver: Driver, news: Wire) -> None:
        ((_, reason),) = (await driver.check(news)).failures
        assert "hidden" not in reason

    async def test_an_unmarked_input_is_in_the_clear_again(self, driver: Driver) -> None:
        made = await driver.made(name=secret("hidden-name"))
        checked = await driver.check({"name": "hidden-name"}, made.inputs)
        assert checked.inputs["name"] == "hidden-name"


async def test_problems_name_their_property(driver: Driver) -> None:
    checked = await driver.check({"scopes": ["a", "b c"], "scope": "x"})
    assert dict(checked.failures) == {
        "scopes[1]": "a scope must not be empty or contain white space",
        "scope": 'unknown property; did you mean "scopes"?',
    }


@pytest.mark.parametrize(
    ("mode", "proposed", "expected"),
    [
        (provider_pb2.CheckRequest.AutonamingOptions.PROPOSE, "prod-deploy", "prod-deploy"),
        (provider_pb2.CheckRequest.AutonamingOptions.ENFORCE, "prod-deploy", "prod-deploy"),
    ],
)
async def test_the_stacks_wish_for_names_is_heeded(
    driver: Driver, mode: provider_pb2.CheckRequest.AutonamingOptions.Mode.ValueType, proposed: str, expected: str
) -> None:
    autonaming = provider_pb2.CheckRequest.AutonamingOptions(mode=mode, proposed_name=proposed)
    assert (await driver.check({}, autonaming=autonaming)).inputs["name"] == expected


async def test_a_stack_without_automatic_names_asks_for_one(driver: Driver) -> None:
    disabled = provider_pb2.CheckRequest.AutonamingOptions(mode=provider_pb2.CheckRequest.AutonamingOptions.DISABLE)
    ((name, reason),) = (await driver.check({}, autonaming=disabled)).failures
    assert name == "name"
    assert "pulumi:autonaming" in reason


@pytest.mark.parametrize(
    ("urn", "name"),
    [
        (f"urn:pulumi:dev::infra::{TYPE}::build", "build"),
        (f"urn:pulumi:dev::infra::my:index:Component${TYPE}::build", "build"),
        (f"urn:pulumi:dev::infra::{TYPE}::a::build", "a::build"),
    ],
)
async def test_the_resources_own_name_is_that_of_its_urn(driver: Driver, urn: str, name: str) -> None:
    driver.urn = urn
    assert (await driver.check({})).inputs["name"].rpartition("-")[0] == name


async def test_the_name_in_the_request_comes_first(driver: Driver) -> None:
    assert (await driver.check({}, name="other")).inputs["name"].startswith("other-")


class TestImport:
    """A read with nothing but an id."""

    async def test_a_key_is_taken_over_without_its_secret(self, plugin: Served, driver: Driver) -> None:
        key = plugin.keys.add("theirs", scopes=("read",))
        found = await driver.read(f"{PROJECT}/{key.key_id}")
        assert found.id == f"{PROJECT}/{key.key_id}"
        assert found.outputs["name"] == found.inputs["name"] == "theirs"
        assert "key" not in found.outputs
        assert not found.refresh_first
        news = (await driver.check({}, found.inputs)).inputs
        assert (await driver.diff(found, news)).changes == NONE
        (warning,) = plugin.engine.warnings
        assert "secret can't be had" in warning.message
        assert warning.urn == driver.urn

    async def test_the_warning_is_said_once_in_a_run(self, plugin: Served, driver: Driver) -> None:
        key = plugin.keys.add("theirs")
        found = await driver.read(key.key_id)
        news = (await driver.check({}, found.inputs)).inputs
        for _ in range(3):
            await driver.diff(found, news)
        assert len(plugin.engine.warnings) == 1


async def test_a_diff_that_only_shows_what_a_refresh_found_says_nothing(plugin: Served, driver: Driver) -> None:
    found = await driver.read(plugin.keys.add("theirs").key_id)
    assert (await driver.diff(found, found.inputs)).changes == NONE
    assert plugin.engine.logged == []


async def test_a_word_about_a_cleaned_up_key_reaches_the_user(plugin: Served, driver: Driver) -> None:
    plugin.keys.mint_fails(lost_answer(), made=True)
    made = await driver.made()
    (warning,) = plugin.engine.warnings
    assert uuid(1) in warning.message
    assert warning.urn == driver.urn
    assert made.outputs["keyId"] == uuid(2)


async def test_no_answer_asks_for_a_refresh_before_each_update(plugin: Served, driver: Driver) -> None:
    made = await driver.made(rotateAfter="9d")
    assert not made.refresh_first
    assert not (await driver.refresh(made)).refresh_first
    assert not (await driver.update(made, made.inputs)).refresh_before_update
    assert not (await driver.read(plugin.keys.add("theirs").key_id)).refresh_first


@pytest.mark.parametrize(
    ("option", "replaces"), [({}, ["keyId"]), ({"detectRevoked": False}, []), ({"detectRevoked": "false"}, [])]
)
async def test_a_revoked_key_is_replaced_where_revocations_are_detected(
    plugin: Served, driver: Driver, option: Wire, replaces: list[str]
) -> None:
    await driver.configure({"endpoint": "https://api.example.com", "projectId": PROJECT, **option})
    made = await driver.made()
    plugin.keys.change(made.outputs["keyId"], is_active=False)
    again = await driver.check({}, made.inputs)
    assert list((await driver.diff(made, again.inputs)).replaces) == replaces
    assert [made.outputs["keyId"] in logged.message for logged in plugin.engine.logged] == [True] * len(replaces)

"""A fact about a property stands on its field, and everything else follows from it."""

from __future__ import annotations

import inspect
from dataclasses import fields
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from typing import Annotated, ClassVar

import pytest
from pydantic import Field, SecretStr

from dynamic_classes import dynamic_class
from fakes.clock import FakeClock
from fakes.keys import PROJECT, FakeKeys
from pulumi_resource_apikeys.model.facts import ComputedFrom, OnChange, Told, changing, properties_of, secrets_of
from pulumi_resource_apikeys.model.fields import Duration, ToldTime
from pulumi_resource_apikeys.model.values import UNKNOWN
from pulumi_resource_apikeys.resources.api_key.lifecycle import APIKeyLifecycle
from pulumi_resource_apikeys.resources.api_key.properties import APIKeyArgs, APIKeyState
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.lifecycle import Change, CheckRequest, DiffRequest, Kind
from pulumi_resource_apikeys.schema import resource_spec, schema
from reference import reference


class WiderArgs(APIKeyArgs):
    """`APIKeyArgs` with made-up inputs."""

    grace: Annotated[Duration | None, OnChange.REPLACE] = Field(None, description="How long it is kept.")
    note: Annotated[str | None, OnChange.HOLD] = Field(None, description="What it is for.")


class WiderState(APIKeyState):
    """`APIKeyState` with made-up outputs."""

    grace: str | None = Field(None, description="How long it is kept.")
    note: str | None = Field(None, description="What it is for.")
    hand: Annotated[SecretStr | None, Told.WITH_KEY] = Field(None, description="Another secret of the key.")
    grace_ends_at: Annotated[ToldTime | None, Told.WITH_KEY, ComputedFrom("grace")] = Field(
        None, description="When its grace is over."
    )


class WiderLifecycle(APIKeyLifecycle):
    """That of `APIKey`, with made-up properties."""

    args: ClassVar[type[APIKeyArgs]] = WiderArgs
    outputs: ClassVar[type[APIKeyState]] = WiderState
    secrets: ClassVar[frozenset[str]] = secrets_of(WiderState)


@pytest.fixture
def lifecycle(keys: FakeKeys, clock: FakeClock) -> WiderLifecycle:
    return WiderLifecycle(keys, clock, PROJECT)


class TestAMadeUpPropertyIsSeen:
    def test_in_the_schema(self) -> None:
        spec = resource_spec(WiderArgs, WiderState)
        assert spec["inputProperties"]["grace"] == {
            "type": "string",
            "description": "How long it is kept. Change: replace.",
            "willReplaceOnChanges": True,
        }
        assert spec["inputProperties"]["note"] == {
            "type": "string",
            "description": "What it is for. Change: holds at once, without a new key.",
        }
        assert spec["properties"]["hand"]["secret"] is True

    def test_in_the_reference(self) -> None:
        wider = {**schema(), "resources": {"apikeys:index:Wider": resource_spec(WiderArgs, WiderState)}}
        assert "| `grace` | string | How long it is kept. Change: replace. |" in reference(wider)
        assert "| `hand` | string, secret, always | Another secret of the key. |" in reference(wider)

    def test_in_the_dynamic_class(self) -> None:
        text = dynamic_class("apikeys:index:APIKey", WiderArgs, WiderState)
        made = module_from_spec(ModuleSpec("pulumi_resource_apikeys.dynamic.wider", None))
        exec(text, vars(made))  # noqa: S102 - the text is ours
        arguments = {field.name: field.type for field in fields(made.APIKeyArgs)}
        assert arguments["grace"] == "pulumi.Input[str | None]"
        assert inspect.signature(made.APIKeyArgs).parameters["grace"].default is None
        assert {"grace", "note", "hand", "grace_ends_at"} <= vars(made.APIKey).keys()
        assert made.APIKey.secret_outputs == ("key", "hand")
        assert '"""How long it is kept. Change: replace."""' in text

    @pytest.mark.parametrize(
        ("olds", "news", "changes"),
        [
            ({"grace": "1d"}, {"grace": "24h"}, {}),
            ({"grace": "1d"}, {"grace": "2d"}, {"grace": Change(Kind.UPDATE, replace=True)}),
            ({}, {"note": "ci"}, {"note": Change(Kind.ADD, replace=False)}),
        ],
    )
    async def test_in_a_diff(
        self, lifecycle: WiderLifecycle, olds: dict[str, str], news: dict[str, str], changes: dict[str, Change]
    ) -> None:
        both = {"projectId": PROJECT, "name": "deploy"}
        asked = DiffRequest("id", {**both}, {**both, **olds}, {**both, **news}, refreshed=True)
        assert (await lifecycle.diff(asked)).changes == changes

    async def test_in_a_preview(self, lifecycle: WiderLifecycle) -> None:
        shown = await lifecycle.preview({"projectId": PROJECT, "name": "deploy", "grace": "1d"}, None)
        assert (shown["grace"], shown["graceEndsAt"], shown["hand"]) == ("1d", UNKNOWN, UNKNOWN)
        assert "graceEndsAt" not in await lifecycle.preview({"projectId": PROJECT, "name": "deploy"}, None)

    def test_in_a_check(self, lifecycle: WiderLifecycle) -> None:
        (problem,) = lifecycle.check(CheckRequest("deploy", {"grace": "soon"})).problems
        assert problem.property == "grace"

    def test_in_what_is_secret(self) -> None:
        assert WiderLifecycle.secrets == {"key", "hand"}
        assert WiderState.secret_outputs({"grace"}) == {"key", "hand", "grace", "graceEndsAt"}


@pytest.mark.parametrize("token", RESOURCES)
class TestEveryResource:
    def test_says_of_each_input_what_a_change_does(self, token: str) -> None:
        assert [each.name for each in properties_of(RESOURCES[token].args).values() if each.on_change is None] == []

    def test_keeps_each_input_as_an_output(self, token: str) -> None:
        assert properties_of(RESOURCES[token].args).keys() <= properties_of(RESOURCES[token].outputs).keys()

    def test_computes_outputs_from_inputs_that_there_are(self, token: str) -> None:
        sources = {each.computed_from for each in properties_of(RESOURCES[token].outputs).values()} - {None}
        assert sources <= properties_of(RESOURCES[token].args).keys()


def test_inputs_are_found_by_what_a_change_of_them_does() -> None:
    assert changing(WiderArgs, OnChange.HOLD) == ("rotateAfter", "renewBefore", "note")
    assert set(changing(WiderArgs, OnChange.REPLACE, OnChange.HOLD)) == properties_of(WiderArgs).keys()


def test_what_is_inside_a_list_says_nothing_of_the_list() -> None:
    class Odd(APIKeyArgs):
        spans: list[Duration] | None = Field(None, description="Some durations.")

    assert not properties_of(Odd)["spans"].same(["1d"], ["24h"])

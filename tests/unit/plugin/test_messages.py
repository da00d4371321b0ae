"""A property that was renamed: programs and states that have its former name go on working, and are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from google.protobuf import json_format, struct_pb2
from pydantic import Field, SecretStr

from fakes.engine import URN, secret, struct
from pulumi_resource_apikeys.model.facts import Formerly
from pulumi_resource_apikeys.model.fields import Args
from pulumi_resource_apikeys.model.states import State
from pulumi_resource_apikeys.model.values import Value
from pulumi_resource_apikeys.plugin import messages
from pulumi_resource_apikeys.schema import properties, required


class RenamedArgs(Args):
    """Inputs of a made-up resource."""

    lifetime: Annotated[str, Formerly("ttl")] = Field(description="How long it lives.")
    label: str | None = Field(None, description="What to call it.")


class RenamedState(State):
    """Outputs of a made-up resource."""

    lifetime: Annotated[str | None, Formerly("ttl")] = Field(None, description="How long it lives.")
    key: Annotated[SecretStr | None, Formerly("token")] = Field(None, description="Its secret.")


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    row = SimpleNamespace(args=RenamedArgs, outputs=RenamedState)
    monkeypatch.setattr(messages, "RESOURCES", {messages.type_of(URN): row})


def test_sdks_have_both_names_and_tell_of_the_former_one() -> None:
    specs = properties(RenamedArgs)
    assert list(specs) == ["lifetime", "ttl", "label"]
    assert specs["ttl"] == {
        "type": "string",
        "description": "The former name of `lifetime`.",
        "deprecationMessage": "ttl is called lifetime now, and will be gone in the next major version",
    }
    assert "deprecationMessage" not in specs["lifetime"]
    assert required(RenamedArgs) == []
    assert properties(RenamedState)["token"]["secret"] is True


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"ttl": "3d"}, {"lifetime": "3d"}),
        ({"lifetime": "3d"}, {"lifetime": "3d"}),
        ({"ttl": "3d", "lifetime": "4d"}, {"lifetime": "4d"}),
        ({"ttl": None, "lifetime": "4d"}, {"lifetime": "4d"}),
        ({"label": "x", "other": 1}, {"label": "x", "other": 1}),
    ],
)
def test_inputs_are_read_by_their_present_names(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert messages.read_inputs(URN, struct(given)).props == expected


def test_what_was_secret_by_its_former_name_is_secret_by_its_present_one() -> None:
    assert messages.read_inputs(URN, struct({"ttl": secret("3d")})).secret_names == {"lifetime"}


@pytest.mark.parametrize("name", ["key", "token"])
def test_a_secret_of_a_state_is_wrapped_by_either_name(name: str) -> None:
    read = messages.read_state(URN, struct({name: secret("sk-1"), "ttl": "3d"}), frozenset({"key"}))
    assert read.props == {"key": SecretStr("sk-1"), "lifetime": "3d"}


def test_outputs_are_handed_out_by_both_names_and_secret_by_both() -> None:
    state: dict[str, Value] = {"lifetime": "3d", "key": SecretStr("sk-1")}
    written = messages.write_state(URN, state, frozenset({"lifetime"}))
    assert wire(written) == {
        name: secret(value) for name, value in [("lifetime", "3d"), ("ttl", "3d"), ("key", "sk-1"), ("token", "sk-1")]
    }
    assert messages.read_state(URN, written, frozenset({"key"})).props == state


def wire(written: struct_pb2.Struct) -> dict[str, Any]:
    return json_format.MessageToDict(written)

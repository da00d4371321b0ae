from __future__ import annotations

import json
import re
import timeit
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, SecretStr, create_model

from pulumi_resource_apikeys import __version__, settings
from pulumi_resource_apikeys.errors import InternalError
from pulumi_resource_apikeys.functions.catalogue import FUNCTIONS
from pulumi_resource_apikeys.functions.listing import ListArgs
from pulumi_resource_apikeys.functions.told import KeyInfo
from pulumi_resource_apikeys.model.choices import KEY_STATUS, RETIRE, Choice, Retire
from pulumi_resource_apikeys.model.facts import OnChange
from pulumi_resource_apikeys.model.fields import Args, Duration, ProjectId, Scopes, Timestamp
from pulumi_resource_apikeys.model.states import State
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.schema import properties, resource_spec, schema, schema_json

if TYPE_CHECKING:
    from collections.abc import Iterator


CHECKOUT = Path(__file__).parent.parent.parent
SCHEMA = schema()
KEY = SCHEMA["resources"]["apikeys:index:APIKey"]


def blocks() -> Iterator[tuple[str, dict[str, Any], type[BaseModel]]]:
    """Every group of properties in the schema, with the model that it is made from."""
    yield "config", SCHEMA["config"]["variables"], settings.ProviderArgs
    yield "provider", SCHEMA["provider"]["inputProperties"], settings.ProviderArgs
    for token, row in RESOURCES.items():
        yield f"{token} inputs", SCHEMA["resources"][token]["inputProperties"], row.args
        yield f"{token} outputs", SCHEMA["resources"][token]["properties"], row.outputs
        yield f"{token} list", SCHEMA["resources"][token]["listInputs"]["properties"], ListArgs
    for token, function in FUNCTIONS.items():
        yield f"{token} inputs", SCHEMA["functions"][token]["inputs"]["properties"], function.args
        yield f"{token} outputs", SCHEMA["functions"][token]["outputs"]["properties"], function.result
    yield "KeyInfo", SCHEMA["types"]["apikeys:index:KeyInfo"]["properties"], KeyInfo


BLOCKS = list(blocks())
each_block = pytest.mark.parametrize(("specs", "model"), [b[1:] for b in BLOCKS], ids=[b[0] for b in BLOCKS])
each_property = pytest.mark.parametrize(
    "spec", [pytest.param(spec, id=f"{block} {name}") for block, specs, _ in BLOCKS for name, spec in specs.items()]
)
each_token = pytest.mark.parametrize("token", RESOURCES)


def test_the_package_is_apikeys_of_this_version() -> None:
    assert SCHEMA["name"] == "apikeys"
    assert SCHEMA["version"] == __version__
    assert {"pulumi", "category/cloud", "kind/native"} <= set(SCHEMA["keywords"])


def test_the_committed_schema_is_the_one_the_models_make() -> None:
    assert (CHECKOUT / "provider" / "schema.json").read_text(encoding="utf-8") == schema_json()


def test_the_text_is_the_schema_indented_and_ends_with_one_line_feed() -> None:
    text = schema_json()
    assert json.loads(text) == SCHEMA
    assert text.startswith('{\n  "name": "apikeys",\n')
    assert text.endswith("}\n")


@each_property
def test_every_property_is_described_in_a_sentence(spec: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Z`].{10,}\.", spec["description"])


@each_token
def test_every_resource_is_described_in_a_paragraph(token: str) -> None:
    assert len(SCHEMA["resources"][token]["description"]) > 200


@each_block
def test_every_field_is_there_under_the_name_that_users_write(specs: dict[str, Any], model: type[BaseModel]) -> None:
    aliases = [str(field.alias) for field in model.model_fields.values()]
    assert list(specs) == [alias for alias in aliases if not alias.startswith("__")]


@each_block
def test_exactly_the_secret_fields_are_secret(specs: dict[str, Any], model: type[BaseModel]) -> None:
    secret = {field.alias for field in model.model_fields.values() if "SecretStr" in str(field.annotation)}
    assert {name for name, spec in specs.items() if spec.get("secret")} == secret


def test_the_secrets_are_those_that_the_provider_treats_as_such() -> None:
    def secrets(specs: dict[str, Any]) -> set[str]:
        return {name for name, spec in specs.items() if spec.get("secret")}

    assert secrets(SCHEMA["config"]["variables"]) == settings.SECRET_OPTIONS
    for token, row in RESOURCES.items():
        assert secrets(SCHEMA["resources"][token]["properties"]) == row.secrets


@each_property
def test_no_value_is_taken_from_the_environment_of_the_program(spec: dict[str, Any]) -> None:
    assert not {"default", "defaultInfo"} & spec.keys()


@pytest.mark.parametrize("option", settings.OPTIONS)
def test_every_option_names_its_own_environment_variable(option: str) -> None:
    assert f"`{settings.environment_variable(option)}`" in SCHEMA["config"]["variables"][option]["description"]


@each_token
def test_replacing_inputs_are_documented_and_left_to_the_provider_to_decide(token: str) -> None:
    inputs = SCHEMA["resources"][token]["inputProperties"]
    told = {name for name, spec in inputs.items() if spec["description"].endswith(" Change: replace.")}
    assert {name for name, spec in inputs.items() if spec.get("willReplaceOnChanges")} == told
    assert "projectId" in told
    assert not any("replaceOnChanges" in spec for spec in inputs.values())


def test_an_api_key_needs_no_input_and_always_has_its_ids_and_its_secret() -> None:
    assert KEY["requiredInputs"] == []
    assert KEY["required"] == ["projectId", "name", "keyId", "key"]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("projectId", {"type": "string"}),
        ("scopes", {"type": "array", "items": {"type": "string"}}),
        ("expiresIn", {"type": "string"}),
        ("triggers", {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}),
    ],
)
def test_an_input_of_api_key_has_the_type_that_users_write(name: str, shape: dict[str, Any]) -> None:
    spec = KEY["inputProperties"][name]
    assert {part: spec[part] for part in spec.keys() - {"description", "willReplaceOnChanges"}} == shape


STRING = {"type": "string"}
STRINGS = {"type": "array", "items": STRING}
TYPES = {
    "str": (str, STRING),
    "bool": (bool, {"type": "boolean"}),
    "int": (int, {"type": "integer"}),
    "float": (float, {"type": "number"}),
    "Any": (Any, {"$ref": "pulumi.json#/Any"}),
    "ProjectId": (ProjectId, STRING),
    "Timestamp": (Timestamp, STRING),
    "Duration": (Duration, STRING),
    "Boolean": (settings.Boolean, {"type": "boolean"}),
    "Whole": (settings.Whole, {"type": "integer"}),
    "Argv": (settings.Argv, STRINGS),
    "Scopes": (Scopes, STRINGS),
    "choice": (Retire, {"oneOf": [STRING, {"$ref": "#/types/apikeys:index:Retire"}]}),
    "model": (KeyInfo, {"$ref": "#/types/apikeys:index:KeyInfo"}),
    "list of models": (list[KeyInfo], {"type": "array", "items": {"$ref": "#/types/apikeys:index:KeyInfo"}}),
    "nested": (
        list[dict[str, int]],
        {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "integer"}}},
    ),
    "secret": (SecretStr, {**STRING, "secret": True}),
    "map of secrets": (dict[str, SecretStr], {"type": "object", "additionalProperties": STRING, "secret": True}),
}


@pytest.mark.parametrize("optional", [False, True], ids=["required", "optional"])
@pytest.mark.parametrize(("annotation", "shape"), TYPES.values(), ids=TYPES)
def test_a_new_field_needs_no_change_of_the_schema(
    annotation: Any,
    shape: dict[str, Any],
    optional: bool,
) -> None:
    model = create_model("Model", some_field=(annotation | None if optional else annotation, Field(alias="someField")))
    assert properties(model) == {"someField": {**shape, "description": ""}}


@pytest.mark.parametrize(
    "annotation", [bytes, int | str, list, dict[int, str], tuple[str, ...], Literal["a", 1], UUID], ids=str
)
def test_a_field_of_a_type_without_counterpart_is_named(annotation: Any) -> None:
    model = create_model("Model", odd_one=(annotation, ...))
    with pytest.raises(InternalError) as caught:
        properties(model)
    assert str(caught.value).startswith("Model.odd_one: the type ")
    assert str(annotation) in str(caught.value)


def test_a_second_resource_is_one_row_of_the_table() -> None:
    class OtherArgs(Args):
        """Another resource."""

        size: Annotated[int, OnChange.REPLACE] = Field(description="How large.")
        label: str | None = Field(None, description="What to call it.")

    class OtherState(State):
        made_id: str = Field(description="Its id.")
        password: SecretStr | None = Field(None, description="Its secret.")

    assert resource_spec(OtherArgs, OtherState) == {
        "description": "Another resource.",
        "inputProperties": {
            "size": {"type": "integer", "description": "How large. Change: replace.", "willReplaceOnChanges": True},
            "label": {"type": "string", "description": "What to call it."},
        },
        "requiredInputs": ["size"],
        "properties": {
            "madeId": {"type": "string", "description": "Its id."},
            "password": {"type": "string", "description": "Its secret.", "secret": True},
        },
        "required": ["madeId"],
        "listInputs": {"properties": properties(ListArgs), "required": []},
    }


@pytest.mark.parametrize("choice", [RETIRE, KEY_STATUS], ids=lambda choice: choice.name)
def test_a_choice_of_texts_is_an_enumeration_that_sdks_have_a_type_for(choice: Choice) -> None:
    spec = SCHEMA["types"][f"apikeys:index:{choice.name}"]
    assert spec["type"] == "string"
    assert {value["value"]: value["description"] for value in spec["enum"]} == choice.meanings


@pytest.mark.parametrize("token", FUNCTIONS)
def test_no_result_of_a_function_is_a_secret_or_a_union_or_left_undescribed(token: str) -> None:
    function = SCHEMA["functions"][token]
    assert len(function["description"]) > 100
    assert not {"secret", "oneOf"} & {part for spec in function["outputs"]["properties"].values() for part in spec}


def test_it_takes_no_time_that_a_start_of_the_plugin_would_feel() -> None:
    assert min(timeit.repeat(schema_json, number=1, repeat=5)) < 0.02

"""The text of a dynamic class for models of every kind; that of the real ones is checked by `generate.py --check`."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, SecretStr, create_model

from dynamic_classes import dynamic_class, in_python
from pulumi_resource_apikeys.errors import InternalError
from pulumi_resource_apikeys.model.choices import Retire
from pulumi_resource_apikeys.model.facts import OnChange
from pulumi_resource_apikeys.model.fields import Args
from pulumi_resource_apikeys.model.states import State


class OtherArgs(Args):
    """Another resource.

    Its `sizeLimit` is what `otherId` is not.
    """

    label: Annotated[str | None, OnChange.HOLD] = Field(None, description="What to call it; see `sizeLimit`.")
    size_limit: Annotated[int, OnChange.REPLACE] = Field(description="How large.")


class OtherState(State):
    other_id: str = Field(description="Its id.")
    password: SecretStr | None = Field(None, description="Its secret.")
    late_by: float | None = Field(None, alias="__lateBy", description="Ours alone.")


def text_of(args: type[Args] = OtherArgs, outputs: type[State] = OtherState) -> str:
    return dynamic_class("apikeys:index:OtherThing", args, outputs)


def test_a_class_is_named_after_its_token_and_refers_to_the_object_of_that_name() -> None:
    text = text_of()

    assert "from .providers import OTHER_THING\n" in text
    assert 'class OtherThing(KeyResource, module="apikeys", name="OtherThing"):' in text
    assert "    provider_object = OTHER_THING\n" in text


def test_arguments_are_told_twice_those_that_must_be_given_first() -> None:
    text = text_of()
    limit, label = "size_limit: pulumi.Input[int]", "label: pulumi.Input[str | None] = None"

    assert f'    {limit}\n    """How large. Change: replace."""\n    {label}\n' in text
    assert f"        *,\n        {limit},\n        {label},\n    ) -> None: ..." in text


def test_outputs_have_their_type_and_secrets_are_named_as_in_the_state() -> None:
    text = text_of()

    assert '    other_id = Out[str]()\n    """Its id."""\n    password = Out["str | None"]()\n' in text
    assert 'secret_outputs = ("password",)' in text
    assert "late_by" not in text


def test_words_name_properties_as_python_does() -> None:
    assert '    """Another resource.\n\n    Its `size_limit` is what `other_id` is not.\n    """\n' in text_of()
    assert "see `size_limit`." in text_of()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("`expiresIn` + `overlap`", "`expires_in` + `overlap`"),
        ("the provider's `projectId`", "the provider's `projectId`"),
        ("a `projectId`", "a `project_id`"),
        ("`afterOverlap` or `retire: expiresIn`", "`afterOverlap` or `retire: expiresIn`"),
        ("expiresIn", "expiresIn"),
    ],
)
def test_only_properties_are_renamed(written: str, told: str) -> None:
    assert in_python(written, {"expiresIn": "expires_in", "projectId": "project_id"}) == told


@pytest.mark.parametrize(
    ("annotation", "argument", "output"),
    [
        (str, "str", "Out[str]()"),
        (SecretStr, "str", "Out[str]()"),
        (Retire, "str", "Out[str]()"),
        (bool, "bool", "Out[bool]()"),
        (float, "float", "Out[float]()"),
        (int, "int", "Out[int](int)"),
        (Any, "Any", "Out[Any]()"),
        (list[str], "Sequence[pulumi.Input[str]]", 'Out["Sequence[str]"]()'),
        (dict[str, Any], "Mapping[str, Any]", 'Out["Mapping[str, Any]"]()'),
        (dict[str, str], "Mapping[str, pulumi.Input[str]]", 'Out["Mapping[str, str]"]()'),
        (int | None, "int | None", 'Out["int | None"](int)'),
    ],
)
def test_types_of_every_kind(annotation: Any, argument: str, output: str) -> None:
    default = None if str(annotation).endswith("None") else ...
    field = Field(default, description="Some value.")
    text = text_of(
        create_model("A", __base__=Args, some_value=(annotation, field)),
        create_model("B", __base__=State, some_value=(annotation, field)),
    )

    assert f"    some_value: pulumi.Input[{argument}]" in text
    assert f"    some_value = {output}\n" in text
    imported = ", ".join(kind for kind in ("Mapping", "Sequence") if f"{kind}[" in argument)
    assert ("collections.abc" in text) == bool(imported)
    assert imported in text
    compile(text, "text", "exec")


def test_a_long_description_is_wrapped() -> None:
    long = " ".join(["word"] * 60) + "."
    text = text_of(create_model("A", __base__=Args, some_value=(str, Field(description=long))))

    assert max(map(len, text.splitlines())) <= 120
    assert long in " ".join(text.split())


def test_whole_numbers_inside_a_list_are_refused() -> None:
    outputs = create_model("B", __base__=State, some_values=(list[int], Field(description="Some values.")))

    with pytest.raises(InternalError, match="some_values: whole numbers inside a list or map"):
        text_of(outputs=outputs)

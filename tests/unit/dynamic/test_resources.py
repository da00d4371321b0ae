"""The resource classes, whose text is made from the models: one for each type, and what a program gives arrives."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi.dynamic
import pytest

from pulumi_resource_apikeys import dynamic
from pulumi_resource_apikeys.dynamic import APIKey, APIKeyArgs, RotatingAPIKey, move, providers
from pulumi_resource_apikeys.dynamic.names import camel, path_in_state
from pulumi_resource_apikeys.dynamic.providers import API_KEY
from pulumi_resource_apikeys.dynamic.resource import PATH_OPTIONS
from pulumi_resource_apikeys.model.facts import public
from pulumi_resource_apikeys.resources.catalogue import RESOURCES


@pytest.mark.parametrize("token", RESOURCES)
def test_every_resource_type_has_its_class_here(token: str) -> None:
    name = token.rpartition(":")[2]
    resource = getattr(dynamic, name)

    assert {name, f"{name}Args"} <= set(dynamic.__all__)
    assert resource.arguments is getattr(dynamic, f"{name}Args")
    assert resource.provider_object._token == token
    assert {token} <= move.TO_DYNAMIC.keys() & move.REFERENCES.keys()
    assert getattr(providers, resource.provider_object._reference) is resource.provider_object
    for each in (public(RESOURCES[token].args) | public(RESOURCES[token].outputs)).values():
        assert each.name == camel(each.attribute)


@dataclass
class Declared:
    """What came to Pulumi's own class of dynamic resources."""

    provider: object
    name: str
    props: dict[str, Any]
    opts: pulumi.ResourceOptions

    def args(self) -> dict[str, Any]:
        return {name: value for name, value in self.props.items() if value is not None and not name.startswith("_")}


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> list[Declared]:
    seen: list[Declared] = []

    def take(resource: object, *arguments: Any) -> None:
        seen.append(Declared(*arguments))
        vars(resource).update(seen[-1].props)

    monkeypatch.setattr(pulumi.dynamic.Resource, "__init__", take)
    return seen


async def test_keywords_and_an_object_say_the_same(declared: list[Declared]) -> None:
    triggers = {"a_b": pulumi.Output.secret("quiet")}
    arguments = APIKeyArgs(expires_in="90d", scopes=["read"], triggers=triggers)

    APIKey("one", expires_in="90d", scopes=["read"], triggers=triggers)
    APIKey("two", arguments)
    APIKey("three", args=arguments, opts=pulumi.ResourceOptions())
    APIKey("four", arguments, pulumi.ResourceOptions())

    for each in declared:
        assert each.provider is API_KEY
        assert each.args() == {"expiresIn": "90d", "scopes": ["read"], "triggers": triggers}
        assert each.props["_program"]["name"] == each.name
        assert await each.props["_program"]["secrets"] == [["triggers", "a_b"]]
        assert each.props["_program"].keys() == {"name", "secrets"}
    assert [each.name for each in declared] == ["one", "two", "three", "four"]


async def test_outputs_come_by_their_python_names_and_types(declared: list[Declared]) -> None:
    made = RotatingAPIKey("service", rotate_every="30d", overlap="7d")
    vars(made).update(keyId=pulumi.Output.from_input("an id"), generation=pulumi.Output.from_input(2.0))

    generation = await made.generation.future()

    assert await made.key_id.future() == "an id"
    assert (generation, type(generation)) == (2, int)
    assert declared[0].props.keys() >= set(public(RESOURCES["apikeys:index:RotatingAPIKey"].outputs))
    with pytest.raises(AttributeError, match="key_id is an output"):
        setattr(made, "key_id", made.key_id)  # noqa: B010 - a type checker refuses it already
    await declared[0].props["_program"]["secrets"]


async def later(value: object) -> object:
    return value


async def test_the_program_tells_which_arguments_are_secret_and_which_parts(declared: list[Declared]) -> None:
    plain, secret = pulumi.Output.from_input, pulumi.Output.secret
    cases: list[tuple[Any, list[Any]]] = [
        (None, []),
        ({"a": "open", "b": [1, 2.5, True, None]}, []),
        (plain({"a": "open"}), []),
        (secret({"a": "quiet"}), ["triggers"]),
        (plain({"a": secret("quiet")}), ["triggers"]),
        ({"a": {"b_c": [secret("quiet"), "open"]}}, [["triggers", "a", "b_c", 0]]),
        ({"a": secret(1), "b": (plain("open"), secret(2))}, [["triggers", "a"], ["triggers", "b", 1]]),
        ({"a": pulumi.Output.all("open", secret("quiet"))}, [["triggers", "a"]]),
    ]
    for number, (triggers, _) in enumerate(cases):
        APIKey(f"key-{number}", triggers=triggers)

    assert [await each.props["_program"]["secrets"] for each in declared] == [secrets for _, secrets in cases]


async def test_an_argument_that_comes_later_may_be_secret_too(declared: list[Declared]) -> None:
    APIKey("one", name=later("open"), expires_in=later(pulumi.Output.secret("90d")))  # type: ignore[arg-type] # Pulumi takes awaitables

    assert await declared[0].props["_program"]["secrets"] == ["expiresIn"]


@pytest.mark.filterwarnings("ignore:coroutine '_secrets' was never awaited:RuntimeWarning")
def test_the_program_tells_which_outputs_it_wants_to_be_secret(declared: list[Declared]) -> None:
    APIKey("one", opts=pulumi.ResourceOptions(additional_secret_outputs=["key_prefix", "name"]))

    assert declared[0].props["_program"]["secretOutputs"] == ["keyPrefix", "name"]


@pytest.mark.filterwarnings("ignore:coroutine '_secrets' was never awaited:RuntimeWarning")
def test_an_import_is_refused_in_words_with_the_way_that_there_is(declared: list[Declared]) -> None:
    with pytest.raises(
        pulumi.RunError, match=r'RotatingAPIKey "one" can\'t import project/key: .* Leave out import_'
    ) as told:
        RotatingAPIKey("one", rotate_every="30d", overlap="7d", opts=pulumi.ResourceOptions(import_="project/key"))

    assert "`pulumi import apikeys:index:RotatingAPIKey one projectId/keyId`" in str(told.value)
    assert "dynamic.move" in str(told.value)
    assert declared == []


def test_types_of_the_resources_are_their_own() -> None:
    assert APIKey._resource_type_name == "dynamic/apikeys:APIKey"
    assert RotatingAPIKey._resource_type_name == "dynamic/apikeys:RotatingAPIKey"


@pytest.mark.parametrize(
    ("written", "in_state"),
    [
        ("expires_in", "expiresIn"),
        ("expiresIn", "expiresIn"),
        ("key_prefix", "keyPrefix"),
        ('["expires_in"]', '["expiresIn"]'),
        ("emergency_triggers.git_sha", "emergencyTriggers.git_sha"),
        ('emergency_triggers["git_sha"]', 'emergencyTriggers["git_sha"]'),
        ('["emergency_triggers"]["git_sha"]', '["emergencyTriggers"]["git_sha"]'),
        ('["emergency_triggers"].emergency_triggers', '["emergencyTriggers"].emergency_triggers'),
        ("emergency_triggers.by_stage.in_prod[0].a_b", "emergencyTriggers.by_stage.in_prod[0].a_b"),
        ("emergency_triggers.*", "emergencyTriggers.*"),
        ("emergency_triggers[*].a_b", "emergencyTriggers[*].a_b"),
        ("triggers.git_sha", "triggers.git_sha"),
        ('triggers["a.b_c"]', 'triggers["a.b_c"]'),
        ('triggers["say \\"a_b\\""]', 'triggers["say \\"a_b\\""]'),
        ("triggers.expires_in", "triggers.expires_in"),
        ("*", "*"),
        ("*.expires_in", "*.expires_in"),
        ("git_sha", "git_sha"),
        ('["expires_in.a_b"]', '["expires_in.a_b"]'),
        ('["expires_in', '["expires_in'),
        ("expires_in-x", "expires_in-x"),
        ("_inputs", "_inputs"),
        ("", ""),
    ],
)
def test_a_path_is_the_states_in_its_first_step_and_the_users_behind_it(written: str, in_state: str) -> None:
    assert path_in_state(written, {"expires_in", "key_prefix", "triggers", "emergency_triggers"}) == in_state


@pytest.mark.filterwarnings("ignore:coroutine '_secrets' was never awaited:RuntimeWarning")
@pytest.mark.parametrize("option", PATH_OPTIONS)
def test_options_name_properties_as_the_state_does(declared: list[Declared], option: str) -> None:
    written = ["rotateAfter", "expires_in", "key_prefix", "triggers.git_sha"]
    options = pulumi.ResourceOptions(**{option: written})  # type: ignore[arg-type] # a list for each of these

    APIKey("one", opts=options)
    APIKey.get("two", "project/key", options)

    for each in declared:
        given = [path for path in getattr(each.opts, option) if path not in {"key", "_inputs"}]
        assert given == ["rotateAfter", "expiresIn", "keyPrefix", "triggers.git_sha"]
        assert each.opts.additional_secret_outputs is not None
        assert {"key", "_inputs"} <= set(each.opts.additional_secret_outputs)
    assert getattr(options, option) == written


def test_every_option_that_lists_paths_is_known() -> None:
    lists = {name for name, kind in inspect.get_annotations(pulumi.ResourceOptions).items() if "list[str]" in str(kind)}

    assert lists == set(PATH_OPTIONS)


@pytest.mark.parametrize(
    ("positional", "named"),
    [
        ((APIKeyArgs(),), {"name": "x"}),
        ((APIKeyArgs(), pulumi.ResourceOptions(), 1), {}),
        (("x",), {}),
        ((), {"opts": "x"}),
        ((), {"expiresIn": "90d"}),
    ],
)
def test_other_arguments_are_a_type_error(
    declared: list[Declared], positional: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(TypeError):
        APIKey("one", *positional, **named)

    assert declared == []


@pytest.mark.filterwarnings("ignore:coroutine '_secrets' was never awaited:RuntimeWarning")
def test_get_reads_by_id_without_the_required_arguments(declared: list[Declared]) -> None:
    found = RotatingAPIKey.get("found", "project/key")

    assert type(found) is RotatingAPIKey
    assert declared[0].args() == {}
    assert declared[0].opts.id == "project/key"

from __future__ import annotations

import ast
import re

import pytest
import yaml

from apikeys_cli.adoption import Adoption, Rotation
from apikeys_cli.programs import Language, lines
from fakes.keys import PROJECT, uuid
from pulumi_resource_apikeys.keys.port import RemoteKey

NAMES = ['say "no" \\ maybe', "line\nbreak\u2028\x85", "😀\U000e0001", "${deploy.key}", "{{x}} %s `x` $x"]


def adopted(name: str, resource: str = "deploy", rotation: Rotation | None = None) -> Adoption:
    return Adoption(resource, RemoteKey(uuid(1), PROJECT, name, scopes=("a:b", 'c"')), rotation)


@pytest.mark.parametrize("name", NAMES)
def test_python_reads_the_very_name(name: str) -> None:
    (call,) = [node for node in ast.walk(ast.parse(lines([adopted(name)], Language.PYTHON))) if _is_key(node)]
    assert isinstance(call, ast.Call)
    given = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg != "opts"}
    assert given == {"project_id": PROJECT, "name": name, "scopes": ["a:b", 'c"']}


def _is_key(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "apikeys.APIKey"


@pytest.mark.parametrize("name", NAMES)
def test_yaml_reads_the_very_name_and_pulumi_takes_it_for_no_reference(name: str) -> None:
    read = yaml.safe_load(lines([adopted(name, rotation=Rotation("30d", "7d"))], Language.YAML))
    resource = read["resources"]["deploy"]
    assert resource["type"] == "apikeys:RotatingAPIKey"
    assert resource["options"] == {"protect": True}
    assert resource["properties"] == {
        "projectId": PROJECT,
        "name": name.replace("${", "$${"),
        "scopes": ["a:b", 'c"'],
        "rotateEvery": "30d",
        "overlap": "7d",
    }


@pytest.mark.parametrize("language", [Language.TYPESCRIPT, Language.GO])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_text_of_one_line_in_any_language(name: str, language: Language) -> None:
    written = lines([adopted(name)], language)
    assert all(character.isprintable() or character in "\n\t" for character in written)
    (line,) = [line for line in written.splitlines() if re.match(r"\s*name:", line, re.IGNORECASE)]
    assert re.fullmatch(r'\s*[nN]ame: (pulumi\.String\()?"([^"\\]|\\.)*"\)?,', line)


@pytest.mark.parametrize(
    ("language", "resource", "variable"),
    [
        (Language.PYTHON, "build-key", "build_key = apikeys.APIKey("),
        (Language.PYTHON, "import", "import_ = apikeys"),
        (Language.TYPESCRIPT, "build-key", "const buildKey = new apikeys.APIKey("),
        (Language.TYPESCRIPT, "default", "const defaultKey = "),
        (Language.TYPESCRIPT, "a-1", "const a_1 = "),
        (Language.GO, "build-key", "buildKey, err := apikeys.NewAPIKey(ctx, "),
        (Language.GO, "range", "rangeKey, err := "),
    ],
)
def test_variables_are_named_as_the_language_does(language: Language, resource: str, variable: str) -> None:
    assert variable in lines([adopted("x", resource)], language)

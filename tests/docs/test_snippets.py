"""Every piece of code in the documentation and in the schema's descriptions is what its language and our SDK allow."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness import packages
from harness.snippets import CHECKOUT, SCHEMA, Snippet, read, snippets
from harness.yaml_program import problems

ALL = snippets()
CHECKED = {"python", "typescript", "go", "yaml", "json", "sh"}
PRELUDE = "import pulumi\nimport pulumi_apikeys as apikeys\n\nconfig = pulumi.Config()\n"


def of(language: str) -> list[Snippet]:
    return [snippet for snippet in ALL if snippet.language == language and not snippet.unchecked]


def others(snippet: Snippet) -> list[str]:
    """The SDKs of other providers that a Python snippet imports."""
    return re.findall(r"^import (pulumi_(?!apikeys\b)\w+)", snippet.code, re.MULTILINE)


def succeed(*argv: str | Path, folder: Path, **environment: str) -> None:
    done = subprocess.run(
        argv,
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_languages_of_the_examples_are_known() -> None:
    assert {snippet.language for snippet in ALL} <= CHECKED


@pytest.mark.parametrize("token", [*json.loads(SCHEMA.read_text())["resources"], "getAPIKey", "getAPIKeys"])
def test_each_resource_and_function_has_an_example_in_each_language(token: str) -> None:
    page = f"schema.json/{token.rpartition(':')[2]}"
    assert {s.language for s in ALL if s.page == page} >= {"typescript", "python", "go", "yaml"}


def check_python(folder: Path, written: list[Snippet]) -> None:
    for snippet in written:
        code = snippet.code if re.search(r"^import pulumi", snippet.code, re.MULTILINE) else PRELUDE + snippet.code
        (folder / f"{snippet.name}.py").write_text(f"# {snippet}\n{code}")
    (folder / "mypy.ini").write_text("[mypy]\nstrict = True\n")
    succeed(sys.executable, "-m", "mypy", "--cache-dir", CHECKOUT / ".mypy_cache" / "docs", ".", folder=folder)


def test_python_has_the_types_of_the_sdk(tmp_path: Path) -> None:
    check_python(tmp_path, [snippet for snippet in of("python") if not others(snippet)])


@pytest.mark.parametrize("snippet", [snippet for snippet in of("python") if others(snippet)], ids=str)
def test_python_with_another_provider_has_the_types_of_its_sdk(snippet: Snippet, tmp_path: Path) -> None:
    if missing := [name for name in others(snippet) if importlib.util.find_spec(name) is None]:
        pytest.skip(f"needs `pip install {' '.join(missing)}`, which is too heavy for every run")
    check_python(tmp_path, [snippet])


@pytest.mark.timeout(600)  # npm, the first time
def test_typescript_has_the_types_of_the_sdk(tmp_path: Path) -> None:
    written = of("typescript")
    for snippet in written:
        (tmp_path / f"{snippet.name}.ts").write_text(f"// {snippet}\n{snippet.code}\nexport {{}};\n")
    settings = json.loads((CHECKOUT / "examples" / "basic" / "typescript" / "tsconfig.json").read_text())
    settings["files"] = [f"{snippet.name}.ts" for snippet in written]
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    (tmp_path / "node_modules").symlink_to(packages.node_modules())
    succeed("node_modules/.bin/tsc", "--noEmit", folder=tmp_path)


@pytest.mark.timeout(600)  # the first compilation of Pulumi's Go SDK
def test_go_compiles_with_the_sdk(tmp_path: Path) -> None:
    example = CHECKOUT / "examples" / "basic" / "go"
    module = (example / "go.mod").read_text().replace("../../../sdk/go", str(CHECKOUT / "sdk" / "go"))
    (tmp_path / "go.mod").write_text(module)
    shutil.copy(example / "go.sum", tmp_path)
    for snippet in of("go"):
        (tmp_path / snippet.name).mkdir()
        (tmp_path / snippet.name / "main.go").write_text(f"// {snippet}\n{snippet.code}")
    succeed("go", "vet", "./...", folder=tmp_path, **packages.go_environment())


@pytest.mark.parametrize("snippet", of("yaml"), ids=str)
def test_yaml_has_the_types_of_the_schema(snippet: Snippet) -> None:
    assert problems(yaml.safe_load(snippet.code), json.loads(SCHEMA.read_text())) == []


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("{resources: {a: {type: apikeys:Key}}}", "there is no apikeys:Key"),
        ("{resources: {a: {type: apikeys:APIKey, properties: {expires: 90d}}}}", "apikeys:APIKey has no expires"),
        ("{resources: {a: {type: apikeys:APIKey, properties: {scopes: x}}}}", "scopes of apikeys:APIKey is 'x'"),
        ("{resources: {a: {type: apikeys:APIKey}}, outputs: {b: '${a.secret}'}}", "a has no output secret"),
        ("{resources: {a: {type: apikeys:RotatingAPIKey, properties: {rotateEvery: 1d}}}}", "a lacks overlap"),
    ],
)
def test_yaml_that_the_schema_does_not_know_is_found(program: str, problem: str) -> None:
    assert problems(yaml.safe_load(program), json.loads(SCHEMA.read_text())) == [problem]


@pytest.mark.parametrize("snippet", of("json"), ids=str)
def test_json_can_be_read(snippet: Snippet) -> None:
    json.loads(snippet.code)


@pytest.mark.parametrize("snippet", of("sh"), ids=str)
def test_shell_can_be_read(snippet: Snippet) -> None:
    done = subprocess.run(["bash", "-n"], input=snippet.code, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_snippet_that_continues_brings_along_what_it_continues() -> None:
    page = "```sh\na\n```\n<!-- continues -->\n```sh\nb\n```\n<!-- not checked: no -->\n  ```go\n  c\n  ```\n"
    assert [(s.line, s.code, s.unchecked) for s in read("p", page)] == [
        (2, "a\n", ""),
        (6, "a\nb\n", ""),
        (10, "c\n", "no"),
    ]

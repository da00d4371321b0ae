"""What type checkers tell the users of the SDK and of the dynamic classes, by one run of mypy as a user has it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic.alias_generators import to_snake

from pulumi_resource_apikeys.functions.catalogue import FUNCTIONS
from pulumi_resource_apikeys.resources.catalogue import RESOURCES

HERE = Path(__file__).parent
FOUND = re.compile(r"(\w+\.py):(\d+): error: .*\[([\w-]+)\]")
EXPECTED = re.compile(r"# error: ([\w-]+)$")


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int, str]]:
    """The file, line and code of each error. No configuration is read: ours excludes the misuses."""
    cache = tmp_path_factory.mktemp("mypy")
    flags = ["--strict", "--config-file=", f"--cache-dir={cache}", "--no-error-summary", "--no-pretty"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *flags, "uses.py", "misuses.py"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, ""), done.stdout
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    matches = [FOUND.fullmatch(line) for line in lines]
    assert None not in matches, lines
    return {(match[1], int(match[2]), match[3]) for match in matches if match is not None}


def test_every_use_is_accepted(errors: set[tuple[str, int, str]]) -> None:
    assert {error for error in errors if error[0] != "misuses.py"} == set()


@pytest.mark.parametrize("file", ["uses.py", "misuses.py"])
@pytest.mark.parametrize("token", RESOURCES)
def test_every_resource_type_is_tried_in_both_forms(token: str, file: str) -> None:
    name, programs = token.rpartition(":")[2], (HERE / file).read_text(encoding="utf-8")
    calls = [f"{module}.{name}{call}" for module in ("apikeys", "dynamic") for call in ("(", "Args(")]
    assert [call for call in calls if call not in programs] == []


@pytest.mark.parametrize("file", ["uses.py", "misuses.py"])
@pytest.mark.parametrize("token", FUNCTIONS)
def test_every_function_is_tried_in_both_forms(token: str, file: str) -> None:
    name, programs = to_snake(token.rpartition(":")[2]), (HERE / file).read_text(encoding="utf-8")
    assert [call for call in (f"apikeys.{name}(", f"apikeys.{name}_output(") if call not in programs] == []


def test_every_misuse_is_refused_and_nothing_else(errors: set[tuple[str, int, str]]) -> None:
    lines = (HERE / "misuses.py").read_text(encoding="utf-8").splitlines()
    marked = ((number, EXPECTED.search(line)) for number, line in enumerate(lines, start=1))
    expected = {("misuses.py", number, mark[1]) for number, mark in marked if mark}

    assert {error for error in errors if error[0] == "misuses.py"} == expected
    assert len(expected) > 30

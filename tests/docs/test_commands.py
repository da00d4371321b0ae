"""Our commands, options, variables and make targets, as the pages write them in shell, are there."""

from __future__ import annotations

import re
import shlex

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from apikeys_cli import commands as cli
from apikeys_emulator import commands as emulator
from harness.snippets import CHECKOUT, Snippet, snippets
from pulumi_resource_apikeys.settings.args import OPTIONS, environment_variable
from pulumi_resource_apikeys.settings.import_secrets import IMPORT_SECRET

SHELL = [snippet for snippet in snippets() if snippet.language == "sh" and not snippet.unchecked]
PROGRAMS = {"apikeys": get_command(cli.cli), "apikeys-emulator": get_command(emulator.cli)}
CALL = re.compile(r"(?:^|\$\(|&& |\| )(apikeys(?:-emulator)?) ([^|;&)#\n]+)", re.MULTILINE)
CONFIGURED = re.compile(r"\bconfig (?:set|rm|get) (?:--\w+ )*apikeys:(\w+)")
MADE = re.compile(r"^make (?:-C \S+ )?([a-z-]+)", re.MULTILINE)
VARIABLES = {*map(environment_variable, OPTIONS), IMPORT_SECRET}
TARGETS = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))


def unknown(code: str) -> list[str]:
    """What a piece of shell names of ours that is not there."""
    found = [call for name, arguments in CALL.findall(code) for call in unknown_arguments(name, shlex.split(arguments))]
    found += [option for option in CONFIGURED.findall(code) if option not in OPTIONS]
    for variable in re.findall(r"\bAPIKEYS_\w+", code):
        if variable not in VARIABLES and not variable.startswith(f"{IMPORT_SECRET}_"):
            found.append(variable)
    return found + [target for target in MADE.findall(code) if target not in TARGETS]


def unknown_arguments(program: str, arguments: list[str]) -> list[str]:
    group = PROGRAMS[program]
    assert isinstance(group, TyperGroup)
    command = group.commands.get(arguments[0])
    if command is None:
        return [] if arguments[0] == "--help" else [f"{program} {arguments[0]}"]
    known = {"--help", *(option for parameter in command.params for option in parameter.opts)}
    given = [argument.partition("=")[0] for argument in arguments if argument.startswith("-")]
    return [f"{program} {arguments[0]} {option}" for option in given if option not in known]


@pytest.mark.parametrize("snippet", SHELL, ids=str)
def test_what_a_page_calls_is_there(snippet: Snippet) -> None:
    assert unknown(snippet.code) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("T=$(apikeys-emulator tokens --ttl 1h)", ["apikeys-emulator tokens"]),
        ("apikeys audit --stacks prod", ["apikeys audit --stacks"]),
        ("pulumi config set apikeys:endPoint x", ["endPoint"]),
        ("export APIKEYS_TOKENS=x", ["APIKEYS_TOKENS"]),
        ("make benches", ["benches"]),
    ],
)
def test_what_is_not_there_is_found(code: str, found: list[str]) -> None:
    assert unknown(code) == found

"""How `apikeys` ends when something is wrong: in words, with a status of its own, and never with a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.states import exported
from harness.command_line import Said, apikeys

Run = Callable[..., Said]
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.not-a-signature"


@pytest.mark.parametrize(
    ("arguments", "options", "status", "words"),
    [
        (["list"], {"APIKEYS_PROJECT_ID": ""}, 2, "--project: is required"),
        (["list"], {"APIKEYS_ENDPOINT": ""}, 2, "--endpoint: is required"),
        (["list", "--project", "x"], {}, 2, '--project: "x" is not a UUID'),
        (["list", "--endpoint", "http://api.example.com"], {}, 2, "endpoint: must be https"),
        (["list", "--unused-since", "soon"], {}, 2, '--unused-since: "soon" is not a duration'),
        (["list", "--json", "--csv"], {}, 2, "choose one"),
        (["list", "--nope"], {}, 2, "No such option"),
        (["list"], {"APIKEYS_TOKEN": TOKEN}, 3, "401"),
        (["list"], {"APIKEYS_TOKEN": ""}, 3, "APIKEYS_TOKEN"),
        (["list"], {"APIKEYS_OFFLINE": "1"}, 3, "the provider is offline"),
        (["audit", "--fail-on", "unmanged"], {}, 2, "did you mean unmanaged"),
        (["audit", "--output", "pdf=x"], {}, 2, "table, json, sarif, junit, markdown"),
        (["audit", "--state", "/nonexistent"], {}, 2, "--state /nonexistent: No such file"),
        (["audit", "--stack", "x"], {"PATH": "/nonexistent"}, 3, "no `pulumi` on PATH"),
        (["audit", "--expiring", "x"], {}, 2, "--expiring"),
    ],
)
def test_a_failure_is_told_in_words(
    run: Run, arguments: list[str], options: dict[str, str], status: int, words: str
) -> None:
    said = run(*arguments, **options)
    assert said.status == status, said
    assert words in said.err
    assert "Traceback" not in said.err
    assert TOKEN not in said.out + said.err


def test_a_state_that_is_none_is_refused_by_its_name(settings: dict[str, str], tmp_path: Path) -> None:
    for number, text in enumerate(("no JSON", "[]")):
        file = tmp_path / f"{number}.json"
        file.write_text(text)
        said = apikeys("audit", "--state", str(file), environment=settings)
        assert said.status == 2
        assert str(file) in said.err


def test_an_unforeseen_failure_shows_no_value(settings: dict[str, str], tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(exported()))
    secret = "the-secret-in-a-local-variable"
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import apikeys_cli.audit as audited\n"
        "def broken(*_, **__):\n"
        f"    held = '{secret}'\n"
        "    raise RuntimeError(held)\n"
        "audited.audit = broken\n"
    )
    said = apikeys("audit", "--state", str(state), environment={**settings, "PYTHONPATH": str(tmp_path)})
    assert said.status == 4
    assert "this is a bug in the apikeys provider (RuntimeError at sitecustomize.py:4" in said.err
    assert secret not in said.err
    assert "Traceback" not in said.err

"""`apikeys adopt` against a server in another process; tests/engine/test_audit.py runs the import that it prepares."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from apikeys_emulator.testing import Emulator
from fakes.states import exported, owner, record
from harness.command_line import Said

Run = Callable[..., Said]


def test_what_no_stack_has_is_taken_over_without_administrators_keys(
    emulator: Emulator, project: str, run: Run, tmp_path: Path
) -> None:
    managed = emulator.add_key(project, "managed")
    by_hand = emulator.add_key(project, "by hand", scopes=["a"])
    emulator.add_key(project, "admins", is_admin_managed=True)
    state, file = tmp_path / "state.json", tmp_path / "import.json"
    state.write_text(json.dumps(exported(record(owner("by-hand"), projectId=project, keyId=managed.key_id))))
    said = run("adopt", "--all", "--state", str(state), "--import-file", str(file))
    assert said.status == 0, said.err
    (resource,) = json.loads(file.read_text())["resources"]
    assert resource == {"type": "apikeys:index:APIKey", "name": "by-hand-2", "id": f"{project}/{by_hand.key_id}"}
    assert 'by_hand_2 = apikeys.APIKey(\n    "by-hand-2",' in said.out
    assert f"pulumi import --file {file} --generate-code=false" in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "KEY: is required"),
        (["nope"], "nope: no live key"),
        (["--all"], "there is no live key that no stack manages"),
        (["x", "--rotate-every", "7d"], "--overlap: must be shorter"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(run: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    file = tmp_path / "import.json"
    said = run("adopt", *arguments, "--import-file", str(file))
    assert said.status == 2
    assert words in said.err
    assert not file.exists()


def test_administrators_keys_are_taken_over_only_by_name_and_with_a_warning(
    emulator: Emulator, project: str, run: Run, tmp_path: Path
) -> None:
    emulator.add_key(project, "admins", is_admin_managed=True)
    file = tmp_path / "import.json"
    said = run("adopt", "admins", "--rotate-every", "30d", "--import-file", str(file), "-l", "yaml")
    assert "warning: admins is managed by administrators" in said.err
    assert "type: apikeys:RotatingAPIKey" in said.out
    assert json.loads(file.read_text())["resources"][0]["type"] == "apikeys:index:RotatingAPIKey"

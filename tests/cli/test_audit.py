"""`apikeys audit` against a server in another process, with states in files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from apikeys_emulator.testing import Emulator
from fakes.states import exported, owner, record
from harness.command_line import Said, apikeys

Run = Callable[..., Said]


@pytest.fixture
def state(emulator: Emulator, project: str, tmp_path: Path) -> Path:
    """The state of a stack with one key, beside which there are one that it lost and one made by hand."""
    deploy = owner("deploy")
    managed = emulator.add_key(project, deploy.made_name("deploy"), expires_at="2099-01-01T00:00:00Z")
    emulator.add_key(project, deploy.made_name("deploy"))
    emulator.add_key(project, "by-hand")
    file = tmp_path / "state.json"
    known = record(deploy, projectId=project, keyId=managed.key_id, __endpoint=emulator.url)
    file.write_text(json.dumps(exported(known)))
    return file


@pytest.mark.parametrize(
    ("fail_on", "status"), [("error", 1), ("none", 0), ("unmanaged", 1), ("expiring=14d,unused", 0), ("warning", 1)]
)
def test_the_status_goes_by_what_is_found(run: Run, state: Path, fail_on: str, status: int) -> None:
    said = run("audit", "--state", str(state), "--fail-on", fail_on)
    assert said.status == status, said.err
    assert "3 keys: 1 managed, 1 orphaned, 1 unmanaged" in said.out


def test_one_run_writes_every_form(run: Run, state: Path, tmp_path: Path) -> None:
    forms = ("table", "json", "sarif", "junit", "markdown")
    files = {form: tmp_path / f"audit.{form}" for form in forms}
    said = run("audit", "--state", str(state), "--json", *(f"--output={form}={file}" for form, file in files.items()))
    assert said.status == 1
    assert said.json()["counts"] == {"orphaned": 1, "unmanaged": 1}
    assert said.out == files["json"].read_text()
    assert all("orphaned" in file.read_text() for file in files.values())


def test_a_state_may_come_by_standard_input(settings: dict[str, str], state: Path) -> None:
    said = apikeys("audit", "--json", "--state", "-", environment=settings, given=state.read_text())
    assert said.json()["stacks"] == ["infra/prod"]


def test_without_a_stack_it_says_that_every_key_counts_as_unmanaged(run: Run) -> None:
    said = run("audit", "--quiet")
    assert (said.status, "no stack was given" in said.err) == (0, True)


def test_the_schema_is_printed_without_asking_anybody() -> None:
    assert apikeys("audit", "--schema").json()["title"] == "AuditDocument"

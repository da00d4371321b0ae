"""`apikeys list` against a server in another process."""

from __future__ import annotations

import csv
from collections.abc import Callable
from uuid import uuid4

from apikeys_emulator.testing import Emulator
from harness.command_line import Said

Run = Callable[..., Said]


def test_a_projects_keys_are_listed_as_a_table_and_no_secret_is(emulator: Emulator, project: str, run: Run) -> None:
    key = emulator.add_key(project, "deploy [red]", scopes=["builds:write"])
    emulator.add_key(str(uuid4()), "of-another-project")
    said = run("list")
    assert said.status == 0, said.err
    assert f"deploy [red]  {key.key_id}  active" in said.out
    assert "of-another-project" not in said.out
    assert key.key not in said.out + said.err
    assert said.err == f"apikeys: listing the keys of project {project}\n"
    assert run("list", "--quiet").err == ""


def test_filters_are_those_of_the_functions(emulator: Emulator, project: str, run: Run) -> None:
    emulator.add_key(project, "ci-idle", scopes=["a", "b"], created_at="2020-01-01T00:00:00Z")
    emulator.add_key(project, "ci-admin", is_admin_managed=True, expires_at="2099-01-01T00:00:00Z")
    emulator.add_key(project, "other", is_active=False)

    def names(*options: str) -> list[str]:
        said = run("list", "--json", *options)
        assert said.status == 0, said.err
        return sorted(key["name"] for key in said.json())

    assert names() == ["ci-admin", "ci-idle", "other"]
    assert names("--active", "--name-prefix", "ci-", "--scope", "a", "--scope", "b") == ["ci-idle"]
    assert names("--inactive") == ["other"]
    assert names("--unused-since", "90d") == ["ci-idle"]
    assert names("--expiring-before", "2099-01-01T00:00:01Z", "--admin-managed") == ["ci-admin"]


def test_csv_has_a_line_for_each_key(emulator: Emulator, project: str, settings: dict[str, str], run: Run) -> None:
    emulator.add_key(project, "=1+1", scopes=["a", "b"])
    said = run("list", "--csv", "--endpoint", settings["APIKEYS_ENDPOINT"], "--project", project)
    (row,) = csv.DictReader(said.out.splitlines())
    assert (row["name"], row["scopes"], row["isAdminManaged"]) == ("'=1+1", "a b", "false")

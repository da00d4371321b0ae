"""Functions in a program, and `pulumi do` without one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack

EXAMPLE = Path(__file__).parents[2] / "examples" / "key-age" / "python"
PROGRAM = """\
import pulumi
import pulumi_apikeys as apikeys

key = apikeys.APIKey("deploy")
seen = apikeys.get_api_key_output(key_id=key.key_id)
pulumi.export("key", key.key)
pulumi.export("status", seen.status)
pulumi.export("lastUsedAt", seen.last_used_at)
pulumi.export("others", [other.name for other in apikeys.get_api_keys(name_prefix="by-hand").keys])
"""


def test_the_example_fails_while_an_active_key_is_too_old_and_names_it(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    own_name = (stack.folder / "Pulumi.yaml").read_text().splitlines()[0]
    shutil.copytree(EXAMPLE, stack.folder, dirs_exist_ok=True)
    settings = (EXAMPLE / "Pulumi.yaml").read_text()
    (stack.folder / "Pulumi.yaml").write_text(settings.replace("name: apikeys-key-age", own_name))
    stack.configure("apikeys:projectId", project)
    emulator.add_key(project, "young")
    emulator.add_key(project, "ended", created_at="2020-01-01T00:00:00Z", is_active=False)
    assert stack.preview().ok

    old = emulator.add_key(project, "old", created_at="2020-01-01T00:00:00Z", last_used_at="2026-01-01T00:00:00Z")
    preview = stack.preview()

    assert not preview.ok
    assert f'API key "old" ({old.key_id}) was made 2020-01-01T00:00:00' in preview.output
    assert "active keys of the project that are older than 90 days: 1" in preview.errors()
    assert "young" not in preview.output


def test_functions_are_answered_in_previews_and_ups_and_offline_they_say_why_not(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    (stack.folder / "__main__.py").write_text(PROGRAM)
    stack.configure("apikeys:projectId", project)
    emulator.add_key(project, "by-hand")

    preview = stack.preview()
    up = stack.up()

    assert preview.ok, preview.output
    assert "status" in preview.output
    assert up.ok, up.output
    outputs = stack.outputs()
    assert (outputs["status"], outputs["others"]) == ("active", ["by-hand"])

    assert emulator.verify(outputs["key"])
    assert stack.up().ok
    assert stack.outputs()["lastUsedAt"]

    offline = stack.under(APIKEYS_OFFLINE="1").preview()
    assert not offline.ok
    assert f"could not list the API keys of project {project}: the provider is offline, and functions" in offline.output
    assert not offline.shows_traceback()


def test_keys_are_listed_read_made_and_revoked_from_the_terminal_without_a_program(
    stack: Stack, emulator: Emulator, project: str, plugin_folder: Path
) -> None:
    terminal = stack.under(APIKEYS_PROJECT_ID=project)
    by_hand = emulator.add_key(project, "by-hand", scopes=["read"])
    emulator.add_key(project, "ended", is_active=False)

    def do(*arguments: str) -> Result:
        return terminal.run("do", "--package", str(plugin_folder / "pulumi-resource-apikeys"), *arguments)

    def answer(*arguments: str) -> Any:
        done = do(*arguments)
        assert done.ok, done.output
        return json.loads(done.output)

    assert answer("apikeys:index:APIKey", "list") == [{"id": f"{project}/{by_hand.key_id}", "name": "by-hand"}]
    assert answer("apikeys:index:RotatingAPIKey", "list", "--scope", "write") == []
    assert answer("apikeys:index:getAPIKey", "--name", "ended")["status"] == "revoked"
    refused = do("apikeys:index:APIKey", "list", "--unused-for", "soon")
    assert not refused.ok
    assert 'unusedFor: "soon" is not a duration' in refused.output

    stateless = ("apikeys:index:APIKey", "--stateless")
    made = [do(*stateless, "create", "--yes") for _ in range(2)]
    ids = [key["id"] for key in answer("apikeys:index:APIKey", "list", "--name-prefix", "APIKey-")]
    assert len(ids) == 2, made[0].output
    assert not any("warning" in each.output for each in made), made[1].output
    assert not any(emulator.verify(word.strip('",')) for each in made for word in each.output.split())

    assert ids[0] in do("apikeys:index:APIKey", "read", ids[0]).output
    assert do(*stateless, "delete", ids[0], "--yes").ok
    assert {key.key_id for key in emulator.active_keys(project)} == {by_hand.key_id, ids[1].partition("/")[2]}

"""Inputs that a preview can't know yet, and inputs that are secret."""

from __future__ import annotations

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both


@both
def test_a_preview_shows_what_is_known_of_keys_that_hang_on_others(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.refresh_always()
    first = {"$output": "first.key_id"}
    stack.declare(
        {
            "first": {"args": {"project_id": project, "name": "first"}},
            "named": {"args": {"project_id": project, "name": first, "scopes": ["known:scope"]}},
            "scoped": {"args": {"project_id": project, "name": "known-name", "scopes": ["read", first]}},
            "triggered": {"args": {"project_id": project, "triggers": {"by": first, "and": "known-trigger"}}},
        }
    )

    preview = stack.preview("--diff")

    assert preview.counts() == {"to create": 5}, preview.output
    for known in ("known:scope", "known-name", "known-trigger"):
        assert f'"{known}"' in preview.output
    assert "named.name" in preview.output
    assert set(emulator.counts().values()) == {0}

    up = stack.up()
    again = stack.up()

    assert up.counts() == {"created": 5}, up.output
    assert again.counts() == {"unchanged": 5}, again.output
    key_id = stack.outputs()["first.key_id"]
    keys = {key.name: key for key in emulator.active_keys(project)}
    assert keys[key_id].scopes == ["known:scope"]
    assert keys["known-name"].scopes == ["read", key_id]

    emulator.revoke(key_id)
    chain = stack.preview()

    assert chain.counts()["to create"] == 1, chain.output
    assert chain.counts()["to replace"] == 3, chain.output


@both
def test_secret_inputs_are_ciphertext_in_every_file_of_the_state(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    secrets = ["secret-name", "secret:scope", "secret-trigger"]
    args = {
        "project_id": project,
        "name": {"$secret": "secret-name"},
        "scopes": ["read", {"$secret": "secret:scope"}],
        "triggers": {"version": {"$secret": "secret-trigger"}},
    }
    stack.declare({"deploy": {"args": args}})

    runs = [stack.up(), stack.up(), stack.refresh(), stack.preview("--diff")]

    assert all(run.ok for run in runs), [run.output for run in runs]
    assert [key.name for key in emulator.active_keys(project)] == ["secret-name"]
    assert emulator.active_keys(project)[0].scopes == ["read", "secret:scope"]
    outputs = stack.outputs()
    assert outputs["deploy.name"] == "secret-name"
    on_disk = [path.read_text() for path in (stack.folder / "state").rglob("*") if path.is_file()]
    assert on_disk
    for secret in [*secrets, outputs["deploy.key"]]:
        assert not [text for text in on_disk if secret in text], secret
        assert not [run.output for run in runs if secret in run.output], secret


@both
def test_what_tells_a_secret_input_under_another_name_is_as_secret(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    def declare(build: str) -> None:
        stack.declare(
            {
                "service": {
                    "type": "RotatingAPIKey",
                    "args": {
                        "project_id": project,
                        "name": {"$secret": "secret-name"},
                        "rotate_every": {"$secret": "30d"},
                        "overlap": {"$secret": "7d"},
                        "expires_after": {"$secret": "90d"},
                        "triggers": {"build": build},
                    },
                    "exports": ["key_name", "next_rotation_at", "previous_revokes_at", "expires_at"],
                },
                "deploy": {
                    "args": {"project_id": project, "expires_in": {"$secret": "77d"}},
                    "exports": ["expires_at"],
                },
            }
        )

    said: list[str] = []
    hidden = {"secret-name"}

    def run(*arguments: str) -> None:
        done = stack.under(PULUMI_DEBUG_COMMANDS="true").run(*arguments, "--stack", stack.name)
        assert done.ok, done.output
        said.append(done.output)

    for build in ("1", "2"):
        declare(build)
        log = stack.folder / f"events-{build}.json"
        run("preview", "--json")
        run("preview", "--diff")
        run("up", "--yes", "--skip-preview", "--event-log", str(log))
        run("refresh", "--yes", "--diff")
        run("preview", "--json")
        run("stack", "export")
        run("stack", "output", "--json")
        said.append(log.read_text())
        hidden |= set(stack.outputs().values()) - {""}

    assert len(hidden) == 9, hidden
    assert {key.name.rpartition("-")[0] for key in emulator.active_keys(project)} >= {"secret-name"}
    for secret in hidden:
        assert not [text for text in said if secret in text], secret

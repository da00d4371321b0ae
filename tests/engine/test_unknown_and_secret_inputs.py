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

"""What `pulumi up` does with keys, on the real engine."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both


@pytest.fixture
def warm() -> bool:
    """Here a command starts all that it starts for a user."""
    return False


@both
def test_a_first_preview_shows_what_is_known_and_needs_neither_token_nor_server(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str
) -> None:
    stack = new_stack(token=None)
    stack.declare(
        {
            "deploy": {"args": {"project_id": project, "scopes": ["deploy:write"]}},
            "service": {"type": "Consumer", "args": {"key": {"$output": "deploy.key"}}},
        }
    )

    preview = stack.preview("--diff")

    assert preview.ok, preview.output
    assert preview.counts()["to create"] == 3, preview.output
    assert preview.warnings() == []
    assert re.search(r'^ +projectId *: "' + project + '"$', preview.output, re.MULTILINE)
    assert re.search(r'^ +name +: "deploy-[a-z2-7]{16}"$', preview.output, re.MULTILINE)
    assert '"deploy:write"' in preview.output
    assert set(emulator.counts().values()) == {0}
    assert emulator.keys(project) == []


@both
def test_no_run_looks_for_a_plugin_to_download(stack: Stack, project: str) -> None:
    """What is installed suffices: an engine that downloads waits, and where it may not, it says so in every run."""
    stack.declare({"deploy": {"args": {"project_id": project}}})

    logged = stack.preview("--logtostderr", "-v=9")

    assert logged.counts() == {"to create": 2}, logged.output
    assert "GetPluginPath" in logged.output, "the engine logs which plugins it looks for"
    assert not re.findall("^.*(?:direct download|InstallPlugin).*$", logged.output, re.MULTILINE)


@both
def test_keys_are_minted_once_and_live_until_the_destroy(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare(
        {
            "deploy": {"args": {"project_id": project, "scopes": ["deploy:write", "deploy:read"]}},
            "metrics": {"args": {"project_id": project, "name": "metrics-reader", "expires_in": "90d"}},
        }
    )

    first = stack.up()

    assert first.counts() == {"created": 3}, first.output
    assert first.warnings() == []
    outputs = stack.told_outputs()
    assert outputs == stack.outputs()
    assert emulator.verify(outputs["deploy.key"])
    assert emulator.verify(outputs["metrics.key"])
    assert re.fullmatch(r"deploy-[a-z2-7]{16}", outputs["deploy.name"])
    assert outputs["metrics.name"] == "metrics-reader"
    held = {key.name: key for key in emulator.active_keys(project)}
    assert held.keys() == {outputs["deploy.name"], "metrics-reader"}
    assert held[outputs["deploy.name"]].scopes == ["deploy:write", "deploy:read"]
    assert held["metrics-reader"].expires_at is not None
    facts = stack.facts()
    assert facts["deploy"]["id"] == f"{project}/{outputs['deploy.key_id']}"
    assert facts["deploy"]["outputs"]["keyPrefix"] == held[outputs["deploy.name"]].key_prefix

    second = stack.up()

    assert second.counts() == {"unchanged": 3}, second.output
    assert emulator.counts()["create"] == 2

    refresh = stack.refresh()

    assert refresh.counts() == {"unchanged": 3}, refresh.output
    assert stack.facts() == facts

    destroy = stack.destroy()

    assert destroy.counts() == {"deleted": 3}, destroy.output
    assert emulator.active_keys(project) == []
    assert [key.state for key in emulator.keys(project)] == ["revoked", "revoked"]
    assert stack.facts() == {}

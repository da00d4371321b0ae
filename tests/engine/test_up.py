"""What `pulumi up` does with keys, on the real engine."""

from __future__ import annotations

from apikeys_emulator.testing import Emulator
from harness.stack import Stack


def test_mints_keys_once_and_hands_out_working_secrets(stack: Stack, emulator: Emulator, project: str) -> None:
    stack.declare(
        {
            "deploy": {"args": {"project_id": project, "scopes": ["deploy:write", "deploy:read"]}},
            "metrics": {"args": {"project_id": project, "name": "metrics-reader", "expires_in": "90d"}},
        }
    )

    first, second = stack.up(), stack.up()

    assert first.counts() == {"created": 3}, first.output
    assert second.counts() == {"unchanged": 3}, second.output
    assert len(emulator.active_keys(project)) == 2
    outputs = stack.outputs()
    assert emulator.verify(outputs["deploy.key"])
    assert emulator.verify(outputs["metrics.key"])
    assert outputs["metrics.name"] == "metrics-reader"

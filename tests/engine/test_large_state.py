"""A resource whose state is too large for what a failed call can carry: no key is lost, and the next run goes on."""

from __future__ import annotations

from typing import Any

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Stack

MEGABYTE = 2**20


@pytest.mark.parametrize(("megabytes", "succeeds"), [(7, False), (9, True)])
def test_a_rotation_whose_revoke_fails_keeps_the_new_key_however_large_the_state(
    stack: Stack, emulator: Emulator, project: str, megabytes: int, succeeds: bool
) -> None:
    arguments: dict[str, Any] = {"project_id": project, "rotate_every": "30d", "overlap": "7d"}
    arguments["triggers"] = {"large": "x" * (megabytes * MEGABYTE)}
    entry = {"type": "RotatingAPIKey", "args": {**arguments, "emergency_triggers": {"v": 1}}, "exports": ["key"]}
    stack.declare({"deploy": entry})
    assert stack.up().ok
    (first,) = emulator.active_keys(project)
    entry["args"] = {**arguments, "emergency_triggers": {"v": 2}}
    stack.declare({"deploy": entry})
    emulator.fault("revoke", "status", status=500, times=None)

    failed = stack.under(APIKEYS_MAX_RETRIES="0").up()

    assert failed.ok is succeeds, failed.output[-4000:]
    assert "could not revoke" in failed.output
    outputs = stack.facts()["deploy"]["outputs"]
    assert emulator.verify(outputs["key"]["plaintext"].strip('"'))
    assert outputs["previousKeyId"] == first.key_id
    assert {key.key_id for key in emulator.active_keys(project)} == {outputs["keyId"], first.key_id}

    emulator.clear_faults()
    after = stack.up()

    assert after.ok, after.output[-4000:]
    assert [key.key_id for key in emulator.active_keys(project)] == [outputs["keyId"]]

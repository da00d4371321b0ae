"""How many calls many keys cost."""

from __future__ import annotations

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both


@both
def test_two_hundred_keys_of_a_project_are_refreshed_with_at_most_two_lists(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    names = [f"key-{number}" for number in range(200)]
    stack.declare({name: {"args": {"project_id": project}, "exports": []} for name in names})
    up = stack.up()
    assert up.counts() == {"created": 201}, up.output
    assert len(emulator.active_keys(project)) == 200
    gone = stack.facts()["key-7"]["outputs"]["keyId"]
    emulator.revoke(gone)
    emulator.reset_counts()

    refresh = stack.refresh()

    assert refresh.counts() == {"deleted": 1, "unchanged": 200}, refresh.output
    assert 1 <= emulator.counts()["list"] <= 2
    assert emulator.counts()["create"] == emulator.counts()["revoke"] == 0

"""Two stacks that share a project."""

from __future__ import annotations

from collections.abc import Callable

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both


@both
def test_neither_disturbs_the_other(new_stack: Callable[..., Stack], emulator: Emulator, project: str) -> None:
    stacks = [new_stack("one"), new_stack("two")]
    for stack in stacks:
        stack.declare({name: {"args": {"project_id": project}} for name in ("deploy", "metrics")})
        stack.refresh_always()

    runs = [stack.start("up", "--yes", "--skip-preview", "--stack", stack.name) for stack in stacks]
    said = [run.communicate(timeout=240)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0], said
    assert len(emulator.active_keys(project)) == 4
    one, two = (stack.outputs() for stack in stacks)
    secrets = [outputs[f"{name}.key"] for outputs in (one, two) for name in ("deploy", "metrics")]
    assert len(set(secrets)) == 4
    assert all(emulator.verify(secret) for secret in secrets)

    emulator.revoke(one["deploy.key_id"])
    untouched, healed = stacks[1].up(), stacks[0].up()

    assert untouched.counts() == {"unchanged": 3}, untouched.output
    assert untouched.warnings() == []
    assert healed.counts() == {"created": 1, "unchanged": 2}, healed.output

    assert stacks[0].destroy().ok

    assert {key.key_id for key in emulator.active_keys(project)} == {two["deploy.key_id"], two["metrics.key_id"]}
    assert stacks[1].outputs() == two

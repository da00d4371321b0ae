"""A key that neither the state nor the program leads to any more, on the real engine."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both
from pulumi_resource_apikeys.keys.strays import MISSED_FOR
from pulumi_resource_apikeys.model.times import format_instant


def let_time_pass(stack: Stack, span: timedelta) -> None:
    """Let what runs noted so far have been noted that much earlier."""
    (path,) = Path(stack.folder, "home", "apikeys", "journal").glob("*/missed.json")
    earlier = format_instant(datetime.now(timezone.utc) - span)
    noted = json.loads(path.read_text())
    for keys in noted.values():
        for fields in keys.values():
            fields["since"] = earlier
    path.write_text(json.dumps(noted))


@both
def test_one_that_an_older_state_forgot_and_the_program_too_is_named_once_by_a_run_about_all_resources(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    args = {"project_id": project}
    stack.declare({"deploy": {"args": args}})
    assert stack.up().ok
    older = stack.checkpoint.read_text()
    stack.declare({"deploy": {"args": args}, "metrics": {"args": args}})
    assert stack.up().ok
    stray = next(key for key in emulator.active_keys(project) if key.name.startswith("metrics-"))
    stack.checkpoint.write_text(older)
    stack.declare({"deploy": {"args": args}})

    first, second = stack.up(), stack.up()
    let_time_pass(stack, MISSED_FOR)
    by_its_engine = stack.cold()  # the provider finds the engine's command line above its own
    previewed, targeted = by_its_engine.preview(), by_its_engine.up("--target", "**deploy")
    third, fourth = stack.up(), stack.up()

    quiet = [first, second, previewed, targeted, fourth]
    assert [(each.ok, each.warnings()) for each in quiet] == [(True, [])] * len(quiet)
    (told,) = third.warnings()
    assert third.ok
    assert stray.key_id in told
    assert "was made by this stack" in told
    assert stray.key_id in {key.key_id for key in emulator.active_keys(project)}

"""Names that a program leaves to Pulumi, by `pulumi:autonaming`."""

from __future__ import annotations

import re

from apikeys_emulator.testing import Emulator
from harness.stack import Stack


def test_the_modes_of_autonaming_are_followed_and_keys_keep_their_names(
    stack: Stack, emulator: Emulator, project: str
) -> None:
    stack.declare({"plain": {"args": {"project_id": project}}})
    stack.configure("--path", "pulumi:autonaming.mode", "disabled")

    disabled = stack.up()

    assert not disabled.ok
    (error,) = disabled.errors()
    assert "property name" in error
    assert "automatic naming is disabled for this stack (pulumi:autonaming)" in error

    stack.configure("--path", "pulumi:autonaming.mode", "verbatim")

    assert stack.up().ok
    assert [key.name for key in emulator.keys(project)] == ["plain"]

    assert stack.run("config", "rm", "--path", "pulumi:autonaming.mode", "--stack", stack.name).ok
    stack.configure("--path", "pulumi:autonaming.pattern", "${project}-${name}-${hex(4)}")
    stack.declare({"plain": {"args": {"project_id": project}}, "patterned": {"args": {"project_id": project}}})
    up = stack.up()

    assert up.counts() == {"created": 1, "unchanged": 2}, up.output
    plain, patterned = emulator.active_keys(project)
    assert plain.name == "plain"
    assert re.fullmatch(r"infra-patterned-[0-9a-f]{4}", patterned.name)

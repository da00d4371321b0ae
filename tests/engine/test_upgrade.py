"""A stack that an earlier version made goes on with no changes, and its keys with it.

`tests/data/upgrade` holds the program, the exported state and the server's database, as version 0.1.0 left them before
names bore marks and states remembered endpoints: one plugin and one dynamic resource of each kind, one with a key of
its previous generation, one with a name of the user's own and one with a secret name.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from apikeys_emulator.testing import Emulator
from harness.stack import Result, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

EARLIER = Path(__file__).parents[1] / "data" / "upgrade"
PROJECT = "0b9d5c1e-6a53-4c1e-9a51-2f7f3a3d7c10"
AT = "http://127.0.0.1:8177"
"""Where the server listened when the state was made."""
UNCHANGED = {"unchanged": 7}


@pytest.fixture
def server() -> Iterator[Emulator]:
    """The server with the keys of that stack."""
    with_keys = Emulator()
    shutil.copy(EARLIER / "keys.sqlite", with_keys.database)
    with with_keys as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, engine_bin: Path, server: Emulator) -> Stack:
    """The stack as it was left, against the server's present address."""
    stack = Stack(tmp_path / "stack", engine_bin, None, server.token(ttl_seconds=3600), name="dev", warm=True)
    stack.environment["PULUMI_CONFIG_PASSPHRASE"] = "upgrade"
    for name in ("__main__.py", "Pulumi.dev.yaml"):
        shutil.copy(EARLIER / name, stack.folder)
    moved = (EARLIER / "state.json").read_text(encoding="utf-8").replace(AT, server.url)
    (stack.folder / "earlier.json").write_text(moved, encoding="utf-8")
    stack.configure("apikeys:endpoint", server.url)
    assert stack.run("stack", "import", "--stack", "dev", "--file", "earlier.json").ok
    return stack


def quiet(done: Result) -> bool:
    return done.ok and done.counts() == UNCHANGED and done.warnings() == []


def key_ids(stack: Stack) -> dict[str, str]:
    return {
        resource["urn"].rpartition("::")[2]: resource["outputs"]["keyId"]
        for resource in stack.state()["deployment"]["resources"]
        if "keyId" in resource.get("outputs", {})
    }


def test_a_stack_of_an_earlier_version_goes_on_with_no_changes(stack: Stack, server: Emulator) -> None:
    before = key_ids(stack)
    active = {key.key_id for key in server.active_keys(PROJECT)}
    for command in (stack.preview, stack.up, stack.preview, stack.refresh, stack.up):
        done = command()
        assert quiet(done), done.output
    assert key_ids(stack) == before
    assert {key.key_id for key in server.active_keys(PROJECT)} == active
    assert not [r for r in stack.state()["deployment"]["resources"] if r.get("refreshBeforeUpdate")]


def test_its_keys_are_replaced_rotated_and_revoked_as_ever(stack: Stack, server: Emulator) -> None:
    program = stack.folder / "__main__.py"
    program.write_text(program.read_text(encoding="utf-8").replace('scopes=["builds:write"]', 'scopes=["builds:read"]'))
    stack.configure("infra:version", "3")
    done = stack.up()
    assert done.ok, done.output
    assert done.counts() == {"updated": 1, "replaced": 1, "changes": 2, "unchanged": 5}
    assert len(server.active_keys(PROJECT)) == 7
    done = stack.destroy()
    assert done.ok, done.output
    assert server.active_keys(PROJECT) == []


def test_no_secret_stands_in_the_data_in_clear() -> None:
    assert not re.search(r"ak_live_\w{20}", (EARLIER / "state.json").read_text(encoding="utf-8"))

"""No secret and no token is readable in anything but what was asked to show it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apikeys_emulator.testing import Emulator
from harness.stack import Stack
from harness.variants import both

ENGINES_OWN = re.compile(r'"msg":"(Unm|M)arshaling property for RPC\[')
"""At its highest level of detail the engine writes the values that it sends and gets, secret or not."""


def listening_plugin(folder: Path, executable: Path) -> tuple[Path, Path]:
    """A folder with a provider whose standard error goes to a file beside it; both."""
    folder.mkdir()
    heard = folder / "stderr.txt"
    heard.touch()
    script = folder / "pulumi-resource-apikeys"
    script.write_text(f'#!/bin/sh\nexec "{executable}" "$@" 2>>"{heard}"\n')
    script.chmod(0o755)
    return folder, heard


@both
def test_no_secret_is_in_any_output_log_or_file(
    new_stack: Callable[..., Stack], emulator: Emulator, project: str, plugin_folder: Path, tmp_path: Path
) -> None:
    folder, heard = listening_plugin(tmp_path / "plugin", plugin_folder / "pulumi-resource-apikeys")
    tokens = [emulator.token(ttl_seconds=life) for life in (3600, 7200)]
    stack = new_stack(token=None)
    with (stack.folder / "Pulumi.yaml").open("a") as file:
        file.write(f"plugins:\n  providers:\n    - name: apikeys\n      path: {folder}\n")
    stack.configure("--secret", "apikeys:token", tokens[0])

    def declare(scopes: list[str]) -> None:
        args: dict[str, Any] = {"project_id": project, "scopes": scopes}
        stack.declare(
            {
                "deploy": {"args": {**args, "triggers": {"by": {"$secret": "a-secret-trigger"}}}},
                "service": {"type": "Consumer", "args": {"key": {"$output": "deploy.key"}}},
            }
        )

    said: list[str] = []
    keys: list[str] = []

    def run(*arguments: str, ok: bool = True) -> None:
        done = stack.run(*arguments, "--stack", stack.name)
        assert done.ok is ok, done.output
        said.append(done.output)

    declare(["read"])
    run("preview", "--diff")
    run("up", "--yes", "--logtostderr", "-v=9")
    keys.append(stack.outputs()["deploy.key"])
    stack.configure("--secret", "apikeys:token", tokens[1])
    declare(["write"])
    run("preview", "--diff")
    run("preview", "--json")
    emulator.fault("create", "unauthorized", None, detail=f"you sent {tokens[1]}")
    run("up", "--yes", "--skip-preview", "--diff", "--logtostderr", "-v=9", ok=False)
    emulator.clear_faults()
    run("up", "--yes", "--skip-preview", "--diff")
    keys.append(stack.outputs()["deploy.key"])
    run("refresh", "--yes", "--diff", "--logtostderr", "-v=9")
    run("stack", "export")
    run("stack", "output", "--json")

    assert len(set(keys)) == 2
    on_disk = [path.read_text() for path in (stack.folder / "state").rglob("*") if path.is_file()]
    on_disk.append((stack.folder / f"Pulumi.{stack.name}.yaml").read_text())
    lines = [line for text in said for line in text.splitlines() if not ENGINES_OWN.search(line)]
    assert len(lines) > 1000
    assert on_disk
    for secret in [*keys, *tokens, "a-secret-trigger"]:
        assert secret not in heard.read_text()
        assert not [line for line in lines if secret in line]
        assert not [text for text in on_disk if secret in text]

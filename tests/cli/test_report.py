"""`apikeys report` against a server in another process; the page itself is looked at in tests/browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from apikeys_emulator.testing import Emulator
from harness.command_line import Said


def test_a_page_is_written(emulator: Emulator, project: str, run: Callable[..., Said], tmp_path: Path) -> None:
    key = emulator.add_key(project, "<b>by hand</b>")
    file = tmp_path / "keys.html"
    said = run("report", "--html", str(file))
    assert said.status == 0, said.err
    assert "&lt;b&gt;by hand&lt;/b&gt;" in file.read_text()
    assert key.key not in file.read_text()
    assert run("report", "--html", "-").out.startswith("<!doctype html>")


def test_the_file_must_be_named(run: Callable[..., Said]) -> None:
    said = run("report")
    assert (said.status, "--html: is required" in said.err) == (2, True)

"""The backend is found as Pulumi's own command finds it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_resource_apikeys.backend import backend_of


def test_the_environment_names_it_before_who_is_logged_in(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text(json.dumps({"current": "https://api.example.com"}))
    home = {"PULUMI_HOME": str(tmp_path)}
    assert backend_of(home) == "https://api.example.com"
    assert backend_of({**home, "PULUMI_BACKEND_URL": "file:///states"}) == "file:///states"


@pytest.mark.parametrize("written", [None, "", "{", "[]", "{}", '{"current": 5}'])
def test_what_can_not_be_found_out_is_empty(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "credentials.json").write_text(written)
    assert backend_of({"PULUMI_HOME": str(tmp_path)}) == ""

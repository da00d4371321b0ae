"""The demo shows the basic examples in the environment that it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import OWN_VENV

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.parametrize("example", ["basic", "basic-dynamic"])
def test_what_it_replaces_in_an_example_is_there(example: str) -> None:
    assert OWN_VENV in (EXAMPLES / example / "python" / "Pulumi.yaml").read_text()

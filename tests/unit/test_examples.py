"""What the examples install: by path alone, since nobody owns the names of these packages on a public index."""

from __future__ import annotations

import re
from importlib.metadata import requires
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
REQUIREMENTS = sorted(EXAMPLES.glob("*/*/requirements.txt"))
LOCKED = {EXAMPLES / "audit/python/requirements.txt": "cli", EXAMPLES / "ci-preview/python/requirements.txt": ""}
"""The files of examples whose jobs hold secrets, with the extra that they install."""


def lines_of(requirements: Path) -> list[str]:
    return [line for line in requirements.read_text().splitlines() if line and not line.startswith("#")]


LOCAL = [path for path in REQUIREMENTS if path not in LOCKED]


@pytest.mark.parametrize("requirements", LOCAL, ids=lambda path: path.parts[-3])
def test_every_requirement_is_a_path(requirements: Path) -> None:
    lines = lines_of(requirements)
    assert lines
    for line in lines:
        assert line.startswith("../")
        assert (requirements.parent / line / "pyproject.toml").is_file()


@pytest.mark.parametrize(("locked", "extra"), LOCKED.items(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_locked_ones_have_a_hash_each_name_no_address_and_are_all_that_is_needed(locked: Path, extra: str) -> None:
    """`make lock` brings them up to date."""
    text = locked.read_text()
    assert "://" not in text
    blocks = re.findall(r"(?m)^([a-z0-9-]+)==\S+.*((?:\n +--hash=sha256:[0-9a-f]{64}.*)+)", text)
    names = {name for name, _ in blocks}
    assert len(blocks) == len(re.findall(r"(?m)^[^#\s]", text))
    wanted = f"extra == '{extra}'"
    ours = [line for line in requires("pulumi-resource-apikeys") or [] if "extra ==" not in line or wanted in line]
    needed = {name.lower() for line in ours for name in re.findall(r"^[A-Za-z0-9-]+", line)}
    assert needed <= names
    assert "parver" in names, "of the SDK"


def test_each_example_has_requirements() -> None:
    assert [path.parts[-3] for path in REQUIREMENTS] == sorted(folder.name for folder in EXAMPLES.iterdir())

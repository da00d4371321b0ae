"""What the examples install: by path alone, since nobody owns the names of these packages on a public index."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_resource_apikeys import __version__

EXAMPLES = Path(__file__).parents[2] / "examples"
REQUIREMENTS = sorted(EXAMPLES.glob("*/*/requirements.txt"))


def lines_of(requirements: Path) -> list[str]:
    return [line for line in requirements.read_text().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("requirements", REQUIREMENTS, ids=lambda path: path.parts[-3])
def test_every_requirement_is_a_path_and_a_wheel_is_of_this_version(requirements: Path) -> None:
    lines = lines_of(requirements)
    assert lines
    for line in (line.removesuffix("[cli]") for line in lines):
        assert line.startswith(("./", "../"))
        if line.endswith(".whl"):
            assert f"-{__version__}-" in line
        else:
            assert (requirements.parent / line / "pyproject.toml").is_file()


def test_each_example_has_requirements() -> None:
    assert [path.parts[-3] for path in REQUIREMENTS] == sorted(folder.name for folder in EXAMPLES.iterdir())

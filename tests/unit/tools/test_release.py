"""Which packages a plugin's archive holds."""

from __future__ import annotations

import re

import pytest

from release import PLATFORMS, PYTHONS, locked


@pytest.mark.parametrize("target", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_conditions_are_judged_for_the_python_and_platform_that_it_is_for(target: str, python: str) -> None:
    packages = locked(target, python)
    assert ("exceptiongroup" in packages) is (python == "3.10"), "anyio needs it before Python 3.11"
    assert {"grpcio", "pulumi", "pydantic-core"} <= packages.keys()
    for name, lines in packages.items():
        assert re.fullmatch(rf"{name}==\S+ \\\n( +--hash=sha256:[0-9a-f]{{64}}( \\)?\n)+", lines), lines

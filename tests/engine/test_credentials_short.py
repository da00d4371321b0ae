"""A run that outlives its tokens many times over; `benchmarks/short_tokens.py` prints the same run's numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.short_tokens import LIFE, SOURCES, Source, run, table


@pytest.mark.parametrize("source", SOURCES)
def test_sixty_keys_with_tokens_of_two_seconds_on_a_slow_api(source: Source, tmp_path: Path, engine_bin: Path) -> None:
    outcome = run(source, tmp_path, engine_bin)

    assert outcome.up.ok, outcome.up.output
    assert outcome.keys == 60
    assert outcome.calling >= 3 * LIFE
    assert outcome.least <= outcome.tokens <= outcome.most, table([outcome])
    assert outcome.refused < outcome.tokens

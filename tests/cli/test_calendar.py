"""`apikeys calendar`: states alone, no settings and no server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import icalendar
import pytest

from fakes.states import exported, owner, record
from harness.command_line import Said
from pulumi_resource_apikeys.model.times import format_instant

Run = Callable[..., Said]
NOTHING_SET = {"APIKEYS_ENDPOINT": "", "APIKEYS_TOKEN": "", "APIKEYS_PROJECT_ID": ""}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A stack with one key that rotates every thirty days, in ten."""
    due = format_instant(datetime.now(timezone.utc) + timedelta(days=10))
    file = tmp_path / "state.json"
    file.write_text(json.dumps(exported(record(owner("ci;,\\\n", "RotatingAPIKey"), nextRotationAt=due))))
    return file


def test_a_table_and_json_tell_the_year_ahead(run: Run, state: Path) -> None:
    said = run("calendar", "--state", str(state), **NOTHING_SET)
    assert said.status == 0, said.err
    assert said.out.count(" rotates ") == 12
    events = json.loads(run("calendar", "--state", str(state), "-f", "json", "--for", "30d", **NOTHING_SET).out)
    assert [event["what"] for event in events] == ["rotates", "retires"]


def test_icalendar_has_entries_that_stay_the_same_from_one_export_to_the_next(
    run: Run, state: Path, tmp_path: Path
) -> None:
    files = [tmp_path / "first.ics", tmp_path / "second.ics"]
    for file in files:
        said = run("calendar", "--state", str(state), "-f", "ics", "-o", str(file), **NOTHING_SET)
        assert said.status == 0, said.err
    first, second = (icalendar.Calendar.from_ical(file.read_bytes()).events for file in files)
    assert [entry["uid"] for entry in first] == [entry["uid"] for entry in second]
    assert len({entry["uid"] for entry in first}) == len(first) == 24
    assert first[0]["summary"] == "ci;,\\ (infra/prod) rotates"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "--stack: or --state is required"), (["--state", "-", "--for", "soon"], "--for")],
)
def test_what_is_missing_is_told(run: Run, arguments: list[str], words: str) -> None:
    said = run("calendar", *arguments)
    assert said.status == 2
    assert words in said.err

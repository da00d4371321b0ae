from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from apikeys_cli.audit import audit
from apikeys_cli.states import read_state
from apikeys_cli.timeline import lane
from fakes.keys import PROJECT, uuid
from fakes.states import exported, owner, record
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
ROTATING = "RotatingAPIKey"


def drawn(number: int, fields: dict[str, Any], *records: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The spans and marks of the n-th key, made on 1 October, by month and day."""
    key = RemoteKey(
        **{"key_id": uuid(number), "project_id": PROJECT, "name": "k", "created_at": "2026-10-01T00:00:00Z", **fields}
    )
    (audited,) = audit({PROJECT: Listing([key])}, [read_state(exported(*records), "prod")], NOW).keys
    found = lane(audited, NOW)

    def day(at: datetime | None) -> str:
        return f"{at:%m-%d}" if at else "…"

    spans = [f"{span.kind.value} {day(span.start)}/{day(span.end)}" for span in found.spans]
    return spans, [f"{mark.kind.value} {day(mark.at)}" for mark in found.marks]


@pytest.mark.parametrize(
    ("fields", "spans", "marks"),
    [
        ({}, ["live 10-01/11-20", "ahead 11-20/…"], []),
        ({"created_at": None}, ["live …/11-20", "ahead 11-20/…"], []),
        (
            {"expires_at": "2026-12-24T00:00:00Z", "last_used_at": "2026-11-19T00:00:00Z"},
            ["live 10-01/11-20", "ahead 11-20/12-24"],
            ["used 11-19", "end 12-24"],
        ),
        ({"expires_at": "2026-11-01T00:00:00Z"}, ["dead 10-01/11-01"], ["end 11-01"]),
    ],
)
def test_the_line_of_a_key_that_nothing_rotates(fields: dict[str, Any], spans: list[str], marks: list[str]) -> None:
    assert drawn(1, fields) == (spans, marks)


@pytest.mark.parametrize(
    ("due", "spans"),
    [
        ("2026-12-01T00:00:00Z", ["live 10-01/11-20", "ahead 11-20/12-01", "ahead-overlap 12-01/12-08"]),
        ("2026-11-10T00:00:00Z", ["live 10-01/11-10", "overdue 11-10/11-20"]),
    ],
)
def test_the_line_of_a_current_key_shows_how_far_it_outlives_its_rotation(due: str, spans: list[str]) -> None:
    rotating = record(owner(kind=ROTATING), 1, nextRotationAt=due)
    assert drawn(1, {}, rotating) == (spans, [f"rotation {due[5:10]}"])


@pytest.mark.parametrize(
    ("retires", "spans"),
    [
        ("2026-11-25T00:00:00Z", ["live 10-01/11-01", "overlap 11-01/11-20", "ahead-overlap 11-20/11-25"]),
        ("2026-11-08T00:00:00Z", ["live 10-01/11-01", "overlap 11-01/11-08", "overdue 11-08/11-20"]),
    ],
)
def test_the_line_of_a_previous_key_shows_its_overlap_and_what_goes_beyond(retires: str, spans: list[str]) -> None:
    rotating = record(owner(kind=ROTATING), 1, previousKeyId=uuid(2), previousRevokesAt=retires)
    assert drawn(2, {}, rotating) == (spans, [])

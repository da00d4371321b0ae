from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from apikeys_cli.schedule import MOST, Calendar, calendar
from apikeys_cli.states import read_state
from fakes.keys import uuid
from fakes.states import exported, owner, record

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
ROTATING = "RotatingAPIKey"


def ahead(*records: dict[str, Any], days: int = 60) -> Calendar:
    return calendar([read_state(exported(*records), "prod")], NOW, timedelta(days=days))


def told(found: Calendar) -> list[str]:
    return [f"{event.at:%m-%d} {event.kind.value}{' overdue' if event.overdue else ''}" for event in found.events]


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ({}, ["12-01 rotates", "12-08 retires", "12-31 rotates", "01-07 retires"]),
        ({"nextRotationAt": "2027-06-01T00:00:00Z"}, []),
        (
            {"nextRotationAt": "2026-11-10T00:00:00Z"},
            ["11-20 rotates overdue", "11-27 retires", "12-20 rotates", "12-27 retires", "01-19 rotates"],
        ),
        (
            {"previousKeyId": uuid(2), "previousRevokesAt": "2026-11-25T00:00:00Z", "rotateEvery": "50d"},
            ["11-25 retires", "12-01 rotates", "12-08 retires"],
        ),
        (
            {
                "previousKeyId": uuid(2),
                "previousRevokesAt": "2026-11-15T00:00:00Z",
                "nextRotationAt": "2027-02-01T00:00:00Z",
            },
            ["11-20 retires overdue"],
        ),
        (
            {"expiresAt": "2026-12-10T00:00:00Z", "nextRotationAt": "2027-02-01T00:00:00Z"},
            ["12-10 ends"],
        ),
        # The state does not tell how often: the next rotation is all that is known.
        ({"rotateEvery": None}, ["12-01 rotates", "12-08 retires"]),
    ],
)
def test_what_happens_to_a_rotating_key(outputs: dict[str, Any], expected: list[str]) -> None:
    assert told(ahead(record(owner(kind=ROTATING), **outputs))) == expected


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ({}, []),
        ({"expiresAt": "2026-12-10T00:00:00Z"}, ["12-10 ends"]),
        ({"expiresAt": "2026-11-10T00:00:00Z"}, []),
        ({"rotateAfter": "30d"}, ["12-01 rotates", "12-31 rotates"]),
        (
            {"renewBefore": "10d", "expiresIn": "40d", "expiresAt": "2026-12-11T00:00:00Z"},
            ["12-01 rotates", "12-11 ends", "12-31 rotates"],
        ),
    ],
)
def test_what_happens_to_an_api_key(outputs: dict[str, Any], expected: list[str]) -> None:
    assert told(ahead(record(owner(), **outputs))) == expected


def test_a_replaced_key_that_is_still_to_be_deleted_retires_at_once() -> None:
    assert told(ahead({**record(owner(), rotateAfter="30d"), "delete": True})) == ["11-20 retires"]


def test_a_key_that_rotates_every_hour_is_told_a_part_of_and_said_to_be() -> None:
    found = ahead(record(owner(kind=ROTATING), rotateEvery="1h", overlap="30m", nextRotationAt="2026-11-20T01:00:00Z"))
    assert sum(event.kind.value == "rotates" for event in found.events) == MOST
    assert "deploy of infra/prod rotates every 1 h" in found.notes[0]


def test_stacks_are_told_in_the_order_of_time() -> None:
    stacks = [
        read_state(exported(record(owner(stack=name), rotateAfter=after), stack=name), name)
        for name, after in (("late", "50d"), ("soon", "20d"))
    ]
    found = calendar(stacks, NOW, timedelta(days=40))
    assert [event.stack for event in found.events] == ["infra/soon", "infra/soon", "infra/late"]

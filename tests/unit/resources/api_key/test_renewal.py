"""When the time replaces an `APIKey`, and settings that would replace it at every run or never."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from pulumi_resource_apikeys.resources.api_key import renewal
from pulumi_resource_apikeys.resources.api_key.properties import APIKeyArgs, APIKeyState
from pulumi_resource_apikeys.resources.api_key.renewal import rules

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Props

MADE = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
STATE: Props = {"createdAt": "2026-03-01T12:00:00.288356666Z", "expiresAt": "2026-05-30T12:00:00Z"}


def due(state: Props, inputs: Props, now: datetime) -> dict[str, str]:
    return renewal.due(APIKeyState.of(state), APIKeyArgs.of_checked(inputs), now)


def after(days: float) -> datetime:
    return MADE + timedelta(days=days)


@pytest.mark.parametrize(
    ("inputs", "day", "reasons"),
    [
        ({}, 1000, {}),
        ({"rotateAfter": "30d"}, 30, {}),
        ({"rotateAfter": "30d"}, 30.1, {"rotateAfter": "due since 2026-03-31T12:00:00.288356Z, every 30 d"}),
        ({"renewBefore": "5d"}, 84.9, {}),
        ({"renewBefore": "5d"}, 85, {"renewBefore": "due since 2026-05-25T12:00:00Z, 5 d before the key's end"}),
        (
            {"rotateAfter": "P30D", "renewBefore": "120h"},
            89,
            {
                "rotateAfter": "due since 2026-03-31T12:00:00.288356Z, every 30 d",
                "renewBefore": "due since 2026-05-25T12:00:00Z, 5 d before the key's end",
            },
        ),
        ({"rotateAfter": "30d", "renewBefore": "5d"}, -400, {}),
    ],
)
def test_a_key_is_due_by_its_age_or_before_its_end_with_the_reason_and_the_date(
    inputs: Props, day: float, reasons: dict[str, str]
) -> None:
    assert due(STATE, inputs, after(day)) == reasons


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "2016-12-31T23:59:60Z"])
def test_a_time_at_the_edge_of_the_calendar_breaks_nothing(edge: str) -> None:
    reasons = due({"createdAt": edge, "expiresAt": edge}, {"rotateAfter": "30d", "renewBefore": "5d"}, MADE)
    assert set(reasons) == (set() if edge.startswith("9999") else {"rotateAfter", "renewBefore"})


@pytest.mark.parametrize("state", [{}, {"createdAt": "yesterday", "expiresAt": "soon"}, {"createdAt": 5.0}])
@pytest.mark.parametrize("inputs", [{"rotateAfter": "30d", "renewBefore": "5d"}, {"rotateAfter": "monthly"}])
def test_what_can_not_be_read_makes_nothing_due(state: Props, inputs: Props) -> None:
    assert due(state, inputs, after(1000)) == {}


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"expiresIn": "90d", "rotateAfter": "89d"}, None),
        ({"expiresIn": "90d", "rotateAfter": "90d"}, ("rotateAfter", "must be shorter than expiresIn (90d)")),
        ({"expiresIn": "90d", "renewBefore": "89d"}, None),
        ({"expiresIn": "90d", "renewBefore": "P90D"}, ("renewBefore", "must be shorter than expiresIn (90d)")),
        ({"expiresAt": "2027-01-01T00:00:00Z", "renewBefore": "5d"}, ("renewBefore", "can't work with a fixed")),
        ({"expiresAt": "2027-01-01T00:00:00Z", "rotateAfter": "5d"}, None),
        ({"rotateAfter": "5d"}, None),
        ({"renewBefore": "5d"}, ("renewBefore", "needs expiresIn")),
        ({"renewBefore": "5d", "rotateAfter": "30d"}, ("renewBefore", "needs expiresIn")),
    ],
)
def test_settings_that_would_replace_at_every_run_or_never_are_problems(
    inputs: dict[str, str], problem: tuple[str, str] | None
) -> None:
    found = rules(inputs, ())
    if problem is None:
        assert found == []
    else:
        assert [one.property for one in found] == [problem[0]]
        assert found[0].reason.startswith(problem[1])


@pytest.mark.parametrize("unknown", ["expiresIn", "expiresAt"])
def test_an_end_that_a_preview_can_not_know_is_left_for_the_run(unknown: str) -> None:
    assert rules({"renewBefore": "5d"}, {unknown}) == []
    assert [one.property for one in rules({"renewBefore": "5d"}, {"rotateAfter"})] == ["renewBefore"]

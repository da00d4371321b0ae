"""The planner: every reason to rotate, what becomes of older keys, and what the user is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from pulumi_resource_apikeys.keys.port import KeyStatus
from pulumi_resource_apikeys.resources.rotating_api_key.plan import (
    EMERGENCY,
    NOT_LISTED,
    Forget,
    Mint,
    Plan,
    Previous,
    Revoke,
    RotationPolicy,
    Situation,
    Step,
    Which,
    plan,
)

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
MONTHLY = RotationPolicy(30 * DAY, 7 * DAY)
BY_USE = replace(MONTHLY, max_overlap=20 * DAY)
FRESH = Situation(KeyStatus.ACTIVE, secret_known=True, rotated_at=START, created_at=START)
IN_OVERLAP = replace(FRESH, previous=Previous(KeyStatus.ACTIVE))
NOTHING = Plan()


def after(days: float) -> datetime:
    return START + days * DAY


def why_minted(planned: Plan) -> str | None:
    return planned.mint.reason if planned.mint is not None else None


def why_revoked(planned: Plan) -> str | None:
    """The reason to revoke the previous key."""
    end = planned.end_of(Which.PREVIOUS)
    return end.reason if isinstance(end, Revoke) else None


def kinds(planned: Plan) -> list[str]:
    """The steps in their order, such as `revoke previous`."""
    named = {Revoke: "revoke", Forget: "forget", Mint: "mint"}
    return [
        f"{named[type(step)]} {step.which.value}" if not isinstance(step, Mint) else "mint" for step in planned.steps
    ]


class TestWhyAKeyIsMade:
    @pytest.mark.parametrize(
        ("situation", "day", "reason"),
        [
            (FRESH, 0, None),
            (FRESH, 29.999, None),
            (FRESH, 30, "due since 2026-03-31T12:00:00Z, every 30 d"),
            (FRESH, 400, "due since 2026-03-31T12:00:00Z, every 30 d"),
            (replace(FRESH, changed=("scopes changed",)), 1, "scopes changed"),
            (replace(FRESH, changed=("name changed", "triggers changed")), 1, "name changed and triggers changed"),
            (replace(FRESH, current=KeyStatus.REVOKED), 1, "the current key is revoked"),
            (replace(FRESH, current=KeyStatus.ABSENT), 1, "the current key is absent"),
            (replace(FRESH, current=KeyStatus.EXPIRED), 1, "the current key is expired"),
            (replace(FRESH, secret_known=False), 1, "the current key was imported, and its secret can't be had"),
            (replace(FRESH, emergency="emergencyTriggers changed"), 1, "emergencyTriggers changed"),
        ],
    )
    def test_the_reason_and_the_date_are_in_words(self, situation: Situation, day: float, reason: str | None) -> None:
        assert why_minted(plan(situation, MONTHLY, after(day))) == reason

    def test_an_emergency_comes_before_all_other_reasons_and_time_is_the_last(self) -> None:
        everything = replace(
            FRESH, current=KeyStatus.EXPIRED, secret_known=False, changed=("scopes changed",), emergency="emergency!"
        )
        without = [
            everything,
            replace(everything, emergency=None),
            replace(everything, emergency=None, current=KeyStatus.ACTIVE),
            replace(everything, emergency=None, current=KeyStatus.ACTIVE, secret_known=True),
            replace(FRESH),
        ]
        reasons = [str(why_minted(plan(situation, MONTHLY, after(31)))) for situation in without]
        assert [reason.split()[0] for reason in reasons] == ["emergency!", "the", "the", "scopes", "due"]


class TestWhatBecomesOfTheCurrentKey:
    @pytest.mark.parametrize(
        ("situation", "end"),
        [
            (replace(FRESH, changed=("scopes changed",)), None),
            (replace(FRESH, secret_known=False), None),
            (replace(FRESH, current=KeyStatus.EXPIRED), None),
            (replace(FRESH, current=KeyStatus.REVOKED), Forget(Which.CURRENT)),
            (replace(FRESH, current=KeyStatus.ABSENT), Revoke(Which.CURRENT, NOT_LISTED)),
            (replace(FRESH, emergency="emergency!"), Revoke(Which.CURRENT, EMERGENCY)),
            (replace(FRESH, emergency="emergency!", current=KeyStatus.EXPIRED), Revoke(Which.CURRENT, EMERGENCY)),
            (replace(FRESH, emergency="emergency!", current=KeyStatus.REVOKED), Forget(Which.CURRENT)),
        ],
    )
    def test_it_becomes_the_previous_one_unless_it_is_lost_or_there_is_an_emergency(
        self, situation: Situation, end: Step | None
    ) -> None:
        planned = plan(situation, MONTHLY, after(1))
        assert planned.end_of(Which.CURRENT) == end
        assert planned.survivor is (Which.CURRENT if end is None else Which.PREVIOUS)


class TestWhatBecomesOfThePreviousKey:
    @pytest.mark.parametrize(
        ("day", "reason"),
        [
            (6.999, None),
            (7, "its overlap was over on 2026-03-08T12:00:00Z"),
            (29, "its overlap was over on 2026-03-08T12:00:00Z"),
        ],
    )
    def test_it_is_revoked_once_its_overlap_is_over(self, day: float, reason: str | None) -> None:
        planned = plan(IN_OVERLAP, MONTHLY, after(day))
        assert planned == (Plan((Revoke(Which.PREVIOUS, reason),)) if reason is not None else NOTHING)

    @pytest.mark.parametrize("dead", [Previous(KeyStatus.REVOKED), Previous(KeyStatus.EXPIRED, ended=True)])
    @pytest.mark.parametrize("day", [1, 8, 31])
    def test_one_that_is_dead_by_the_servers_word_is_forgotten(self, dead: Previous, day: float) -> None:
        planned = plan(replace(IN_OVERLAP, previous=dead), MONTHLY, after(day))
        assert planned.steps[0] == Forget(Which.PREVIOUS)

    @pytest.mark.parametrize("current", [KeyStatus.ACTIVE, KeyStatus.REVOKED, KeyStatus.ABSENT])
    @pytest.mark.parametrize("day", [1, 8, 31])
    def test_one_that_is_not_listed_is_revoked_to_be_sure_since_a_list_may_be_wrong(
        self, current: KeyStatus, day: float
    ) -> None:
        absent = replace(IN_OVERLAP, current=current, previous=Previous(KeyStatus.ABSENT))
        planned = plan(absent, MONTHLY, after(day))
        assert planned.end_of(Which.PREVIOUS) == Revoke(Which.PREVIOUS, NOT_LISTED)

    def test_an_expired_one_is_revoked_all_the_same_since_only_our_clock_says_so(self) -> None:
        planned = plan(replace(IN_OVERLAP, previous=Previous(KeyStatus.EXPIRED)), MONTHLY, after(8))
        assert why_revoked(planned) == "its overlap was over on 2026-03-08T12:00:00Z"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (
                {"changed": ("scopes changed",)},
                "a newer key replaces it, before its overlap is over on 2026-03-08T12:00:00Z",
            ),
            ({"emergency": "emergency!"}, "an emergency rotation revokes every older key"),
        ],
    )
    def test_it_goes_before_a_third_key_is_made(self, change: dict[str, object], reason: str) -> None:
        planned = plan(replace(IN_OVERLAP, **change), MONTHLY, after(1))  # type: ignore[arg-type] # fields by name
        assert kinds(planned)[:2] == ["revoke previous", "mint"]
        assert why_revoked(planned) == reason

    def test_after_its_overlap_a_newer_key_needs_no_date(self) -> None:
        assert why_revoked(plan(IN_OVERLAP, MONTHLY, after(30))) == "a newer key replaces it"

    @pytest.mark.parametrize("day", [1, 8, 31])
    def test_it_stays_where_the_current_key_is_dead_for_then_it_is_the_only_one_that_works(self, day: float) -> None:
        planned = plan(replace(IN_OVERLAP, current=KeyStatus.REVOKED), MONTHLY, after(day))
        assert planned == Plan((Mint("the current key is revoked"), Forget(Which.CURRENT)))
        assert planned.survivor is Which.PREVIOUS

    def test_in_an_emergency_the_only_one_that_works_goes_once_there_is_a_new_one(self) -> None:
        planned = plan(replace(IN_OVERLAP, current=KeyStatus.REVOKED, emergency="emergency!"), MONTHLY, after(1))
        assert why_revoked(planned) == "an emergency rotation revokes every older key"
        assert kinds(planned) == ["mint", "revoke previous", "forget current"]

    @pytest.mark.parametrize("day", [0, 8])
    @pytest.mark.parametrize("current", [KeyStatus.ACTIVE, KeyStatus.REVOKED])
    def test_one_that_an_emergency_could_not_revoke_is_revoked_at_once(self, day: float, current: KeyStatus) -> None:
        revoke_overdue = replace(IN_OVERLAP, current=current, previous=Previous(KeyStatus.ACTIVE, revoke_overdue=True))
        assert why_revoked(plan(revoke_overdue, MONTHLY, after(day))) == "the emergency rotation could not revoke it"


class TestRetirementByUse:
    def used(self, day: float, last_used_day: float | None, *, known: bool = True) -> Plan:
        last = None if last_used_day is None else after(last_used_day)
        previous = Previous(KeyStatus.ACTIVE, last, use_known=known)
        return plan(replace(FRESH, previous=previous), BY_USE, after(day))

    @pytest.mark.parametrize(("day", "last_used"), [(7, 0.5), (8, 7.9), (19.9, 13), (10, 11)])
    def test_it_stays_while_it_was_used_within_the_overlap_and_the_user_is_told(
        self, day: float, last_used: float
    ) -> None:
        planned = self.used(day, last_used)
        assert why_revoked(planned) is None
        (warning,) = planned.warnings
        assert "still used" in warning
        assert "its overlap was over on 2026-03-08T12:00:00Z" in warning
        assert "at most until 2026-03-21T12:00:00Z" in warning

    @pytest.mark.parametrize(
        ("day", "last_used", "reason"),
        [
            (7, None, "its overlap was over on 2026-03-08T12:00:00Z, and it was never used"),
            (7, 0, "its overlap was over on 2026-03-08T12:00:00Z, and it was last used on 2026-03-01T12:00:00Z"),
            (20, 19.9, "maxOverlap was over on 2026-03-21T12:00:00Z"),
            (20, None, "maxOverlap was over on 2026-03-21T12:00:00Z"),
        ],
    )
    def test_it_is_revoked_once_unused_or_at_the_latest_after_max_overlap(
        self, day: float, last_used: float | None, reason: str
    ) -> None:
        planned = self.used(day, last_used)
        assert (why_revoked(planned), planned.warnings) == (reason, ())

    def test_within_its_overlap_use_does_not_matter(self) -> None:
        assert self.used(6, 5.9) == NOTHING

    def test_without_an_answer_of_the_server_it_stays_and_the_user_is_told(self) -> None:
        planned = self.used(8, None, known=False)
        assert why_revoked(planned) is None
        assert "could not be asked whether it is still used" in planned.warnings[0]

    @pytest.mark.parametrize(("day", "decides"), [(6, False), (7, True), (25, True)])
    def test_the_server_is_asked_only_once_the_overlap_is_over(self, day: float, decides: bool) -> None:
        assert IN_OVERLAP.use_decides(BY_USE, after(day)) is decides
        assert not IN_OVERLAP.use_decides(MONTHLY, after(day))
        assert not FRESH.use_decides(BY_USE, after(day))


class TestClocks:
    def test_a_rotation_in_the_future_counts_from_the_servers_time(self) -> None:
        ran_ahead = replace(FRESH, rotated_at=after(365), created_at=START)
        assert plan(ran_ahead, MONTHLY, after(29)).mint is None
        assert why_minted(plan(ran_ahead, MONTHLY, after(30))) == "due since 2026-03-31T12:00:00Z, every 30 d"

    def test_where_both_times_are_in_the_future_nothing_is_due(self) -> None:
        assert plan(replace(IN_OVERLAP, rotated_at=after(365), created_at=after(365)), MONTHLY, after(40)) == NOTHING

    def test_where_the_server_told_no_time_our_own_counts(self) -> None:
        assert plan(replace(FRESH, rotated_at=after(365), created_at=None), MONTHLY, after(40)) == NOTHING

    def test_a_clock_set_back_makes_nothing_due(self) -> None:
        assert plan(IN_OVERLAP, MONTHLY, after(-400)) == NOTHING


class TestLateness:
    @pytest.mark.parametrize(("day", "late"), [(30, 0), (31, 1), (400, 370)])
    def test_it_is_how_long_after_its_due_time_a_rotation_comes(self, day: float, late: float) -> None:
        assert plan(FRESH, MONTHLY, after(day)).late == late * DAY

    @pytest.mark.parametrize(
        "other",
        [
            replace(FRESH, secret_known=False),
            replace(FRESH, changed=("scopes changed",)),
            replace(FRESH, current=KeyStatus.REVOKED),
            replace(FRESH, emergency="emergency!"),
        ],
    )
    def test_only_a_rotation_because_of_the_time_can_be_late(self, other: Situation) -> None:
        planned = plan(other, MONTHLY, after(400))
        assert (planned.late, planned.warnings) == (timedelta(0), ())

    @pytest.mark.parametrize(("day", "told"), [(31, False), (37, False), (37.1, True), (60, True)])
    def test_a_rotation_later_than_overlap_warns(self, day: float, told: bool) -> None:
        warnings = plan(FRESH, MONTHLY, after(day)).warnings
        assert bool(warnings) is told
        assert all("late, so `pulumi up` runs too rarely" in warning for warning in warnings)

    @pytest.mark.parametrize(
        ("late_by", "day", "told"),
        [
            (12, 17.9, False),
            (12, 18, False),
            (12, 18.1, True),
            (12, 29.9, True),
            (7, 29, False),
            (1, 29.9, False),
            (0, 29.9, False),
        ],
    )
    def test_the_next_rotation_is_foretold_to_be_late_if_the_next_run_is_as_long_in_coming(
        self, late_by: float, day: float, told: bool
    ) -> None:
        planned = plan(replace(FRESH, late_by=late_by * DAY), MONTHLY, after(day))
        assert planned.mint is None
        assert bool(planned.warnings) is told
        for warning in planned.warnings:
            assert warning.startswith(
                "the next rotation is due on 2026-03-31T12:00:00Z, and the last one came 12 d late"
            )
            assert "at least once every 7 d" in warning

    @pytest.mark.parametrize(("ends", "told"), [(40, True), (41.9, True), (42, False)])
    def test_a_key_that_would_end_before_that_run_is_named(self, ends: float, told: bool) -> None:
        sparse = replace(FRESH, late_by=12 * DAY, expires_at=after(ends))
        (warning,) = plan(sparse, MONTHLY, after(30) - timedelta(seconds=1)).warnings
        assert ("The current key ends by itself on" in warning) is told

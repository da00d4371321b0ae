"""Times are RFC 3339 with an offset; durations are longer than nothing, as Go writes them or as ISO 8601 does."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.model.times import (
    FIRST_INSTANT,
    LAST_INSTANT,
    describe_duration,
    format_instant,
    later,
    parse_duration,
    parse_instant,
)

INSTANTS = st.builds(
    datetime.fromtimestamp,
    st.integers(min_value=0, max_value=200_000_000_000) | st.floats(min_value=0, max_value=4_000_000_000),
    st.timezones(),
)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=timezone.utc)),
        ("2027-01-31t12:00:00z", datetime(2027, 1, 31, 12, tzinfo=timezone.utc)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=timezone.utc)),
        ("2027-01-31T23:30:00-01:00", datetime(2027, 2, 1, 0, 30, tzinfo=timezone.utc)),
        ("2027-01-31T12:00:00.5Z", datetime(2027, 1, 31, 12, 0, 0, 500_000, tzinfo=timezone.utc)),
        ("2026-11-24T10:31:39.288356666Z", datetime(2026, 11, 24, 10, 31, 39, 288_356, tzinfo=timezone.utc)),
        ("2026-11-24T10:31:39.288356999Z", datetime(2026, 11, 24, 10, 31, 39, 288_356, tzinfo=timezone.utc)),
        (f"2026-11-24T10:31:39.2{'0' * 5000}Z", datetime(2026, 11, 24, 10, 31, 39, 200_000, tzinfo=timezone.utc)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=timezone.utc)),
        ("2017-01-01T05:29:60.5+05:30", datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=timezone.utc)),
        ("0001-01-01T00:00:00+10:00", FIRST_INSTANT),
        ("0001-01-01T00:00:00Z", FIRST_INSTANT),
        ("9999-12-31T23:59:59-10:00", LAST_INSTANT),
        ("9999-12-31T23:59:60Z", LAST_INSTANT),
    ],
)
def test_a_time_is_read_into_utc(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is timezone.utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "1700000000",
        "1700000000T",
        "2027-01-31",
        "2027-01-31T12:00:00",
        "2027-01-31 12:00:00Z",
        "2027-01-31T12Z",
        "2027-01-31T12:00Z",
        "2027-01-31T12:00:00+0200",
        "2027-02-30T12:00:00Z",
        "2027-01-31T24:00:00Z",
        "2027-01-31T12:00:00Z\n",
        " 2027-01-31T12:00:00Z",
        "0000-01-01T00:00:00Z",
        "2027-01-31T12:00:61Z",
        "2027-01-31T12:60:00Z",
        "2027-01-31T12:00:00+24:00",
        "2027-01-31T12:00:00+01:60",
        "2027-01-31T12:00:00.Z",
    ],
)
def test_anything_but_rfc_3339_with_an_offset_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time in RFC 3339 form with an offset, such as 2027-01-31T12:00:00Z"):
        parse_instant(text)


@given(st.text())
def test_no_text_at_all_makes_a_time_fail_in_another_way(text: str) -> None:
    try:
        assert parse_instant(text).tzinfo is timezone.utc
    except ValueError as error:
        assert "RFC 3339" in str(error)  # noqa: PT017 - either outcome is right


@given(
    st.from_regex(
        r"(000|202|999)[0-9]-(01|12)-(01|31)T(00|12|23|24):59:(59|60)(\.9{1,9})?(Z|[+-](00|14|23):59)", fullmatch=True
    ),
    st.timedeltas(),
)
def test_no_date_at_the_edges_of_the_calendar_breaks_what_is_calculated_with_it(text: str, duration: timedelta) -> None:
    try:
        instant = parse_instant(text)
    except ValueError:
        return
    assert FIRST_INSTANT <= later(instant, duration) <= LAST_INSTANT
    assert parse_instant(format_instant(later(instant, duration))).tzinfo is timezone.utc
    assert describe_duration(instant - later(instant, duration))


@pytest.mark.parametrize(
    ("instant", "duration", "then"),
    [
        (datetime(2027, 1, 31, tzinfo=timezone.utc), timedelta(days=1), datetime(2027, 2, 1, tzinfo=timezone.utc)),
        (datetime(2027, 1, 31, tzinfo=timezone.utc), timedelta(days=-1), datetime(2027, 1, 30, tzinfo=timezone.utc)),
        (LAST_INSTANT, timedelta(microseconds=1), LAST_INSTANT),
        (FIRST_INSTANT, timedelta(microseconds=-1), FIRST_INSTANT),
        (FIRST_INSTANT, timedelta.max, LAST_INSTANT),
    ],
)
def test_a_later_time_ends_with_the_calendar(instant: datetime, duration: timedelta, then: datetime) -> None:
    assert later(instant, duration) == then


@given(INSTANTS)
def test_a_time_written_is_read_back_as_it_was(instant: datetime) -> None:
    written = format_instant(instant)
    assert written.endswith("Z")
    assert parse_instant(written) == instant.astimezone(timezone.utc)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2027, 1, 31, 12, tzinfo=timezone.utc), "2027-01-31T12:00:00Z"),
        (datetime(2027, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))), "2027-01-31T10:00:00Z"),
        (datetime(2027, 1, 31, 12, 0, 0, 250_000, tzinfo=timezone.utc), "2027-01-31T12:00:00.250000Z"),
    ],
)
def test_a_time_is_written_in_utc_to_the_second_where_it_has_no_fraction(instant: datetime, text: str) -> None:
    assert format_instant(instant) == text


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90d", timedelta(days=90)),
        ("12h", timedelta(hours=12)),
        ("1w", timedelta(weeks=1)),
        ("30m", timedelta(minutes=30)),
        ("45s", timedelta(seconds=45)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("1.5h", timedelta(hours=1, minutes=30)),
        (" 90d ", timedelta(days=90)),
        ("P90D", timedelta(days=90)),
        ("p1w", timedelta(weeks=1)),
        ("PT36H", timedelta(hours=36)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("PT10M", timedelta(minutes=10)),
    ],
)
def test_a_duration_is_read_in_both_forms(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "5", "soon", "90 days", "90D", "P", "PT", "P-1D", "-P1D", "12:30:00", "9999999999w", "P99999999999D"]
)
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration, such as 90d, 12h, 1w, 1h30m or ISO 8601 P90D"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0", "0d", "-1d", "PT0S", "1ns"])
def test_a_duration_of_nothing_or_less_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" must be longer than nothing'):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36526d", "P101Y", "999999999d"])
def test_a_duration_that_no_calendar_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" must not be longer than 100 years'):
        parse_duration(text)


@given(st.text())
def test_no_text_at_all_makes_a_duration_fail_in_another_way(text: str) -> None:
    try:
        assert parse_duration(text) > timedelta(0)
    except ValueError as error:
        assert "duration" in str(error) or "longer than" in str(error)  # noqa: PT017 - either outcome is right


@given(st.integers(min_value=1, max_value=10_000), st.sampled_from([("d", "P{}D"), ("h", "PT{}H"), ("s", "PT{}S")]))
def test_both_forms_of_a_duration_mean_the_same(count: int, forms: tuple[str, str]) -> None:
    unit, iso = forms
    assert parse_duration(f"{count}{unit}") == parse_duration(iso.format(count))


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=40, microseconds=999_999), "40 s"),
        (timedelta(minutes=5, seconds=30), "5 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
        (timedelta(days=-3), "3 d"),
    ],
)
def test_a_duration_is_told_by_its_largest_units(duration: timedelta, words: str) -> None:
    assert describe_duration(duration) == words

"""Points in time (RFC 3339) and durations (`90d`, `12h`, ISO 8601), as users write them and servers answer them.

Calculating with a time that somebody wrote must not fail at the ends of the calendar: `later` does it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import durationpy
from pydantic import ConfigDict, TypeAdapter, ValidationError

_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))",
    re.IGNORECASE,
)
FIRST_INSTANT = datetime.min.replace(tzinfo=timezone.utc)
LAST_INSTANT = datetime.max.replace(tzinfo=timezone.utc)
_TIMEDELTA = TypeAdapter(timedelta, config=ConfigDict(defer_build=True))
_LONGEST = timedelta(days=36525)
_LEAP_SECOND, _MINUTES, _LONGEST_OFFSET = 60, 60, timedelta(days=1)


def parse_instant(written: str) -> datetime:
    """Read an RFC 3339 time with offset into UTC; digits below a microsecond are cut off.

    A leap second is read as the second after it, and a time whose offset carries it out of the calendar as the first
    or last there is. Raises ValueError with a reason in words.
    """
    try:
        return _read_instant(written)
    except ValueError:
        raise ValueError(
            f'"{written}" is not a time in RFC 3339 form with an offset, such as 2027-01-31T12:00:00Z'
        ) from None


def _read_instant(written: str) -> datetime:
    parts = _RFC_3339.fullmatch(written)
    if parts is None:
        raise ValueError("another form")
    year, month, day, hour, minute, second = map(int, parts.group(1, 2, 3, 4, 5, 6))
    fraction, sign, offset_hours, offset_minutes = parts.group(7, 8, 9, 10)
    leap = second == _LEAP_SECOND
    microsecond = int(fraction[:6].ljust(6, "0")) if fraction else 0
    local = datetime(year, month, day, hour, minute, second - leap, microsecond, timezone.utc)
    behind = timedelta(seconds=int(leap))
    if sign:
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        if int(offset_minutes) >= _MINUTES or offset >= _LONGEST_OFFSET:
            raise ValueError("no such offset")
        behind += offset if sign == "-" else -offset
    return later(local, behind) if behind else local


def later(instant: datetime, duration: timedelta) -> datetime:
    """The time that much later, or earlier for a negative duration; at most the first or last of the calendar (UTC)."""
    try:
        return instant + duration
    except OverflowError:
        return LAST_INSTANT if duration > timedelta(0) else FIRST_INSTANT


def read_instant(written: str | None) -> datetime | None:
    """A time as a server or a state has it, None if it is absent or can't be read."""
    try:
        return parse_instant(written) if written else None
    except ValueError:
        return None


class Dated:
    """What has the times that the server told of a key, as it wrote them."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def created_at(self) -> str | None:
            """RFC 3339, as the server wrote it."""

        @property
        def expires_at(self) -> str | None:
            """The same."""

    @property
    def made_at(self) -> datetime | None:
        """When the key was made; None if the server did not say, or not readably."""
        return read_instant(self.created_at)

    @property
    def ends_at(self) -> datetime | None:
        """When the server ends the key; None if it does not, or did not say readably."""
        return read_instant(self.expires_at)


def format_instant(instant: datetime) -> str:
    """Write a time as RFC 3339 in UTC, to the second if it has no fraction."""
    return instant.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def parse_duration(text: str) -> timedelta:
    """Read a duration, of 100 years at most: `90d`, `12h`, `1w`, `1h30m` (`m` is minutes) or ISO 8601 (`P90D`).

    Raises ValueError with a reason in words.
    """
    stripped = text.strip()
    try:
        if stripped.upper().startswith("P"):
            duration = _TIMEDELTA.validate_python(stripped.upper())
        else:
            duration = durationpy.from_str(stripped)
    except (durationpy.DurationError, ValidationError, OverflowError, ValueError):
        raise ValueError(f'"{text}" is not a duration, such as 90d, 12h, 1w, 1h30m or ISO 8601 P90D') from None
    if duration <= timedelta(0):
        raise ValueError(f'"{text}" must be longer than nothing')
    if duration > _LONGEST:
        raise ValueError(f'"{text}" must not be longer than 100 years')
    return duration


def describe_duration(duration: timedelta) -> str:
    """Write a duration for people, by its largest units: `3 d`, `2 h 5 min`, `40 s`."""
    seconds = int(abs(duration).total_seconds())
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def checked_instant(text: str) -> str:
    """The text itself if it is a time. Raises ValueError with a reason in words."""
    parse_instant(text)
    return text


def checked_duration(text: str) -> str:
    """The text itself if it is a duration. Raises ValueError with a reason in words."""
    parse_duration(text)
    return text

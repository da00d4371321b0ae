"""The server's time, and timestamps as text.

A stamp is RFC 3339 in UTC with nine digits of fraction (`2026-11-24T10:31:39.288356666Z`), as the API sends it.
All stamps have the same width, so they sort and compare as text, over the whole range of years 1 to 9999.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

NANOSECONDS = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", re.ASCII)


def stamp_of_text(text: str) -> str:
    """The stamp for an RFC 3339 date-time with any offset; digits beyond nanoseconds are cut.

    Raises:
        ValueError: the text is no RFC 3339 date-time, or it lies outside the years 1 to 9999 in UTC.
    """
    match = RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("expected string to be RFC 3339 date-time")
    date, of_day, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{of_day}{'+00:00' if offset in 'Zz' else offset}")
        moment = moment.astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise ValueError("expected string to be RFC 3339 date-time") from error
    return f"{moment.replace(tzinfo=None).isoformat()}.{(fraction or '')[:9]:0<9}Z"


def stamp_of_nanoseconds(nanoseconds: int) -> str:
    """The stamp for nanoseconds since the epoch; before the year 1 and after 9999, the first and the last there is."""
    seconds, rest = divmod(min(max(nanoseconds, EARLIEST), LATEST), NANOSECONDS)
    moment = EPOCH + timedelta(seconds=seconds)
    return f"{moment.replace(tzinfo=None).isoformat()}.{rest:09}Z"


def nanoseconds_of_stamp(stamp: str) -> int:
    """Nanoseconds since the epoch of a stamp."""
    whole, fraction = stamp[:-1].split(".")
    since_epoch = datetime.fromisoformat(f"{whole}+00:00") - EPOCH
    return (since_epoch.days * 86_400 + since_epoch.seconds) * NANOSECONDS + int(fraction)


EARLIEST = nanoseconds_of_stamp("0001-01-01T00:00:00.000000000Z")
LATEST = nanoseconds_of_stamp("9999-12-31T23:59:59.999999999Z")


class Clock:
    """The machine's time plus an offset that can be moved while the server runs."""

    def __init__(self, source: Callable[[], int] = time.time_ns) -> None:
        """`source` gives nanoseconds since the epoch."""
        self._source = source
        self.offset_nanoseconds = 0

    def nanoseconds(self) -> int:
        """Now, in nanoseconds since the epoch."""
        return self._source() + self.offset_nanoseconds

    def moment(self) -> datetime:
        """Now, in UTC, to the second below."""
        nanoseconds = min(max(self.nanoseconds(), EARLIEST), LATEST)
        return EPOCH + timedelta(seconds=nanoseconds // NANOSECONDS)

    def stamp(self) -> str:
        """Now, as a stamp."""
        return stamp_of_nanoseconds(self.nanoseconds())

    def set_now(self, stamp: str) -> None:
        """Move the offset so that it is `stamp` now; time goes on from there."""
        self.offset_nanoseconds = nanoseconds_of_stamp(stamp) - self._source()

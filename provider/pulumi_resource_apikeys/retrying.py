"""When to try again: full-jitter backoff, Retry-After as the least wait, and a deadline that no wait may overrun.

What is worth another try is each caller's decision.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from .clock import Clock

Result = TypeVar("Result")

FIRST_WAIT = 0.5
"""Seconds that the wait before the first retry is at most; it doubles with each retry."""
LONGEST_WAIT = 20.0
"""Seconds that the wait before a retry is at most, unless the server asks for more."""
LONGEST_ASKED_WAIT = 86400.0
"""Seconds; a server that asks for a longer wait is taken to have asked for this one."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that an answer asks to wait (Retry-After, RFC 9110 section 10.2.3); None where it asks nothing.

    A date counts from the answer's own `Date` where there is one, so that clocks may differ, else from `now`.
    """
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", asked):
        return min(float(asked), LONGEST_ASKED_WAIT)
    until = _http_date(asked)
    if until is None:
        return None
    since = served(headers) or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST_ASKED_WAIT)


def served(headers: Mapping[str, str]) -> datetime | None:
    """The time of the answer by the server's own clock (Date, RFC 9110 section 6.6.1); None where it tells none."""
    return _http_date(headers.get("date", ""))


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
        return date.astimezone(timezone.utc) if date.tzinfo else date.replace(tzinfo=timezone.utc)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _never(_error: BaseException) -> bool:
    return False


@dataclass(frozen=True)
class RetryPolicy:
    """How one kind of operation is tried again.

    `retries` is how often at most, `again` which errors are worth it, `least_wait` the seconds that an error asks to
    wait. Errors that are `free` don't count as retries, where there are any retries at all; only the deadline ends
    them.
    """

    retries: int
    again: Callable[[BaseException], bool]
    least_wait: Callable[[BaseException], float]
    free: Callable[[BaseException], bool] = _never

    async def run(self, call: Callable[[], Awaitable[Result]], clock: Clock, ends: float) -> Result:
        """Call until it succeeds or fails for good; raises the last error. `ends` is a time of `clock.monotonic`."""
        counted, longest = 0, FIRST_WAIT
        while True:
            try:
                return await call()
            except Exception as error:
                if not self.again(error):
                    raise
                counted += 0 if self.free(error) and self.retries else 1
                wait = max(random.uniform(0.0, longest), self.least_wait(error))  # noqa: S311 - no secret
                if counted > self.retries or clock.monotonic() + wait >= ends:
                    raise
            await clock.sleep(wait)
            longest = min(2 * longest, LONGEST_WAIT)

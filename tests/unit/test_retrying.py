from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.clock import START, FakeClock
from pulumi_resource_apikeys.retrying import FIRST_WAIT, LONGEST_ASKED_WAIT, LONGEST_WAIT, RetryPolicy, retry_after


class FailedError(Exception):
    def __init__(self, *, asks: float = 0.0, free: bool = False, final: bool = False) -> None:
        self.asks = asks
        self.free = free
        self.final = final


class Script:
    """Fails as told, call by call, and then answers "done"."""

    def __init__(self, *failures: FailedError | None, otherwise: FailedError | None = None) -> None:
        self._failures = list(failures)
        self._otherwise = otherwise
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        failure = self._failures.pop(0) if self._failures else self._otherwise
        if failure is not None:
            raise failure
        return "done"


def policy(retries: int) -> RetryPolicy:
    return RetryPolicy(
        retries,
        again=lambda error: isinstance(error, FailedError) and not error.final,
        least_wait=lambda error: error.asks if isinstance(error, FailedError) else 0.0,
        free=lambda error: isinstance(error, FailedError) and error.free,
    )


async def test_a_success_is_not_tried_again() -> None:
    clock, script = FakeClock(), Script()
    assert await policy(5).run(script, clock, 100.0) == "done"
    assert (script.calls, clock.slept) == (1, [])


@pytest.mark.parametrize("retries", [0, 1, 3])
async def test_the_last_error_comes_after_that_many_retries(retries: int) -> None:
    failures = [FailedError() for _ in range(retries + 1)]
    script = Script(*failures)
    with pytest.raises(FailedError) as caught:
        await policy(retries).run(script, FakeClock(), 1000.0)
    assert caught.value is failures[-1]
    assert script.calls == retries + 1


async def test_an_error_that_will_not_pass_is_not_tried_again() -> None:
    script = Script(FailedError(final=True))
    with pytest.raises(FailedError):
        await policy(5).run(script, FakeClock(), 100.0)
    assert script.calls == 1


async def test_waits_grow_at_random_up_to_a_bound() -> None:
    clock = FakeClock()
    with pytest.raises(FailedError):
        await policy(20).run(Script(otherwise=FailedError()), clock, 10_000.0)
    assert len(clock.slept) == 20
    assert all(0 <= wait <= min(FIRST_WAIT * 2**n, LONGEST_WAIT) for n, wait in enumerate(clock.slept))
    assert len(set(clock.slept)) > 10


async def test_the_wait_is_at_least_what_the_server_asks() -> None:
    clock = FakeClock()
    await policy(5).run(Script(FailedError(asks=42.0)), clock, 100.0)
    assert 42.0 <= sum(clock.slept) < 42.0 + FIRST_WAIT


async def test_no_wait_is_begun_that_ends_after_the_deadline() -> None:
    clock, script = FakeClock(), Script(FailedError(asks=100.0))
    with pytest.raises(FailedError):
        await policy(5).run(script, clock, 100.0)
    assert (script.calls, clock.slept) == (1, [])


async def test_free_errors_use_up_no_retries() -> None:
    script = Script(*[FailedError(free=True, asks=1.0)] * 10, FailedError(), None)
    assert await policy(1).run(script, FakeClock(), 1000.0) == "done"
    assert script.calls == 12


async def test_free_errors_end_at_the_deadline() -> None:
    clock = FakeClock()
    with pytest.raises(FailedError):
        await policy(1).run(Script(otherwise=FailedError(free=True, asks=10.0)), clock, 100.0)
    assert 50.0 < clock.monotonic() < 100.0


async def test_where_no_retries_are_wanted_free_errors_are_not_tried_again_either() -> None:
    script = Script(FailedError(free=True))
    with pytest.raises(FailedError):
        await policy(0).run(script, FakeClock(), 100.0)
    assert script.calls == 1


@given(st.integers(min_value=0, max_value=10**12))
def test_retry_after_in_seconds(seconds: int) -> None:
    assert retry_after({"retry-after": str(seconds)}, START) == min(seconds, LONGEST_ASKED_WAIT)


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(timezone.utc)),  # noqa: DTZ001 - hypothesis wants bounds without zone
    st.integers(min_value=-(10**6), max_value=10**6),
)
def test_retry_after_as_a_date_is_the_time_until_then(now: datetime, ahead: int) -> None:
    now = now.replace(microsecond=0)
    asked = {"retry-after": format_datetime(_later(now, ahead), usegmt=True)}
    assert retry_after(asked, now) == min(max(ahead, 0), LONGEST_ASKED_WAIT)


def _later(now: datetime, seconds: int) -> datetime:
    return now + timedelta(seconds=seconds)


def test_a_date_counts_from_the_servers_own_clock() -> None:
    servers_now = START + timedelta(hours=5)
    headers = {
        "date": format_datetime(servers_now, usegmt=True),
        "retry-after": format_datetime(servers_now + timedelta(seconds=7), usegmt=True),
    }
    assert retry_after(headers, START) == 7


@pytest.mark.parametrize("asked", ["", "soon", "-5", "1e9", "inf", "nan", "Tue, 99 Nov 2026 12:00:00 GMT", "٣"])
def test_a_retry_after_that_can_not_be_read_asks_nothing(asked: str) -> None:
    assert retry_after({"retry-after": asked}, START) is None


@given(st.text(max_size=60))
def test_no_retry_after_breaks_the_reader(asked: str) -> None:
    seconds = retry_after({"retry-after": asked, "date": asked}, START)
    assert seconds is None or 0 <= seconds <= LONGEST_ASKED_WAIT

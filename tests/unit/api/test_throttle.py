import asyncio
from contextlib import AsyncExitStack

import pytest

from fakes.clock import FakeClock
from pulumi_resource_apikeys.api.throttle import FIRST_PAUSE, LONGEST_PAUSE, LONGEST_SPACING, ClosedError, Throttle

ENDS = 10_000.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def started_at(throttle: Throttle, clock: FakeClock) -> float:
    async with throttle.turn(ENDS):
        return clock.monotonic()


async def meet_limit(throttle: Throttle, retry_after: float | None) -> None:
    async with throttle.turn(ENDS) as turn:
        throttle.limited(turn, retry_after)


async def test_without_a_limit_nobody_waits(clock: FakeClock) -> None:
    throttle = Throttle(clock, 8)
    await asyncio.gather(*[started_at(throttle, clock) for _ in range(100)])
    assert clock.slept == []


@pytest.mark.parametrize("places", [1, 3])
async def test_no_more_calls_than_places_run_at_once(clock: FakeClock, places: int) -> None:
    throttle = Throttle(clock, places)
    running, most = 0, 0

    async def call() -> None:
        nonlocal running, most
        async with throttle.turn(ENDS):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*[call() for _ in range(20)])
    assert most == places


async def test_a_limit_holds_up_every_call_for_as_long_as_the_server_asks(clock: FakeClock) -> None:
    throttle = Throttle(clock, 8)
    await meet_limit(throttle, 30.0)
    assert throttle.seconds_closed() == 30.0
    starts = await asyncio.gather(*[started_at(throttle, clock) for _ in range(8)])
    assert min(starts) >= 30.0


async def test_after_a_limit_calls_start_one_after_the_other(clock: FakeClock) -> None:
    throttle = Throttle(clock, 8)
    await meet_limit(throttle, 1.0)
    starts = [await started_at(throttle, clock) for _ in range(5)]
    assert starts == sorted(set(starts))


async def test_successes_bring_back_full_speed(clock: FakeClock) -> None:
    throttle = Throttle(clock, 8)
    await meet_limit(throttle, 1.0)
    for _ in range(10):
        await started_at(throttle, clock)
        throttle.succeeded()
    clock.slept.clear()
    await started_at(throttle, clock)
    await started_at(throttle, clock)
    assert clock.slept == []


async def test_calls_under_way_together_slow_down_once(clock: FakeClock) -> None:
    one, many = Throttle(clock, 8), Throttle(clock, 8)
    await meet_limit(one, 0.0)
    async with AsyncExitStack() as stack:
        turns = [await stack.enter_async_context(many.turn(ENDS)) for _ in range(8)]
        for turn in turns:
            many.limited(turn, 0.0)
    assert await spacing(one, clock) == await spacing(many, clock)


async def spacing(throttle: Throttle, clock: FakeClock) -> float:
    return round(-(await started_at(throttle, clock)) + await started_at(throttle, clock), 6)


async def test_a_limit_that_names_no_time_pauses_longer_each_time_up_to_a_bound(clock: FakeClock) -> None:
    throttle = Throttle(clock, 8)
    pauses = []
    for _ in range(12):
        await meet_limit(throttle, None)
        pauses.append(throttle.seconds_closed())
    assert FIRST_PAUSE / 2 <= pauses[0] <= FIRST_PAUSE
    assert pauses[0] < pauses[3] < pauses[6]
    assert max(pauses) <= LONGEST_PAUSE
    assert await spacing(throttle, clock) <= LONGEST_SPACING


async def test_the_longest_wait_that_was_asked_for_counts(clock: FakeClock) -> None:
    throttle = Throttle(clock, 8)
    async with throttle.turn(ENDS) as first, throttle.turn(ENDS) as second:
        throttle.limited(first, 60.0)
        throttle.limited(second, 1.0)
    assert throttle.seconds_closed() == 60.0


async def test_who_could_only_start_after_their_time_is_told_so_at_once(clock: FakeClock) -> None:
    throttle = Throttle(clock, 1)
    await meet_limit(throttle, 60.0)
    with pytest.raises(ClosedError) as caught:
        async with throttle.turn(59.0):
            pass
    assert caught.value.seconds == 60.0
    assert clock.slept == []
    assert await started_at(throttle, clock) == 60.0


async def test_a_limit_met_while_others_wait_at_the_gate_holds_them_too() -> None:
    class LimitedMeanwhile(FakeClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            if len(self.slept) == 1:
                throttle.limited(turn, 20.0)

    clock = LimitedMeanwhile()
    throttle = Throttle(clock, 2)
    async with throttle.turn(ENDS) as turn:
        throttle.limited(turn, 10.0)
        assert await started_at(throttle, clock) >= 30.0


async def test_a_caller_cancelled_at_the_gate_gives_its_place_back(clock: FakeClock) -> None:
    throttle = Throttle(clock, 1)

    async def hold() -> None:
        async with throttle.turn(ENDS):
            await asyncio.get_running_loop().create_future()

    holder = asyncio.ensure_future(hold())
    await asyncio.sleep(0)
    holder.cancel()
    assert await started_at(throttle, clock) == 0.0

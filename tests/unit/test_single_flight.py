import asyncio
import gc

import anyio
import pytest

from pulumi_resource_apikeys.single_flight import SingleFlight


class Call:
    """A call that ends when the test says so."""

    def __init__(self) -> None:
        self.times = 0
        self.cancelled = False
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> str:
        self.times += 1
        try:
            return await self.answer
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_all_who_wait_get_the_result_of_one_call() -> None:
    call = Call()
    flight = SingleFlight(call)
    waiters = [asyncio.ensure_future(flight.result()) for _ in range(10)]
    await settle()
    call.answer.set_result("it")
    assert await asyncio.gather(*waiters) == ["it"] * 10
    assert call.times == 1


async def test_all_who_wait_get_the_error() -> None:
    call = Call()
    flight = SingleFlight(call)
    waiters = [asyncio.ensure_future(flight.result()) for _ in range(3)]
    await settle()
    call.answer.set_exception(ValueError("no"))
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [str(result) for result in results] == ["no"] * 3


async def test_a_cancelled_waiter_does_not_break_the_others() -> None:
    call = Call()
    flight = SingleFlight(call)
    first, second = asyncio.ensure_future(flight.result()), asyncio.ensure_future(flight.result())
    await settle()
    first.cancel()
    await settle()
    assert first.cancelled()
    assert flight.under_way
    call.answer.set_result("it")
    assert await second == "it"


async def test_when_the_last_waiter_is_cancelled_so_is_the_call() -> None:
    call = Call()
    flight = SingleFlight(call)
    waiters = [asyncio.ensure_future(flight.result()) for _ in range(2)]
    await settle()
    for waiter in waiters:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    assert call.cancelled
    assert not flight.under_way


async def test_no_one_may_join_a_call_that_is_being_cancelled() -> None:
    ending, ended = asyncio.Event(), asyncio.Event()

    async def call() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ending.set()
            await ended.wait()

    flight = SingleFlight(call)
    waiter = asyncio.ensure_future(flight.result())
    await settle()
    waiter.cancel()
    await ending.wait()
    assert not flight.under_way
    ended.set()
    await asyncio.gather(waiter, return_exceptions=True)


async def test_it_begins_at_the_next_turn_of_the_loop() -> None:
    call = Call()
    flight = SingleFlight(call)
    assert (call.times, flight.under_way) == (0, True)
    waiter = asyncio.ensure_future(flight.result())
    await settle()
    assert (call.times, flight.under_way) == (1, True)
    call.answer.set_result("it")
    await waiter
    assert not flight.under_way


async def test_a_late_waiter_gets_the_result_too() -> None:
    call = Call()
    call.answer.set_result("it")
    flight = SingleFlight(call)
    assert await flight.result() == "it"
    assert await flight.result() == "it"


def test_a_call_that_was_abandoned_leaves_no_task_and_no_word(caplog: pytest.LogCaptureFixture) -> None:
    """Its error, which may come of its cleaning up, is nobody's any more; asyncio would log it with its traceback."""

    async def call() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            raise ValueError("of the cleaning up")

    async def abandon() -> set[asyncio.Task[None]]:
        flight = SingleFlight(call)
        waiters = [asyncio.ensure_future(flight.result()) for _ in range(2)]
        await settle()
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)
        return asyncio.all_tasks()

    gc.collect()  # what other tests left is told of now
    caplog.clear()
    assert len(asyncio.run(abandon())) == 1, "its own"
    gc.collect()
    assert caplog.text == ""


async def test_a_call_whose_last_waiter_is_cancelled_again_and_again_ends_too() -> None:
    call = Call()
    before = asyncio.all_tasks()
    with anyio.move_on_after(0.01):  # its cancellation comes again at each turn of the loop
        await SingleFlight(call).result()
    await settle()
    assert call.cancelled
    assert asyncio.all_tasks() == before


async def test_a_waiter_who_is_cancelled_before_the_call_began_leaves_nothing() -> None:
    call = Call()
    before = asyncio.all_tasks()
    waiter = asyncio.ensure_future(SingleFlight(call).result())
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    await settle()
    assert asyncio.all_tasks() == before
    assert call.times == 0

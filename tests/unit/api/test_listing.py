import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.clock import FakeClock
from pulumi_resource_apikeys.api.listing import KEPT, Listings
from pulumi_resource_apikeys.keys.port import Listing, RemoteKey

PROJECT, OTHER = "p-1", "p-2"


class Server:
    """Answers a list with the number of the call in the key's name, once the test lets it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.held: list[asyncio.Future[None]] = []
        self.hold = False
        self.fail: Exception | None = None

    async def fetch(self, project_id: str) -> Listing:
        self.calls.append(project_id)
        key = RemoteKey(key_id="k", project_id=project_id, name=f"answer {len(self.calls)}")
        if self.hold:
            gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.held.append(gate)
            await gate
        if self.fail is not None:
            raise self.fail
        return Listing((key,))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def listings(server: Server, clock: FakeClock) -> Listings:
    return Listings(server.fetch, clock)


async def ask(listings: Listings, *, fresh: bool = False) -> str:
    return (await listings.get(PROJECT, fresh=fresh))[0].name


def write(listings: Listings) -> None:
    with listings.writing(PROJECT):
        pass


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_200_reads_at_once_cost_one_call(listings: Listings, server: Server) -> None:
    answers = await asyncio.gather(*[ask(listings) for _ in range(200)])
    assert set(answers) == {"answer 1"}
    assert len(server.calls) == 1


async def test_reads_one_after_the_other_cost_one_call_for_some_seconds(
    listings: Listings, server: Server, clock: FakeClock
) -> None:
    await ask(listings)
    clock.advance(KEPT - 0.1)
    assert await ask(listings) == "answer 1"
    clock.advance(0.1)
    assert await ask(listings) == "answer 2"
    assert len(server.calls) == 2


async def test_each_project_has_its_own_list(listings: Listings, server: Server) -> None:
    await asyncio.gather(listings.get(PROJECT), listings.get(OTHER), listings.get(PROJECT))
    assert sorted(server.calls) == [PROJECT, OTHER]


async def test_a_write_drops_the_list_of_its_project_only(listings: Listings, server: Server) -> None:
    await asyncio.gather(listings.get(PROJECT), listings.get(OTHER))
    write(listings)
    await asyncio.gather(listings.get(PROJECT), listings.get(OTHER))
    assert server.calls == [PROJECT, OTHER, PROJECT]


async def test_a_list_under_way_at_a_write_serves_only_those_who_asked_before(
    listings: Listings, server: Server
) -> None:
    server.hold = True
    before = asyncio.ensure_future(ask(listings))
    await settle()
    write(listings)
    after = asyncio.ensure_future(ask(listings))
    await settle()
    server.held[1].set_result(None)
    assert await after == "answer 2"
    server.held[0].set_result(None)
    assert await before == "answer 1"
    assert await ask(listings) == "answer 2"


async def test_a_list_under_way_at_a_write_is_not_kept(listings: Listings, server: Server) -> None:
    server.hold = True
    before = asyncio.ensure_future(ask(listings))
    await settle()
    write(listings)
    server.held[0].set_result(None)
    await before
    server.hold = False
    assert await ask(listings) == "answer 2"


async def test_fresh_asks_anew_and_what_it_gets_is_kept(listings: Listings) -> None:
    assert await ask(listings) == "answer 1"
    assert await ask(listings, fresh=True) == "answer 2"
    assert await ask(listings) == "answer 2"


async def test_those_who_ask_fresh_at_the_same_time_share_a_call(listings: Listings, server: Server) -> None:
    await ask(listings)
    answers = await asyncio.gather(*[ask(listings, fresh=True) for _ in range(20)])
    assert set(answers) == {"answer 2"}
    assert len(server.calls) == 2


async def test_fresh_does_not_join_a_call_that_began_before(listings: Listings, server: Server) -> None:
    server.hold = True
    earlier = asyncio.ensure_future(ask(listings, fresh=True))
    await settle()
    fresh = asyncio.ensure_future(ask(listings, fresh=True))
    await settle()
    for gate in server.held:
        gate.set_result(None)
    assert (await earlier, await fresh) == ("answer 1", "answer 2")


async def test_the_older_of_two_calls_is_not_kept_though_it_ends_last(listings: Listings, server: Server) -> None:
    server.hold = True
    older = asyncio.ensure_future(ask(listings))
    await settle()
    newer = asyncio.ensure_future(ask(listings, fresh=True))
    await settle()
    server.held[1].set_result(None)
    await newer
    server.held[0].set_result(None)
    await older
    assert await ask(listings) == "answer 2"


async def test_an_error_goes_to_all_who_waited_and_is_not_kept(listings: Listings, server: Server) -> None:
    server.fail = ValueError("down")
    results = await asyncio.gather(*[ask(listings) for _ in range(5)], return_exceptions=True)
    assert [str(result) for result in results] == ["down"] * 5
    server.fail = None
    assert await ask(listings) == "answer 2"


async def test_a_failed_fresh_call_leaves_what_was_kept(listings: Listings, server: Server) -> None:
    await ask(listings)
    server.fail = ValueError("down")
    with pytest.raises(ValueError, match="down"):
        await ask(listings, fresh=True)
    assert await ask(listings) == "answer 1"


async def test_a_cancelled_caller_does_not_break_the_others(listings: Listings, server: Server) -> None:
    server.hold = True
    first, second = asyncio.ensure_future(ask(listings)), asyncio.ensure_future(ask(listings))
    await settle()
    first.cancel()
    await settle()
    server.held[0].set_result(None)
    assert await second == "answer 1"
    assert first.cancelled()
    assert len(server.calls) == 1


async def test_after_all_callers_were_cancelled_the_next_asks_anew(listings: Listings, server: Server) -> None:
    server.hold = True
    first = asyncio.ensure_future(ask(listings))
    await settle()
    first.cancel()
    next_one = asyncio.ensure_future(ask(listings))
    await settle()
    server.held[1].set_result(None)
    assert await next_one == "answer 2"


async def test_those_who_have_written_at_the_same_time_share_one_fresh_list(listings: Listings, server: Server) -> None:
    gates = [asyncio.Event() for _ in range(5)]

    async def revoke(gate: asyncio.Event) -> str:
        with listings.writing(PROJECT):
            await gate.wait()
        return await ask(listings, fresh=True)

    revokes = [asyncio.ensure_future(revoke(gate)) for gate in gates]
    for gate in gates:
        await settle()
        assert server.calls == []
        gate.set()
    assert await asyncio.gather(*revokes) == ["answer 1"] * 5
    assert await ask(listings) == "answer 1"


async def test_a_fresh_list_does_not_wait_long_for_a_write_that_takes_long(listings: Listings) -> None:
    with listings.writing(PROJECT):
        assert await ask(listings, fresh=True) == "answer 1"
        assert await ask(listings, fresh=True) == "answer 2"
    assert await ask(listings) == "answer 3"


async def test_a_list_that_nobody_needs_fresh_waits_for_no_write(listings: Listings) -> None:
    with listings.writing(PROJECT):
        asking = asyncio.ensure_future(ask(listings))
        await settle()
        assert asking.done()
    assert await ask(listings) == "answer 2"


STEPS = st.lists(st.sampled_from(["read", "fresh", "write", "answer", "wait"]), max_size=40)


@given(STEPS)
@settings(deadline=None)
def test_nobody_gets_a_list_begun_before_a_write_that_was_over_when_they_asked(steps: list[str]) -> None:
    async def play() -> None:
        server, clock = Server(), FakeClock()
        server.hold = True
        listings = Listings(server.fetch, clock)
        asked: list[tuple[asyncio.Future[str], int]] = []
        least = 1
        for step in steps:
            if step in {"read", "fresh"}:
                bound = len(server.calls) + 1 if step == "fresh" else least
                asked.append((asyncio.ensure_future(ask(listings, fresh=step == "fresh")), bound))
            elif step == "write":
                write(listings)
                least = len(server.calls) + 1
            elif step == "answer" and server.held:
                server.held.pop(0).set_result(None)
            elif step == "wait":
                clock.advance(1.0)
            await settle()
        server.hold = False
        while server.held:
            server.held.pop(0).set_result(None)
        for answer, bound in asked:
            assert int((await answer).removeprefix("answer ")) >= bound

    asyncio.run(play())

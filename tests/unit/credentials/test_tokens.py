"""Which token is in force: the choice of sources, renewal ahead of time, one renewal for all, refused tokens."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from fakes.clock import START, FakeClock
from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.credentials import tokens as module
from pulumi_resource_apikeys.credentials.token import Token, token_of
from pulumi_resource_apikeys.credentials.tokens import Tokens
from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.settings import HalfOfClerk, StaticToken, TokenCommand, TokenFile, TokenSource

EPOCH = int(START.timestamp())


class Issuer:
    """A source whose tokens live `life` seconds by a clock that is `skew` seconds ahead of ours."""

    renews = True
    makes = True
    described = "tokenCommand issuer"

    def __init__(self, clock: FakeClock, life: float | None = 60.0, skew: float = 0.0) -> None:
        self.clock = clock
        self.life = life
        self.skew = skew
        self.fetched = 0
        self.fail = False
        self.same = False
        self.hold: asyncio.Event | None = None

    async def fetch(self) -> Token:
        self.fetched += 1
        if self.hold is not None:
            await self.hold.wait()
        await asyncio.sleep(0)
        if self.fail:
            raise CredentialError("tokenCommand issuer: failed")
        issued = EPOCH + self.clock.monotonic() + self.skew
        number = 1 if self.same else self.fetched
        if self.life is None:
            return token_of(f"opaque-{number}", "x")
        return token_of(made_up_jwt(n=number, iat=int(issued), exp=int(issued + self.life)), "x")

    async def changed(self) -> bool:
        return False


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def issuer(clock: FakeClock) -> Issuer:
    return Issuer(clock)


ISSUER = TokenCommand(("issuer",))


@pytest.fixture
def tokens(clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    return built(clock, issuer, monkeypatch, ISSUER)


def built(clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, *sources: TokenSource) -> Tokens:
    """`Tokens` of those sources, with the issuer in the place of a command."""
    monkeypatch.setattr(module, "CommandSource", lambda *_: issuer)
    return Tokens(sources, clock, lambda _line: None)


def static(origin: str = "the provider configuration", **claims: object) -> StaticToken:
    return StaticToken(SecretStr(made_up_jwt(**claims)), origin)


async def failure(tokens: Tokens) -> str:
    with pytest.raises(CredentialError) as caught:
        await tokens.token()
    return str(caught.value)


# Fetching


async def test_nothing_is_fetched_before_the_first_token_is_needed(tokens: Tokens, issuer: Issuer) -> None:
    assert issuer.fetched == 0
    await tokens.token()
    assert issuer.fetched == 1


async def test_a_token_is_used_until_shortly_before_its_end(tokens: Tokens, issuer: Issuer, clock: FakeClock) -> None:
    first = await tokens.token()
    clock.advance(47)
    assert await tokens.token() == first
    clock.advance(2)
    assert await tokens.token() != first
    assert issuer.fetched == 2


async def test_a_token_is_at_hand_while_nothing_has_to_be_asked(clock: FakeClock) -> None:
    tokens = Tokens([static(iat=EPOCH, exp=EPOCH + 60)], clock, lambda _line: None)
    assert tokens.at_hand() is None
    first = await tokens.token()
    assert tokens.at_hand() == first
    tokens.refused(first)
    assert tokens.at_hand() is None
    assert await tokens.token() == first
    clock.advance(50)
    assert tokens.at_hand() is None


async def test_the_token_of_a_file_is_never_at_hand_for_the_file_may_have_another(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    path.write_text("first-one")
    tokens = Tokens([TokenFile(str(path))], clock, lambda _line: None)
    await tokens.token()
    assert tokens.at_hand() is None


@pytest.mark.parametrize("life", [2.0, 60.0, 3600.0])
@pytest.mark.parametrize("skew", [0.0, 45.5, 500.0, -500.0])
async def test_the_number_of_fetches_is_near_the_time_divided_by_the_life_whatever_the_clocks_say(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, life: float, skew: float
) -> None:
    issuer = Issuer(clock, life, skew)
    tokens = built(clock, issuer, monkeypatch, ISSUER)
    for _ in range(1000):
        await tokens.token()
        clock.advance(life / 50)
    assert 20 <= issuer.fetched <= 45


async def test_a_token_whose_end_is_unknown_is_used_until_it_is_refused(
    tokens: Tokens, issuer: Issuer, clock: FakeClock
) -> None:
    issuer.life = None
    first = await tokens.token()
    clock.advance(10**6)
    assert await tokens.token() == first
    tokens.refused(first)
    assert await tokens.token() != first


async def test_a_file_is_read_again_when_it_changes(clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first")
    tokens = Tokens([TokenFile(str(path))], clock, lambda _line: None)
    assert (await tokens.token()).get_secret_value() == "first"
    path.write_text("second!")
    assert (await tokens.token()).get_secret_value() == "second!"


async def test_an_error_of_the_source_is_told_and_the_next_call_asks_again(tokens: Tokens, issuer: Issuer) -> None:
    issuer.fail = True
    assert await failure(tokens) == "tokenCommand issuer: failed"
    issuer.fail = False
    assert (await tokens.token()).get_secret_value()


# One renewal for all


async def test_all_who_wait_share_one_fetch(tokens: Tokens, issuer: Issuer) -> None:
    assert len({token.get_secret_value() for token in await asyncio.gather(*[tokens.token() for _ in range(60)])}) == 1
    assert issuer.fetched == 1


async def test_a_cancelled_waiter_does_not_break_the_others(tokens: Tokens, issuer: Issuer) -> None:
    issuer.hold = asyncio.Event()
    first, second = asyncio.ensure_future(tokens.token()), asyncio.ensure_future(tokens.token())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    issuer.hold.set()
    assert (await second).get_secret_value()
    assert first.cancelled()
    assert issuer.fetched == 1


# Refused tokens


async def test_a_refused_token_is_replaced_once_for_all_who_had_it(tokens: Tokens, issuer: Issuer) -> None:
    first = await tokens.token()

    async def refuse_and_ask() -> SecretStr:
        tokens.refused(first)
        return await tokens.token()

    answers = await asyncio.gather(*[refuse_and_ask() for _ in range(8)])
    assert first not in answers
    assert issuer.fetched == 2


async def test_a_token_made_anew_in_the_same_second_is_the_same_so_the_next_second_is_awaited(
    tokens: Tokens, issuer: Issuer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch() -> Token:
        return token_of(made_up_jwt(exp=EPOCH + 60 + int(clock.monotonic())), "x")

    monkeypatch.setattr(issuer, "fetch", fetch)
    first = await tokens.token()
    tokens.refused(first)
    assert await tokens.token() != first
    assert clock.slept == [1.0]


async def test_a_source_that_gives_a_refused_token_again_is_told_once_that_is_refused_twice(
    tokens: Tokens, issuer: Issuer
) -> None:
    issuer.life, issuer.same = None, True
    tokens.refused(await tokens.token())
    tokens.refused(await tokens.token(), again=True)
    assert await failure(tokens) == "tokenCommand issuer: it gave again a token that the server has refused"


def a_static_token(clock: FakeClock, _tmp_path: Path) -> TokenSource:
    return static(exp=int(clock.now().timestamp()) + 3600)


def a_file(_clock: FakeClock, tmp_path: Path) -> TokenSource:
    (tmp_path / "token").write_text("opaque")
    return TokenFile(str(tmp_path / "token"))


def a_program_that_keeps_its_token(_clock: FakeClock, _tmp_path: Path) -> TokenSource:
    return TokenCommand(("printf", "opaque"))


SOURCES_WITHOUT_ANOTHER = [a_static_token, a_file, a_program_that_keeps_its_token]
MakeSource = Callable[[FakeClock, Path], TokenSource]


@pytest.fixture(params=SOURCES_WITHOUT_ANOTHER)
def without_another(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Tokens:
    """Tokens of a source that has one and no other."""
    return Tokens([request.param(clock, tmp_path)], clock, lambda _line: None)


@pytest.mark.parametrize(
    ("history", "given_up"),
    [
        ("r", False),
        ("rr", False),
        ("ra", False),
        ("rR", True),
        ("rrR", True),
        ("arR", True),
        ("raR", False),
        ("raRr", False),
        ("raRR", True),
        ("rarR", True),
        ("rRa", False),
        ("rRar", False),
    ],
)
async def test_a_token_is_given_up_only_when_a_call_is_refused_twice_with_no_success_between(
    without_another: Tokens, history: str, given_up: bool
) -> None:
    """In a history `r` is the refusal of a call's first try, `R` that of its second, and `a` is a success."""
    token = await without_another.token()
    for answer in history:
        if answer == "a":
            without_another.accepted(token)
        else:
            without_another.refused(token, again=answer == "R")
    if given_up:
        assert "refused" in await failure(without_another)
    else:
        assert await without_another.token() == token


async def test_a_token_that_was_given_up_gets_a_try_each_while_and_serves_again_when_that_is_accepted(
    without_another: Tokens, clock: FakeClock
) -> None:
    for _ in range(3):
        for again in (False, True):
            without_another.refused(await without_another.token(), again=again)
        assert "refused" in await failure(without_another)
        clock.advance(module.GIVEN_UP_FOR)
    without_another.accepted(await without_another.token())
    without_another.refused(await without_another.token())
    assert (await without_another.token()).get_secret_value()


async def test_eight_calls_that_each_meet_one_401_all_get_over_it(without_another: Tokens) -> None:
    async def call() -> SecretStr:
        first = await without_another.token()
        await asyncio.sleep(0)
        without_another.refused(first)
        again = await without_another.token()
        await asyncio.sleep(0)
        without_another.accepted(again)
        return again

    assert len(set(await asyncio.gather(*[call() for _ in range(8)]))) == 1


async def test_calls_of_which_each_is_refused_at_first_do_not_spoil_the_token_for_those_that_come_later(
    without_another: Tokens,
) -> None:
    places = asyncio.Semaphore(3)

    async def call(number: int) -> SecretStr:
        async with places:
            first = await without_another.token()
            for _ in range(number % 4):
                await asyncio.sleep(0)
            without_another.refused(first)
            again = await without_another.token()
            for _ in range(number % 3):
                await asyncio.sleep(0)
            without_another.accepted(again)
            return again

    assert len(set(await asyncio.gather(*[call(number) for number in range(40)]))) == 1


async def test_another_source_comes_before_a_further_try(
    clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = static(exp=EPOCH + 3600)
    tokens = built(clock, issuer, monkeypatch, mine, ISSUER)
    tokens.refused(await tokens.token())
    assert await tokens.token() != mine.token
    issuer.fail = True
    clock.advance(100)
    assert await tokens.token() == mine.token, "when no other can be had"


async def test_a_file_that_was_renewed_after_a_refusal_gives_the_new_token(clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("half")
    tokens = Tokens([TokenFile(str(path))], clock, lambda _line: None)
    half = await tokens.token()
    path.write_text("half-of-it")
    tokens.refused(half)
    assert (await tokens.token()).get_secret_value() == "half-of-it"


# A renewal that fails while the token at hand is good


async def test_a_renewal_that_fails_is_no_failure_while_the_token_at_hand_is_good_and_is_tried_again_later(
    clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(module, "CommandSource", lambda *_: issuer)
    tokens = Tokens([ISSUER], clock, said.append)
    first = await tokens.token()
    clock.advance(50)
    issuer.fail = True
    assert [await tokens.token() for _ in range(5)] == [first] * 5
    assert said == ["tokenCommand issuer: failed; the token at hand is still good, and is used on"]
    assert issuer.fetched == 2
    clock.advance(module.AGAIN_AFTER)
    assert await tokens.token() == first
    assert issuer.fetched == 3
    clock.advance(5)
    assert await failure(tokens) == "tokenCommand issuer: failed"
    issuer.fail = False
    assert await tokens.token() != first


async def test_a_token_that_was_refused_once_is_tried_again_where_renewing_fails_and_no_longer_when_refused_again(
    tokens: Tokens, issuer: Issuer
) -> None:
    token = await tokens.token()
    issuer.fail = True
    tokens.refused(token)
    assert await tokens.token() == token
    tokens.refused(token, again=True)
    assert await failure(tokens) == "tokenCommand issuer: failed"


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text(""), lambda path: path.write_text("{")])
async def test_a_file_that_can_not_be_read_any_more_is_no_failure_while_its_token_is_good(
    clock: FakeClock, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    path = tmp_path / "token"
    path.write_text(made_up_jwt(exp=EPOCH + 60))
    said: list[str] = []
    tokens = Tokens([TokenFile(str(path))], clock, said.append)
    first = await tokens.token()
    spoil(path)
    assert await tokens.token() == first
    assert len(said) == 1
    path.write_text("renewed")
    assert await tokens.token() == first, "it is not asked at each call"
    clock.advance(10)
    assert (await tokens.token()).get_secret_value() == "renewed"
    spoil(path)
    clock.advance(10**6)
    assert (await tokens.token()).get_secret_value() == "renewed", "its end is not known, so the server tells"


async def test_once_its_token_has_expired_a_file_that_can_not_be_read_is_a_failure(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    path.write_text(made_up_jwt(exp=EPOCH + 60))
    tokens = Tokens([TokenFile(str(path))], clock, lambda _line: None)
    await tokens.token()
    path.unlink()
    clock.advance(61)
    assert "can't be read: No such file" in await failure(tokens)


# Cancellation


async def test_a_renewal_that_nobody_waits_for_any_more_leaves_no_task(tokens: Tokens, issuer: Issuer) -> None:
    issuer.hold = asyncio.Event()
    before = asyncio.all_tasks()
    for _ in range(10):
        waiters = [asyncio.ensure_future(tokens.token()) for _ in range(3)]
        for _ in range(3):
            await asyncio.sleep(0)
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)
        assert asyncio.all_tasks() == before
    issuer.hold.set()
    assert (await tokens.token()).get_secret_value()


async def test_a_refusal_while_a_renewal_is_being_cancelled_starts_another(tokens: Tokens, issuer: Issuer) -> None:
    first = await tokens.token()
    tokens.refused(first)
    issuer.hold = asyncio.Event()
    waiter = asyncio.ensure_future(tokens.token())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiter.cancel()
    tokens.refused(first)
    issuer.hold.set()
    assert await tokens.token() != first
    assert waiter.cancelled()


@dataclass(frozen=True)
class Refuse:
    """A step of the property test: the server refuses the token in use."""


@given(st.lists(st.one_of(st.floats(0, 100), st.just(Refuse())), max_size=30), st.floats(1, 200))
@settings(deadline=None)
def test_a_token_is_never_handed_out_expired_or_refused(steps: list[float | Refuse], life: float) -> None:
    async def play() -> None:
        clock = FakeClock()
        issuer = Issuer(clock, life)
        with pytest.MonkeyPatch.context() as monkeypatch:
            tokens = built(clock, issuer, monkeypatch, ISSUER)
        refused: set[SecretStr] = set()
        for step in steps:
            token = await tokens.token()
            assert token not in refused
            expires = token_of(token.get_secret_value(), "x").expires_at
            assert expires is not None
            # The claims are whole seconds, so a token of a second may end as it is made.
            assert expires > clock.now() or life < 2
            if isinstance(step, Refuse):
                tokens.refused(token)
                refused.add(token)
            else:
                clock.advance(step)

    asyncio.run(play())


# Static tokens and the choice of sources


async def test_a_static_token_is_used_until_its_end_and_no_longer(clock: FakeClock) -> None:
    tokens = Tokens([static(iat=EPOCH, exp=EPOCH + 60)], clock, lambda _line: None)
    first = await tokens.token()
    clock.advance(59)
    assert await tokens.token() == first
    clock.advance(3 * 3600)
    text = await failure(tokens)
    assert text.startswith("token of the provider configuration: the token expired 2 h 59 min ago. Set a new one")
    assert "tokenCommand" in text
    assert "clerkSessionId" in text


async def test_a_static_token_has_a_little_leeway(clock: FakeClock) -> None:
    tokens = Tokens([static(exp=EPOCH - 10)], clock, lambda _line: None)
    assert (await tokens.token()).get_secret_value()
    clock.advance(30)
    assert "expired 40 s ago" in await failure(tokens)


async def test_an_expired_static_token_gives_way_to_the_next_source(
    clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = built(clock, issuer, monkeypatch, static(exp=EPOCH - 3600), ISSUER)
    assert (await tokens.token()).get_secret_value()
    assert issuer.fetched == 1


async def test_a_good_static_token_comes_first_and_gives_way_when_it_expires(
    clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = static(exp=EPOCH + 60)
    tokens = built(clock, issuer, monkeypatch, mine, ISSUER)
    assert await tokens.token() == mine.token
    clock.advance(100)
    assert await tokens.token() != mine.token


async def test_a_refused_static_token_gives_way_too(
    clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = static(exp=EPOCH + 60)
    tokens = built(clock, issuer, monkeypatch, mine, ISSUER)
    tokens.refused(await tokens.token())
    assert await tokens.token() != mine.token


async def test_a_source_that_can_renew_does_not_give_way(
    clock: FakeClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.fail = True
    tokens = built(clock, issuer, monkeypatch, ISSUER, static(exp=EPOCH + 60))
    assert await failure(tokens) == "tokenCommand issuer: failed"


async def test_where_every_source_fails_each_reason_is_told(clock: FakeClock) -> None:
    sources = [static(exp=EPOCH - 3600), static("the environment", exp=EPOCH - 7200)]
    text = await failure(Tokens(sources, clock, lambda _line: None))
    assert "token of the provider configuration: the token expired 1 h ago" in text
    assert "; then token of the environment: the token expired 2 h ago" in text


async def test_a_refused_static_token_without_another_source_says_what_lasts(clock: FakeClock) -> None:
    tokens = Tokens([static()], clock, lambda _line: None)
    tokens.refused(await tokens.token())
    tokens.refused(await tokens.token(), again=True)
    assert (await failure(tokens)).startswith(
        "token of the provider configuration: the server refused it. Set a new one, or something that lasts: tokenFile"
    )


async def test_without_any_source_what_can_be_set_is_told(clock: FakeClock) -> None:
    text = await failure(Tokens([], clock, lambda _line: None))
    for word in ("tokenFile", "APIKEYS_TOKEN_COMMAND", "APIKEYS_CLERK_SESSION_ID", "pulumi config set --secret"):
        assert word in text


async def test_nothing_shows_a_token(clock: FakeClock) -> None:
    mine = static(exp=EPOCH + 60)
    tokens = Tokens([mine], clock, lambda _line: None)
    shown = repr(tokens) + repr(vars(tokens)) + repr(await tokens.token()) + repr(vars(tokens)) + repr(mine)
    assert mine.token.get_secret_value() not in shown


@pytest.mark.parametrize(
    ("present", "missing", "variable"),
    [
        ("clerkSecretKey", "clerkSessionId", "APIKEYS_CLERK_SESSION_ID"),
        ("clerkSessionId", "clerkSecretKey", "APIKEYS_CLERK_SECRET_KEY"),
    ],
)
async def test_half_a_clerk_source_names_the_other_half(
    clock: FakeClock, present: str, missing: str, variable: str
) -> None:
    with pytest.raises(CredentialError) as caught:
        await Tokens([HalfOfClerk(present, missing)], clock, print).token()
    assert f"{present} is set, {missing} is not" in str(caught.value)
    assert variable in str(caught.value)

"""Every input of every resource type makes a difference: in what is sent, in what time brings, or by its change.

An input that is new in a model has no row here, and one that nothing reads makes no difference: both fail.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.clock import START, FakeClock
from fakes.keys import OTHER_PROJECT, PROJECT, Asked, FakeKeys
from pulumi_resource_apikeys.model.facts import names_of
from pulumi_resource_apikeys.model.times import format_instant, parse_instant
from pulumi_resource_apikeys.model.values import Value, text
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, Difference, DiffRequest, Lifecycle, Live

if TYPE_CHECKING:
    from pulumi_resource_apikeys.model.values import Props

KEY, ROTATING = "apikeys:index:APIKey", "apikeys:index:RotatingAPIKey"
REQUIRED: dict[str, dict[str, Value]] = {KEY: {}, ROTATING: {"rotateEvery": "30d", "overlap": "7d"}}
"""What each type can't do without."""


@dataclass(frozen=True)
class Pair:
    """Two values of an input that make a difference, beside what else must be set."""

    one: Value
    other: Value
    beside: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class InTime(Pair):
    """Two values of an input that the lifecycle goes by: they differ in what a run does that many days later."""

    days: int = 0


SENT: dict[str, dict[str, Pair]] = {
    KEY: {
        "projectId": Pair(PROJECT, OTHER_PROJECT),
        "name": Pair("alpha", "beta"),
        "scopes": Pair(["read"], ["write"]),
        "expiresAt": Pair("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
        "expiresIn": Pair("30d", "60d"),
    },
    ROTATING: {
        "projectId": Pair(PROJECT, OTHER_PROJECT),
        "name": Pair("alpha", "beta"),
        "scopes": Pair(["read"], ["write"]),
        "expiresAfter": Pair("40d", "50d"),
    },
}
"""The inputs that the API is told when a key is made."""
USED_IN_TIME: dict[str, dict[str, InTime]] = {
    KEY: {
        "rotateAfter": InTime("5d", "20d", days=10),
        "renewBefore": InTime("25d", "5d", {"expiresIn": "30d"}, days=10),
    },
    ROTATING: {
        "rotateEvery": InTime("10d", "30d", days=20),
        "overlap": InTime("2d", "10d", days=5),
        "retire": InTime("afterOverlap", "whenUnused", days=8),
        "maxOverlap": InTime("8d", "20d", {"retire": "whenUnused"}, days=10),
    },
}
USED_BY_CHANGE: dict[str, dict[str, Pair]] = {
    KEY: {"triggers": Pair({"version": "a"}, {"version": "b"})},
    ROTATING: {
        "triggers": Pair({"version": "a"}, {"version": "b"}),
        "emergencyTriggers": Pair({"incident": "a"}, {"incident": "b"}),
    },
}
"""The inputs whose values are nobody's but the user's."""


def cases(table: dict[str, dict[str, Pair]] | dict[str, dict[str, InTime]]) -> list[tuple[str, str]]:
    return [(token, name) for token, rows in table.items() for name in rows]


@dataclass
class Life:
    """A resource of a type, made with some inputs, on a server of its own."""

    token: str
    clock: FakeClock
    keys: FakeKeys
    lifecycle: Lifecycle

    def inputs(self, news: Props) -> Props:
        checked = self.lifecycle.check(CheckRequest("some", {**REQUIRED[self.token], **news}, seed=b"seed"))
        assert checked.problems == ()
        return checked.inputs

    async def create(self, news: Props) -> Live:
        return await self.lifecycle.create(self.inputs(news))

    async def diff(self, live: Live, news: Props) -> Difference:
        return await self.lifecycle.diff(DiffRequest(live.id, live.state, live.inputs, self.inputs(news)))

    def made(self) -> list[Asked]:
        """What the API was asked to make. A name that was made here has letters at random behind it."""
        made = (asked for asked in self.keys.calls if asked.verb == "mint")
        return [dataclasses.replace(asked, key=(asked.key or "").partition("-")[0]) for asked in made]


def life_of(token: str) -> Life:
    clock = FakeClock()
    keys = FakeKeys(clock)
    return Life(token, clock, keys, RESOURCES[token](keys, clock, PROJECT))


@pytest.mark.parametrize("token", RESOURCES)
def test_every_input_is_in_one_of_these_tables(token: str) -> None:
    told = [*SENT.get(token, {}), *USED_IN_TIME.get(token, {}), *USED_BY_CHANGE.get(token, {})]
    assert sorted(told) == sorted(names_of(RESOURCES[token].args))


@pytest.mark.parametrize(("token", "name"), cases(SENT))
async def test_what_the_api_is_told_follows_the_input(token: str, name: str) -> None:
    pair = SENT[token][name]
    made = []
    for value in (pair.one, pair.other):
        life = life_of(token)
        await life.create({**pair.beside, name: value})
        made.append(life.made())
    assert made[0] != made[1]


@pytest.mark.parametrize(("token", "name"), cases(USED_IN_TIME))
async def test_what_time_brings_follows_the_input(token: str, name: str) -> None:
    case = USED_IN_TIME[token][name]
    found = []
    for value in (case.one, case.other):
        life, news = life_of(token), {**case.beside, name: value}
        live = await aged(life, news, case.days)
        found.append(await life.diff(live, {**news, **({"triggers": TURNED} if token == ROTATING else {})}))
    assert (found[0].changes, found[0].notes) != (found[1].changes, found[1].notes)


TURNED: Value = {"turned": "once"}


async def aged(life: Life, news: Props, days: int) -> Live:
    """The resource that many days after its key was made; a rotating one with a previous key that is in use."""
    live = await life.create(news)
    if life.token == ROTATING:
        live = await life.lifecycle.update(live.id, live.state, life.inputs({**news, "triggers": TURNED}))
    life.clock.advance(days * 86400)
    for key_id in life.keys.keys:
        life.keys.change(key_id, last_used_at=format_instant(life.clock.now()), never_used=False)
    return live


@pytest.mark.parametrize(("token", "name"), cases(USED_BY_CHANGE))
async def test_a_change_of_the_input_makes_a_new_key(token: str, name: str) -> None:
    pair, life = USED_BY_CHANGE[token][name], life_of(token)
    live = await life.create({name: pair.one})
    assert not (await life.diff(live, {name: pair.one})).changes
    changes = (await life.diff(live, {name: pair.other})).changes
    assert "keyId" in changes or any(change.replace for change in changes.values())


POLICIES: list[dict[str, Value]] = [
    {"rotateEvery": "30d", "overlap": "7d"},
    {"rotateEvery": "P90D", "overlap": "PT36H"},
    {"rotateEvery": "30d", "overlap": "7d", "retire": "whenUnused"},
    {"rotateEvery": "30d", "overlap": "7d", "retire": "whenUnused", "maxOverlap": "14d"},
]


@pytest.mark.parametrize("policy", POLICIES, ids=str)
@pytest.mark.parametrize(
    ("told_by", "words", "output"),
    [
        ("nextRotationAt", "rotates: due since", "keyId"),
        ("previousRevokesAt", "revokes the previous key:", "previousKeyId"),
    ],
)
async def test_the_dates_that_are_told_are_those_that_are_gone_by(
    policy: dict[str, Value], told_by: str, words: str, output: str
) -> None:
    life = life_of(ROTATING)
    wanted = {**policy, "triggers": TURNED}
    live = await life.create(policy)
    live = await life.lifecycle.update(live.id, live.state, life.inputs(wanted))
    date = parse_instant(text(live.state, told_by) or "")

    async def seen_at(time: datetime) -> tuple[bool, bool]:
        life.clock.advance((time - life.clock.now()).total_seconds())
        found = await life.diff(live, wanted)
        return any(note.startswith(words) for note in found.notes), output in found.changes

    assert date > START
    assert await seen_at(date - timedelta(seconds=1)) == (False, False)
    assert await seen_at(date) == (True, True)

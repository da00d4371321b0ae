"""Keys that no resource leads to any more: what several runs missed is told of once, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from fakes.clock import START, FakeClock
from fakes.keys import OTHER_PROJECT, PROJECT, FakeKeys
from pulumi_resource_apikeys.engine_command import changes_all
from pulumi_resource_apikeys.journal import Journal
from pulumi_resource_apikeys.keys.orphans import OrphanWatch
from pulumi_resource_apikeys.keys.ownership import Owner
from pulumi_resource_apikeys.keys.port import NewKey
from pulumi_resource_apikeys.keys.strays import MISSED_BY, MISSED_FOR, Missed, Sighting, is_kept, take_in
from pulumi_resource_apikeys.model.times import format_instant

API_KEY = "apikeys:index:APIKey"
OWNER = Owner("infra", "dev", API_KEY, "deploy")
OTHER = Owner("infra", "dev", API_KEY, "metrics")
STEP = MISSED_FOR / (MISSED_BY - 1)
"""So much time between runs that the last of `MISSED_BY` is the first that may tell."""


class Machine:
    """A machine on which one process after the other works for the stack."""

    def __init__(self, root: Path, keys: FakeKeys, clock: FakeClock) -> None:
        self.root, self.keys, self.clock = root, keys, clock

    def watch(self) -> OrphanWatch:
        return OrphanWatch(self.keys, self.clock, Journal(self.root), "https://api.example.com")

    async def run(
        self, *, of: Sequence[Owner] = (OWNER,), knows: Sequence[str] = (), project: str = PROJECT, whole: bool = True
    ) -> list[str]:
        """A run that meets these resources, one of which knows these keys; what it says at its end."""
        watch = self.watch()
        for owner in of:
            watch.note_known(owner, knows)
        watch.looked(project, await self.keys.list(project))
        words = watch.strays(lambda: whole)
        self.clock.advance(STEP.total_seconds())
        return words

    async def runs(self, number: int) -> list[list[str]]:
        return [await self.run() for _ in range(number)]


@pytest.fixture
def machine(tmp_path: Path, keys: FakeKeys, clock: FakeClock) -> Machine:
    return Machine(tmp_path, keys, clock)


class TestRuns:
    async def test_a_key_that_several_runs_missed_over_some_time_is_told_of_once(
        self, machine: Machine, keys: FakeKeys
    ) -> None:
        stray = keys.add(OTHER.made_name("metrics"), last_used_at=format_instant(START))
        *early, told, later, last = await machine.runs(MISSED_BY + 2)
        assert early == [[]] * (MISSED_BY - 1)
        assert len(told) == 1
        assert stray.name not in told[0], "it may come of a secret"
        for part in (stray.key_id, PROJECT, "last used", "pulumi stack export", "retainOnDelete"):
            assert part in told[0]
        assert later == last == []

    async def test_runs_in_quick_succession_tell_nothing(
        self, machine: Machine, keys: FakeKeys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys.add(OTHER.made_name("metrics"))
        monkeypatch.setattr(f"{__name__}.STEP", MISSED_FOR / (MISSED_BY + 2))
        assert await machine.runs(MISSED_BY + 1) == [[]] * (MISSED_BY + 1)

    @pytest.mark.parametrize("order", [(OWNER, OTHER), (OTHER, OWNER)], ids=["its own last", "its own first"])
    async def test_of_two_providers_of_a_stack_neither_misses_the_others_keys(
        self, machine: Machine, keys: FakeKeys, order: Sequence[Owner]
    ) -> None:
        theirs = {owner: [keys.add(owner.made_name("key")).key_id] for owner in order}
        said = [
            await machine.run(of=[owner], knows=theirs[owner])
            for number in range(3 * MISSED_BY)
            for owner in (order if number % 2 else order[::-1])
        ]
        assert said == [[]] * len(said)

    async def test_one_that_a_run_meets_again_is_no_stray(self, machine: Machine, keys: FakeKeys) -> None:
        key = keys.add(OTHER.made_name("metrics"))
        await machine.runs(MISSED_BY - 1)
        await machine.run(of=[OTHER], knows=[key.key_id])
        assert await machine.runs(MISSED_BY - 1) == [[]] * (MISSED_BY - 1)

    async def test_a_run_that_is_not_about_all_resources_counts_for_nothing(
        self, machine: Machine, keys: FakeKeys
    ) -> None:
        keys.add(OTHER.made_name("metrics"))
        assert [await machine.run(whole=False) for _ in range(MISSED_BY + 1)] == [[]] * (MISSED_BY + 1)
        assert not is_kept(machine.root / OWNER.mark.stack)

    @pytest.mark.parametrize(
        "name", ["metrics", "metrics-abcdef0", Owner("infra", "prod", API_KEY, "metrics").made_name("metrics", b"seed")]
    )
    async def test_a_key_that_this_stack_did_not_make_is_none(
        self, machine: Machine, keys: FakeKeys, name: str
    ) -> None:
        keys.add(name)
        assert await machine.runs(MISSED_BY + 1) == [[]] * (MISSED_BY + 1)

    async def test_one_that_has_ended_is_none(self, machine: Machine, keys: FakeKeys) -> None:
        key = keys.add(OTHER.made_name("metrics"))
        await machine.runs(MISSED_BY - 1)
        keys.change(key.key_id, is_active=False)
        assert await machine.run() == []
        assert not is_kept(machine.root / OWNER.mark.stack)

    async def test_one_of_a_met_resource_is_told_of_elsewhere(self, machine: Machine, keys: FakeKeys) -> None:
        keys.add(OWNER.made_name("deploy"))
        assert await machine.runs(MISSED_BY + 1) == [[]] * (MISSED_BY + 1)

    async def test_with_a_name_of_the_users_the_journal_tells_whose_it_is(
        self, machine: Machine, keys: FakeKeys
    ) -> None:
        watch = machine.watch()
        attempt = watch.begin(NewKey(PROJECT, "ci", unique=False, scopes=None, expires_at=None, owner=OTHER))
        key = keys.add("ci")
        watch.made(attempt, OTHER, key.key_id)
        watch._journal.deliver(key.key_id)
        watch._journal.engine_has_all()
        watch._journal.end()
        *_, told = await machine.runs(MISSED_BY)
        assert [key.key_id in words for words in told] == [True]

    async def test_each_project_counts_for_itself(self, machine: Machine, keys: FakeKeys) -> None:
        key = keys.add(OTHER.made_name("metrics"))
        await machine.run()
        await machine.run(project=OTHER_PROJECT)
        await machine.run()
        assert [key.key_id in words for words in await machine.run()] == [True]

    @pytest.mark.parametrize("text", ["", "[]", '{"p": {"k": {}}}', '{"p": {"k": {"runs": 1, "since": "then"}}}', "\0"])
    async def test_a_file_that_can_not_be_read_is_begun_anew(self, machine: Machine, keys: FakeKeys, text: str) -> None:
        keys.add(OTHER.made_name("metrics"))
        await machine.run()
        (machine.root / OWNER.mark.stack / "missed.json").write_text(text)
        *early, told = await machine.runs(MISSED_BY)
        assert (early, len(told)) == ([[]] * (MISSED_BY - 1), 1)

    async def test_where_another_run_writes_nothing_is_said(self, machine: Machine, keys: FakeKeys) -> None:
        keys.add(OTHER.made_name("metrics"))
        await machine.runs(MISSED_BY - 1)
        with FileLock(machine.root / OWNER.mark.stack / "missed.lock"):
            assert await machine.run() == []
        assert len(await machine.run()) == 1

    async def test_the_file_is_closed_to_others_and_has_no_name_in_it(self, machine: Machine, keys: FakeKeys) -> None:
        keys.add(OTHER.made_name("metrics"))
        await machine.run()
        path = machine.root / OWNER.mark.stack / "missed.json"
        assert path.stat().st_mode & 0o077 == 0
        assert "metrics" not in path.read_text()


def test_a_time_that_is_yet_to_come_is_none_that_a_key_was_missed_since() -> None:
    ahead = Missed(MISSED_BY, format_instant(START + timedelta(days=365)))
    after, told = take_in({"k": ahead}, Sighting(frozenset("k"), frozenset()), START)
    assert (after, told) == ({"k": Missed(1, format_instant(START))}, frozenset())


@pytest.mark.parametrize(
    ("commands", "all_of_them"),
    [
        ([], True),
        ([["python", "-m", "pytest", "-t", "--target"]], True),
        ([["/usr/bin/pulumi", "up", "--yes"], ["bash"]], True),
        ([["pulumi", "destroy", "--stack", "dev"]], True),
        ([["pulumi-language-python", "-t"], ["pulumi", "up"]], True),
        ([["pulumi", "up", "--target", "urn:pulumi:dev::infra::apikeys:index:APIKey::a"]], False),
        ([["pulumi", "up", "--target=urn:pulumi:dev::infra::apikeys:index:APIKey::a"]], False),
        ([["sh"], [r"C:\pulumi\bin\pulumi.exe", "up", "-t", "urn"]], False),
        ([["pulumi", "refresh", "--exclude", "urn"]], False),
        ([["pulumi", "destroy", "-x", "urn"]], False),
        ([["pulumi", "up", "--target-replace", "urn"]], False),
        ([["pulumi", "-C", "infra", "preview"]], False),
        ([["pulumi", "pre"]], False),
        ([["pulumi", "import", "type", "name", "id"]], False),
        ([[], ["pulumi", "up"]], True),
    ],
)
def test_a_command_is_about_all_resources_unless_it_says_else(commands: list[list[str]], all_of_them: bool) -> None:
    assert changes_all(commands) is all_of_them


def test_the_command_lines_of_the_processes_above_are_told() -> None:
    program = (
        "import json; from pulumi_resource_apikeys.engine_command import command_lines as c; print(json.dumps(c()))"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE).stdout
    assert json.loads(told)[0] == psutil.Process().cmdline()


@pytest.mark.parametrize("ways", [lambda path: path / "no" / "folder", lambda path: path / "file"])
async def test_a_folder_that_can_not_be_written_keeps_nothing(
    tmp_path: Path, keys: FakeKeys, clock: FakeClock, ways: Callable[[Path], Path]
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "no").write_text("")
    keys.add(OTHER.made_name("metrics"))
    assert await Machine(ways(tmp_path), keys, clock).runs(MISSED_BY) == [[]] * MISSED_BY

"""The journal of creates: what a process that was killed leaves in it, and what one leaves that was not."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from fakes.clock import START
from fakes.journals import kill
from fakes.keys import PROJECT, uuid
from pulumi_resource_apikeys.journal import Attempt, Journal, digest, root_of
from pulumi_resource_apikeys.model.times import format_instant

STACK = "abcde"


def attempt(name: str = "deploy-1234567") -> Attempt:
    return Attempt(digest("owner"), "https://api.example.com", PROJECT, digest(name), True, format_instant(START))  # noqa: FBT003 - a row


def journal(root: Path | None, stack: str | None = STACK) -> Journal:
    made = Journal(root)
    if stack is not None:
        made.bind(stack)
    return made


def files(root: Path) -> list[str]:
    return sorted(path.suffix for path in root.rglob("*") if path.is_file())


def test_what_a_killed_run_left_open_is_found_by_the_next(tmp_path: Path) -> None:
    first, second, done = attempt("first"), attempt("second"), attempt("done")
    killed = journal(tmp_path)
    for each in (first, second, done):
        killed.begin(each)
    killed.made(second, uuid(1))
    killed.close(done)
    kill(killed)

    assert journal(tmp_path).of_earlier_runs() == [first, replace(second, key_id=uuid(1))]


def test_what_a_run_that_lives_has_open_is_nobody_elses(tmp_path: Path) -> None:
    living = journal(tmp_path)
    living.begin(attempt())
    assert journal(tmp_path).of_earlier_runs() == []
    assert living.of_earlier_runs() == []
    living.end()


def test_a_run_that_ends_in_order_leaves_what_is_open_and_else_no_file(tmp_path: Path) -> None:
    open_one, closed = attempt("open"), attempt("closed")
    for each in (open_one, closed):
        ended = journal(tmp_path)
        ended.begin(each)
        if each is closed:
            ended.close(each)
        ended.end()
    assert files(tmp_path).count(".jsonl") == 1
    assert journal(tmp_path).of_earlier_runs() == [open_one]


def test_before_the_first_create_nothing_is_written(tmp_path: Path) -> None:
    idle = journal(tmp_path)
    assert idle.of_earlier_runs() == []
    idle.engine_has_all()
    idle.end()
    assert files(tmp_path) == []


def test_what_the_engine_took_and_recorded_is_closed_and_what_it_did_not_take_is_not(tmp_path: Path) -> None:
    taken, not_taken = attempt("taken"), attempt("not taken")
    ended = journal(tmp_path)
    for number, each in enumerate((taken, not_taken)):
        ended.begin(each)
        ended.made(each, uuid(number))
    ended.deliver(uuid(0))
    ended.engine_has_all()
    kill(ended)
    assert journal(tmp_path).of_earlier_runs() == [replace(not_taken, key_id=uuid(1))]


def test_a_key_whose_answer_the_engine_took_is_open_until_the_engine_has_ended_well(tmp_path: Path) -> None:
    killed = journal(tmp_path)
    killed.begin(attempt())
    killed.made(attempt(), uuid(1))
    killed.deliver(uuid(1))
    kill(killed)
    assert len(journal(tmp_path).of_earlier_runs()) == 1


@pytest.mark.parametrize(("revoked", "left"), [(uuid(1), 0), (uuid(2), 1)])
def test_a_key_that_was_revoked_again_is_closed(tmp_path: Path, revoked: str, left: int) -> None:
    made = attempt()
    killed = journal(tmp_path)
    killed.begin(made)
    killed.made(made, uuid(1))
    killed.undone(revoked)
    kill(killed)
    assert len(journal(tmp_path).of_earlier_runs()) == left


def test_once_all_that_a_killed_run_left_is_settled_its_file_goes(tmp_path: Path) -> None:
    killed = journal(tmp_path)
    left = [attempt("one"), attempt("two")]
    for each in left:
        killed.begin(each)
    kill(killed)

    settling = journal(tmp_path)
    assert settling.of_earlier_runs() == left
    settling.close(left[0])
    assert ".jsonl" in files(tmp_path)
    settling.close(left[1])
    assert files(tmp_path) == []
    assert settling.of_earlier_runs() == []


def test_what_is_not_settled_is_found_again_by_the_run_after(tmp_path: Path) -> None:
    killed = journal(tmp_path)
    killed.begin(attempt())
    kill(killed)
    runs = [journal(tmp_path), journal(tmp_path)]
    for run in runs:
        assert len(run.of_earlier_runs()) == 1
        run.end()


def test_two_runs_at_once_do_not_both_take_what_a_killed_one_left(tmp_path: Path) -> None:
    killed = journal(tmp_path)
    killed.begin(attempt())
    kill(killed)
    first, second = journal(tmp_path), journal(tmp_path)
    assert [len(each.of_earlier_runs()) for each in (first, second)] == [1, 0]


def test_each_stack_has_its_own(tmp_path: Path) -> None:
    killed = journal(tmp_path)
    killed.begin(attempt())
    kill(killed)
    assert journal(tmp_path, "other").of_earlier_runs() == []


@pytest.mark.parametrize("cut", ["", '{"what": "se', "[]", "null", '{"what": "made", "id": "x", "key_id": "y"}'])
def test_a_line_that_can_not_be_read_hides_no_other(tmp_path: Path, cut: str) -> None:
    killed, made = journal(tmp_path), attempt()
    killed.begin(made)
    kill(killed)
    (path,) = tmp_path.rglob("*.jsonl")
    bad_time = json.dumps({**json.loads(path.read_text()), "id": "another", "started_at": "yesterday"})
    path.write_text(f"{cut}\n{bad_time}\n{path.read_text()}{cut}")
    assert journal(tmp_path).of_earlier_runs() == [made]


def test_a_file_that_another_run_takes_away_meanwhile_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        killed = journal(tmp_path)
        killed.begin(attempt(name))
        kill(killed)
    paths = sorted(tmp_path.rglob("*.jsonl"))
    acquire = FileLock.acquire

    def late(lock: FileLock, *arguments: object, **more: object) -> object:
        if Path(lock.lock_file).stem == paths[0].stem:
            paths[0].unlink()
        return acquire(lock, *arguments, **more)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(FileLock, "acquire", late)
    assert len(journal(tmp_path).of_earlier_runs()) == 1


def test_no_name_is_written(tmp_path: Path) -> None:
    running = journal(tmp_path)
    running.begin(attempt("a secret name"))
    (path,) = tmp_path.rglob("*.jsonl")
    assert "a secret name" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    running.end()


def test_names_under_way_are_those_whose_key_is_not_known_yet() -> None:
    kept = journal(None)
    made, waiting = attempt("made"), attempt("waiting")
    kept.begin(made)
    kept.begin(waiting)
    kept.made(made, uuid(1))
    assert kept.names_under_way == {digest("waiting")}


@pytest.mark.parametrize("stack", [STACK, None])
def test_where_there_is_no_folder_nothing_is_kept_and_nothing_fails(tmp_path: Path, stack: str | None) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    for root in (None, blocked):
        kept = journal(root, stack)
        kept.begin(attempt())
        kept.made(attempt(), uuid(1))
        kept.engine_has_all()
        assert kept.of_earlier_runs() == []
        kept.end()


def test_where_files_can_not_be_locked_nothing_is_kept_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_lock: FileLock, *_arguments: object, **_more: object) -> None:
        raise NotImplementedError("this file system has no locks")

    killed = journal(tmp_path)
    killed.begin(attempt("left"))
    kill(killed)
    monkeypatch.setattr(FileLock, "acquire", no_locks)
    kept = journal(tmp_path)
    assert kept.of_earlier_runs() == []
    kept.begin(attempt())
    kept.end()


def test_the_end_may_come_from_another_thread(tmp_path: Path) -> None:
    killed = journal(tmp_path)
    killed.begin(attempt())
    ending = threading.Thread(target=killed.end)
    ending.start()
    ending.join()
    assert len(journal(tmp_path).of_earlier_runs()) == 1


def test_the_folder_is_below_pulumis_home() -> None:
    assert root_of({"PULUMI_HOME": "/somewhere"}) == Path("/somewhere/apikeys/journal")
    assert root_of({}) == Path.home() / ".pulumi" / "apikeys" / "journal"


def test_without_a_home_there_is_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", homeless)
    assert root_of({}) is None


def test_a_digest_tells_names_apart_but_not_cases_and_takes_any_text() -> None:
    assert digest("Deploy") == digest("deploy") != digest("deploy-1")
    assert len(digest("half an emoji \ud83d")) == 64

# ruff: noqa: ASYNC240 - these tests write the small files that they read

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio
import pytest

from fakes.clock import START, FakeClock
from fakes.tokens import made_up_jwt
from harness.processes import eventually
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.credentials.file import PAUSES, FileSource
from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.settings import TokenFile

EPOCH = int(START.timestamp())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token"


class ClockOfAWriter(FakeClock):
    """A clock by which somebody writes the file while we wait: at each wait what comes next in `writes`."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[Callable[[], object]] = []

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.writes:
            self.writes.pop(0)()


@pytest.fixture
def clock() -> ClockOfAWriter:
    return ClockOfAWriter()


@pytest.fixture
def source(path: Path, clock: ClockOfAWriter) -> FileSource:
    return FileSource(TokenFile(str(path)), clock)


async def read(source: FileSource) -> str:
    return (await source.fetch()).secret.get_secret_value()


@pytest.mark.parametrize(
    "content",
    [b"first", b"  first\r\n\n", b"\xef\xbb\xbffirst\n", b'{"token": "first", "expires_at": "2030-01-01T00:00:00Z"}'],
)
async def test_white_space_and_form_are_no_part_of_the_token(source: FileSource, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert await read(source) == "first"


async def test_it_has_changed_when_it_was_written_again(source: FileSource, path: Path) -> None:
    path.write_text("first")
    await source.fetch()
    assert not await source.changed()
    path.write_text("second!")
    assert await source.changed()
    assert await read(source) == "second!"
    assert not await source.changed()


async def test_it_has_changed_when_another_file_took_its_place(source: FileSource, path: Path) -> None:
    path.write_text("first")
    await source.fetch()
    times = path.stat().st_mtime_ns
    other = path.with_name("new")
    other.write_text("other")
    os.utime(other, ns=(times, times))
    other.replace(path)
    assert await source.changed()


async def test_it_has_changed_when_it_is_gone(source: FileSource, path: Path) -> None:
    path.write_text("first")
    await source.fetch()
    path.unlink()
    assert await source.changed()


async def test_it_has_changed_before_it_was_ever_read(source: FileSource, path: Path) -> None:
    path.write_text("first")
    assert await source.changed()


async def test_the_home_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("first")
    assert await read(FileSource(TokenFile("~/token"), FakeClock())) == "first"


async def test_a_file_that_is_missing_is_named(source: FileSource, path: Path) -> None:
    with pytest.raises(CredentialError) as caught:
        await source.fetch()
    assert str(caught.value) == f"tokenFile {path}: can't be read: No such file or directory"


def refuse_to_open(path: Path, *_: object) -> int:
    raise PermissionError(13, "Permission denied", str(path))


async def test_a_file_that_may_not_be_read_is_named(
    source: FileSource, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("first")
    # Tests may run as a user who may read everything.
    monkeypatch.setattr(os, "open", refuse_to_open)
    with pytest.raises(CredentialError) as caught:
        await source.fetch()
    assert str(caught.value) == f"tokenFile {path}: can't be read: Permission denied"


@pytest.mark.parametrize(("content", "why"), [(b" \n", "it is empty"), (b"x" * 70000, "larger than 65536 bytes")])
async def test_a_file_without_a_token_is_named(source: FileSource, path: Path, content: bytes, why: str) -> None:
    path.write_bytes(content)
    with pytest.raises(CredentialError, match=why) as caught:
        await source.fetch()
    assert str(path) in str(caught.value)


async def test_what_is_no_text_is_no_token_and_not_shown(source: FileSource, path: Path) -> None:
    path.write_bytes(b"\xff\xfesecret\x00")
    with pytest.raises(CredentialError) as caught:
        await source.fetch()
    assert "secret" not in str(caught.value)


async def test_an_expired_token_is_refused_with_its_age(source: FileSource, path: Path) -> None:
    path.write_text(json.dumps({"token": made_up_jwt(exp=EPOCH - 3 * 3600)}))
    with pytest.raises(CredentialError, match=r"expired 3 h ago\. Whatever writes the file must renew it"):
        await source.fetch()


async def test_a_token_that_expired_just_now_by_our_clock_is_left_to_the_server(source: FileSource, path: Path) -> None:
    path.write_text(made_up_jwt(exp=EPOCH - 100))
    assert (await source.fetch()).expires_at is not None


# Paths and things that are no file


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def bound_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.path.relpath(path))
    return path


def link_to_a_pipe(path: Path) -> Path:
    path.symlink_to(pipe(path.with_name("pipe")))
    return path


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (pipe, "a named pipe"),
        (link_to_a_pipe, "a named pipe"),
        (folder, "a folder"),
        (bound_socket, "a socket"),
        (lambda _path: Path("/dev/zero"), "a device"),
        (lambda _path: Path("/dev/null"), "a device"),
    ],
)
async def test_what_is_no_regular_file_is_refused_at_once_and_not_even_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[Path], Path], kind: str
) -> None:
    path, clock = made(path), FakeClock()
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("a pipe's writer would notice"))
    with pytest.raises(CredentialError) as caught:
        await FileSource(TokenFile(str(path)), clock).fetch()
    assert str(caught.value).startswith(f"tokenFile {path}: it is {kind}, not a regular file")
    assert clock.slept == []


async def test_what_becomes_a_pipe_as_it_is_opened_is_refused_without_waiting(
    source: FileSource, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("first")
    another = pipe(path.with_name("another"))
    really = os.open
    monkeypatch.setattr(os, "open", lambda _path, flags: really(another, flags))
    with pytest.raises(CredentialError, match="a named pipe"):
        await source.fetch()


@pytest.mark.parametrize("text", ["nul\0", "~no-such-user-anywhere/token", "half \ud800", "x" * 5000])
async def test_a_path_that_can_be_none_is_told(text: str) -> None:
    source = FileSource(TokenFile(text), FakeClock())
    with pytest.raises(CredentialError, match=r"^tokenFile .*: can't be read: \S"):
        await source.fetch()
    assert not await source.changed()


async def test_a_token_that_was_set_in_the_place_of_a_path_is_not_shown() -> None:
    token = made_up_jwt(sub="u")
    with pytest.raises(CredentialError) as caught:
        await FileSource(TokenFile(token), FakeClock()).fetch()
    assert token[:20] not in str(caught.value)


# A file that is being written


@pytest.mark.parametrize(
    "half",
    [
        lambda path: path.write_text(""),
        lambda path: path.write_text(" \n"),
        lambda path: path.write_text('{"token": "who'),
        lambda path: path.unlink(missing_ok=True),
    ],
)
async def test_what_is_empty_cut_off_or_away_for_a_moment_is_read_again(
    source: FileSource, path: Path, clock: ClockOfAWriter, half: Callable[[Path], object]
) -> None:
    half(path)
    clock.writes = [lambda: None, lambda: path.write_text('{"token": "whole"}')]
    assert await read(source) == "whole"
    assert clock.slept == [*PAUSES[:2]]
    assert not await source.changed()


def write_now(path: Path, text: str, clock: FakeClock) -> None:
    path.write_text(text)
    os.utime(path, (clock.now().timestamp(),) * 2)


async def test_what_was_written_just_now_may_be_half_and_is_read_again(
    source: FileSource, path: Path, clock: ClockOfAWriter
) -> None:
    write_now(path, "half", clock)
    clock.writes = [lambda: write_now(path, "half-of", clock), lambda: write_now(path, "half-of-it", clock)]
    assert await read(source) == "half-of-it"
    assert clock.slept == [*PAUSES[:3]]


async def test_what_was_written_just_now_and_stays_the_same_is_whole(
    source: FileSource, path: Path, clock: ClockOfAWriter
) -> None:
    write_now(path, "whole", clock)
    clock.writes = [lambda: write_now(path, "whole", clock)]
    assert await read(source) == "whole"
    assert clock.slept == [PAUSES[0]]


async def test_of_what_is_written_all_the_time_the_longest_is_taken_as_half_a_token_is_shorter(
    source: FileSource, path: Path, clock: ClockOfAWriter
) -> None:
    write_now(path, "tok", clock)
    texts = ["", "token-number-1", "toke", "", "to", ""]
    assert len(texts) == len(PAUSES)
    clock.writes = [partial(write_now, path, text, clock) for text in texts]
    assert await read(source) == "token-number-1"


async def test_what_was_read_twice_is_taken(source: FileSource, path: Path, clock: ClockOfAWriter) -> None:
    write_now(path, "one", clock)
    clock.writes = [partial(write_now, path, text, clock) for text in ("another", "one", "third")]
    assert await read(source) == "one"


async def test_a_file_that_stays_without_a_token_is_told_after_all_tries(
    source: FileSource, path: Path, clock: ClockOfAWriter
) -> None:
    path.write_text("")
    with pytest.raises(CredentialError, match="it is empty"):
        await source.fetch()
    assert clock.slept == [*PAUSES]


REWRITING = """
import itertools, sys, time
path, *tokens = sys.argv[1:]
for token in itertools.cycle(tokens):
    with open(path, "w") as file:
        for part in (token[:9000], token[9000:]):
            file.write(part)
            file.flush()
    time.sleep(0.005)
"""


def test_no_read_of_a_file_that_is_rewritten_in_place_all_the_time_fails_or_gives_half_a_token(path: Path) -> None:
    async def reads() -> set[str]:
        source = FileSource(TokenFile(str(path)), SystemClock())
        return {await read(source) for _ in range(40)}

    tokens = [made_up_jwt(n=number, note="x" * 20_000) for number in range(2)]
    path.write_text(tokens[0])
    with subprocess.Popen([sys.executable, "-c", REWRITING, str(path), *tokens]) as writer:
        try:
            eventually(lambda: path.read_text() == tokens[1], "it is rewritten")
            found = asyncio.run(reads())
        finally:
            writer.kill()
    assert found <= set(tokens)


# A file system that does not answer


class Storage:
    """A file system that does not answer while `answers` is not set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers = threading.Event()
        self.asked = 0
        really = Path.stat

        def stat(path: Path) -> os.stat_result:
            self.asked += 1
            self.answers.wait(60)
            return really(path)

        monkeypatch.setattr(Path, "stat", stat)


async def test_a_file_system_that_does_not_answer_is_told_in_time_and_asked_again_once_it_has_answered(
    path: Path, clock: ClockOfAWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("first")
    source, storage = FileSource(TokenFile(str(path)), clock, read_limit=0.05), Storage(monkeypatch)
    for _ in range(3):
        with pytest.raises(CredentialError) as caught:
            await source.fetch()
        assert str(caught.value) == f"tokenFile {path}: can't be read: no answer within 0.05 s from where it is stored"
        assert not await source.changed(), "nothing is known of it"
    assert storage.asked == 1, "each further thread would be stuck too"
    storage.answers.set()
    assert source._stuck is not None
    await asyncio.wrap_future(source._stuck)
    assert await source.changed()
    assert await read(source) == "first"


async def test_a_reader_who_is_cancelled_waits_for_nothing(
    source: FileSource, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("first")
    storage = Storage(monkeypatch)
    with anyio.move_on_after(0.05) as waited:
        await source.fetch()
    assert waited.cancelled_caught
    storage.answers.set()
    assert await read(source) == "first", "what was left behind is waited for, then the file is read"

# ruff: noqa: ASYNC240 - these tests write the small files that they read

import json
import os
from pathlib import Path

import pytest

from fakes.clock import START, FakeClock
from fakes.tokens import made_up_jwt
from pulumi_resource_apikeys.credentials.file import FileSource
from pulumi_resource_apikeys.errors import CredentialError
from pulumi_resource_apikeys.settings import TokenFile

EPOCH = int(START.timestamp())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token"


@pytest.fixture
def source(path: Path) -> FileSource:
    return FileSource(TokenFile(str(path)), FakeClock())


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
    assert not source.changed()
    path.write_text("second!")
    assert source.changed()
    assert await read(source) == "second!"
    assert not source.changed()


async def test_it_has_changed_when_another_file_took_its_place(source: FileSource, path: Path) -> None:
    path.write_text("first")
    await source.fetch()
    times = path.stat().st_mtime_ns
    other = path.with_name("new")
    other.write_text("other")
    os.utime(other, ns=(times, times))
    other.replace(path)
    assert source.changed()


async def test_it_has_changed_when_it_is_gone(source: FileSource, path: Path) -> None:
    path.write_text("first")
    await source.fetch()
    path.unlink()
    assert source.changed()


async def test_it_has_changed_before_it_was_ever_read(source: FileSource, path: Path) -> None:
    path.write_text("first")
    assert source.changed()


async def test_the_home_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("first")
    assert await read(FileSource(TokenFile("~/token"), FakeClock())) == "first"


async def test_a_file_that_is_missing_is_named(source: FileSource, path: Path) -> None:
    with pytest.raises(CredentialError) as caught:
        await source.fetch()
    assert str(caught.value) == f"tokenFile {path}: can't be read: No such file or directory"


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="can't be read: Is a directory"):
        await FileSource(TokenFile(str(tmp_path)), FakeClock()).fetch()


async def test_a_file_that_may_not_be_read_is_named(
    source: FileSource, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("first")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    # Tests may run as a user who may read everything.
    monkeypatch.setattr(Path, "open", refuse)
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

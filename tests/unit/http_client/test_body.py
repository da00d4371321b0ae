"""Bodies come decompressed and whole, or not at all: neither a flood nor a bomb takes memory or time."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.http_client.body import LARGEST, LARGEST_OF_ERROR, read_body
from pulumi_resource_apikeys.http_client.failures import UnreadableBodyError

MIB = 1024 * 1024


def deflate(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(data) + packer.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip ": gzip.compress,
    "deflate": lambda data: deflate(data, zlib.MAX_WBITS),
    "deflate, without its header": lambda data: deflate(data, -zlib.MAX_WBITS),
}


async def pieces(data: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def read(data: bytes, encoding: str = "", size: int = 65536, *, is_error: bool = False) -> bytes:
    return await read_body(pieces(data, size), encoding.partition(",")[0], is_error=is_error)


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("size", [1, 7, 65536])
@pytest.mark.parametrize("data", [b"", b"{}", bytes(range(256)) * 40, b"a" * 300_000], ids=len)
async def test_what_was_sent_is_read(encoding: str, size: int, data: bytes) -> None:
    if len(data) > 100_000 and size < 1000 and not encoding.strip():
        size = 1000
    assert await read(PACKED[encoding](data), encoding, size) == data


@given(st.binary(max_size=3000), st.sampled_from(sorted(PACKED)), st.integers(1, 4000))
async def test_any_bytes_are_read_as_they_were_sent(data: bytes, encoding: str, size: int) -> None:
    assert await read(PACKED[encoding](data * 50), encoding, size) == data * 50


async def test_nothing_at_all_is_an_empty_body_however_it_is_encoded() -> None:
    assert await read(b"", "gzip") == b""


async def test_what_follows_the_end_is_left_out() -> None:
    assert await read(gzip.compress(b"all") + b"more", "gzip") == b"all"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "utf-8", "ü", "*"])
async def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(UnreadableBodyError, match="encoded in another way than gzip, deflate"):
        await read_body(pieces(b"x"), encoding, is_error=False)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("data", [b"<html>", b"\x1f\x8b\x08rubbish", b"x\x9crubbish", b"\x00"], ids=repr)
async def test_what_can_not_be_decompressed_is_told(encoding: str, data: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match=r"can't be decoded: it is (damaged|cut off)"):
        await read(data, encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compressed_body_that_is_cut_off_is_told(encoding: str) -> None:
    packed = PACKED[encoding](b'{"key_id": "k-1"}')
    for length in range(1, len(packed)):
        with pytest.raises(UnreadableBodyError, match="it is cut off"):
            await read(packed[:length], encoding)


async def test_a_list_of_fifty_thousand_keys_fits() -> None:
    data = bytes(30 * MIB)
    assert len(await read(gzip.compress(data, 1), "gzip")) == len(data)


async def endless(piece: bytes) -> AsyncIterator[bytes]:
    while True:
        yield piece


def layered(size: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


async def test_a_body_without_an_end_is_given_up_and_takes_little_memory() -> None:
    tracemalloc.start()
    with pytest.raises(UnreadableBodyError, match="is larger than 64 MiB, more than any list of keys takes"):
        await read_body(endless(bytes(MIB)), "", is_error=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * LARGEST


async def test_a_bomb_is_given_up_before_it_takes_memory() -> None:
    bomb = layered(300 * MIB)
    assert len(bomb) < MIB
    tracemalloc.start()
    with pytest.raises(UnreadableBodyError, match="is larger than 64 MiB"):
        await read(bomb, "gzip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * LARGEST


async def test_empty_blocks_without_an_end_are_given_up() -> None:
    begun = zlib.compressobj(wbits=31)
    head = begun.compress(b"") + begun.flush(zlib.Z_FULL_FLUSH)

    async def blocks() -> AsyncIterator[bytes]:
        yield head
        async for piece in endless(b"\x00\x00\x00\xff\xff" * 200_000):
            yield piece

    with pytest.raises(UnreadableBodyError, match="is larger than 64 MiB"):
        await read_body(blocks(), "gzip", is_error=False)


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_of_the_body_of_an_error_the_beginning_is_read(encoding: str) -> None:
    stream = endless(b"words ") if not encoding else pieces(layered(16 * MIB))
    assert len(await read_body(stream, encoding, is_error=True)) == LARGEST_OF_ERROR


async def test_of_a_compressed_error_that_is_cut_off_the_beginning_is_read() -> None:
    packed = gzip.compress(b"words " * 10_000 + bytes(range(256)) * 100)
    begun = await read(packed[:-50], "gzip", is_error=True)
    assert begun.startswith(b"words words")

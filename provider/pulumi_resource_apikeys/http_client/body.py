"""The body of an answer, read and decompressed piece by piece, up to a size: neither flood nor bomb takes memory."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from .failures import UnreadableBodyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterator

LARGEST = 64 * 1024 * 1024
"""Bytes that a body may have, decompressed: a list of 50,000 keys has half of that."""
LARGEST_OF_ERROR = 256 * 1024
"""Bytes of an error's body that are read; for its words that is plenty."""
PIECE = 64 * 1024
"""Bytes that are decompressed at once."""
ACCEPTED = "gzip, deflate"

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ZLIB_METHOD = 8


async def read_body(stream: AsyncIterable[bytes], encoding: str, *, is_error: bool) -> bytes:
    """The whole body; `encoding` is the answer's Content-Encoding.

    Of an error's body, the beginning. Raises `UnreadableBodyError` where it is too large or can't be decompressed.
    """
    decode = _decoder(encoding)
    most = LARGEST_OF_ERROR if is_error else LARGEST
    body, received = bytearray(), 0
    async for raw in stream:
        received += len(raw)
        for piece in decode.pieces(raw):
            body += piece
            if len(body) > most:
                break
        if max(len(body), received) > most:
            if is_error:
                return bytes(body[:most])
            raise UnreadableBodyError(f"is larger than {most // 1024 // 1024} MiB, more than any list of keys takes")
    if not decode.complete and not is_error:
        raise UnreadableBodyError("can't be decoded: it is cut off")
    return bytes(body)


class _Plain:
    """What was not compressed."""

    complete = True

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        yield raw


class _Compressed:
    """What was compressed, as gzip or deflate; what follows its end is left out."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._begun = False

    @property
    def complete(self) -> bool:
        """Whether its end has come; nothing at all is complete too."""
        return self._inflate.eof or not self._begun

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        if not self._begun and raw:
            self._begun = True
            if self._window == _ZLIB and raw[0] & 0x0F != _ZLIB_METHOD:
                # Some servers leave out the header that deflate is defined with (RFC 9110, 8.4.1.2).
                self._inflate = zlib.decompressobj(_RAW)
        while not self._inflate.eof:
            try:
                piece = self._inflate.decompress(raw, PIECE)
            except zlib.error:
                raise UnreadableBodyError("can't be decoded: it is damaged") from None
            yield piece
            raw = self._inflate.unconsumed_tail
            if not raw and len(piece) < PIECE:
                return


def _decoder(encoding: str) -> _Plain | _Compressed:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Compressed(_GZIP)
        case "deflate":
            return _Compressed(_ZLIB)
        case _:
            raise UnreadableBodyError(f"can't be decoded: it is encoded in another way than {ACCEPTED}, as was asked")

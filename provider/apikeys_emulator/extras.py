"""What a fault adds to an answer: headers, an odd charset, a huge or compressed body, the token of the caller.

An answer is made first (`observed`), and then goes through `with_extras`.
"""

import asyncio
import codecs
import zlib
from collections.abc import AsyncIterator, Iterator

from starlette.responses import Response, StreamingResponse

from apikeys_emulator.broken import ReasonedAnswer
from apikeys_emulator.faults import Fault

STATUSES_WITHOUT_BODY = {204, 304}
REDIRECTS = {301, 302, 303, 307, 308}
MOVED = "/api/v1/moved"
BLANKS = b" " * 2**20
GZIP = 31


def with_extras(answer: Response, fault: Fault, token: str) -> Response:
    """The answer with all that the fault adds to it; `token` is what the caller sent, for a fault that echoes it."""
    if answer.status_code in STATUSES_WITHOUT_BODY:
        answer = Response(status_code=answer.status_code)
    _set_media_type(answer, fault, token)
    location = _location(answer.status_code, fault, token)
    if location is not None:
        answer.headers["Location"] = location
    if fault.set_cookie is not None:
        answer.raw_headers.append((b"set-cookie", _as_bytes(fault.set_cookie)))
    if fault.size_bytes is not None or fault.gzip:
        answer = _streamed(answer, fault)
    if "reason" in fault.echo:
        return ReasonedAnswer(answer, token)
    return answer


def _set_media_type(answer: Response, fault: Fault, token: str) -> None:
    declared = answer.headers.get("Content-Type")
    if declared is None:
        return
    media_type, _, parameters = declared.partition(";")
    if "media_type" in fault.echo:
        media_type = f"text/{token}"
    if fault.charset is not None:
        parameters = f" charset={fault.charset}"
        answer.body = _encoded(bytes(answer.body), fault.charset)
        answer.headers["Content-Length"] = str(len(answer.body))
    answer.headers["Content-Type"] = f"{media_type};{parameters}" if parameters else media_type


def _encoded(body: bytes, charset: str) -> bytes:
    """The body in a charset; as it is where no text can be written in that."""
    try:
        codecs.lookup(charset)
        return body.decode().encode(charset, errors="replace")
    except (LookupError, UnicodeError):
        return body


def _location(status: int, fault: Fault, token: str) -> str | None:
    if "location" in fault.echo:
        return f"{fault.location or MOVED}?token={token}"
    return fault.location or (MOVED if status in REDIRECTS else None)


def _as_bytes(header: str) -> bytes:
    """A header's value: up to U+00FF a character is a byte, so that a test can send any; else UTF-8."""
    try:
        return header.encode("latin-1")
    except UnicodeEncodeError:
        return header.encode()


def _streamed(answer: Response, fault: Fault) -> Response:
    body = bytes(answer.body)
    pieces = _padded(body, max(fault.size_bytes or 0, len(body)))
    if fault.gzip:
        pieces = _compressed(pieces)
        answer.headers["Content-Encoding"] = "gzip"
    streamed = StreamingResponse(_yielding(pieces), status_code=answer.status_code)
    streamed.raw_headers = [header for header in answer.raw_headers if header[0] != b"content-length"]
    return streamed


def _padded(body: bytes, size: int) -> Iterator[bytes]:
    """The body and blanks after it, which neither JSON nor HTML minds."""
    yield body
    missing = size - len(body)
    while missing > 0:
        yield BLANKS[:missing]
        missing -= len(BLANKS)


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=GZIP)
    for piece in pieces:
        yield compressor.compress(piece)
    yield compressor.flush()


async def _yielding(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, with a chance for the server to see between two that the client has hung up."""
    for piece in pieces:
        if piece:
            yield piece
        await asyncio.sleep(0)

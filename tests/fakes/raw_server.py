"""`RawServer`: answers each HTTP request on loopback with bytes of the test's choice; and proxies that lead to it."""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import TypeAlias

    Reader: TypeAlias = asyncio.StreamReader
    Writer: TypeAlias = asyncio.StreamWriter


def answer(status: str, body: bytes = b"", *headers: bytes, length: int | None = None) -> bytes:
    """An answer such as `200 OK` with a body; a length is told unless it is negative."""
    told = len(body) if length is None else length
    sized = () if told < 0 else (b"Content-Length: %d" % told,)
    return b"\r\n".join((b"HTTP/1.1 " + status.encode(), *headers, *sized, b"", body))


@dataclass
class RawServer:
    """What to answer, the last answer for ever; a connection that got an answer without a length is closed."""

    answers: list[bytes]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closes: bool = False
    port: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
        """Serve while the block runs."""
        async with _serving(self._serve, tls) as self.port:
            yield self

    async def hung_up(self) -> None:
        """Close all connections."""
        for writer in self.writers:
            writer.close()
            await writer.wait_closed()

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        self.writers.add(writer)
        while request := await _request(reader):
            self.requests.append(request)
            sent = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            writer.write(sent)
            await writer.drain()
            if self.closes:
                return


@dataclass
class ConnectProxy:
    """An HTTP proxy that leads every CONNECT to one port of this machine, or answers it with `refusal`."""

    target: int
    refusal: bytes = b""
    requests: list[bytes] = field(default_factory=list)
    port: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[ConnectProxy]:
        """Serve while the block runs."""
        async with _serving(self._serve, None) as self.port:
            yield self

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        self.requests.append(await _request(reader))
        writer.write(self.refusal or b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        if not self.refusal:
            await _lead(reader, writer, self.target)


@dataclass
class SocksProxy:
    """A SOCKS5 proxy (RFC 1928) that leads every CONNECT to one port of this machine; `hosts` is what was asked for."""

    target: int
    hosts: list[str] = field(default_factory=list)
    greeting: bytes = b"\x05\x00"
    port: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[SocksProxy]:
        """Serve while the block runs."""
        async with _serving(self._serve, None) as self.port:
            yield self

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(self.greeting)
        if self.greeting != b"\x05\x00":
            return
        head = await reader.readexactly(5)
        name = await reader.readexactly(head[4])
        (port,) = struct.unpack("!H", await reader.readexactly(2))
        self.hosts.append(f"{name.decode()}:{port}")
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01" + struct.pack("!H", self.target))
        await _lead(reader, writer, self.target)


@asynccontextmanager
async def _serving(
    serve: Callable[[Reader, Writer], Awaitable[None]], tls: ssl.SSLContext | None
) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()

    async def closing(reader: Reader, writer: Writer) -> None:
        try:
            await serve(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    def begin(reader: Reader, writer: Writer) -> None:
        tasks.add(asyncio.ensure_future(closing(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _request(reader: Reader) -> bytes:
    """The head of a request and its body; empty at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)


async def _lead(reader: Reader, writer: Writer, target: int) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", target)

    async def pump(source: Reader, sink: Writer) -> None:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        sink.close()

    try:
        await asyncio.gather(pump(reader, back), pump(there, writer))
    finally:
        back.close()

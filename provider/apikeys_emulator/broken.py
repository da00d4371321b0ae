"""Answers that go wrong on the wire, and the uvicorn protocol that lets them close their own connection.

ASGI has no way to hang up in the middle of an answer, nor to choose the words behind a status. The protocol class here
hands each request its transport, as an extension of the ASGI scope, and the answers here use it.
"""

import asyncio
from typing import cast

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from apikeys_emulator.problems import title_of

TRANSPORT = "apikeys_emulator.transport"


class ClosableProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, where an answer can write to the connection and close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        """Give every request of this connection the connection."""
        super().connection_made(transport)
        app = cast("ASGIApp", self.app)

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection once what was sent is out, and wait until the server has seen it closed."""
    scope["extensions"][TRANSPORT].close()
    while (await receive())["type"] != "http.disconnect":
        pass


class DroppedAnswer(Response):
    """No answer at all: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        """Close the connection."""
        await hang_up(scope, receive)


class TruncatedAnswer(Response):
    """The head of an answer, half of its body, and a closed connection. An answer with no body is dropped."""

    def __init__(self, whole: Response) -> None:
        """Cut `whole` in half."""
        super().__init__(status_code=whole.status_code)
        self.raw_headers = whole.raw_headers
        self.body = whole.body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send one half and close."""
        if len(self.body) > 1:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.body", "body": half, "more_body": True})
        await hang_up(scope, receive)


class ReasonedAnswer(Response):
    """An answer with words of its own behind the status, and then a closed connection."""

    def __init__(self, whole: Response, reason: str) -> None:
        """`reason` is what stands in place of the status's own words."""
        super().__init__(status_code=whole.status_code)
        self.raw_headers = whole.raw_headers
        self.body = whole.body
        self.reason = reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        """Write the answer and close."""
        status_line = f"HTTP/1.1 {self.status_code} {self.reason}".encode("latin-1")
        headers = [name + b": " + value for name, value in self.raw_headers]
        head = b"\r\n".join([status_line, *headers, b"connection: close", b"", b""])
        scope["extensions"][TRANSPORT].write(head + bytes(self.body))
        await hang_up(scope, receive)


def empty_answer(whole: Response) -> Response:
    """The same status with no body, though its type still says JSON."""
    return Response(status_code=whole.status_code, media_type="application/json")


def html_answer(status: int, headers: dict[str, str], words: str | None = None) -> Response:
    """The page of a proxy that stands in front; `words` are put in place of the status's own."""
    title = f"{status} {title_of(status) if words is None else words}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(page, status_code=status, headers=headers, media_type="text/html")

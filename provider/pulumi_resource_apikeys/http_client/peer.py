"""One server that is called: its connections, made at the first call and kept for the next, and its answers as bytes.

There is no cookie jar, no redirect and no retry in here, and no answer of a server makes it fail in another way than
with `NoAnswerError`.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import anyio
import httpx

from pulumi_resource_apikeys import __version__

from .body import ACCEPTED, read_body
from .failures import Way, no_answer
from .proxies import proxy_of
from .trust import trust

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from pydantic import SecretStr

CONNECT_LIMIT = 10.0
"""Seconds for making a connection, at most; half the time limit of a call where that is less."""
IDLE_CONNECTION = 4.0
"""Seconds that an idle connection is kept: less than servers do, so that none ends just as a create is sent."""
FIRST_ERROR = 300

_LOG = logging.getLogger(__name__)

# At level DEBUG this logger writes the headers of requests and answers.
logging.getLogger("httpcore").setLevel(logging.INFO)


@dataclass(frozen=True)
class Answer:
    """An answer with its whole body, decompressed. Names of headers are in lower case; neither is shown by `repr`."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    reason_phrase: str = field(default="", repr=False)

    @property
    def is_success(self) -> bool:
        """Whether its status is of the 2xx kind."""
        return 200 <= self.status < FIRST_ERROR  # noqa: PLR2004 - the kind's bounds


class _Body(httpx.AsyncByteStream):
    """A request's body, which knows whether any of it may have been sent."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.began = not content
        """A request without a body is sent with its headers."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.began = True
        yield self._content


class Peer:
    """A server below one address. One event loop uses it. Close it with `aclose`."""

    def __init__(
        self,
        address: str,
        *,
        most_idle: int,
        headers: Sequence[tuple[str, str]] = (),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`address` is one that `read_address` accepts; `headers` go with every call; `transport` is for tests.

        At most `most_idle` connections are kept open while nothing is called.
        """
        self._address = address
        self._url = httpx.URL(address)
        self._most_idle = most_idle
        host = self._url.netloc.decode("ascii")
        self._headers = (
            ("Host", host),
            ("User-Agent", f"pulumi-resource-apikeys/{__version__}"),
            ("Accept-Encoding", ACCEPTED),
            *headers,
        )
        self._way = Way(f"{self._url.scheme}://{host}", None)
        self._transport = transport

    async def aclose(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.aclose()

    async def send(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        *,
        limit: float,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        hide: Sequence[SecretStr] = (),
    ) -> Answer:
        """Ask for a path below the address, and read the answer, both in `limit` seconds; raises `NoAnswerError`.

        `hide` are secrets that must not be told, should a failure's words hold them.
        """
        content = _Body(body)
        try:
            # httpx limits each step; this limits the whole, against an answer that trickles.
            with anyio.fail_after(limit):
                return await self._exchange(method, path, headers, content, len(body), limit)
        except Exception as error:  # noqa: BLE001 - whatever a server, a proxy or a library does, a create must know
            failure = no_answer(error, self._way, limit, began=content.began, hide=hide)
        raise failure

    async def _exchange(  # noqa: PLR0913, PLR0917 - the same
        self,
        method: str,
        path: str,
        headers: Sequence[tuple[str, str]],
        content: _Body,
        length: int,
        limit: float,
    ) -> Answer:
        if self._transport is None:
            self._transport = self._connect()
        sized = (("Content-Type", "application/json"),) if length else ()
        if method == "POST":
            sized = (*sized, ("Content-Length", str(length)))
        request = httpx.Request(
            method,
            f"{self._address}{path}",
            headers=[*self._headers, *headers, *sized],
            stream=content,
            extensions={
                "timeout": {"connect": min(CONNECT_LIMIT, limit / 2), "read": limit, "write": limit, "pool": None}
            },
        )
        response = await self._transport.handle_async_request(request)
        try:
            answered = dict(response.headers.items())
            body = await read_body(
                cast("httpx.AsyncByteStream", response.stream),
                answered.get("content-encoding", ""),
                is_error=response.status_code >= FIRST_ERROR,
            )
            _LOG.debug("%s %s%s: %d, %d bytes", method, self._address, path, response.status_code, len(body))
            return Answer(response.status_code, answered, body, response.reason_phrase)
        finally:
            await response.aclose()

    def _connect(self) -> httpx.AsyncBaseTransport:
        """The connections. What the environment says of them is read at the first call: a preview may need none."""
        proxy = proxy_of(self._url)
        if proxy is not None:
            self._way = Way(self._way.where, proxy.shown)
        # Where there is no TLS, nobody is trusted, which takes no time.
        tls = trust() if self._url.scheme == "https" or proxy is not None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.AsyncHTTPTransport(
            verify=tls,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=self._most_idle, keepalive_expiry=IDLE_CONNECTION),
            proxy=None if proxy is None else _with_trust(proxy.url, tls),
        )


def _with_trust(proxy: httpx.URL, tls: ssl.SSLContext) -> httpx.Proxy:
    return httpx.Proxy(proxy, ssl_context=tls if proxy.scheme == "https" else None)

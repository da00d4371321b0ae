"""One server that is called: its connections, made at the first call and kept for the next, and its answers as bytes.

There is no cookie jar, no redirect and no retry in here, and no answer of a server makes it fail in another way than
with `NoAnswerError`.
"""

from __future__ import annotations

import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import httpcore
from async_timeout import timeout

from pulumi_resource_apikeys import __version__

from .body import ACCEPTED, read_body
from .failures import Way, no_answer
from .proxies import proxy_of
from .trust import trust

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence

    from pydantic import SecretStr

    from .proxies import Proxy

CONNECT_LIMIT = 10.0
"""Seconds for making a connection, at most; half the time limit of a call where that is less."""
IDLE_CONNECTION = 4.0
"""Seconds that an idle connection is kept: less than servers do, so that none ends just as a create is sent."""
FIRST_ERROR = 300

_LOG = logging.getLogger(__name__)

# The library would import it at its first call, when somebody waits for that.
with suppress(ImportError):
    import_module("anyio._backends._asyncio")

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


class _Body:
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

    def __init__(self, address: str, *, most_idle: int, headers: Sequence[tuple[str, str]] = ()) -> None:
        """`address` is one that `read_address` gives; `headers` go with every call.

        At most `most_idle` connections are kept open while nothing is called.
        """
        self._address = address
        server = urlsplit(address)
        self._scheme, self._host, self._port, self._path = (
            server.scheme,
            server.hostname or "",
            server.port,
            server.path,
        )
        self._most_idle = most_idle
        self._headers = (
            ("Host", server.netloc),
            ("User-Agent", f"pulumi-resource-apikeys/{__version__}"),
            ("Accept-Encoding", ACCEPTED),
            *headers,
        )
        self._way = Way(f"{server.scheme}://{server.netloc}", None)
        self._pool: httpcore.AsyncConnectionPool | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            await self._pool.aclose()

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

        `path` is quoted. `hide` are secrets that must not be told, should a failure's words hold them.
        """
        content = _Body(body)
        sized = (("Content-Type", "application/json"),) if body else ()
        if method == "POST":
            sized = (*sized, ("Content-Length", str(len(body))))
        try:
            request = httpcore.Request(
                method,
                httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=f"{self._path}{path}"),
                headers=[*self._headers, *headers, *sized],
                content=content,
                extensions={
                    "timeout": {"connect": min(CONNECT_LIMIT, limit / 2), "read": limit, "write": limit, "pool": None}
                },
            )
            # The library limits each step; this limits the whole, against an answer that trickles.
            async with timeout(limit):
                return await self._exchange(request)
        except Exception as error:  # noqa: BLE001 - whatever a server, a proxy or a library does, a create must know
            failure = no_answer(error, self._way, limit, began=content.began, hide=hide)
        raise failure

    async def _exchange(self, request: httpcore.Request) -> Answer:
        if self._pool is None:
            self._pool = self._connect()
        response = await self._pool.handle_async_request(request)
        try:
            answered = _read_headers(response.headers)
            body = await read_body(
                cast("AsyncIterable[bytes]", response.stream),
                answered.get("content-encoding", ""),
                is_error=response.status >= FIRST_ERROR,
            )
            asked = f"{request.method.decode()} {self._way.where}{request.url.target.decode()}"
            _LOG.debug("%s: %d, %d bytes", asked, response.status, len(body))
            phrase = response.extensions.get("reason_phrase", b"").decode("ascii", "ignore")
            return Answer(response.status, answered, body, phrase)
        finally:
            await response.aclose()

    def _connect(self) -> httpcore.AsyncConnectionPool:
        """The connections. What the environment says of them is read at the first call: a preview may need none."""
        proxy = proxy_of(self._address)
        if proxy is not None:
            self._way = Way(self._way.where, proxy.shown)
        # Where there is no TLS, nobody is trusted, which takes no time.
        tls = trust() if self._scheme == "https" or proxy is not None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpcore.AsyncConnectionPool(
            ssl_context=tls,
            proxy=None if proxy is None else _with_trust(proxy, tls),
            max_connections=None,
            max_keepalive_connections=self._most_idle,
            keepalive_expiry=IDLE_CONNECTION,
        )


def _with_trust(proxy: Proxy, tls: ssl.SSLContext) -> httpcore.Proxy:
    url = proxy.url
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        auth=(url.username.encode(), url.password.encode()) if url.username or url.password else None,
        ssl_context=tls if url.scheme == "https" else None,
    )


def _read_headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """By their names in lower case; several of one name are one with commas (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")

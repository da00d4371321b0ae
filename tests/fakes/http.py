"""What pytest_httpx answers, for a provider that calls httpcore: the same requests and answers, one layer below."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpcore
import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

_MOCKED = httpx.AsyncHTTPTransport(verify=False)


class _Body(httpx.AsyncByteStream):
    def __init__(self, content: AsyncIterable[bytes]) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._content:
            yield piece


def url_of(request: httpcore.Request) -> httpx.URL:
    """Where a request goes."""
    url = request.url
    return httpx.URL(scheme=url.scheme.decode(), host=url.host.decode(), port=url.port, raw_path=url.target)


async def by_httpx(_pool: httpcore.AsyncConnectionPool, request: httpcore.Request) -> httpcore.Response:
    """In place of `AsyncConnectionPool.handle_async_request`."""
    sent = httpx.Request(
        request.method.decode(),
        url_of(request),
        headers=request.headers,
        stream=_Body(cast("AsyncIterable[bytes]", request.stream)),
        extensions=request.extensions,
    )
    try:
        answer = await _MOCKED.handle_async_request(sent)
    except httpx.TransportError as error:
        raise getattr(httpcore, type(error).__name__)(str(error)) from error.__cause__
    return httpcore.Response(
        answer.status_code,
        headers=answer.headers.raw,
        content=cast("AsyncIterable[bytes]", answer.stream),
        extensions={"reason_phrase": answer.reason_phrase.encode()},
    )

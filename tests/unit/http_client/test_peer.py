"""What goes to the library that calls a server, and what is read of its answer; `tests/contract` has real servers."""

from __future__ import annotations

import httpcore
import pytest

from pulumi_resource_apikeys.http_client.failures import NoAnswerError
from pulumi_resource_apikeys.http_client.peer import Answer, Peer

ADDRESS = "https://api.example.com:8443/base"


class Library:
    """Stands in for `httpcore.AsyncConnectionPool`, and answers with those headers."""

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self.made_with: dict[str, object] = {}
        self.requests: list[httpcore.Request] = []
        self._headers = headers

    def __call__(self, **made_with: object) -> Library:
        self.made_with = made_with
        return self

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        self.requests.append(request)
        return httpcore.Response(200, headers=self._headers, content=b"[]", extensions={"reason_phrase": b"Fine\xff"})


async def call(library: Library, monkeypatch: pytest.MonkeyPatch, path: str = "/keys%2F1") -> Answer:
    monkeypatch.setattr(httpcore, "AsyncConnectionPool", library)
    return await Peer(ADDRESS, most_idle=3).send("GET", path, limit=30.0)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy but the test's own."""
    for kind in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{kind}_proxy", raising=False)
        monkeypatch.delenv(f"{kind.upper()}_PROXY", raising=False)


async def test_a_path_is_called_below_the_address_as_it_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    await call(library, monkeypatch)
    url = library.requests[0].url
    assert (url.scheme, url.host, url.port, url.target) == (b"https", b"api.example.com", 8443, b"/base/keys%2F1")
    assert dict(library.requests[0].headers)[b"Host"] == b"api.example.com:8443"


async def test_each_step_has_the_calls_limit_and_connecting_less(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    await call(library, monkeypatch)
    assert library.requests[0].extensions["timeout"] == {"connect": 10.0, "read": 30.0, "write": 30.0, "pool": None}


async def test_headers_are_read_by_their_names_in_lower_case_and_several_of_a_name_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = Library((b"Content-Type", b"text/html"), (b"X-A", b"1"), (b"x-a", b"2"))
    answer = await call(library, monkeypatch)
    assert answer.headers == {"content-type": "text/html", "x-a": "1, 2"}
    assert answer.reason_phrase == "Fine"


@pytest.mark.parametrize(("raw", "read"), [("größe".encode(), "größe"), ("größe".encode("latin-1"), "größe")])
async def test_headers_in_utf_8_and_in_latin_1_are_read(monkeypatch: pytest.MonkeyPatch, raw: bytes, read: str) -> None:
    assert (await call(Library((b"x-a", raw)), monkeypatch)).headers["x-a"] == read


async def test_without_a_proxy_none_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    await call(library, monkeypatch)
    assert library.made_with["proxy"] is None


@pytest.mark.parametrize(
    ("variable", "auth"),
    [
        ("http://proxy.example.com:3128", None),
        ("http://user:pass%20word@proxy.example.com:3128", (b"user", b"pass word")),
        ("http://us%C3%A9r@proxy.example.com:3128", ("usér".encode(), b"")),
        ("http://:word@proxy.example.com:3128", (b"", b"word")),
    ],
)
async def test_a_proxy_is_told_its_credentials(
    monkeypatch: pytest.MonkeyPatch, variable: str, auth: tuple[bytes, bytes] | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", variable)
    library = Library()
    await call(library, monkeypatch)
    proxy = library.made_with["proxy"]
    assert isinstance(proxy, httpcore.Proxy)
    assert (proxy.url.scheme, proxy.url.host, proxy.url.port) == (b"http", b"proxy.example.com", 3128)
    assert proxy.auth == auth
    assert proxy.ssl_context is None


async def test_the_way_to_a_proxy_is_as_safe_as_its_address_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "https://proxy.example.com")
    library = Library()
    await call(library, monkeypatch)
    proxy = library.made_with["proxy"]
    assert isinstance(proxy, httpcore.Proxy)
    assert proxy.ssl_context is library.made_with["ssl_context"]


async def test_a_header_that_can_not_be_sent_is_a_call_without_an_answer_that_was_not_sent() -> None:
    peer = Peer("http://127.0.0.1:9", most_idle=1)
    with pytest.raises(NoAnswerError) as caught:
        await peer.send("POST", "/x", limit=5.0, headers=(("Authorization", "Bearer ä-secret"),), body=b"{}")
    assert not caught.value.sent
    assert "secret" not in str(caught.value)

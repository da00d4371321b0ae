"""Both clients over real connections: keep-alive, hostile answers, proxies, private authorities."""

from __future__ import annotations

import gc
import gzip
import json
import socket
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from fakes.clock import FakeClock
from fakes.keys import new_key
from fakes.raw_server import ConnectProxy, RawServer, SocksProxy, answer
from fakes.tokens import FakeTokens, made_up_jwt
from pulumi_resource_apikeys.api.client import ApiClient
from pulumi_resource_apikeys.clock import SystemClock
from pulumi_resource_apikeys.credentials.clerk import ClerkSource
from pulumi_resource_apikeys.errors import BadAnswerError, CredentialError, RemoteError, UnreachableError
from pulumi_resource_apikeys.http_client.peer import IDLE_CONNECTION
from pulumi_resource_apikeys.settings import ClerkSession, Settings

PROJECT = "5f0c8a52-93a1-4d43-8d2e-0d5c6a1f7b10"
SETTINGS = Settings(max_retries=0, request_timeout=5.0)
JSON = b"Content-Type: application/json"
CREATED = json.dumps({"key_id": "k-1", "name": "deploy", "key": "ak_secret"}).encode()
MADE = answer("201 Created", CREATED, JSON)
NO_KEYS = answer("200 OK", b"[]", JSON)
TOKEN = "opaque-session-0123456789"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment counts but what a test sets."""
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(variable, raising=False)


@asynccontextmanager
async def client_of(endpoint: str, settings: Settings = SETTINGS) -> AsyncIterator[ApiClient]:
    client = ApiClient(settings, endpoint, FakeTokens(TOKEN), SystemClock())
    try:
        yield client
    finally:
        await client.aclose()


async def mint(client: ApiClient) -> str:
    return (await client.mint(new_key(PROJECT, "deploy"))).secret.get_secret_value()


# Connections


async def test_a_connection_serves_one_call_after_the_other() -> None:
    async with RawServer([MADE]).serving() as server, client_of(f"http://127.0.0.1:{server.port}") as client:
        assert [await mint(client) for _ in range(5)] == ["ak_secret"] * 5
        assert server.connections == 1


def test_a_connection_is_kept_for_a_while_but_not_as_long_as_usual_servers_do() -> None:
    assert 3.0 <= IDLE_CONNECTION < 5.0


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used_for_a_create() -> None:
    async with RawServer([MADE]).serving() as server, client_of(f"http://127.0.0.1:{server.port}") as client:
        await mint(client)
        await server.hung_up()
        assert await mint(client) == "ak_secret"
        assert (server.connections, len(server.requests)) == (2, 2)


async def test_nothing_is_connected_before_the_first_call() -> None:
    async with RawServer([MADE]).serving() as server, client_of(f"http://127.0.0.1:{server.port}"):
        assert server.connections == 0


async def test_a_request_says_what_it_must_and_no_more() -> None:
    async with RawServer([MADE]).serving() as server, client_of(f"http://127.0.0.1:{server.port}/prefix") as client:
        await mint(client)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    assert line == f"POST /prefix/api/v1/projects/{PROJECT}/keys HTTP/1.1"
    assert {header.partition(":")[0] for header in headers} == {
        "Host",
        "User-Agent",
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Content-Type",
        "Content-Length",
    }
    assert f"Host: 127.0.0.1:{server.port}" in headers
    assert body == b'{"name": "deploy"}'


async def test_a_compressed_list_is_read() -> None:
    packed = gzip.compress(json.dumps([{"key_id": "k-1", "name": "deploy"}] * 1000).encode())
    listed = answer("200 OK", packed, JSON, b"Content-Encoding: gzip")
    async with RawServer([listed]).serving() as server, client_of(f"http://127.0.0.1:{server.port}") as client:
        assert len(await client.list(PROJECT)) == 1000


@pytest.mark.parametrize(
    "cookie", [b"session=1", b"ses\xe9=\xff\xfe; path=/", b"\xf0\x9f\x8d\xaa", b"a=" + b"b" * 5000]
)
async def test_cookies_are_neither_kept_nor_sent(cookie: bytes) -> None:
    made = answer("201 Created", CREATED, JSON, b"Set-Cookie: " + cookie)
    async with RawServer([made]).serving() as server, client_of(f"http://127.0.0.1:{server.port}") as client:
        assert [await mint(client), await mint(client)] == ["ak_secret"] * 2
    assert not [request for request in server.requests if b"cookie" in request.lower()]


# Hostile answers

HTML = b"Content-Type: text/html"
PAGE = b"<html><title>Error</title>"
HOSTILE: dict[str, bytes] = {
    **{
        f"charset {charset}": answer("502 Bad Gateway", PAGE, b"Content-Type: text/html; charset=" + charset.encode())
        for charset in ("utf-16", "hex", "base64", "rot13", "no-such", "idna", "undefined", "zlib", "\u00fc")
    },
    "charset of a success": answer("200 OK", PAGE, b"Content-Type: application/json; charset=hex"),
    "encoding br": answer("201 Created", CREATED, JSON, b"Content-Encoding: br"),
    "encoding zstd": answer("201 Created", CREATED, JSON, b"Content-Encoding: zstd"),
    "no gzip": answer("201 Created", CREATED, JSON, b"Content-Encoding: gzip"),
    "gzip, cut off": answer("201 Created", gzip.compress(CREATED)[:-5], JSON, b"Content-Encoding: gzip"),
    "gzip of an error": answer("502 Bad Gateway", b"rubbish", HTML, b"Content-Encoding: gzip"),
    "odd headers": answer("403 Forbidden", PAGE, b"X-Odd: \xff\xfe\xe9", b"Location: http://[", HTML),
    "odd location": answer("302 Found", b"", b"Location: http://[::1]x:y/\xff"),
    "odd retry-after": answer("503 Service Unavailable", b"", b"Retry-After: " + b"9" * 3000, b"Date: \xff"),
    "odd reason": answer("599 \xff\xfe\xe9"),
    "no status": b"HTTP/1.1 \r\n\r\n",
    "three figures too many": answer("200000 OK"),
    "status 99": answer("99 Low"),
    "status 999": answer("999 High"),
    "not http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "bytes": bytes(range(128, 256)) * 20,
    "header without a colon": b"HTTP/1.1 200 OK\r\nrubbish\r\n\r\n",
    "two lengths": answer("200 OK", CREATED, JSON, b"Content-Length: 5"),
    "a length in words": answer("200 OK", CREATED, JSON, b"Content-Length: many", length=-1),
    "longer than it says": answer("200 OK", CREATED, JSON, length=5),
    "shorter than it says": answer("200 OK", CREATED[:-1], JSON, length=5000),
    "bad chunks": answer("200 OK", b"xyz\r\n", b"Transfer-Encoding: chunked", length=-1),
    "chunks cut off": answer("200 OK", b"5\r\nab", b"Transfer-Encoding: chunked", length=-1),
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 20_000,
    "upgrade": answer("101 Switching Protocols", b"", b"Upgrade: h2c", b"Connection: upgrade"),
    "switched to http/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
    "hints, then nothing": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    "empty": b"",
    "not modified": answer("304 Not Modified"),
    "half an emoji": answer("200 OK", b'{"detail": "\\ud83d"}', JSON),
    "deep": answer("200 OK", b"[" * 100_000, JSON),
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
async def test_no_answer_makes_a_call_fail_in_an_unforeseen_way_and_a_create_is_uncertain(sent: bytes) -> None:
    server = RawServer([sent], closes=True)
    async with server.serving(), client_of(f"http://127.0.0.1:{server.port}") as client:
        with pytest.raises(RemoteError) as caught:
            await mint(client)
        assert caught.value.may_have_acted
        assert len(server.requests) == 1
        with pytest.raises(RemoteError):
            await client.list(PROJECT)
        with pytest.raises(RemoteError):
            await client.revoke(PROJECT, "k-1", label="deploy")


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
async def test_no_answer_makes_clerks_call_fail_in_an_unforeseen_way(sent: bytes) -> None:
    server = RawServer([sent], closes=True)
    async with server.serving():
        with pytest.raises(CredentialError):
            await clerk(f"http://127.0.0.1:{server.port}").fetch()


@pytest.mark.parametrize("odd", [b"Set-Cookie: \xff=\xfe", b"X-Odd: \xff\xfe", b"Date: \xff", b"Retry-After: soon"])
async def test_odd_headers_are_no_reason_to_lose_a_key(odd: bytes) -> None:
    made = answer("201 Created", CREATED, JSON, odd)
    async with RawServer([made]).serving() as server, client_of(f"http://127.0.0.1:{server.port}") as client:
        assert await mint(client) == "ak_secret"


async def test_a_body_without_an_end_is_given_up() -> None:
    flood = answer("200 OK", b"x" * 100_000_000, JSON, length=10**12)
    async with RawServer([flood]).serving() as server, client_of(f"http://127.0.0.1:{server.port}") as client:
        with pytest.raises(BadAnswerError, match=r"the answer of http://127\.0\.0\.1:[0-9]+ is larger than 64 MiB"):
            await client.list(PROJECT)
        with pytest.raises(BadAnswerError) as caught:
            await mint(client)
        assert caught.value.may_have_acted


async def test_a_create_that_never_got_a_connection_is_certain() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with client_of(f"http://127.0.0.1:{port}") as client:
        with pytest.raises(UnreachableError, match=f"no connection to http://127.0.0.1:{port} ") as caught:
            await mint(client)
    assert not caught.value.may_have_acted


# A private authority, proxies


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.test", "127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


JWT = made_up_jwt(sub="user")


def clerk(url: str) -> ClerkSource:
    return ClerkSource(ClerkSession(SecretStr("sk_live_0123456789"), "sess_1", url), FakeClock())


@pytest.mark.usefixtures("trusted")
async def test_a_private_authority_holds_on_this_machine_too(tls: ssl.SSLContext) -> None:
    async with RawServer([MADE]).serving(tls) as server, client_of(f"https://127.0.0.1:{server.port}") as client:
        assert await mint(client) == "ak_secret"
        server.answers = [answer("200 OK", json.dumps({"jwt": JWT}).encode(), JSON)]
        token = await clerk(f"https://localhost:{server.port}").fetch()
        assert token.secret.get_secret_value() == JWT


async def test_a_server_of_an_unknown_authority_is_not_trusted(tls: ssl.SSLContext) -> None:
    async with RawServer([MADE]).serving(tls) as server, client_of(f"https://127.0.0.1:{server.port}") as client:
        with pytest.raises(UnreachableError, match=r"is not trusted: .* Check endpoint.*SSL_CERT_FILE") as caught:
            await mint(client)
        assert not caught.value.may_have_acted
        assert server.requests == []
        with pytest.raises(CredentialError, match="is not trusted: "):
            await clerk(f"https://127.0.0.1:{server.port}").fetch()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_proxy_is_gone_through(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    async with RawServer([MADE]).serving(tls) as server, ConnectProxy(server.port).serving() as proxy:
        monkeypatch.setenv(variable, f"http://ada:pass@127.0.0.1:{proxy.port}")
        async with client_of("https://api.test:8443") as client:
            assert await mint(client) == "ak_secret"
            server.answers = [answer("200 OK", json.dumps({"jwt": JWT}).encode(), JSON)]
            await clerk("https://api.test").fetch()
    assert [request.partition(b" HTTP")[0] for request in proxy.requests] == [
        b"CONNECT api.test:8443",
        b"CONNECT api.test:443",
    ]
    assert b"Proxy-Authorization: Basic YWRhOnBhc3M=" in proxy.requests[0]
    assert TOKEN.encode() not in b"".join(proxy.requests)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_socks_proxy_is_gone_through(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    async with RawServer([MADE]).serving(tls) as server, SocksProxy(server.port).serving() as proxy:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{proxy.port}")
        async with client_of("https://api.test") as client:
            assert await mint(client) == "ak_secret"
            server.answers = [answer("200 OK", json.dumps({"jwt": JWT}).encode(), JSON)]
            await clerk("https://api.test").fetch()
    assert proxy.hosts == ["api.test:443"] * 2


@pytest.mark.usefixtures("trusted")
async def test_no_proxy_stands_before_this_machine(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks4://no-address:x")
    async with RawServer([MADE]).serving(tls) as server, client_of(f"https://127.0.0.1:{server.port}") as client:
        assert await mint(client) == "ak_secret"


Trouble = tuple[str, str, str]
BAD_ENVIRONMENTS: list[Trouble] = [
    ("HTTPS_PROXY", "socks4://127.0.0.1:1", "HTTPS_PROXY names a proxy of the kind socks4"),
    ("HTTPS_PROXY", "http://127.0.0.1:99999", "HTTPS_PROXY holds no address of a proxy"),
    ("ALL_PROXY", "no address", "ALL_PROXY holds no address of a proxy"),
    ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE names /nowhere/ca.pem, which is not there"),
    ("SSL_CERT_FILE", __file__, f"SSL_CERT_FILE names {__file__}, which holds no CA certificates in PEM form"),
    ("SSL_CERT_DIR", "/nowhere", "SSL_CERT_DIR names /nowhere, which is not there"),
]


@pytest.mark.parametrize(("variable", "value", "words"), BAD_ENVIRONMENTS)
async def test_a_variable_that_can_not_be_used_is_one_clear_error_at_the_first_call(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    clock = FakeClock()
    client = ApiClient(replace(SETTINGS, max_retries=5), "https://api.test", FakeTokens(TOKEN), clock)
    for call in (mint, lambda client: client.list(PROJECT), lambda client: client.revoke(PROJECT, "k", label="k")):
        with pytest.raises(UnreachableError) as caught:
            await call(client)
        assert f": the environment variable {words}" in str(caught.value)
        assert "; set it to " in str(caught.value)
        assert not caught.value.may_have_acted
    await client.aclose()
    source = clerk("https://api.test")
    with pytest.raises(CredentialError, match=f"the environment variable {variable} "):
        await source.fetch()
    assert clock.monotonic() == 0


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_down_is_named_without_its_credentials(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://ada:very-secret@127.0.0.1:{port}")
    async with client_of("https://api.test") as client:
        with pytest.raises(UnreachableError) as caught:
            await mint(client)
        with pytest.raises(CredentialError) as of_clerk:
            await clerk("https://api.test").fetch()
    named = (
        f"no connection to the proxy {scheme}://127.0.0.1:{port} (HTTPS_PROXY), which stands before https://api.test,"
    )
    for error in (caught.value, of_clerk.value):
        assert named in str(error)
        assert "very-secret" not in str(error)
    assert not caught.value.may_have_acted


REFUSALS = [
    answer("407 Proxy Authentication Required", b"", b"Proxy-Authenticate: Basic"),
    answer("502 Bad Gateway", b"<title>down</title>"),
    b"rubbish\r\n\r\n",
    b"",
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=range(len(REFUSALS)))
async def test_a_proxy_that_gives_no_connection_is_told_and_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, refusal: bytes
) -> None:
    async with ConnectProxy(0, refusal or b"\x00").serving() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with client_of("https://api.test") as client:
            with pytest.raises(UnreachableError) as caught:
                await mint(client)
    assert not caught.value.may_have_acted
    assert f"http://127.0.0.1:{proxy.port}" in str(caught.value)


@pytest.fixture
def collected() -> Iterator[None]:
    """httpcore leaves the connection to a SOCKS proxy that failed to the garbage collector, which warns of it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("greeting", [b"\x05\xff", b"\x04\x00", b"HT", b"\x05"], ids=repr)
async def test_a_socks_proxy_that_gives_no_connection_is_told_and_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, greeting: bytes
) -> None:
    async with SocksProxy(0, greeting=greeting).serving() as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{proxy.port}")
        async with client_of("https://api.test", replace(SETTINGS, request_timeout=1.0)) as client:
            with pytest.raises(RemoteError) as caught:
                await mint(client)
    assert not caught.value.may_have_acted
    assert f"socks5://127.0.0.1:{proxy.port}" in str(caught.value)

"""Whatever address is accepted can be called: the request that is built goes to the host, port and path it names."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import httpcore
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fakes.http import url_of
from pulumi_resource_apikeys.http_client.addresses import (
    ImpureAddressError,
    NoAddressError,
    read_address,
)
from pulumi_resource_apikeys.http_client.peer import Peer
from pulumi_resource_apikeys.http_client.plain import DEFAULT_PORTS, plain_host
from pulumi_resource_apikeys.settings import Endpoint, Url


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com//", "https://api.example.com"),
        ("HTTPS://API.Example.COM:443/Path/", "https://api.example.com/Path"),
        ("https://api.example.com:", "https://api.example.com"),
        ("https://api.example.com:0443", "https://api.example.com"),
        ("https://api.example.com:80", "https://api.example.com:80"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://[2001:DB8:0::1]", "https://[2001:db8::1]"),
        ("https://ä.example.com", "https://xn--4ca.example.com"),
        ("https://xn--4ca.example.com", "https://xn--4ca.example.com"),
        ("https://a_b.example.com", "https://a_b.example.com"),
        ("https://a.com/~a/b;c=d/%41/$x,(y)!*'", "https://a.com/~a/b;c=d/%41/$x,(y)!*'"),
        ("https://a.com/a//b", "https://a.com/a//b"),
        ("https://a.com/..a/b..", "https://a.com/..a/b.."),
    ],
)
def test_an_address_is_read_in_one_form(text: str, address: str) -> None:
    assert str(read_address(text)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "https:///x",
        "https:a.com",
        "https:/a.com",
        "//a.com",
        "ftp://a.com",
        "http://[::1]x",
        "http://[::1",
        "https://[::]1",
        "https://[::1]:80:80",
        "http://::1",
        "https://[fe80::1%25eth0]",
        "https://[1.2.3.4]",
        "https://[v1.a]",
        "https://xn--a.com",
        "https://xn--zzzzzz.com",
        "https://a..b",
        "https://.a",
        "https://a.",
        "https://-a.com",
        "https://a-.com",
        f"https://{'a' * 64}.com",
        f"https://{'a.' * 127}com",
        "https://*.com",
        "https://a,b.com",
        "https://a%31.com",
        "https://1.2.3",
        "https://1.2.3.4.5",
        "https://256.1.1.1",
        "https://0x7f.1",
        "https://a.0x1",
        "https://a.com:0",
        "https://a.com:65536",
        "https://a.com:999999",
        "https://a.com:+80",
        "https://a.com:٣",
        "https://a.com:8_0",
        "https://a:b:80",
        "https://a.com\\b",
        "https://a.com/\\b",
        "https://a.com/a b",
        "https://a.com/\u00a0",
        "https://a.com/\n",
        "https://a.com\x00",
        "https://a\u200bb.com",
        "https://a.com/\x7f",
        "https://a.com/ä",
        "https://a.com/%zz",
        "https://a.com/%",
        "https://a.com/[x]",
        'https://a.com/"',
        "https://a.com/..",
        "https://a.com/../x",
        "https://a.com/a/./b",
        "https://a.com/%2E%2e/x",
        "https://a.com/.%2e",
        "https://a.com/" + "a" * 3000,
    ],
)
def test_what_can_not_be_called_is_refused(text: str) -> None:
    with pytest.raises(NoAddressError):
        read_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1#",
        "http://127.0.0.1?",
        "https://a.com/x#y",
        "https://a.com/x?y=z",
        "https://@a.com",
        "https://user@a.com",
        "https://user:word@a.com",
        "https://a.com@b.com",
    ],
)
def test_an_address_with_more_than_a_place_is_refused_as_that(text: str) -> None:
    with pytest.raises(ImpureAddressError):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("https://api.example.com", ("https", "api.example.com")),
        ("https://api.example.com:8443/a/b_c-D", ("https", "api.example.com")),
        ("http://localhost:8080", ("http", "localhost")),
        ("http://127.0.0.1:65535/api/v1", ("http", "127.0.0.1")),
        ("https://API.example.com", None),
        ("https://api.example.com/", None),
        ("https://api.example.com:443", None),
        ("https://api.example.com:65536", None),
        ("https://xn--4ca.de", None),
        ("https://127.0.0.01", None),
        ("https://a.1", None),
        ("https://a.com/..", None),
        ("https://a.com\n", None),
        ("https://a.com/" + "a" * 2048, None),
    ],
)
def test_most_addresses_are_known_to_be_good_without_http(text: str, plain: tuple[str, str] | None) -> None:
    assert plain_host(text) == plain


HOSTS = st.one_of(
    st.sampled_from(["a.com", "localhost", "127.0.0.1", "[::1]", "ä.de", "xn--4ca.de", "[", "]", "a..b", "0x7f.1"]),
    st.ip_addresses(v=6).map(lambda ip: f"[{ip}]"),
    st.ip_addresses(v=4).map(str),
    st.text(alphabet="aZ09.-_:[]%@äß\u200b\\*", max_size=12),
    st.text(max_size=8),
)
PORTS = st.one_of(
    st.just(""),
    st.just(":"),
    st.integers(-1, 70_000).map(lambda port: f":{port}"),
    st.text(alphabet=":0189+_٣ ", max_size=4),
)
PATHS = st.one_of(
    st.sampled_from(["", "/", "/x", "/x/", "/api/v1", "/..", "/a/../b", "/%2e%2e", "#", "?", "/x#", "/x?y", "\\x"]),
    st.text(alphabet="/.%2eE~a:@;=#?\\ ä\u00a0[]|", max_size=10),
    st.text(max_size=6),
)
SCHEMES = st.sampled_from(["http://", "https://", "HTTPS://", "http:/", "https:", "ftp://", "//", ""])
MADE_UP = st.tuples(SCHEMES, HOSTS, PORTS, PATHS).map("".join)


PLAIN = st.tuples(
    st.sampled_from(["http://", "https://"]),
    st.one_of(st.lists(st.from_regex(r"[a-z0-9-]{1,5}", fullmatch=True), min_size=1, max_size=5).map(".".join), HOSTS),
    st.one_of(st.integers(0, 70_000).map(lambda port: f":{port}"), st.sampled_from([":80", ":443", "", ""])),
    st.one_of(st.from_regex(r"(/[a-zA-Z0-9_.%-]{0,5}){0,4}", fullmatch=True), st.just("")),
).map("".join)


@given(st.one_of(MADE_UP, PLAIN))
@settings(max_examples=700, deadline=None)
def test_what_is_known_to_be_good_without_http_is_read_as_it_is_written(text: str) -> None:
    plain = plain_host(text)
    if plain is not None:
        url = read_address(text)
        assert str(url) == text
        assert (url.scheme, url.host) == plain


ACCEPTED = {True: TypeAdapter(Endpoint), False: TypeAdapter(Url)}


@given(MADE_UP, st.booleans())
@settings(max_examples=500, deadline=None)
def test_every_made_up_address_that_is_accepted_is_called_as_it_is_written(text: str, is_endpoint: bool) -> None:
    try:
        address = ACCEPTED[is_endpoint].validate_python(text)
    except ValidationError as error:
        assert error.errors()[0]["msg"].startswith("Value error, must be ")  # noqa: PT017 - either outcome is right
        return
    scheme, _, rest = text.partition("://")
    authority, _, path = rest.partition("/")
    prefix = f"/{path}".rstrip("/")
    called = asyncio.run(call(address))
    assert called.scheme == scheme.lower()
    assert called.host == compressed(httpx.URL(text).host)
    assert (called.port or DEFAULT_PORTS[called.scheme]) == port_of(authority, scheme.lower())
    assert called.raw_path.decode() == f"{prefix.removesuffix('/api/v1') if is_endpoint else prefix}/keys?a"


def compressed(host: str) -> str:
    try:
        return ip_address(host).compressed
    except ValueError:
        return host


def port_of(authority: str, scheme: str) -> int:
    written = authority.rpartition("]")[2].partition(":")[2]
    return int(written) if written else DEFAULT_PORTS[scheme]


async def call(address: str) -> httpx.URL:
    """The address that a call goes to."""
    seen: list[httpcore.Request] = []

    async def answer(_pool: httpcore.AsyncConnectionPool, request: httpcore.Request) -> httpcore.Response:
        seen.append(request)
        return httpcore.Response(200)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore.AsyncConnectionPool, "handle_async_request", answer)
        peer = Peer(address, most_idle=1)
        await peer.send("GET", "/keys?a", limit=5.0)
        await peer.aclose()
    assert dict(seen[0].headers)[b"Host"] == url_of(seen[0]).netloc
    return url_of(seen[0])

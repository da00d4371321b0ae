"""Which proxy stands before a server, as the environment says it, and what is told of one that can't be used."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_resource_apikeys.http_client.failures import MisconfiguredError
from pulumi_resource_apikeys.http_client.proxies import bypasses, proxy_of

API = "https://api.example.com"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy but the test's own."""
    for kind in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{kind}_proxy", raising=False)
        monkeypatch.delenv(f"{kind.upper()}_PROXY", raising=False)


def shown(server: str = API) -> str | None:
    proxy = proxy_of(server)
    return None if proxy is None else proxy.shown


def test_without_a_variable_there_is_none() -> None:
    assert proxy_of(API) is None


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HTTPS_PROXY", "http://proxy.example.com:3128", "the proxy http://proxy.example.com:3128 (HTTPS_PROXY)"),
        ("https_proxy", "http://proxy.example.com:3128", "the proxy http://proxy.example.com:3128 (https_proxy)"),
        ("HTTPS_PROXY", "proxy.example.com:3128", "the proxy http://proxy.example.com:3128 (HTTPS_PROXY)"),
        ("HTTPS_PROXY", "https://proxy.example.com", "the proxy https://proxy.example.com (HTTPS_PROXY)"),
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "the proxy socks5://127.0.0.1:1080 (ALL_PROXY)"),
        ("all_proxy", "socks5h://[::1]:1080", "the proxy socks5h://[::1]:1080 (all_proxy)"),
        (
            "HTTPS_PROXY",
            "http://user:pass%40word@proxy.example.com:1",
            "the proxy http://proxy.example.com:1 (HTTPS_PROXY)",
        ),
    ],
)
def test_a_proxy_is_told_without_its_credentials(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert shown() == words


def test_the_proxy_of_the_scheme_comes_before_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://all.example.com")
    monkeypatch.setenv("HTTPS_PROXY", "http://https.example.com")
    monkeypatch.setenv("HTTP_PROXY", "http://http.example.com")
    assert shown() == "the proxy http://https.example.com (HTTPS_PROXY)"


@pytest.mark.parametrize(
    "server", ["https://127.0.0.1", "http://localhost:8080", "https://[::1]:443", "https://a.localhost"]
)
def test_none_stands_before_this_machine_itself(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "no address at all")
    assert shown(server) is None


@pytest.mark.parametrize("value", ["socks4://proxy:1080", "ftp://proxy", "htps://proxy:3128", "file:///proxy"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
def test_a_proxy_of_another_kind_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(MisconfiguredError) as caught:
        proxy_of(API)
    kind = value.partition(":")[0]
    assert str(caught.value) == (
        f"the environment variable {variable} names a proxy of the kind {kind}; http, https, socks5, socks5h can be"
        " used; set it to one such as http://proxy.example.com:3128, or unset it"
    )


@pytest.mark.parametrize(
    "value",
    [
        "http://",
        "http://user:secret-word@",
        "http://user:secret-word@proxy:99999",
        "http://user:secret-word@proxy:port",
        "http://user:secret-word@proxy:0",
        "http://user:secret-word@[::1",
        "http://user:secret-word@xn--a.com",
        "http://user:secret-word@a..b:80",
        "http://user:secret-word@-:80",
        "user:secret-word@proxy:x",
        "secret-word with blanks",
        "http://secret-word\u200b",
        "\x00secret-word",
        ":",
    ],
)
def test_what_is_no_address_of_a_proxy_is_named_by_its_variable_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": value})
    monkeypatch.setenv("HTTPS_PROXY", value.replace("\x00", ""))
    with pytest.raises(MisconfiguredError) as caught:
        proxy_of(API)
    assert "no address of a proxy; set it to one such as http://proxy.example.com:3128" in str(caught.value)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("no_proxy", "host", "bypassed"),
    [
        ("", "api.example.com", False),
        ("*", "api.example.com", True),
        ("api.example.com", "api.example.com", True),
        ("API.Example.com", "api.example.com", True),
        ("example.com", "api.example.com", True),
        (".example.com", "api.example.com", True),
        (".example.com", "example.com", True),
        ("*.example.com", "api.example.com", True),
        ("ample.com", "api.example.com", False),
        ("api.example.com.evil.com", "api.example.com", False),
        ("other, ,\t.example.com", "api.example.com", True),
        ("other example.com", "api.example.com", True),
        ("api.example.com:443", "api.example.com", True),
        ("api.example.com:8443", "api.example.com", False),
        (".", "api.example.com", False),
        (",,", "api.example.com", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1:443", "10.0.0.1", True),
        ("10.0.0.1:80", "10.0.0.1", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.5/8", "10.1.2.3", True),
        ("10.0.0.0/99", "10.1.2.3", False),
        ("0.0.0.0/0", "10.1.2.3", True),
        ("0.0.0.0/0", "api.example.com", False),
        ("::1", "2001:db8::1", False),
        ("2001:db8::1", "2001:db8::1", True),
        ("2001:DB8:0::1", "2001:db8::1", True),
        ("[2001:db8::1]", "2001:db8::1", True),
        ("[2001:db8::1]:443", "2001:db8::1", True),
        ("[2001:db8::1]:80", "2001:db8::1", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("2001:db8::/32", "2002:db8::1", False),
        ("::/0", "10.0.0.1", False),
        ("1", "10.0.0.1", False),
    ],
)
def test_no_proxy_names_hosts_domains_addresses_and_networks(no_proxy: str, host: str, bypassed: bool) -> None:
    assert bypasses(no_proxy, host, 443) is bypassed


@pytest.mark.parametrize("no_proxy", ["[::1]", "::1,fe80::/10", "10.0.0.0/8", "*.x,[", "http://x", "ä,%,\x7f"])
def test_odd_entries_of_no_proxy_break_nothing(monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert shown() == "the proxy http://proxy.example.com (HTTPS_PROXY)"


def test_a_server_that_no_proxy_names_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "no address at all")
    monkeypatch.setenv("NO_PROXY", "xn--4ca.example.com,ö.example.com:8443,[2001:db8::]/32")
    assert shown("https://xn--4ca.example.com") is None
    assert shown("https://xn--nda.example.com:8443") is None
    assert shown("https://[2001:db8::2]") is None


@given(st.text(), st.sampled_from(["api.example.com", "10.0.0.1", "2001:db8::1"]), st.integers(1, 65535))
def test_any_no_proxy_is_read(no_proxy: str, host: str, port: int) -> None:
    assert bypasses(no_proxy, host, port) in {True, False}


@given(st.text(max_size=30))
def test_any_value_is_a_proxy_or_an_error_in_words(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("urllib.request.getproxies", lambda: {"all": value})
        try:
            proxy = proxy_of(API)
        except MisconfiguredError as error:
            assert "set it to one such as" in str(error)  # noqa: PT017 - either outcome is right
            return
    assert proxy is None or httpx.Proxy(proxy.url).url.host

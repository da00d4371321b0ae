"""Which proxy stands before a server: `HTTPS_PROXY`, else `ALL_PROXY`, unless `NO_PROXY` names the server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .failures import MisconfiguredError
from .loopback import is_loopback
from .plain import DEFAULT_PORTS, HIGHEST_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

SCHEMES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True)
class Proxy:
    """A proxy by its address, which may hold credentials, and `shown`, how messages call it."""

    url: httpx.URL
    shown: str


def proxy_of(address: str) -> Proxy | None:
    """The proxy before a server, as the environment (or the system) says; none stands before this machine itself.

    `address` is one that `addresses.read_address` gives. Raises `MisconfiguredError` where it is no address of a proxy.
    """
    server = urlsplit(address)
    if is_loopback(server.hostname or ""):
        return None
    from urllib.request import getproxies  # noqa: PLC0415 - takes a while, and no call to this machine needs it

    named = getproxies()
    kind = next((kind for kind in (server.scheme, "all") if named.get(kind)), None)
    if kind is None:
        return None
    import httpx  # noqa: PLC0415 - the same, where there is no proxy

    port = server.port or DEFAULT_PORTS[server.scheme]
    if any(bypasses(named.get("no", ""), host or "", port) for host in {server.hostname, httpx.URL(address).host}):
        return None
    return _read(named[kind], _source(kind, named[kind]))


def bypasses(no_proxy: str, host: str, port: int) -> bool:
    """Whether `NO_PROXY` names a server: by `*`, a domain (with all below it), an address or a network.

    Each may have a port, which then must be the server's.
    """
    return any(_names(entry, host, port) for entry in no_proxy.lower().replace(",", " ").split())


def _names(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    return any(_names_host(pattern, host) for pattern in _without_port(entry, port))


def _without_port(entry: str, port: int) -> Iterator[str]:
    """The entry's host, in each way to read it, where its port is none or that one."""
    yield entry
    host, colon, written = entry.rpartition(":")
    if colon and written == str(port):
        yield host


def _names_host(pattern: str, host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        domain = pattern.removeprefix("*").strip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
    try:
        return address in ip_network(pattern.removeprefix("[").replace("]", ""), strict=False)
    except ValueError:
        return False


def _source(kind: str, value: str) -> str:
    """What names the proxy, for messages."""
    variables = (f"{kind}_proxy", f"{kind.upper()}_PROXY")
    found = next((name for name in variables if os.environ.get(name) == value), None)
    return f"the environment variable {found}" if found else "the system's proxy settings"


def _read(text: str, source: str) -> Proxy:
    import httpx  # noqa: PLC0415 - see above

    from .addresses import host_of  # noqa: PLC0415 - the same

    remedy = "; set it to one such as http://proxy.example.com:3128, or unset it"
    try:
        url = httpx.URL(text.strip() if "://" in text else f"http://{text.strip()}")
        host = host_of(url)
    except (httpx.InvalidURL, ValueError):
        raise MisconfiguredError(f"{source} holds no address of a proxy{remedy}") from None
    if url.scheme not in SCHEMES:
        kinds = ", ".join(SCHEMES)
        raise MisconfiguredError(f"{source} names a proxy of the kind {url.scheme}; {kinds} can be used{remedy}")
    if not host or not (url.port is None or 0 < url.port <= HIGHEST_PORT):
        raise MisconfiguredError(f"{source} holds no address of a proxy{remedy}")
    shown = f"{url.scheme}://{url.netloc.decode('ascii')}"
    return Proxy(url, f"the proxy {shown} ({source.removeprefix('the environment variable ')})")

"""Addresses that can be called, read by the library that calls them."""

from __future__ import annotations

import re
import sys
from ipaddress import IPv6Address, ip_address

from .plain import DEFAULT_PORTS, HIGHEST_PORT, LONGEST

# httpx loads its command line where it can, and goes without where that can't be imported: it brings click and rich
# with it, which take longer than httpx itself.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None is how Python is told so

import httpx  # noqa: E402 - after that

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_NUMBER_LAST = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_AUTHORITY = re.compile(r"(?:\[[^\[\]]*\]|[^\[\]:]*)(?::[0-9]*)?")
_PATH = re.compile(r"(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*", re.ASCII)
_DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)


class NoAddressError(ValueError):
    """It is no address that can be called."""


class ImpureAddressError(ValueError):
    """It is an address with more than scheme, host, port and path."""


def read_address(text: str) -> httpx.URL:
    """An http(s) address, with its path as the beginning of all paths that are called below it.

    Raises `NoAddressError`, or `ImpureAddressError` where it holds credentials, a query or a fragment.
    """
    if len(text) > LONGEST or not text.isprintable() or re.search(r"[\s\\]", text):
        raise NoAddressError
    try:
        url = httpx.URL(text)
        host = host_of(url)
    except (httpx.InvalidURL, ValueError):
        raise NoAddressError from None
    if url.scheme not in DEFAULT_PORTS or not host:
        raise NoAddressError
    authority, slash, path = text.partition("://")[2].partition("/")
    if "@" in authority or "?" in text or "#" in text:
        raise ImpureAddressError
    if not _is_port(authority, url.port) or not _is_path(path):
        raise NoAddressError
    port = "" if url.port in {None, DEFAULT_PORTS[url.scheme]} else f":{url.port}"
    return httpx.URL(f"{url.scheme}://{host}{port}{(slash + path).rstrip('/')}")


def host_of(url: httpx.URL) -> str:
    """The host as a call names it; empty where there is none that can be called. May raise ValueError."""
    host = url.raw_host.decode("ascii")
    try:
        number = ip_address(host)
    except ValueError:
        is_name = url.host and _NAME.fullmatch(host) and not _NUMBER_LAST.fullmatch(host)
        return host if is_name else ""
    if isinstance(number, IPv6Address):
        return "" if number.scope_id else f"[{number.compressed}]"
    return str(number)


def _is_port(authority: str, port: int | None) -> bool:
    """Whether the port is written in digits behind a colon and is one; the library reads more than that as a number."""
    return _AUTHORITY.fullmatch(authority) is not None and (port is None or 0 < port <= HIGHEST_PORT)


def _is_path(path: str) -> bool:
    """Whether a path arrives as it is written: nothing to quote, and no step up, which would change the address."""
    return _PATH.fullmatch(path) is not None and not any(_DOTS.fullmatch(segment) for segment in path.split("/"))

"""The addresses that are in their one form as they are written, as most are: to know that, no library is loaded."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address

LONGEST = 2048
"""Characters; the paths of the API's calls come on top, and an address has a limit."""
HIGHEST_PORT = 65535
DEFAULT_PORTS = {"http": 80, "https": 443}

_LABEL = r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(
    rf"(?P<scheme>https?)://(?P<host>(?=.{{1,200}}\Z)(?:{_LABEL}\.)*{_LABEL})"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?:/[A-Za-z0-9_-]+)*"
)
_NUMBER_LAST = re.compile(r"(?:.*\.)?[0-9][a-z0-9-]*")


def plain_host(text: str) -> tuple[str, str] | None:
    """The scheme and the host of an address that `addresses.read_address` gives back as it is.

    None where that can't be told so simply.
    """
    match = _PLAIN.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        return None
    scheme, host, port = match["scheme"], match["host"], match["port"]
    if port is not None and (int(port) > HIGHEST_PORT or int(port) == DEFAULT_PORTS[scheme]):
        return None
    if _NUMBER_LAST.fullmatch(host) and not _is_ipv4(host):
        return None
    return scheme, host


def _is_ipv4(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except AddressValueError:
        return False

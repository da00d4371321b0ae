"""When two endpoints are the same place: one written form for each."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache
def canonical(endpoint: str) -> str:
    """The endpoint's one form: scheme and host in lower case, no default port, no slash at the end.

    The host is in ASCII (IDNA), an IP address in its shortest form. What can't be read as an address stays as it is.
    """
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return endpoint
    host = _host(parts.hostname or "")
    if not host:
        return endpoint
    shown_port = "" if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{port}"
    return f"{parts.scheme}://{host}{shown_port}{parts.path.rstrip('/')}"


def base_of(address: str) -> str:
    """The endpoint of an address as users may write it: without a slash at the end, and without the API's own path."""
    return address.rstrip("/").removesuffix("/api/v1")


def _host(name: str) -> str:
    """A host's one form, with brackets around an IPv6 address."""
    try:
        address = ip_address(name)
    except ValueError:
        return _ascii(name.rstrip("."))
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6


def _ascii(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name

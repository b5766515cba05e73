"""Addresses as they go over the wire."""

from urllib.parse import quote, urlsplit

from msgspec import Struct

from wheelpin.settings import Settings
from wheelpin.transport.failures import FetchError

DEFAULT_PORTS = {"https": 443, "http": 80}

_PATH_SAFE = "/%:@!$&'()*+,;=~"


class Address(Struct, frozen=True, kw_only=True):
    """An address of a server, and its parts in ASCII."""

    url: str
    scheme: str
    host: str
    port: int
    netloc: str
    """Host, and the port where the address has one: what a Host header says."""
    path: str
    """With the query."""


def parse_address(url: str) -> Address:
    """Split *url*, which holds no credentials; raise `FetchError` if it is nothing to fetch."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:
        raise invalid_address(url) from None
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise FetchError(url, "is not an address that can be fetched")
    name = f"[{host}]" if ":" in host else host
    path = quote(parts.path, safe=_PATH_SAFE) or "/"
    return Address(
        url=url,
        scheme=parts.scheme,
        host=host,
        port=port or DEFAULT_PORTS[parts.scheme],
        netloc=name if port is None else f"{name}:{port}",
        path=f"{path}?{quote(parts.query, safe=_PATH_SAFE + '?')}" if parts.query else path,
    )


def invalid_address(url: str) -> FetchError:
    """Return the error for what looks like an address and is none."""
    return FetchError(url, "is not a valid address")


def is_verified(address: Address, settings: Settings) -> bool:
    """Tell whether the server's certificate counts: not if the user trusts it without."""
    trusted = settings.trusted_hosts
    return address.host not in trusted and f"{address.host}:{address.port}" not in trusted

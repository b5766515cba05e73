"""Which proxy a request goes through."""

import ipaddress
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from wheelpin.settings import ConfigurationError, Proxy, Settings
from wheelpin.settings.model import split_credentials
from wheelpin.values import Origin, without_secrets


def proxy_for(url: str, settings: Settings) -> Proxy | None:
    """Choose the proxy for *url*: the configured one, or else the environment's or system's."""
    if settings.proxy is not None:
        return settings.proxy
    variables = settings.proxy_variables or _system_proxies()
    parts = urlsplit(url)
    name = f"{parts.scheme}_proxy" if variables.get(f"{parts.scheme}_proxy") else "all_proxy"
    address = variables.get(name)
    if not address or _is_exempt(parts.hostname or "", parts.port, variables.get("no_proxy", "")):
        return None
    try:
        bare, credentials = split_credentials(address if "://" in address else f"http://{address}")
        if not urlsplit(bare).hostname or urlsplit(bare).port == 0:
            raise ValueError
    except ValueError:
        raise ConfigurationError(Origin(f"environment variable {name}"), "is not a valid address") from None
    return Proxy(url=without_secrets(bare), credentials=credentials)


def _system_proxies() -> Mapping[str, str]:
    if sys.platform not in {"darwin", "win32"}:
        return {}
    from urllib.request import getproxies  # noqa: PLC0415 - costs 40 ms, which other systems need not pay

    return {f"{scheme}_proxy": address for scheme, address in getproxies().items()}


def _is_exempt(host: str, port: int | None, no_proxy: str) -> bool:
    for entry in no_proxy.lower().split(","):
        pattern = entry.strip()
        if pattern == "*":
            return True
        name, _, its_port = pattern.rpartition(":") if pattern.count(":") == 1 else (pattern, "", "")
        if its_port and its_port != str(port):
            continue
        name = name.removeprefix("*").removeprefix(".")
        if name and (host == name or host.endswith(f".{name}") or _is_in_network(host, name)):
            return True
    return False


def _is_in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network.strip("[]"), strict=False)
    except ValueError:
        return False

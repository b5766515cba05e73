"""HTTP with retries, authentication, proxies and certificates; knows nothing of packages."""

from wheelpin.transport.client import HttpTransport

__all__ = ["HttpTransport"]

"""One GET over pooled connections: authenticated, redirects followed, and nothing sent where it should not go."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from wheelpin.ports import Request
from wheelpin.settings import ConfigurationError, Credentials, Proxy, Settings
from wheelpin.settings.model import split_credentials
from wheelpin.transport.auth import DEFAULT_PORTS, Keychain, basic
from wheelpin.transport.failures import (
    CertificateError,
    FetchError,
    ProxyRefusedError,
    RedirectError,
    TimedOutError,
    Transient,
    UnreachableError,
)
from wheelpin.transport.proxies import proxy_for
from wheelpin.transport.tls import trusting_context, verifying_context
from wheelpin.values import Origin, without_secrets
from wheelpin.version import __version__

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_KEEPALIVE_S = 30.0
_WORTH_READING_BYTES = 64 * 1024
_PATH_SAFE = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer whose body is still to be read; `close` gives the connection back."""

    status: int
    url: str
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    close: Callable[[], None]

    def discard(self) -> None:
        """Read a short body to its end, so that the connection can serve again, and drop a long one."""
        size_bytes = 0
        try:
            for chunk in self.chunks:
                size_bytes += len(chunk)
                if size_bytes > _WORTH_READING_BYTES:
                    break
        except (Transient, FetchError):
            pass
        finally:
            self.close()


class Exchange:
    """Connections to every server, shared by all threads.

    It stands on httpcore, the engine of httpx: what httpx adds (redirects, authentication, decoding) has to be
    stricter here, and a request costs a quarter less without it. HTTP/1.1, because over threads it was faster than
    HTTP/2, and a connection that breaks takes one request with it.
    """

    def __init__(self, settings: Settings, keychain: Keychain) -> None:
        self._settings = settings
        self._keychain = keychain
        self._lock = Lock()
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._pools: dict[tuple[bool, Proxy | None], httpcore.ConnectionPool] = {}

    def open(self, request: Request) -> Answer:
        """Send *request*; raise `Transient` or `FetchError` if that gives no answer of any status."""
        try:
            url, own_credentials = split_credentials(request.url)
        except ValueError:
            raise _invalid(request.url) from None
        seen: set[str] = set()
        headers = request.headers
        while True:
            seen.add(url)
            answer = self._open_authenticated(url, headers, own_credentials)
            if answer.status not in _REDIRECTS:
                return answer
            try:
                target = _redirect_target(answer)
            finally:
                answer.discard()
            if target in seen:
                raise RedirectError(request.url, "the server redirects in a circle")
            if len(seen) > _MOST_REDIRECTS:
                raise RedirectError(request.url, f"the server redirects more than {_MOST_REDIRECTS} times")
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                own_credentials = None
                headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            url = target

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def _open_authenticated(self, url: str, headers: Mapping[str, str], own: Credentials | None) -> Answer:
        target = _spell(url)
        sent = own or self._keychain.credentials(url)
        answer = self._send(target, headers, sent)
        if answer.status == 401 and (other := self._keychain.after_refusal(url, sent)) is not None:
            answer.discard()
            answer = self._send(target, headers, other)
        return answer

    def _send(self, target: "_Target", headers: Mapping[str, str], credentials: Credentials | None) -> Answer:
        proxy = proxy_for(target.url, self._settings)
        fields = {
            "host": target.netloc,
            "user-agent": f"wheelpin/{__version__}",
            # A range counts encoded bytes, so an encoded range would be of no use.
            "accept-encoding": "identity" if "range" in map(str.lower, headers) else "gzip",
        }
        if credentials is not None:
            fields["authorization"] = basic(credentials)
        fields.update((name.lower(), value) for name, value in headers.items())
        request = httpcore.Request(
            method="GET",
            url=httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in fields.items()],
            extensions={"timeout": dict.fromkeys(("connect", "read", "write"), self._settings.timeout_s)},
        )
        with self._failures_in_words(target.url, proxy):
            response = self._pool(target, proxy).handle_request(request)
        return Answer(
            status=response.status,
            url=target.url,
            headers=_lower_case(response.headers),
            chunks=self._chunks(response, target.url, proxy),
            close=response.close,
        )

    def _chunks(self, response: httpcore.Response, url: str, proxy: Proxy | None) -> Iterator[bytes]:
        with self._failures_in_words(url, proxy):
            yield from response.iter_stream()

    def _pool(self, target: "_Target", proxy: Proxy | None) -> httpcore.ConnectionPool:
        trusted = self._settings.trusted_hosts
        is_verified = target.host not in trusted and f"{target.host}:{target.port}" not in trusted
        with self._lock:
            if (pool := self._pools.get((is_verified, proxy))) is None:
                if is_verified not in self._contexts:
                    self._contexts[is_verified] = (verifying_context if is_verified else trusting_context)(
                        self._settings
                    )
                pool = self._pools[is_verified, proxy] = _new_pool(self._contexts[is_verified], proxy)
        return pool

    @contextlib.contextmanager
    def _failures_in_words(self, url: str, proxy: Proxy | None) -> Iterator[None]:
        try:
            yield
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError) as error:
            failure = _in_words(error, url, proxy=proxy, timeout_s=self._settings.timeout_s)
            raise failure from error


@dataclass(frozen=True, slots=True)
class _Target:
    """An address, and its parts as they go over the wire, all ASCII."""

    url: str
    scheme: str
    host: str
    port: int
    netloc: str
    path: str


def _spell(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:
        raise _invalid(url) from None
    if parts.scheme not in {"https", "http"} or not host:
        raise FetchError(url, "is not an address that can be fetched")
    name = f"[{host}]" if ":" in host else host
    path = quote(parts.path, safe=_PATH_SAFE) or "/"
    return _Target(
        url=url,
        scheme=parts.scheme,
        host=host,
        port=port or DEFAULT_PORTS[parts.scheme],
        netloc=name if port is None else f"{name}:{port}",
        path=f"{path}?{quote(parts.query, safe=_PATH_SAFE + '?')}" if parts.query else path,
    )


def _invalid(url: str) -> FetchError:
    return FetchError(url, "is not a valid address")


def _new_pool(context: ssl.SSLContext, proxy: Proxy | None) -> httpcore.ConnectionPool:
    if proxy is None:
        return httpcore.ConnectionPool(ssl_context=context, max_connections=None, keepalive_expiry=_KEEPALIVE_S)
    credentials = proxy.credentials
    auth = None if credentials is None else (credentials.username.encode(), credentials.password.encode())
    match urlsplit(proxy.url).scheme:
        case "http" | "https":
            return httpcore.HTTPProxy(
                proxy_url=proxy.url,
                proxy_auth=auth,
                ssl_context=context,
                max_connections=None,
                keepalive_expiry=_KEEPALIVE_S,
            )
        case "socks5" | "socks5h":
            try:
                return httpcore.SOCKSProxy(
                    proxy_url=proxy.url,
                    proxy_auth=auth,
                    ssl_context=context,
                    max_connections=None,
                    keepalive_expiry=_KEEPALIVE_S,
                )
            except RuntimeError:
                problem = f"{without_secrets(proxy.url)} needs the package socksio, which is not installed"
                raise ConfigurationError(Origin("proxy"), problem) from None
        case other:
            raise ConfigurationError(Origin("proxy"), f"{other!r} is not a kind of proxy")


def _redirect_target(answer: Answer) -> str:
    location = answer.headers.get("location", "")
    try:
        target, _ = split_credentials(urljoin(answer.url, location).partition("#")[0])
    except ValueError:
        target = ""
    scheme = urlsplit(target).scheme
    if not location or scheme not in {"https", "http"}:
        raise RedirectError(answer.url, "the server redirects to something that is not an address")
    if answer.url.startswith("https:") and scheme != "https":
        raise RedirectError(answer.url, f"the server redirects from https to {without_secrets(target)}")
    return target


def _lower_case(headers: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    fields: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _in_words(error: Exception, url: str, *, proxy: Proxy | None, timeout_s: float) -> FetchError | Transient:
    via = f"the proxy {without_secrets(proxy.url)}" if proxy is not None else ""
    # httpcore hands the system's error on as its argument, and drops it as the cause.
    match error, next(iter(error.args), None):
        case httpcore.ProxyError(), _:
            return ProxyRefusedError(url, f"{via} answered {error}")
        case httpcore.ConnectTimeout(), _:
            return Transient(TimedOutError(url, f"no connection within {timeout_s:g} s"))
        case httpcore.TimeoutException(), _:
            return Transient(TimedOutError(url, f"the server said nothing for {timeout_s:g} s"))
        case _, ssl.SSLCertVerificationError() as cause:
            return CertificateError(url, f"the certificate is not trusted: {cause.verify_message}")
        case _, ssl.SSLError() as cause:
            return Transient(UnreachableError(url, f"no TLS connection: {cause.reason or 'it broke off'}"))
        case _, socket.gaierror():
            return Transient(UnreachableError(url, f"the host name{via and f' of {via}'} cannot be resolved"))
        case _, ConnectionRefusedError():
            return Transient(UnreachableError(url, f"connection refused{via and f' by {via}'}"))
        case httpcore.ConnectError(), OSError(strerror=str(reason)):
            return Transient(UnreachableError(url, f"no connection: {reason}"))
        case _:
            return Transient(UnreachableError(url, "the answer broke off"))

"""One GET over pooled connections: authenticated, redirects followed, and nothing sent where it should not go."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from threading import Lock
from urllib.parse import urljoin, urlsplit

import httpx
from msgspec import Struct

from wheelpin.ports import Request
from wheelpin.settings import ConfigurationError, Credentials, Proxy, Settings
from wheelpin.settings.model import split_credentials
from wheelpin.transport.addresses import Address, invalid_address, is_verified, parse_address
from wheelpin.transport.auth import Keychain
from wheelpin.transport.eager import EagerSocket
from wheelpin.transport.failures import (
    CertificateError,
    FetchError,
    ProxyRefusedError,
    RedirectError,
    TimedOutError,
    Transient,
    UnreachableError,
    over,
)
from wheelpin.transport.fields import answer_fields, on_the_wire, request_fields
from wheelpin.transport.proxies import proxy_for
from wheelpin.transport.tls import trusting_context, verifying_context
from wheelpin.values import Origin, without_secrets

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_KEEPALIVE_S = 30.0
_WORTH_READING_BYTES = 64 * 1024


class Answer(Struct, frozen=True, kw_only=True):
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

    It stands on the transports of httpx: what its client adds (redirects, authentication, decoding) has to be
    stricter here. HTTP/1.1 only, where a connection that breaks takes one request with it: HTTP/2 is the wire's.
    """

    def __init__(self, settings: Settings, keychain: Keychain) -> None:
        self._settings = settings
        self._keychain = keychain
        self._making = Lock()
        """Held by who makes a pool, which takes a while the first time: whoever closes does not wait for that."""
        self._lock = Lock()
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._pools: dict[tuple[bool, Proxy | None], httpx.HTTPTransport] = {}
        self._is_closed = False

    def open(self, request: Request) -> Answer:
        """Send *request*; raise `Transient` or `FetchError` if that gives no answer of any status."""
        try:
            url, own_credentials = split_credentials(request.url)
        except ValueError:
            raise invalid_address(request.url) from None
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
        """Close all connections, also those that are being made just now; there will be no others."""
        with self._lock:
            self._is_closed = True
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def _open_authenticated(self, url: str, headers: Mapping[str, str], own: Credentials | None) -> Answer:
        target = parse_address(url)
        sent = own or self._keychain.credentials(url)
        answer = self._send(target, headers, sent)
        if _wants_others(answer, sent) and (other := self._keychain.after_refusal(url, sent)) is not None:
            answer.discard()
            answer = self._send(target, headers, other)
        return answer

    def _send(self, target: Address, headers: Mapping[str, str], credentials: Credentials | None) -> Answer:
        proxy = proxy_for(target.url, self._settings)
        fields = {"host": target.netloc, **request_fields(headers, credentials)}
        request = httpx.Request(
            method="GET",
            url=_httpx_url(target),
            headers=on_the_wire(fields),
            extensions={"timeout": httpx.Timeout(self._settings.timeout_s, pool=None).as_dict()},
        )
        pool = self._pool(target, proxy)
        with self._failures_in_words(target.url, proxy):
            response = pool.handle_request(request)
        if self._is_closed:
            response.close()
            pool.close()
            raise over(target.url)
        return Answer(
            status=response.status_code,
            url=target.url,
            headers=answer_fields(response.headers.raw),
            chunks=self._chunks(response, target.url, proxy),
            close=response.close,
        )

    def _chunks(self, response: httpx.Response, url: str, proxy: Proxy | None) -> Iterator[bytes]:
        with self._failures_in_words(url, proxy):
            yield from response.iter_raw()

    def _pool(self, target: Address, proxy: Proxy | None) -> httpx.HTTPTransport:
        key = is_verified(target, self._settings), proxy
        with self._making:
            if self._is_closed:
                raise over(target.url)
            if (pool := self._pools.get(key)) is None:
                pool = httpx.HTTPTransport(
                    verify=self._context(verifies=key[0]),
                    limits=httpx.Limits(max_connections=None, keepalive_expiry=_KEEPALIVE_S),
                    proxy=None if proxy is None else self._via(proxy),
                )
                with self._lock:
                    self._pools[key] = pool
        return pool

    def _context(self, *, verifies: bool) -> ssl.SSLContext:
        if verifies not in self._contexts:
            context = (verifying_context if verifies else trusting_context)(self._settings)
            context.sslsocket_class = EagerSocket
            self._contexts[verifies] = context
        return self._contexts[verifies]

    def _via(self, proxy: Proxy) -> httpx.Proxy:
        scheme = urlsplit(proxy.url).scheme
        if scheme not in {"http", "https", "socks5", "socks5h"}:
            raise ConfigurationError(Origin("proxy"), f"{scheme!r} is not a kind of proxy")
        if scheme.startswith("socks") and find_spec("socksio") is None:
            problem = f"{without_secrets(proxy.url)} needs the package socksio, which is not installed"
            raise ConfigurationError(Origin("proxy"), problem)
        known = proxy.credentials
        return httpx.Proxy(
            proxy.url,
            auth=None if known is None else (known.username, known.password),
            ssl_context=self._context(verifies=True) if scheme == "https" else None,
        )

    @contextlib.contextmanager
    def _failures_in_words(self, url: str, proxy: Proxy | None) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            failure = _in_words(error, url, proxy=proxy, timeout_s=self._settings.timeout_s)
            raise failure from error


def _wants_others(answer: Answer, sent: Credentials | None) -> bool:
    """Tell whether other credentials may do: to some servers a user without a password is not unknown but forbidden."""
    return answer.status == 401 or (answer.status == 403 and sent is not None and not sent.password)


def _httpx_url(target: Address) -> httpx.URL:
    try:
        return httpx.URL(scheme=target.scheme, host=target.host, port=target.port, raw_path=target.path.encode())
    except httpx.InvalidURL:
        raise invalid_address(target.url) from None


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


def _in_words(
    error: httpx.TransportError, url: str, *, proxy: Proxy | None, timeout_s: float
) -> FetchError | Transient:
    via = f"the proxy {without_secrets(proxy.url)}" if proxy is not None else ""
    # The engine of httpx hands the system's error on as an argument of its own.
    match error, next(iter(error.__cause__.args if error.__cause__ else ()), None):
        case httpx.ProxyError(), _:
            return ProxyRefusedError(url, f"{via} answered {error}")
        case httpx.ConnectTimeout(), _:
            return Transient(TimedOutError(url, f"no connection within {timeout_s:g} s"))
        case httpx.TimeoutException(), _:
            return Transient(TimedOutError(url, f"the server said nothing for {timeout_s:g} s"))
        case _, ssl.SSLCertVerificationError() as cause:
            return CertificateError(url, f"the certificate is not trusted: {cause.verify_message}")
        case _, ssl.SSLError() as cause:
            return Transient(UnreachableError(url, f"no TLS connection: {cause.reason or 'it broke off'}"))
        case _, socket.gaierror():
            return Transient(UnreachableError(url, f"the host name{via and f' of {via}'} cannot be resolved"))
        case _, ConnectionRefusedError():
            return Transient(UnreachableError(url, f"connection refused{via and f' by {via}'}"))
        case httpx.ConnectError(), OSError(strerror=str(reason)):
            return Transient(UnreachableError(url, f"no connection: {reason}"))
        case _:
            return Transient(UnreachableError(url, "the answer broke off"))

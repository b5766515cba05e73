"""The transport that the other rooms are given."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event, Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from wheelpin.ports import Reporter, Request, Response, StreamedResponse
from wheelpin.settings import ConfigurationError, Settings
from wheelpin.settings.model import split_credentials
from wheelpin.transport.addresses import parse_address
from wheelpin.transport.asks import Answered, Ask
from wheelpin.transport.auth import Keychain
from wheelpin.transport.bodies import capped, is_gzip, read_body
from wheelpin.transport.failures import FetchError, OfflineError, Transient, over, unwanted_status
from wheelpin.transport.fields import ONLY_IN_HTTP1, on_the_wire, request_fields
from wheelpin.transport.file_urls import file_url_path, read_file_url
from wheelpin.transport.proxies import proxy_for
from wheelpin.transport.retry import Clock, SystemClock, retry_after_s, with_retries
from wheelpin.transport.workers import Workers

if TYPE_CHECKING:
    from wheelpin.transport.exchange import Answer, Exchange
    from wheelpin.transport.wire import Wire

_T = TypeVar("_T")

_MOST_AT_A_TIME = 32
_WORTH_ANOTHER_TRY = frozenset({429, 500, 502, 503, 504})
_READERS = 2
"""Decoding lets go of the interpreter lock, reading what was decoded does not: more threads would only wait."""
_FILE_CHUNK_BYTES = 1024 * 1024


class HttpTransport:
    """Implement `wheelpin.ports.Transport` for ``https:``, ``http:`` and ``file:`` addresses.

    Costs nothing until the first request. A context manager: leaving it cancels what has not begun.
    """

    def __init__(self, settings: Settings, reporter: Reporter, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._keychain = Keychain(settings, reporter)
        self._workers = Workers(_MOST_AT_A_TIME)
        self._readers = Workers(_READERS)
        self._closing = Event()
        self._lock = Lock()
        self._exchange: Exchange | None = None
        self._wire: Wire | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Cancel the requests that wait, stop repeating the others, and close the connections."""
        self._closing.set()
        with self._lock:
            wire, exchange = self._wire, self._exchange
        if wire is not None:
            wire.close()
        self._readers.close()
        self._workers.close()
        if exchange is not None:
            exchange.close()

    def fetch(self, request: Request) -> Future[Response]:
        """Start *request*; see `wheelpin.ports.Transport`."""
        future: Future[Response] = Future()
        if not self._goes_by_wire(request, future):
            self._workers.run(lambda: self._fetch(request), future)
        return future

    def expect(self, url: str) -> None:
        """Connect to the server of *url* if it will be asked over HTTP/2; what goes wrong is left to the requests."""
        ask = self._plain_ask(Request(url=url), Future())
        if ask is not None and (wire := self._running_wire()) is not None:
            wire.expect(ask.address)

    @contextmanager
    def stream(self, request: Request) -> Iterator[StreamedResponse]:
        """Open *request* for reading in chunks, on the caller's thread.

        The bytes come as the server keeps them, any Content-Encoding included: what is streamed is a file whose
        hash counts. Another status than 200, or 206 for a range, raises `ServerStatusError`; only the start is
        tried again. A ``file:`` address always gives the whole file.
        """
        if request.url.startswith("file:"):
            with _open_file(request) as chunks:
                yield StreamedResponse(status=200, url=request.url, headers={}, chunks=chunks)
            return
        plain = Request(
            url=request.url,
            headers={"accept-encoding": "identity", **request.headers},
            max_bytes=request.max_bytes,
        )
        answer = self._with_retries(lambda: self._open(plain))
        try:
            if answer.status != 200 and not (answer.status == 206 and "range" in map(str.lower, request.headers)):
                raise unwanted_status(answer.url, answer.status)
            chunks = _unrepeatable(capped(answer.chunks, url=answer.url, max_bytes=request.max_bytes))
            yield StreamedResponse(status=answer.status, url=answer.url, headers=answer.headers, chunks=chunks)
        finally:
            answer.close()

    def _goes_by_wire(self, request: Request, future: Future[Response]) -> bool:
        ask = self._plain_ask(request, future)
        wire = self._running_wire() if ask is not None else None
        return ask is not None and wire is not None and wire.offer(ask)

    def _plain_ask(self, request: Request, future: Future[Response]) -> Ask | None:
        """Return what HTTP/2 is given a try with: a request that needs no care before it is sent, else None."""
        settings = self._settings
        if settings.is_offline or not request.url.startswith("https:"):
            return None
        try:
            url, own_credentials = split_credentials(request.url)
            if own_credentials is not None or proxy_for(url, settings) is not None:
                return None
            address = parse_address(url)
            fields = request_fields(request.headers, self._keychain.credentials(url))
            if not ONLY_IN_HTTP1.isdisjoint(fields):
                return None
            on_wire = on_the_wire(fields)
        except (FetchError, ConfigurationError, ValueError):
            return None  # the long way says what is wrong
        return Ask(request=request, address=address, fields=on_wire, future=future)

    def _running_wire(self) -> "Wire | None":
        # Nothing is imported under the lock, which `close` takes: who was interrupted while it imported may have left
        # the import system locked.
        from wheelpin.transport.wire import Wire  # noqa: PLC0415 - loads sockets

        with self._lock:
            if self._wire is None and not self._closing.is_set():
                self._wire = Wire(
                    self._settings,
                    answered=self._read_soon,
                    given_back=self._go_the_long_way,
                )
            return self._wire

    def _read_soon(self, ask: Ask, answer: Answered) -> None:
        # Metadata leads on, and would wait for long pages that came with it.
        self._readers.run(lambda: self._response(ask, answer), ask.future, effort=len(answer.body))

    def _go_the_long_way(self, ask: Ask, answer: Answered | None) -> None:
        setback = None
        if answer is not None and answer.status in _WORTH_ANOTHER_TRY:
            setback = self._setback(ask.address.url, answer.status, answer.headers)
        self._workers.run(lambda: self._fetch(ask.request, setback), ask.future)

    def _response(self, ask: Ask, answer: Answered) -> Response:
        url = ask.address.url
        encoding = answer.headers.get("content-encoding", "")
        try:
            body = read_body([answer.body], encoding=encoding, url=url, max_bytes=ask.request.max_bytes)
        except (FetchError, Transient):
            return self._fetch(ask.request)
        packed = answer.body if is_gzip(encoding) else None
        return Response(status=answer.status, url=url, headers=answer.headers, body=body, packed=packed)

    def _fetch(self, request: Request, setback: Transient | None = None) -> Response:
        if request.url.startswith("file:"):
            return read_file_url(request)
        return self._with_retries(lambda: self._read(request), setback)

    def _with_retries(self, attempt: Callable[[], _T], setback: Transient | None = None) -> _T:
        retries, clock, closing = self._settings.retries, self._clock, self._closing
        return with_retries(attempt, retries=retries, clock=clock, closing=closing, setback=setback)

    def _read(self, request: Request) -> Response:
        answer = self._open(request)
        try:
            encoding = answer.headers.get("content-encoding", "")
            chunks = list(capped(answer.chunks, url=answer.url, max_bytes=request.max_bytes))
        finally:
            answer.close()
        body = read_body(chunks, encoding=encoding, url=answer.url, max_bytes=request.max_bytes)
        packed = b"".join(chunks) if is_gzip(encoding) else None
        return Response(status=answer.status, url=answer.url, headers=answer.headers, body=body, packed=packed)

    def _open(self, request: Request) -> "Answer":
        if self._settings.is_offline:
            raise OfflineError(request.url, "is not asked, because the network may not be used")
        answer = self._connections(request).open(request)
        if answer.status == 501 or (answer.status < 500 and answer.status != 429):
            return answer
        answer.discard()
        if answer.status in _WORTH_ANOTHER_TRY:
            raise self._setback(answer.url, answer.status, answer.headers)
        raise unwanted_status(answer.url, answer.status)

    def _setback(self, url: str, status: int, headers: Mapping[str, str]) -> Transient:
        return Transient(unwanted_status(url, status), retry_after_s(headers.get("retry-after"), self._clock.now()))

    def _connections(self, request: Request) -> "Exchange":
        from wheelpin.transport.exchange import Exchange  # noqa: PLC0415 - loads httpx: 80 ms

        with self._lock:
            if self._exchange is None:
                if self._closing.is_set():
                    raise over(request.url)
                self._exchange = Exchange(self._settings, self._keychain)
            return self._exchange


def _unrepeatable(chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except Transient as setback:
        raise setback.error from setback.__cause__


@contextmanager
def _open_file(request: Request) -> Iterator[Iterator[bytes]]:
    try:
        file = file_url_path(request.url).open("rb")
    except FileNotFoundError:
        raise unwanted_status(request.url, 404) from None
    except OSError as error:
        raise FetchError(request.url, f"cannot be read: {error.strerror}") from error
    with file:
        yield capped(iter(lambda: file.read(_FILE_CHUNK_BYTES), b""), url=request.url, max_bytes=request.max_bytes)

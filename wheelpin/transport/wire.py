"""The hot path: one HTTP/2 connection a server, all of them on one thread.

What does not go smoothly there is given back, and done again by the path that knows retries, redirects, credentials
and words for what is wrong.
"""

import selectors
import socket
import ssl
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from msgspec import Struct, field

from wheelpin.settings import ConfigurationError, Settings
from wheelpin.transport.addresses import Address
from wheelpin.transport.asks import Ask, BrokenError, OnAnswer, OnDecline
from wheelpin.transport.dial import Dialler

if TYPE_CHECKING:
    from wheelpin.transport.link import Link

_REDIRECTS_ENOUGH = 4
_LAST_WORDS_S = 0.5


class _Server(Struct, kw_only=True, eq=False):
    """Who answers at one host and port."""

    address: Address
    waiting: deque[Ask] = field(default_factory=deque)
    link: "Link | None" = None
    is_dialled: bool = False
    is_expected: bool = False
    """It is to be dialled although nothing waits for it yet."""

    @property
    def is_busy(self) -> bool:
        return self.link is not None and (bool(self.waiting) or not self.link.session.is_idle)


class _Dialled(Struct, frozen=True, kw_only=True):
    server: _Server
    connection: ssl.SSLSocket | None


class Wire:
    """Send requests over HTTP/2 where servers speak it.

    *answered* and *given_back* are called on the wire's own thread, and must be quick.
    """

    def __init__(self, settings: Settings, *, answered: OnAnswer, given_back: OnDecline) -> None:
        self._timeout_s = settings.timeout_s
        self._answered, self._given_back = answered, given_back
        self._dialler = Dialler(settings)
        self._servers: dict[tuple[str, int], _Server] = {}
        self._left: set[tuple[str, int]] = set()
        """Servers that the other path serves better."""
        self._lock = Lock()
        self._news: list[Ask | _Dialled | Address] = []
        self._is_rung = True
        """The thread will look at the news without being woken."""
        self._is_closed = self._is_over = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._thread = Thread(target=self._run, name="wheelpin-wire", daemon=True)
        try:
            self._thread.start()
        except BaseException:
            self._let_go()
            raise

    def offer(self, ask: Ask) -> bool:
        """Take *ask* and say so, on any thread; what is not taken is for the other path."""
        is_taken = _key(ask.address) not in self._left and self._tell(ask)
        # Who asks first loads what the answer needs, in place of what it would load meanwhile: that comes after the
        # request then, while it is under way, and not between the threads that make the connection.
        _link_class()
        return is_taken

    def expect(self, address: Address) -> None:
        """Connect to a server that will be asked."""
        self._tell(address)

    def close(self) -> None:
        """Cancel what has no answer yet, and hang up."""
        with self._lock:
            self._is_closed = True
            self._ring()
        self._thread.join(_LAST_WORDS_S)

    def _tell(self, news: Ask | _Dialled | Address) -> bool:
        with self._lock:
            if self._is_closed or self._is_over:
                return False
            self._news.append(news)
            self._ring()
        return True

    def _ring(self) -> None:
        if not self._is_rung and not self._is_over:
            self._is_rung = True
            self._button.send(b"!")

    def _run(self) -> None:
        try:
            while self._take_news():
                for key, events in self._selector.select(self._patience_s()):
                    if key.data is None:
                        self._bell.recv(64)
                    elif key.data.link is not None:
                        self._serve(key.data, is_readable=bool(events & selectors.EVENT_READ))
                self._drop_silent()
        finally:
            self._end()

    def _take_news(self) -> bool:
        with self._lock:
            news, self._news = self._news, []
            self._is_rung = False
            if self._is_closed:
                self._news = news
                return False
        servers: dict[_Server, None] = {}
        for each in news:
            match each:
                case Ask() if _key(each.address) in self._left:
                    self._given_back(each, None)
                case Ask():
                    server = self._server(each.address)
                    server.waiting.append(each)
                    servers[server] = None
                case Address():
                    server = self._server(each)
                    server.is_expected = server.link is None and _key(each) not in self._left
                    servers[server] = None
                case _Dialled(server=server):
                    server.is_dialled = False
                    self._connected(server, each.connection)
                    servers[server] = None
        for server in servers:
            self._serve(server, is_readable=False)
        return True

    def _server(self, address: Address) -> _Server:
        key = _key(address)
        if key not in self._servers:
            self._servers[key] = _Server(address=address)
        return self._servers[key]

    def _serve(self, server: _Server, *, is_readable: bool) -> None:
        """Do all that can be done for *server* now without waiting for it."""
        if server.link is None:
            if (server.waiting or server.is_expected) and not server.is_dialled:
                server.is_expected = False
                self._dial(server)
            return
        link = server.link
        try:
            if is_readable:
                link.read()
            while server.waiting and link.session.has_room:
                link.send(server.waiting.popleft())
            interest = selectors.EVENT_READ if link.write() else selectors.EVENT_READ | selectors.EVENT_WRITE
        except BrokenError:
            self._hang_up(server, is_silent=False)
            return
        if self._selector.get_key(link.socket).events != interest:
            self._selector.modify(link.socket, interest, server)
        if link.session.redirects >= _REDIRECTS_ENOUGH:
            self._left.add(_key(server.address))

    def _dial(self, server: _Server) -> None:
        def dial() -> None:
            connection = None
            try:
                # What is wrong is for the other path to find again, and to say.
                with suppress(OSError, ValueError, ConfigurationError):
                    connection = self._dialler.dial(server.address)
            finally:
                if not self._tell(_Dialled(server=server, connection=connection)) and connection is not None:
                    connection.close()

        server.is_dialled = True
        Thread(target=dial, name="wheelpin-dial", daemon=True).start()
        # Everything that takes a while and needs no connection is done while that is made.
        with suppress(OSError, ConfigurationError):
            self._dialler.context(server.address)
        _link_class()

    def _connected(self, server: _Server, connection: ssl.SSLSocket | None) -> None:
        if connection is None:
            self._leave(server, server.waiting)
            return
        server.link = _link_class()(connection, answered=self._answered, declined=self._given_back)
        self._selector.register(connection, selectors.EVENT_READ, server)

    def _patience_s(self) -> float | None:
        """Return how long to wait for anything at most."""
        heard_at = [server.link.heard_at for server in self._servers.values() if server.link and server.is_busy]
        return max(0.0, min(heard_at) + self._timeout_s - monotonic()) if heard_at else None

    def _drop_silent(self) -> None:
        long_ago = monotonic() - self._timeout_s
        for server in self._servers.values():
            if server.link is not None and server.is_busy and server.link.heard_at <= long_ago:
                self._hang_up(server, is_silent=True)

    def _hang_up(self, server: _Server, *, is_silent: bool) -> None:
        """Close a connection that broke; another one is worth a try if this one was of use until then."""
        link = self._unlink(server)
        asks = [*link.session.open_asks, *server.waiting]
        if is_silent or not link.session.has_answered:
            self._leave(server, asks)
            return
        server.waiting.clear()
        for ask in asks:
            if ask.is_repeated:
                self._given_back(ask, None)
            else:
                server.waiting.append(ask)
        for ask in link.session.open_asks:
            ask.is_repeated = True
        self._serve(server, is_readable=False)

    def _unlink(self, server: _Server) -> "Link":
        link, server.link = server.link, None
        assert link is not None
        self._selector.unregister(link.socket)
        link.socket.close()
        return link

    def _leave(self, server: _Server, asks: Iterable[Ask]) -> None:
        """Let the other path serve *server* from now on."""
        self._left.add(_key(server.address))
        for ask in asks:
            self._given_back(ask, None)
        server.waiting.clear()

    def _end(self) -> None:
        with self._lock:
            self._is_over = True
        for server in self._servers.values():
            self._news += server.waiting
            if server.link is not None:
                self._news += self._unlink(server).session.open_asks
        for news in self._news:
            match news:
                case Ask(future=future) if self._is_closed:
                    future.cancel()
                    future.set_running_or_notify_cancel()
                case Ask():
                    self._given_back(news, None)
                case _Dialled(connection=connection):
                    if connection is not None:
                        connection.close()
                case Address():
                    pass
        self._let_go()

    def _let_go(self) -> None:
        for each in (self._selector, self._bell, self._button):
            each.close()


def _key(address: Address) -> tuple[str, int]:
    return address.host, address.port


def _link_class() -> "type[Link]":
    from wheelpin.transport.link import Link  # noqa: PLC0415 - it brings ssl and hpack, which nothing else needs

    return Link

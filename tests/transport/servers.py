"""A web server that answers by script, and a proxy: both real, on this machine's loopback."""

import http.client
import selectors
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from wheelpin.transport.eager import TidySocket


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; *announced_bytes* larger than the body makes it break off."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    announced_bytes: int | None = None
    is_silent: bool = False
    """Nothing is said, or nothing after a body, until the server ends."""
    is_raw: bool = False
    """The body is all that is sent, status line included."""


def redirect(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": location}, body=b"moved")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came in."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    is_http2: bool = False


class WebServer(ThreadingHTTPServer):
    """Answer each path by its replies, one after the other; the last one stays."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, list[Reply]] = {}
        self.guarded: dict[str, str] = {}
        """Paths that want an Authorization header, and which."""
        self.seen: list[Seen] = []
        self.connections = 0
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self._context = context
        if context is not None:
            context.sslsocket_class = TidySocket  # clients that hang up at once are part of the tests

    @property
    def url(self) -> str:
        scheme = "https" if self._context is not None else "http"
        return f"{scheme}://localhost:{self.server_address[1]}"

    @property
    def netloc(self) -> str:
        return f"localhost:{self.server_address[1]}"

    def serve(self, path: str, *replies: Reply) -> str:
        self.replies[path] = list(replies)
        return self.url + path

    def next_reply(self, path: str) -> Reply:
        with self._lock:
            replies = self.replies.get(path) or [Reply(status=404)]
            return replies.pop(0) if len(replies) > 1 else replies[0]

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self.connections += 1
        return connection, address

    def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        if self._context is not None:
            # On the connection's own thread, so that a client that refuses the certificate holds nobody up.
            try:
                request = self._context.wrap_socket(request, server_side=True)
            except OSError:
                return
        try:
            self.converse(request, client_address)
        finally:
            request.close()

    def converse(self, connection: socket.socket, client_address: object) -> None:
        super().finish_request(connection, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: WebServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.seen.append(Seen(self.path, {name.lower(): value for name, value in self.headers.items()}))
        wanted = self.server.guarded.get(self.path)
        is_welcome = wanted is None or self.headers["Authorization"] == wanted
        reply = self.server.next_reply(self.path) if is_welcome else Reply(status=401, body=b"who are you?")
        if reply.is_silent and not reply.body:
            self.server.ending.wait()
        if reply.is_raw:
            self.close_connection = True
            self.wfile.write(reply.body)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in reply.headers:
            length = len(reply.body) if reply.announced_bytes is None else reply.announced_bytes
            self.send_header("Content-Length", str(length))
            self.close_connection = length != len(reply.body)
        else:
            self.close_connection = True
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.is_silent:
            self.server.ending.wait()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(server: ThreadingHTTPServer, ending: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def web_server(context: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    server = WebServer(context)
    with running(server, server.ending):
        yield server


class ProxyServer(ThreadingHTTPServer):
    """Forward plain requests and tunnel the others; ask for *password* if there is one."""

    daemon_threads = True

    def __init__(self, authorization: str | None = None, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        if context is not None:
            context.sslsocket_class = ssl.SSLSocket  # one that listens has no peer
            self.socket = context.wrap_socket(self.socket, server_side=True)
            context.sslsocket_class = TidySocket
        self.authorization = authorization
        self.asked: list[str] = []
        """Method and what was asked for, in order."""
        self.ending = threading.Event()

    @property
    def netloc(self) -> str:
        return f"localhost:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


class _ProxyHandler(BaseHTTPRequestHandler):
    server: ProxyServer
    protocol_version = "HTTP/1.1"

    def _is_welcome(self) -> bool:
        self.server.asked.append(f"{self.command} {self.path}")
        if self.server.authorization in {None, self.headers.get("Proxy-Authorization")}:
            return True
        self.close_connection = True
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_GET(self) -> None:
        if not self._is_welcome():
            return
        parts = urlsplit(self.path)
        with closing(http.client.HTTPConnection(parts.netloc)) as connection:
            connection.request("GET", parts.path, headers={"Host": parts.netloc})
            answer = connection.getresponse()
            body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        if not self._is_welcome():
            return
        host, _, port = self.path.partition(":")
        with socket.create_connection((host, int(port))) as far:
            self.send_response(200)
            self.end_headers()
            _relay(self.connection, far)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _relay(near: socket.socket, far: socket.socket) -> None:
    with selectors.DefaultSelector() as selector, suppress(OSError):
        selector.register(near, selectors.EVENT_READ, far)
        selector.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in selector.select():
                source, sink = key.fileobj, key.data
                assert isinstance(source, socket.socket)
                data = source.recv(65536)
                if not data:
                    return
                sink.sendall(data)


@contextmanager
def proxy_server(authorization: str | None = None, context: ssl.SSLContext | None = None) -> Iterator[ProxyServer]:
    server = ProxyServer(authorization, context)
    with running(server, server.ending):
        yield server

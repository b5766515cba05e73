"""The end of a run: prompt whatever is under way, and nothing stays open."""

import socket
import ssl
import struct
import sys
from threading import Event, Thread
from types import ModuleType

import httpx
import pytest

from tests.transport.conftest import Open
from tests.transport.servers import Reply, WebServer
from wheelpin.ports import Request
from wheelpin.settings import Settings
from wheelpin.transport import HttpTransport, exchange
from wheelpin.transport.addresses import Address, parse_address
from wheelpin.transport.dial import Dialler
from wheelpin.transport.failures import UnreachableError
from wheelpin.transport.workers import Workers


class Gate:
    """A place where somebody waits until he may go on."""

    def __init__(self) -> None:
        self.reached, self.opened = Event(), Event()

    def wait(self) -> None:
        self.reached.set()
        self.opened.wait(60)


def close_while_somebody_waits(transport: HttpTransport, gate: Gate) -> None:
    """Close *transport* and see that this does not wait, too."""
    closing = Thread(target=transport.close, daemon=True)
    assert gate.reached.wait(60)
    closing.start()
    closing.join(30)
    is_closed = not closing.is_alive()
    gate.opened.set()
    closing.join(60)
    assert is_closed


def test_end_does_not_wait_for_modules(
    transport: HttpTransport, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, loading = Gate(), ModuleType(exchange.__name__)

    def load(name: str) -> object:
        gate.wait()
        return getattr(exchange, name)

    loading.__getattr__ = load  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, exchange.__name__, loading)
    future = transport.fetch(Request(url=server.serve("/", Reply())))
    close_while_somebody_waits(transport, gate)
    with pytest.raises(UnreachableError, match="the run is over"):
        future.result(60)
    assert server.connections == 0


def test_end_does_not_wait_for_certificates(
    transport: HttpTransport, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, made = Gate(), httpx.HTTPTransport

    def make(**options: object) -> httpx.HTTPTransport:
        gate.wait()
        return made(**options)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx, "HTTPTransport", make)
    futures = [transport.fetch(Request(url=server.serve(path, Reply()))) for path in ("/1", "/2")]
    close_while_somebody_waits(transport, gate)
    for future in futures:
        with pytest.raises(UnreachableError, match="the run is over"):
            future.result(60)


def test_thread_whose_start_was_interrupted_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(thread: Thread) -> None:
        raise KeyboardInterrupt

    workers = Workers(1)
    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            workers.submit(lambda: None)
    workers.close()


def test_connections_without_a_thread_are_let_go(
    open_transport: Open, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs: list[socket.socket] = []

    def paired() -> tuple[socket.socket, socket.socket]:
        pairs.extend(pair := socket_pair())
        return pair

    def fail(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    socket_pair = socket.socketpair
    monkeypatch.setattr(socket, "socketpair", paired)
    monkeypatch.setattr(Thread, "start", fail)
    transport = open_transport()
    with pytest.raises(RuntimeError, match="new thread"):
        transport.fetch(Request(url="https://localhost:9/"))
    assert [each.fileno() for each in pairs] == [-1, -1]


class ResetBeforeTls(Dialler):
    """Dials a server that hangs up, the hard way, between the connection and the first word of TLS."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        super().__init__(settings)
        self._listener = listener

    def context(self, address: Address) -> ssl.SSLContext:
        accepted, _ = self._listener.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        return super().context(address)


def test_socket_is_closed_whose_server_hangs_up_before_tls(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = parse_address(f"https://127.0.0.1:{listener.getsockname()[1]}/")
        with pytest.raises(ConnectionResetError):
            ResetBeforeTls(settings, listener).dial(address)

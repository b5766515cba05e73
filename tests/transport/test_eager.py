"""How much of what has come one call gives."""

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme

from wheelpin.transport.eager import EagerSocket

RECORD = 16 * 1024


@pytest.fixture
def ends(server_context: ssl.SSLContext, authority: trustme.CA) -> Iterator[tuple[ssl.SSLSocket, ssl.SSLSocket]]:
    """The two ends of a connection: the server's, and one that reads eagerly."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.sslsocket_class = EagerSocket
    there, here = socket.socketpair()
    with ThreadPoolExecutor(1) as threads:
        accepted = threads.submit(server_context.wrap_socket, there, server_side=True)
        client = context.wrap_socket(here, server_hostname="localhost")
        server = accepted.result()
    client.settimeout(60)
    with server, client:
        yield server, client


@pytest.mark.parametrize(
    ("sent", "asked", "first"),
    [
        pytest.param([10], 65536, 10, id="less than a record"),
        pytest.param([RECORD], 65536, RECORD, id="one record and no more"),
        pytest.param([RECORD] * 4, 4 * RECORD, 4 * RECORD, id="as many records as are asked for"),
        pytest.param([RECORD, RECORD, 5], 65536, 2 * RECORD + 5, id="to the end of what has come"),
        pytest.param([RECORD] * 4, 2 * RECORD, 2 * RECORD, id="never more than is asked for"),
        pytest.param([RECORD, RECORD], RECORD + 7, RECORD + 7, id="a part of a record"),
    ],
)
def test_one_call_gives_what_has_come(
    ends: tuple[ssl.SSLSocket, ssl.SSLSocket], sent: list[int], asked: int, first: int
) -> None:
    server, client = ends
    for size in sent:
        server.sendall(bytes(size))
    assert len(client.recv(asked)) == first
    assert client.gettimeout() == 60


def test_end_comes_after_the_data(ends: tuple[ssl.SSLSocket, ssl.SSLSocket]) -> None:
    server, client = ends
    server.sendall(bytes(RECORD))
    server.shutdown(socket.SHUT_WR)
    assert len(client.recv(65536)) == RECORD
    assert client.recv(65536) == b""


def test_first_byte_is_waited_for(ends: tuple[ssl.SSLSocket, ssl.SSLSocket]) -> None:
    _, client = ends
    client.settimeout(0.01)
    with pytest.raises(TimeoutError):
        client.recv(65536)

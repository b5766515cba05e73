"""A web server that speaks HTTP/2 by script, and HTTP/1.1 to those who ask for that."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum, auto

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import Event, RequestReceived, StreamReset
from h2.exceptions import H2Error
from h2.settings import SettingCodes

from tests.transport.servers import Reply, Seen, WebServer, running


class Move(Enum):
    """What may come over HTTP/2 instead of an answer."""

    REFUSE_STREAM = auto()
    RESET_STREAM = auto()
    GO_AWAY = auto()
    """Said, and then the connection closed."""
    HANG_UP = auto()
    ANSWER_AND_HANG_UP = auto()
    TALK_NONSENSE = auto()
    BREAK_OFF = auto()
    """The stream ends before the announced length."""


class Http2Server(WebServer):
    """Answer each path over HTTP/2 by its *moves* first, and then as any web server."""

    def __init__(self, context: ssl.SSLContext, *, most_streams: int = 100, protocols: Sequence[str] = ("h2",)) -> None:
        context.set_alpn_protocols([*protocols, "http/1.1"])
        super().__init__(context)
        self.moves: dict[str, list[Move]] = {}
        self.most_streams = most_streams
        self.announces_lengths = True
        self.http2_connections = 0
        self.resets = 0
        """How many streams the client gave up."""

    def asked(self, *, over_http2: bool) -> list[str]:
        return [seen.path for seen in self.seen if seen.is_http2 == over_http2]

    def converse(self, connection: socket.socket, client_address: object) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        if connection.selected_alpn_protocol() != "h2":
            super().converse(connection, client_address)
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.http2_connections += 1
        with suppress(OSError, H2Error):
            _Conversation(self, connection).hold()


class _Conversation:
    def __init__(self, server: Http2Server, connection: socket.socket) -> None:
        self._server, self._connection = server, connection
        self._http2 = H2Connection(H2Configuration(client_side=False, header_encoding="latin-1"))
        self._rest: dict[int, bytes] = {}
        self._endless: set[int] = set()
        self._is_over = self._is_last = False

    def hold(self) -> None:
        self._http2.initiate_connection()
        self._http2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: self._server.most_streams})
        self._connection.sendall(self._http2.data_to_send())
        while not self._is_over and (data := self._connection.recv(65536)):
            # What breaks the connection comes last, so that it does not depend on how requests share packets.
            for event in sorted(self._http2.receive_data(data), key=self._has_move):
                match event:
                    case RequestReceived():
                        self._take(event)
                    case StreamReset(stream_id=stream_id):
                        self._server.resets += 1
                        self._rest.pop(stream_id, None)
                    case _:
                        pass
                if self._is_over:
                    return
            self._send_rest()
            self._connection.sendall(self._http2.data_to_send())
            if self._is_last:
                self._connection.shutdown(socket.SHUT_WR)
                self._connection.recv(65536)
                return

    def _has_move(self, event: Event) -> bool:
        return isinstance(event, RequestReceived) and bool(self._server.moves.get(_fields(event)[":path"]))

    def _take(self, event: RequestReceived) -> None:
        server, stream_id = self._server, event.stream_id
        fields = _fields(event)
        path = fields[":path"]
        if self._http2.open_inbound_streams > server.most_streams:
            self._http2.reset_stream(stream_id, ErrorCodes.REFUSED_STREAM)
            return
        server.seen.append(Seen(path, {"host": fields[":authority"], **fields}, is_http2=True))
        if moves := server.moves.get(path):
            self._move(moves.pop(0), stream_id)
            return
        wanted = server.guarded.get(path)
        is_welcome = wanted is None or fields.get("authorization") == wanted
        self._answer(stream_id, server.next_reply(path) if is_welcome else Reply(status=401, body=b"who are you?"))

    def _answer(self, stream_id: int, reply: Reply) -> None:
        if reply.is_silent and not reply.body:
            return
        length = len(reply.body) if reply.announced_bytes is None else reply.announced_bytes
        fields = {name.lower(): value for name, value in reply.headers.items()}
        if reply.body and self._server.announces_lengths:
            fields["content-length"] = str(length)
        self._http2.send_headers(
            stream_id, [(":status", str(reply.status)), *fields.items()], end_stream=not reply.body
        )
        if reply.body:
            self._rest[stream_id] = reply.body
            if reply.is_silent:
                self._endless.add(stream_id)

    def _move(self, move: Move, stream_id: int) -> None:
        http2 = self._http2
        self._send_rest()
        self._connection.sendall(http2.data_to_send())
        match move:
            case Move.REFUSE_STREAM:
                http2.reset_stream(stream_id, ErrorCodes.REFUSED_STREAM)
            case Move.RESET_STREAM:
                http2.send_headers(stream_id, [(":status", "200")])
                http2.send_data(stream_id, b"half")
                http2.reset_stream(stream_id, ErrorCodes.INTERNAL_ERROR)
            case Move.BREAK_OFF:
                http2.send_headers(stream_id, [(":status", "200"), ("content-length", "8")])
                http2.send_data(stream_id, b"half", end_stream=True)
            case Move.GO_AWAY:
                http2.close_connection()
                self._is_over = True
            case Move.HANG_UP:
                self._is_over = True
            case Move.ANSWER_AND_HANG_UP:
                self._is_last = True
                self._answer(stream_id, Reply(body=b"the last page"))
            case Move.TALK_NONSENSE:
                self._connection.sendall(b"\0\0\1" + bytes(7))  # DATA of no stream
        self._connection.sendall(http2.data_to_send())

    def _send_rest(self) -> None:
        http2 = self._http2
        for stream_id, rest in list(self._rest.items()):
            sent = 0
            while room := min(
                len(rest) - sent, http2.local_flow_control_window(stream_id), http2.max_outbound_frame_size
            ):
                http2.send_data(stream_id, rest[sent : sent + room])
                sent += room
            self._rest[stream_id] = rest[sent:]
            if sent == len(rest):
                del self._rest[stream_id]
                if stream_id not in self._endless:
                    http2.end_stream(stream_id)


def _fields(event: RequestReceived) -> dict[str, str]:
    return {str(name): str(value) for name, value in event.headers}


@contextmanager
def http2_server(context: ssl.SSLContext, *, most_streams: int = 100) -> Iterator[Http2Server]:
    server = Http2Server(context, most_streams=most_streams)
    with running(server, server.ending):
        yield server

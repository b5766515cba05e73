"""HTTP/1.1 and HTTP/2 for a server that only ever sends ready bodies.

A general library spends 150 to 250 µs of Python on a request, which would show in a burst of hundreds; this
spends a fraction, because answers need no state but the flow-control windows (RFC 9113) and their headers no
compression (RFC 7541, literals only).
"""

import asyncio
import struct
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol, cast

from hpack import Decoder

from benchmark.exchange import Exchange, Response

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _WINDOW_UPDATE, _CONTINUATION = 0, 1, 3, 4, 6, 8, 9
_ACK = _END_STREAM = 0x1
_END_HEADERS, _PADDED, _HAS_PRIORITY = 0x4, 0x8, 0x20
_MAX_CONCURRENT_STREAMS, _INITIAL_WINDOW_SIZE = 3, 4
_FRAME_BYTES = 16_384
_STATUS = {200: b"\x88", 206: b"\x8a", 304: b"\x8b", 404: b"\x8d"}


class _Session(Protocol):
    def receive(self, data: bytes) -> None: ...


class Connection(asyncio.Protocol):
    """Speak whatever ALPN settled on."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._session: _Session

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        security = transport.get_extra_info("ssl_object")
        is_http2 = security is not None and security.selected_alpn_protocol() == "h2"
        self._exchange.log.connections["h2" if is_http2 else "http/1.1"] += 1
        session = _Http2 if is_http2 else _Http1
        self._session = session(cast("asyncio.Transport", transport), self._exchange)

    def data_received(self, data: bytes) -> None:
        self._session.receive(data)


def _after(latency_s: float, action: Callable[[], None]) -> None:
    if latency_s:
        asyncio.get_running_loop().call_later(latency_s, action)
    else:
        action()


class _Http1:
    def __init__(self, transport: asyncio.Transport, exchange: Exchange) -> None:
        self._transport, self._exchange = transport, exchange
        self._received = b""

    def receive(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, self._received = self._received.split(b"\r\n\r\n", 1)
            request_line, *lines = head.decode("latin-1").split("\r\n")
            method, path, _ = request_line.split(" ", 2)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            self._answer(method, path, headers)

    def _answer(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        response = self._exchange.respond(method, path, headers)
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        message = "\r\n".join([*lines, "", ""]).encode() + response.body
        _after(self._exchange.latency_s, lambda: self._transport.write(message))


class _Stream:
    __slots__ = ("rest", "window")

    def __init__(self, window: int) -> None:
        self.window = window
        self.rest: memoryview | None = None


class _Http2:
    def __init__(self, transport: asyncio.Transport, exchange: Exchange) -> None:
        self._transport, self._exchange = transport, exchange
        self._received = bytearray()
        self._awaits_preface = True
        self._decoder = Decoder()
        self._header_block = b""
        self._window = self._initial_window = 65_535
        self._streams: dict[int, _Stream] = {}
        transport.write(_frame(_SETTINGS, 0, 0, struct.pack(">HL", _MAX_CONCURRENT_STREAMS, 100)))

    def receive(self, data: bytes) -> None:
        received = self._received
        received += data
        at = 0
        if self._awaits_preface:
            if len(received) < len(_PREFACE):
                return
            self._awaits_preface, at = False, len(_PREFACE)
        while len(received) >= at + 9:
            length = int.from_bytes(received[at : at + 3])
            end = at + 9 + length
            if len(received) < end:
                break
            stream_id = int.from_bytes(received[at + 5 : at + 9]) & 0x7FFF_FFFF
            self._frame_received(received[at + 3], received[at + 4], stream_id, bytes(received[at + 9 : end]))
            at = end
        del received[:at]

    def _frame_received(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        match kind:
            case 1 | 9:  # HEADERS, CONTINUATION
                self._header_block += payload if kind == _CONTINUATION else _fragment(flags, payload)
                if flags & _END_HEADERS:
                    block, self._header_block = self._header_block, b""
                    self._requested(stream_id, block)
            case 8:  # WINDOW_UPDATE
                self._widen(stream_id, int.from_bytes(payload) & 0x7FFF_FFFF)
            case 4 if not flags & _ACK:  # SETTINGS
                self._settle(payload)
            case 6 if not flags & _ACK:  # PING
                self._transport.write(_frame(_PING, _ACK, 0, payload))
            case 3:  # RST_STREAM
                self._streams.pop(stream_id, None)
            case _:
                pass

    def _requested(self, stream_id: int, block: bytes) -> None:
        headers = {str(name): str(value) for name, value in self._decoder.decode(block)}
        self._streams[stream_id] = _Stream(self._initial_window)
        response = self._exchange.respond(headers[":method"], headers[":path"], headers)
        _after(self._exchange.latency_s, lambda: self._answer(stream_id, response))

    def _answer(self, stream_id: int, response: Response) -> None:
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        block = _STATUS[response.status] + b"".join(_literal(name, value) for name, value in response.headers)
        if not response.body:
            del self._streams[stream_id]
            self._transport.write(_frame(_HEADERS, _END_HEADERS | _END_STREAM, stream_id, block))
            return
        stream.rest = memoryview(response.body)
        self._transport.write(_frame(_HEADERS, _END_HEADERS, stream_id, block) + self._allowed(stream_id, stream))

    def _allowed(self, stream_id: int, stream: _Stream) -> bytes:
        """Return as many DATA frames of a stream as both windows allow."""
        frames = []
        while stream.rest and (size := min(len(stream.rest), _FRAME_BYTES, self._window, stream.window)) > 0:
            chunk, stream.rest = stream.rest[:size], stream.rest[size:]
            self._window -= size
            stream.window -= size
            frames.append(_frame(_DATA, 0 if stream.rest else _END_STREAM, stream_id, chunk))
            if not stream.rest:
                del self._streams[stream_id]
        return b"".join(frames)

    def _widen(self, stream_id: int, increment: int) -> None:
        if stream_id == 0:
            self._window += increment
            self._flush()
        elif stream := self._streams.get(stream_id):
            stream.window += increment
            if stream.rest and (frames := self._allowed(stream_id, stream)):
                self._transport.write(frames)

    def _settle(self, payload: bytes) -> None:
        for name, value in struct.iter_unpack(">HL", payload):
            if name == _INITIAL_WINDOW_SIZE:
                for stream in self._streams.values():
                    stream.window += value - self._initial_window
                self._initial_window = value
        self._transport.write(_frame(_SETTINGS, _ACK, 0, b""))
        self._flush()

    def _flush(self) -> None:
        for stream_id, stream in list(self._streams.items()):
            if stream.rest and (frames := self._allowed(stream_id, stream)):
                self._transport.write(frames)


def _frame(kind: int, flags: int, stream_id: int, payload: bytes | memoryview) -> bytes:
    return b"".join((struct.pack(">LBL", len(payload) << 8 | kind, flags, stream_id), payload))


def _fragment(flags: int, payload: bytes) -> bytes:
    """Return the header block of a HEADERS frame without its padding and priority."""
    if flags & _PADDED:
        payload = payload[1 : len(payload) - payload[0]]
    return payload[5:] if flags & _HAS_PRIORITY else payload


def _literal(name: str, value: str) -> bytes:
    return bytes((0, len(name))) + name.encode() + bytes((len(value),)) + value.encode()

"""One HTTP/2 connection without its socket: requests to bytes, and bytes to answers (RFC 9113).

A client that sends no bodies and takes no pushes needs a small part of the protocol, and hundreds of answers at once
make it worth having that part alone: a complete library spends three to four times as long on each.
"""

from collections.abc import Iterable, Mapping

from hpack import Decoder, Encoder, HPACKError

from wheelpin.transport import frames
from wheelpin.transport.asks import Answered, Ask, BrokenError, OnAnswer, OnDecline
from wheelpin.transport.fields import HeadError, read_head
from wheelpin.transport.frames import Frames

_MOST_STREAMS = 100
_STREAM_WINDOW_BYTES = 16 * 1024 * 1024
_CONNECTION_WINDOW_BYTES = 64 * 1024 * 1024
_FIRST_WINDOW_BYTES = 65_535
_MOST_HEADER_BYTES = 64 * 1024
_MOST_TABLE_BYTES = 4096
_NUMBER_BYTES = 4
_PRIORITY_BYTES = 5
_PING_BYTES = 8
_MOST_DIGITS = 18

_FINAL = 200
"""Heads with a smaller status only say that the real one is still to come."""
_NOT_MODIFIED = 304
"""It may tell the length of the body that it spares."""
_WORTH_CARE = frozenset({401, 407, 421, 429})
_OF_ANSWERS = frozenset({frames.DATA, frames.HEADERS, frames.CONTINUATION, frames.RST_STREAM})


class _Stream:
    """A request under way, and what has come of its answer."""

    __slots__ = ("ask", "headers", "parts", "size_bytes", "status", "window_bytes")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.status = 0
        """0 until the head is there."""
        self.headers: Mapping[str, str] = {}
        self.parts: list[bytearray] = []
        self.size_bytes = 0
        self.window_bytes = _STREAM_WINDOW_BYTES


class Http2:
    """Many requests over one connection. Only plain answers count; all else is declined, for others to look into."""

    def __init__(self, answered: OnAnswer, declined: OnDecline) -> None:
        self._answered, self._declined = answered, declined
        self._streams: dict[int, _Stream] = {}
        self.has_answered = False
        """It was of use: an answer came, be it one to decline."""
        self.redirects = 0
        self._next_id = 1
        self._most_streams = _MOST_STREAMS
        self._window_bytes = _CONNECTION_WINDOW_BYTES
        self._is_greeted = False
        self._frames, self._encoder, self._decoder = Frames(), Encoder(), Decoder(_MOST_HEADER_BYTES)
        self._block = bytearray()
        self._block_of: int | None = None
        """Whose header block is not complete yet."""
        self._block_ends_stream = False
        self._output = [
            frames.PREFACE,
            frames.settings(
                {
                    frames.ENABLE_PUSH: 0,
                    frames.INITIAL_WINDOW_SIZE: _STREAM_WINDOW_BYTES,
                    frames.MAX_HEADER_LIST_SIZE: _MOST_HEADER_BYTES,
                }
            ),
            frames.window_update(0, _CONNECTION_WINDOW_BYTES - _FIRST_WINDOW_BYTES),
        ]

    @property
    def has_room(self) -> bool:
        """Tell whether one request more may be sent."""
        return len(self._streams) < self._most_streams

    @property
    def is_idle(self) -> bool:
        """Tell whether everything sent is answered."""
        return not self._streams

    @property
    def open_asks(self) -> list[Ask]:
        """What was sent and has no answer yet."""
        return [stream.ask for stream in self._streams.values()]

    def send(self, ask: Ask) -> None:
        """Send *ask*; raise `BrokenError` once the connection has no number left for it."""
        stream_id, address = self._next_id, ask.address
        if stream_id > frames.LARGEST_NUMBER:
            raise BrokenError
        self._next_id += 2
        self._streams[stream_id] = _Stream(ask)
        # Credentials stay out of the compression's tables, where others could guess at them; no path comes twice.
        block = self._encoder.encode(
            [
                (b":method", b"GET"),
                (b":scheme", address.scheme.encode()),
                (b":authority", address.netloc.encode()),
                (b":path", address.path.encode(), True),
                *((name, value, name == b"authorization") for name, value in ask.fields),
            ],
            huffman=False,
        )
        self._output.append(frames.headers(stream_id, block))

    def receive(self, data: bytes) -> bool:
        """Take in *data* and tell whether it brought parts of answers; raise `BrokenError` at the connection's end."""
        brought = False
        for kind, flags, stream_id, content in self._frames.take(data):
            self._take(kind, flags, stream_id, content)
            brought = brought or kind in _OF_ANSWERS
        return brought

    def take_output(self) -> bytes:
        """Return what is to be sent now."""
        output = b"".join(self._output)
        self._output.clear()
        return output

    def _take(self, kind: int, flags: int, stream_id: int, content: bytearray) -> None:
        if self._block_of is not None:
            if kind != frames.CONTINUATION or stream_id != self._block_of:
                raise BrokenError
        elif not self._is_greeted and kind != frames.SETTINGS:
            raise BrokenError
        match kind:
            case frames.DATA:
                self._take_data(flags, stream_id, content)
            case frames.HEADERS:
                self._check_begun(stream_id)
                self._block_of, self._block_ends_stream = stream_id, bool(flags & frames.END_STREAM)
                priority_bytes = _PRIORITY_BYTES if flags & frames.HAS_PRIORITY else 0
                self._take_block(flags, frames.unpadded(flags, content, priority_bytes=priority_bytes))
            case frames.CONTINUATION:
                self._take_block(flags, content)
            case frames.RST_STREAM:
                self._check_begun(stream_id)
                _check_size(content, _NUMBER_BYTES)
                self._decline(stream_id)
            case frames.SETTINGS:
                self._take_settings(flags, stream_id, content)
            case frames.PING:
                _check_size(content, _PING_BYTES)
                if not flags & frames.ACK:
                    self._output.append(frames.frame(frames.PING, frames.ACK, 0, content))
            case frames.PUSH_PROMISE | frames.GOAWAY:
                raise BrokenError
            case _:
                # What a server lets itself be sent matters to those who send bodies; other kinds may be unknown.
                pass

    def _check_begun(self, stream_id: int) -> None:
        if stream_id >= self._next_id or not stream_id % 2:
            raise BrokenError

    def _take_settings(self, flags: int, stream_id: int, content: bytearray) -> None:
        if stream_id:
            raise BrokenError
        self._is_greeted = True
        if flags & frames.ACK:
            return
        for setting, value in frames.iter_settings(content):
            if setting == frames.MAX_CONCURRENT_STREAMS:
                self._most_streams = min(value, _MOST_STREAMS)
            elif setting == frames.HEADER_TABLE_SIZE:
                self._encoder.header_table_size = min(value, _MOST_TABLE_BYTES)
        self._output.append(frames.frame(frames.SETTINGS, frames.ACK, 0, b""))

    def _take_block(self, flags: int, content: bytearray) -> None:
        if self._block_of is None or len(self._block) + len(content) > _MOST_HEADER_BYTES:
            raise BrokenError
        self._block += content
        if not flags & frames.END_HEADERS:
            return
        stream_id, block, self._block_of, self._block = self._block_of, bytes(self._block), None, bytearray()
        try:
            # Also where nobody wants the answer any more: what the blocks to come mean hangs on this one.
            fields = self._decoder.decode(block, raw=True)
        except (HPACKError, IndexError) as error:
            raise BrokenError from error
        if (stream := self._streams.get(stream_id)) is not None:
            if not stream.status:
                self._take_head(stream_id, stream, fields)
            # What comes after a body tells nothing that is needed here.
            if self._block_ends_stream:
                self._take_end(stream_id)

    def _take_head(self, stream_id: int, stream: _Stream, fields: Iterable[tuple[bytes, bytes]]) -> None:
        try:
            status, headers = read_head(fields)
        except HeadError:
            self._cancel(stream_id)
            return
        if status < _FINAL:
            return
        stream.status, stream.headers = status, headers
        if 300 <= status < 400 and status != _NOT_MODIFIED:
            self.redirects += 1
        announced_bytes = _announced_bytes(headers)
        if not _is_plain(stream) or (
            announced_bytes is not None and not 0 <= announced_bytes <= stream.ask.request.max_bytes
        ):
            self._cancel(stream_id)

    def _take_data(self, flags: int, stream_id: int, content: bytearray) -> None:
        self._check_begun(stream_id)
        size_bytes = len(content)
        # What still comes for a cancelled stream fills the connection's window, too.
        self._window_bytes -= size_bytes
        if self._window_bytes < _CONNECTION_WINDOW_BYTES // 2:
            self._output.append(frames.window_update(0, _CONNECTION_WINDOW_BYTES - self._window_bytes))
            self._window_bytes = _CONNECTION_WINDOW_BYTES
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        if not stream.status:
            raise BrokenError
        part = frames.unpadded(flags, content) if flags & frames.PADDED else content
        stream.parts.append(part)
        stream.size_bytes += len(part)
        if stream.size_bytes > stream.ask.request.max_bytes:
            self._cancel(stream_id)
        elif flags & frames.END_STREAM:
            self._take_end(stream_id)
        else:
            stream.window_bytes -= size_bytes
            if stream.window_bytes < _STREAM_WINDOW_BYTES // 2:
                self._output.append(frames.window_update(stream_id, _STREAM_WINDOW_BYTES - stream.window_bytes))
                stream.window_bytes = _STREAM_WINDOW_BYTES

    def _take_end(self, stream_id: int) -> None:
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        announced_bytes = _announced_bytes(stream.headers)
        is_whole = announced_bytes in (None, stream.size_bytes) or stream.status == _NOT_MODIFIED
        if not stream.status or not is_whole:
            self._decline(stream_id)
            return
        del self._streams[stream_id]
        self.has_answered = True
        body = b"".join(stream.parts)
        self._answered(stream.ask, Answered(status=stream.status, headers=stream.headers, body=body))

    def _cancel(self, stream_id: int) -> None:
        self._output.append(frames.reset(stream_id, frames.CANCEL))
        self._decline(stream_id)

    def _decline(self, stream_id: int) -> None:
        stream = self._streams.pop(stream_id, None)
        if stream is not None:
            self.has_answered = True
            answered = Answered(status=stream.status, headers=stream.headers)
            self._declined(stream.ask, answered if stream.status else None)


def _check_size(content: bytearray, size_bytes: int) -> None:
    if len(content) != size_bytes:
        raise BrokenError


def _announced_bytes(headers: Mapping[str, str]) -> int | None:
    """Return how long the body is said to be, -1 for nonsense, None if nothing is said."""
    announced = headers.get("content-length")
    if announced is None:
        return None
    return int(announced) if announced.isdecimal() and len(announced) <= _MOST_DIGITS else -1


def _is_plain(stream: _Stream) -> bool:
    """Tell whether an answer is what it is, and no matter of credentials, redirects or patience."""
    status = stream.status
    if status == 403:
        return all(name != b"authorization" for name, _ in stream.ask.fields)
    return 200 <= status < 300 or status in {_NOT_MODIFIED, 501} or (400 <= status < 500 and status not in _WORTH_CARE)

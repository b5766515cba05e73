"""HTTP/2 frames (RFC 9113, sections 4 and 6): out of what comes piece by piece, and those that a client sends."""

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from wheelpin.transport.asks import BrokenError

DATA: Final = 0
HEADERS: Final = 1
RST_STREAM: Final = 3
SETTINGS: Final = 4
PUSH_PROMISE: Final = 5
PING: Final = 6
GOAWAY: Final = 7
WINDOW_UPDATE: Final = 8
CONTINUATION: Final = 9

ACK: Final = 0x1
END_STREAM: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
HAS_PRIORITY: Final = 0x20

HEADER_TABLE_SIZE: Final = 1
ENABLE_PUSH: Final = 2
MAX_CONCURRENT_STREAMS: Final = 3
INITIAL_WINDOW_SIZE: Final = 4
MAX_HEADER_LIST_SIZE: Final = 6

CANCEL: Final = 8
"""Why a stream is reset: its answer is not wanted any more."""

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client says first."""

LARGEST_NUMBER: Final = 2**31 - 1
"""Of streams, and of bytes in a window."""

_MOST_BYTES = 16_384
"""In a frame: nobody may send more to those who have not asked for it, and more is not asked for."""

_HEAD = struct.Struct(">HBBBL")
"""The length in two parts, kind, flags, stream."""
_SETTING = struct.Struct(">HL")


class Frames:
    """The frames of one connection, in the order in which they come."""

    def __init__(self) -> None:
        self._received = bytearray()

    def take(self, data: bytes) -> Iterator[tuple[int, int, int, bytearray]]:
        """Yield kind, flags, stream and content of each frame that is complete with *data*; to be read to its end.

        Raise `BrokenError` for one that is larger than agreed.
        """
        received = self._received
        received += data
        start, end = 0, len(received)
        while end - start >= _HEAD.size:
            high, low, kind, flags, stream_id = _HEAD.unpack_from(received, start)
            size_bytes = high << 8 | low
            if size_bytes > _MOST_BYTES:
                raise BrokenError
            content = start + _HEAD.size
            if end - content < size_bytes:
                break
            start = content + size_bytes
            yield kind, flags, stream_id & LARGEST_NUMBER, received[content:start]
        del received[:start]


def frame(kind: int, flags: int, stream_id: int, content: bytes | bytearray) -> bytes:
    """Write one frame."""
    return _HEAD.pack(len(content) >> 8, len(content) & 0xFF, kind, flags, stream_id) + content


def settings(values: Mapping[int, int]) -> bytes:
    """Write what the other side shall keep to."""
    return frame(SETTINGS, 0, 0, b"".join(_SETTING.pack(*each) for each in values.items()))


def window_update(stream_id: int, more_bytes: int) -> bytes:
    """Allow so many bytes more on a stream, on all together if it is 0."""
    return frame(WINDOW_UPDATE, 0, stream_id, struct.pack(">L", more_bytes))


def reset(stream_id: int, reason: int) -> bytes:
    """Give a stream up."""
    return frame(RST_STREAM, 0, stream_id, struct.pack(">L", reason))


def headers(stream_id: int, block: bytes) -> bytes:
    """Write a request without a body, in as many frames as its header block needs."""
    parts = [block[at : at + _MOST_BYTES] for at in range(0, len(block), _MOST_BYTES)]
    last = len(parts) - 1
    return b"".join(
        frame(
            CONTINUATION if number else HEADERS,
            (0 if number else END_STREAM) | (END_HEADERS if number == last else 0),
            stream_id,
            part,
        )
        for number, part in enumerate(parts)
    )


def iter_settings(content: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Yield what the other side wants kept to; raise `BrokenError` for content of another form."""
    if len(content) % _SETTING.size:
        raise BrokenError
    yield from _SETTING.iter_unpack(content)


def unpadded(flags: int, content: bytearray, *, priority_bytes: int = 0) -> bytearray:
    """Take off what is there to hide the length, and the *priority_bytes* before the rest."""
    end = len(content)
    start = 0
    if flags & PADDED:
        if not content:
            raise BrokenError
        start, end = 1, end - content[0]
    start += priority_bytes
    if start > end:
        raise BrokenError
    return content[start:end]

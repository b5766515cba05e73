"""Random access to a stream that may be compressed, huge or hostile: bounded in every direction."""

from typing import Protocol


class SeekableStream(Protocol):
    """An open binary file or zip member."""

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes; fewer only at the end."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to *offset* from the start."""
        ...


class BrokenBinaryError(Exception):
    """A binary contradicts itself, ends too early or asks for unreasonable sizes; never leaves this room."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_KEPT_BYTES = 64 * 1024 * 1024
_LONGEST_READ = 64 * 1024 * 1024
FARTHEST_BYTE = 4 * 1024 * 1024 * 1024
_CHUNK = 64 * 1024


class Window:
    """A stream that is read once, and only as far as somebody looks.

    The beginning stays in memory, because a loader's tables lie there and are asked for after the dynamic
    section, which lies behind the code. What lies beyond is read where it is; going back there unpacks again.
    """

    def __init__(self, stream: SeekableStream) -> None:
        self._stream = stream
        self._kept = bytearray()
        self._place = 0

    def read_at(self, offset: int, size: int, what: str) -> bytes:
        """Return exactly *size* bytes; raise `BrokenBinaryError`, naming *what* they were for, if that cannot be."""
        if size > _LONGEST_READ or offset + size > FARTHEST_BYTE:
            raise BrokenBinaryError(f"{what} would be {size} bytes at {offset:#x}")
        data = self.read_up_to(offset, size)
        if len(data) != size:
            raise BrokenBinaryError(f"the file ends before {what}")
        return data

    def read_up_to(self, offset: int, size: int) -> bytes:
        """Return *size* bytes, or what there is of them up to the end or a bound."""
        size = max(0, min(size, _LONGEST_READ, FARTHEST_BYTE - offset))
        end = offset + size
        if end > _KEPT_BYTES:
            return self._read(offset, size)
        if end > len(self._kept):
            start = len(self._kept)
            ahead = min(max(end, start + _CHUNK), _KEPT_BYTES)
            self._kept += self._read(start, ahead - start)
        return bytes(self._kept[offset:end])

    def _read(self, offset: int, size: int) -> bytes:
        if offset != self._place:
            self._stream.seek(offset)
        data = self._stream.read(size)
        self._place = offset + len(data)
        return data

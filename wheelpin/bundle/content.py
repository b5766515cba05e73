"""The content of a member, passed on piece by piece and checked against everything that was said about it."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from wheelpin.bundle.refusal import Refusal, WheelRefusedError
from wheelpin.bundle.zip_directory import DEFLATED, ZipEntry
from wheelpin.inflate import RAW, InflateError, crc32, new_inflater
from wheelpin.values import Sha256

_READ_BYTES, _PIECE_BYTES = 64 * 1024, 120 * 1024
"""What is read, and what is unpacked, at a time: memory does not grow with the member.

From 128 KiB on, C libraries get memory from the system for each piece and give it back, which takes as long as
inflating does.
"""


class ContentCheck:
    """Unpack one member's bytes as they come, and vouch for them at the end."""

    def __init__(self, entry: ZipEntry, wheel: str, sha256: Sha256 | None) -> None:
        """Expect the digest *sha256*; with None nothing is known of it, and `sha256` tells at the end."""
        self._entry, self._wheel, self._expected = entry, wheel, sha256
        self._inflater = new_inflater(RAW) if entry.method == DEFLATED else None
        self._hasher = hashlib.sha256()
        self._crc = 0
        self._size_bytes = 0

    @property
    def sha256(self) -> Sha256:
        """The digest of what has come so far."""
        return Sha256(self._hasher.hexdigest())

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Yield what *packed* holds, in pieces of bounded size; raise `WheelRefusedError`."""
        if self._inflater is None:
            self._count(packed)
            yield packed
            return
        while True:
            try:
                piece = self._inflater.decompress(packed, _PIECE_BYTES)
            except InflateError:
                raise self._fault("its compressed data is broken") from None
            packed = self._inflater.unconsumed_tail
            self._count(piece)
            yield piece
            if self._inflater.unused_data:
                raise self._fault("its compressed data ends before its bytes do")
            # A full piece may leave something inside when all that was packed has been read.
            if self._inflater.eof or (not packed and len(piece) < _PIECE_BYTES):
                return

    def finish(self) -> None:
        """Raise `WheelRefusedError` unless all that came is what was announced."""
        if self._inflater is not None and not self._inflater.eof:
            raise self._fault("its compressed data breaks off")
        if self._size_bytes != self._entry.size_bytes:
            raise self._fault(f"it has {self._size_bytes:,} bytes and is said to have {self._entry.size_bytes:,}")
        if self._crc != self._entry.crc:
            raise self._fault("its checksum differs")
        if self._expected is not None and self.sha256 != self._expected:
            raise WheelRefusedError(self._wheel, Refusal.RECORD_DIFFERS, member=self._entry.name)

    def _count(self, piece: bytes) -> None:
        self._size_bytes += len(piece)
        if self._size_bytes > self._entry.size_bytes:
            raise self._fault(f"it has more than the {self._entry.size_bytes:,} bytes that it is said to have")
        self._crc = crc32(piece, self._crc)
        self._hasher.update(piece)

    def _fault(self, detail: str) -> WheelRefusedError:
        return WheelRefusedError(self._wheel, Refusal.BROKEN_CONTENT, member=self._entry.name, detail=detail)


def read_whole(stream: BinaryIO, entry: ZipEntry, sha256: Sha256) -> bytes | None:
    """Return the content of a small member at once; None if it is large, or not what was announced.

    `ContentCheck` gives the content of the former, and words to the latter.
    """
    if entry.size_bytes > _PIECE_BYTES or entry.compressed_bytes > _PIECE_BYTES:
        return None
    stream.seek(entry.data_start)
    body = stream.read(entry.compressed_bytes)
    if entry.method == DEFLATED:
        inflater = new_inflater(RAW)
        try:
            # One byte more than announced tells a member that has more.
            body = inflater.decompress(body, entry.size_bytes + 1)
        except InflateError:
            return None
        if not inflater.eof or inflater.unused_data:
            return None
    is_whole = len(body) == entry.size_bytes and crc32(body) == entry.crc
    return body if is_whole and hashlib.sha256(body).hexdigest() == sha256 else None


def iter_packed(stream: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    """Yield a member's bytes as they stand in the archive."""
    place, end = entry.data_start, entry.data_start + entry.compressed_bytes
    while place < end:
        stream.seek(place)
        piece = stream.read(min(_READ_BYTES, end - place))
        if not piece:
            return  # the file was cut meanwhile; the check at the end tells
        place += len(piece)
        yield piece

"""Read a ZIP archive's directory so that no two programs can see two different archives in it.

Every byte has to belong to a local header with its data, to the central directory or to the end records, in this
order and without gaps; and both headers of a member have to agree. That leaves no room for members that only
some programs see (APPNOTE 6.3, sections 4.3 and 4.5).
"""

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from msgspec import Struct

from wheelpin.bundle.refusal import Refusal, WheelRefusedError

STORED, DEFLATED = 0, 8

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")

_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF
_IS_ENCRYPTED = 0x2041
"""Traditional, strong, and masked headers."""
_HAS_DESCRIPTOR = 0x0008
_IS_UTF8 = 0x0800
_AGREED_FLAGS = _IS_ENCRYPTED | _HAS_DESCRIPTOR | _IS_UTF8
_ZIP64_FIELD, _UNICODE_PATH_FIELD = 0x0001, 0x7075
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_BYTES_PER_ENTRY = 1024
"""More than any honest entry of the central directory takes."""

_USUAL_EXTRA = 32
_NOTHING_LONG: Iterator[int] = iter(())

Fault = Callable[..., WheelRefusedError]


class ZipEntry(Struct, frozen=True, kw_only=True):
    """One member as both headers describe it."""

    name: str
    method: int
    crc: int
    compressed_bytes: int
    size_bytes: int
    mode: int
    """The Unix mode with the file's type, 0 where none was stored."""
    data_start: int

    @property
    def is_folder(self) -> bool:
        """Tell whether the entry only names a folder."""
        return self.name.endswith("/")


class _CentralHeader(Struct, frozen=True, kw_only=True):
    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed_bytes: int
    size_bytes: int
    mode: int
    start: int


def read_directory(stream: BinaryIO, wheel: str, *, max_members: int) -> tuple[ZipEntry, ...]:
    """Return the members in the order of the central directory; names are decoded and not judged.

    Raise `WheelRefusedError` about *wheel*.
    """
    return _Reader(stream, wheel).read(max_members)


class _Reader:
    def __init__(self, stream: BinaryIO, wheel: str) -> None:
        self._stream = stream
        self._wheel = wheel
        self._size = stream.seek(0, 2)

    def read(self, max_members: int) -> tuple[ZipEntry, ...]:
        count, start, size = self._end()
        if count > max_members:
            raise self._fault(Refusal.TOO_MANY_MEMBERS, detail=f"{count:,}, allowed are {max_members:,}")
        if size > max_members * _BYTES_PER_ENTRY:
            raise self._fault(Refusal.NOT_AN_ARCHIVE, detail="its directory is too large")
        headers = list(self._central_headers(self._read(start, size), count))
        entries: dict[int, ZipEntry] = {}
        in_file = sorted(headers, key=lambda header: header.start)
        ends = [*(header.start for header in in_file[1:]), start]
        if (in_file and in_file[0].start > 0) or (not in_file and start > 0):
            raise self._fault(Refusal.STRAY_BYTES, detail="before its first member")
        for header, end in zip(in_file, ends, strict=bool(in_file)):
            name = self._name(header)
            if header.start == end:
                raise self._fault(Refusal.HEADERS_DIFFER, name, "two entries share one place")
            entries[header.start] = self._entry(header, name, end)
        return tuple(entries[header.start] for header in headers)

    def _fault(self, refusal: Refusal, member: str | None = None, detail: str = "") -> WheelRefusedError:
        return WheelRefusedError(self._wheel, refusal, member=member, detail=detail)

    def _read(self, start: int, size: int) -> bytes:
        self._stream.seek(start)
        data = self._stream.read(size)
        if len(data) != size:
            raise self._fault(Refusal.NOT_AN_ARCHIVE, detail="it breaks off")
        return data

    # The end records

    def _end(self) -> tuple[int, int, int]:
        """Return count, start and size of the central directory, which has to reach to the end records."""
        at = self._size - _END.size
        record = self._read(at, _END.size) if at >= 0 else b""
        if record[:4] != b"PK\x05\x06" or record[-2:] != b"\0\0":
            raise self._without_end()
        _, disk, first_disk, count_here, count, size, start, _ = _END.unpack(record)
        if _MAX_16 in (count_here, count) or _MAX_32 in (size, start):
            at, (disk, first_disk, count_here, count, size, start) = self._end_64(at, (count_here, count, size, start))
        if disk or first_disk or count_here != count:
            raise self._fault(Refusal.NOT_AN_ARCHIVE, detail="it is one part of several")
        if start + size != at:
            raise self._fault(Refusal.STRAY_BYTES, detail="around its directory")
        return count, start, size

    def _without_end(self) -> WheelRefusedError:
        tail_start = max(0, self._size - _MAX_16 - _END.size)
        if b"PK\x05\x06" in self._read(tail_start, self._size - tail_start):
            return self._fault(Refusal.STRAY_BYTES, detail="after its end record")
        return self._fault(Refusal.NOT_AN_ARCHIVE, detail="it has no end record")

    def _end_64(self, end_at: int, short: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        at = end_at - _LOCATOR.size - _END_64.size
        if at < 0:
            raise self._fault(Refusal.NOT_AN_ARCHIVE, detail="its ZIP64 end record is missing")
        data = self._read(at, _END_64.size + _LOCATOR.size)
        signature, record_size, _, _, disk, first_disk, *long = _END_64.unpack_from(data)
        locator, locator_disk, points_to, disks = _LOCATOR.unpack_from(data, _END_64.size)
        if signature != b"PK\x06\x06" or locator != b"PK\x06\x07":
            raise self._fault(Refusal.NOT_AN_ARCHIVE, detail="its ZIP64 end record is missing")
        if points_to != at or record_size != _END_64.size - 12 or locator_disk or disks != 1:
            raise self._fault(Refusal.STRAY_BYTES, detail="around its ZIP64 end record")
        maxima = (_MAX_16, _MAX_16, _MAX_32, _MAX_32)
        if any(value not in (most, whole) for value, most, whole in zip(short, maxima, long, strict=True)):
            raise self._fault(Refusal.HEADERS_DIFFER, detail="its end records disagree")
        return at, (disk, first_disk, *long)

    # The central directory

    def _central_headers(self, data: bytes, count: int) -> Iterator[_CentralHeader]:
        place = 0
        for _ in range(count):
            if place + _CENTRAL.size > len(data) or data[place : place + 4] != b"PK\x01\x02":
                raise self._fault(Refusal.NOT_AN_ARCHIVE, detail="its directory breaks off")
            fields = _CENTRAL.unpack_from(data, place)
            _, _, _, flags, method, _, _, crc, packed, size, name_size, extra_size, note_size, disk, _, mode, start = (
                fields
            )
            name_at = place + _CENTRAL.size
            extra_at = name_at + name_size
            place = extra_at + extra_size + note_size
            if place > len(data) or disk not in (0, _MAX_16):
                raise self._fault(Refusal.NOT_AN_ARCHIVE, detail="its directory breaks off")
            raw_name = data[name_at:extra_at]
            long = self._zip64_values(data[extra_at : extra_at + extra_size], raw_name) if extra_size else _NOTHING_LONG
            size, packed = self._long(size, long, raw_name), self._long(packed, long, raw_name)
            start = self._long(start, long, raw_name)
            yield _CentralHeader(
                raw_name=raw_name,
                flags=flags,
                method=method,
                crc=crc,
                compressed_bytes=packed,
                size_bytes=size,
                mode=mode >> 16,
                start=start,
            )
        if place != len(data):
            raise self._fault(Refusal.STRAY_BYTES, detail="in its directory")

    def _long(self, value: int, long: Iterator[int], raw_name: bytes) -> int:
        if value != _MAX_32:
            return value
        if (whole := next(long, None)) is None:
            raise self._fault(Refusal.NOT_AN_ARCHIVE, repr(raw_name), "a size is missing")
        return whole

    def _zip64_values(self, extra: bytes, raw_name: bytes) -> Iterator[int]:
        """Return the long values of an extra field, and refuse fields that could give the member another name."""
        place, values = 0, list[int]()
        has_values = False
        while place + 4 <= len(extra):
            kind, size = struct.unpack_from("<2H", extra, place)
            place += 4
            if place + size > len(extra):
                raise self._fault(Refusal.NOT_AN_ARCHIVE, repr(raw_name), "its extra field breaks off")
            if kind == _UNICODE_PATH_FIELD or (kind == _ZIP64_FIELD and has_values):
                raise self._fault(Refusal.HEADERS_DIFFER, repr(raw_name), "its extra field")
            if kind == _ZIP64_FIELD:
                has_values = True
                values = list(struct.unpack_from(f"<{size // 8}Q", extra, place))
            place += size
        return iter(values)

    def _name(self, header: _CentralHeader) -> str:
        if header.raw_name.isascii():
            return header.raw_name.decode("ascii")
        try:
            # What has no flag is cp437 by the standard.
            return header.raw_name.decode("utf-8" if header.flags & _IS_UTF8 else "cp437")
        except UnicodeDecodeError:
            raise self._fault(Refusal.UNSAFE_NAME, repr(header.raw_name), "it is not UTF-8") from None

    # The local headers

    def _entry(self, header: _CentralHeader, name: str, until: int) -> ZipEntry:
        if header.flags & _IS_ENCRYPTED:
            raise self._fault(Refusal.ENCRYPTED, name)
        if header.method not in (STORED, DEFLATED):
            raise self._fault(Refusal.COMPRESSION, name, f"method {header.method}")
        if header.start + _LOCAL.size > until:
            raise self._fault(Refusal.NOT_AN_ARCHIVE, name, "it breaks off")
        # Mostly all of the header comes with one read: it has the name that the directory has, and little else.
        head = self._read(header.start, min(until - header.start, _LOCAL.size + len(header.raw_name) + _USUAL_EXTRA))
        signature, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack_from(head)
        if signature != b"PK\x03\x04":
            raise self._fault(Refusal.HEADERS_DIFFER, name, "no local header")
        rest = head[_LOCAL.size : _LOCAL.size + name_size + extra_size]
        if len(rest) < name_size + extra_size:
            rest = self._read(header.start + _LOCAL.size, name_size + extra_size)
        if rest[:name_size] != header.raw_name:
            raise self._fault(Refusal.HEADERS_DIFFER, name, f"its local name is {rest[:name_size][:200]!r}")
        long = self._zip64_values(rest[name_size:], header.raw_name) if extra_size else _NOTHING_LONG
        size, packed = self._long(size, long, header.raw_name), self._long(packed, long, header.raw_name)
        has_descriptor = bool(header.flags & _HAS_DESCRIPTOR)
        if (flags ^ header.flags) & _AGREED_FLAGS or method != header.method:
            raise self._fault(Refusal.HEADERS_DIFFER, name, "flags or method")
        here, there = (crc, packed, size), (header.crc, header.compressed_bytes, header.size_bytes)
        if here != there and not (has_descriptor and all(map(_is_left_open, here, there))):
            raise self._fault(Refusal.HEADERS_DIFFER, name, "checksum or sizes")
        data_start = header.start + _LOCAL.size + len(rest)
        data_end = data_start + header.compressed_bytes
        tail = until - data_end
        if tail < 0:
            raise self._fault(Refusal.NOT_AN_ARCHIVE, name, "it reaches into what follows")
        if tail and not (has_descriptor and tail <= 24 and self._is_descriptor(self._read(data_end, tail), header)):
            raise self._fault(Refusal.STRAY_BYTES, name, "after it")
        return ZipEntry(
            name=name,
            method=header.method,
            crc=header.crc,
            compressed_bytes=header.compressed_bytes,
            size_bytes=header.size_bytes,
            mode=header.mode,
            data_start=data_start,
        )

    @staticmethod
    def _is_descriptor(data: bytes, header: _CentralHeader) -> bool:
        claims = (header.crc, header.compressed_bytes, header.size_bytes)
        spelled = [struct.pack("<3L", *(value & _MAX_32 for value in claims)), struct.pack("<L2Q", *claims)]
        return data in spelled or data in [_DESCRIPTOR_SIGNATURE + each for each in spelled]


def _is_left_open(here: int, there: int) -> bool:
    """Tell whether a local header says what the directory says, or leaves it to the descriptor after the data."""
    return here in (there, 0)

"""Spell a tree as a ZIP archive, the same bytes for the same tree on every host.

Names are sorted, dates fixed, modes normal, and nothing is compressed here: members keep the bytes that their wheels
were packed with, and what wheelpin or the user adds is stored. Compression libraries differ in what they make of
equal input, and so would archives from two machines; and copying is faster.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import assert_never

from msgspec import Struct

from wheelpin.bundle.tree import ContentReader, FromDisk, FromWheel, Made, TreeFile

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")

_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF
_UNIX = 3 << 8
_PLAIN_VERSION, _ZIP64_VERSION = 20, 45
_IS_UTF8 = 0x0800
_STORED, _REGULAR_FILE = 0, 0o100000
_FIRST_DATE = datetime(1980, 1, 1, tzinfo=UTC)
_LAST_DATE = datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)


class ZipDate(Struct, frozen=True, kw_only=True):
    """A date as the format has it: in steps of two seconds from 1980 on, of no time zone."""

    date: int
    time: int

    @classmethod
    def of(cls, epoch_s: int | None) -> "ZipDate":
        """Return *epoch_s*, seconds since 1970 as SOURCE_DATE_EPOCH gives them, or 1980; UTC counts."""
        seconds = int(_FIRST_DATE.timestamp()) if epoch_s is None else epoch_s
        last = int(_LAST_DATE.timestamp())
        at = datetime.fromtimestamp(min(max(seconds, int(_FIRST_DATE.timestamp())), last), UTC)
        return cls(
            date=(at.year - 1980) << 9 | at.month << 5 | at.day, time=at.hour << 11 | at.minute << 5 | at.second // 2
        )


class ZipHeader(Struct, frozen=True, kw_only=True):
    """What both headers say of a member."""

    name: bytes
    is_utf8: bool
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    mode: int
    date: ZipDate

    @classmethod
    def of(cls, file: TreeFile, date: ZipDate) -> "ZipHeader":
        """Describe *file*, whose content is known before it is read."""
        match file.content:
            case FromWheel(_, member):
                method, crc, packed = member.entry.method, member.entry.crc, member.entry.compressed_bytes
            case Made(body):
                method, crc, packed = _STORED, zlib.crc32(body), file.size_bytes
            case FromDisk(_, checksum):
                method, crc, packed = _STORED, checksum, file.size_bytes
            case _:
                assert_never(file.content)
        return cls(
            name=file.path.encode("utf-8"),
            is_utf8=not file.path.isascii(),
            method=method,
            crc=crc,
            packed_bytes=packed,
            size_bytes=file.size_bytes,
            mode=_REGULAR_FILE | file.mode,
            date=date,
        )

    def local(self) -> bytes:
        """Spell the header that stands before the content."""
        long = _long_values(self.size_bytes, self.packed_bytes, needed=self._is_long)
        common = self._common(_ZIP64_VERSION if long else _PLAIN_VERSION, is_long=bool(long))
        return _LOCAL.pack(b"PK\x03\x04", *common, len(self.name), len(long)) + self.name + long

    def central(self, start: int) -> bytes:
        """Spell the header that stands in the directory, for content whose local header is at *start*."""
        sizes = (self.size_bytes, self.packed_bytes) if self._is_long else ()
        offset = (start,) if start >= _MAX_32 else ()
        long = _long_values(*sizes, *offset, needed=bool(sizes or offset))
        version = _ZIP64_VERSION if long else _PLAIN_VERSION
        fields = (
            *(_UNIX | version, *self._common(version, is_long=self._is_long)),
            *(len(self.name), len(long), 0, 0, 0, self.mode << 16, min(start, _MAX_32)),
        )
        return _CENTRAL.pack(b"PK\x01\x02", *fields) + self.name + long

    @property
    def _is_long(self) -> bool:
        return max(self.size_bytes, self.packed_bytes) >= _MAX_32

    def _common(self, version: int, *, is_long: bool) -> tuple[int, ...]:
        sizes = (_MAX_32, _MAX_32) if is_long else (self.packed_bytes, self.size_bytes)
        flags = _IS_UTF8 if self.is_utf8 else 0
        return version, flags, self.method, self.date.time, self.date.date, self.crc, *sizes


def iter_zip(files: Iterable[TreeFile], date: ZipDate) -> Iterator[bytes]:
    """Yield the archive's bytes; raise what reading contents raises, at the latest at the end of a member."""
    directory: list[bytes] = []
    place = 0
    with ContentReader() as reader:
        for file in sorted(files, key=lambda file: file.path):
            header = ZipHeader.of(file, date)
            directory.append(header.central(place))
            local = header.local()
            yield local
            yield from reader.iter_packed(file)
            place += len(local) + header.packed_bytes
    central = b"".join(directory)
    yield central
    yield end_records(len(directory), start=place, size=len(central))


def end_records(count: int, *, start: int, size: int) -> bytes:
    """Spell what stands after the directory of *count* entries, which is at *start* and *size* long."""
    records = b""
    if count >= _MAX_16 or start >= _MAX_32 or size >= _MAX_32:
        long = (_UNIX | _ZIP64_VERSION, _ZIP64_VERSION, 0, 0, count, count, size, start)
        records += _END_64.pack(b"PK\x06\x06", _END_64.size - 12, *long)
        records += _LOCATOR.pack(b"PK\x06\x07", 0, start + size, 1)
    short_count = min(count, _MAX_16)
    return records + _END.pack(
        b"PK\x05\x06", 0, 0, short_count, short_count, min(size, _MAX_32), min(start, _MAX_32), 0
    )


def _long_values(*values: int, needed: bool) -> bytes:
    """Spell a ZIP64 extra field, or nothing."""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if needed else b""

"""An ELF file as the dynamic loader sees it: segments and the dynamic section (System V ABI, chapters 4 and 5).

Sections are not looked at: the loader does not, they may be stripped or lie, and they stand at the file's end,
which would have to be unpacked for them.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from wheelpin.elf.headers import ELF_MAGIC, elf_architecture
from wheelpin.elf.window import BrokenBinaryError, Window


class SegmentType(IntEnum):
    """The segment types that matter here."""

    LOAD = 1
    DYNAMIC = 2
    INTERP = 3
    NOTE = 4


class Tag(IntEnum):
    """The entries of the dynamic section that matter here."""

    NULL = 0
    NEEDED = 1
    HASH = 4
    STRTAB = 5
    SYMTAB = 6
    STRSZ = 10
    SONAME = 14
    RPATH = 15
    RUNPATH = 29
    GNU_HASH = 0x6FFFFEF5
    VERSYM = 0x6FFFFFF0
    VERNEED = 0x6FFFFFFE
    VERNEEDNUM = 0x6FFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One entry of the program header table."""

    type: int
    offset: int
    address: int
    size_bytes: int
    alignment: int


_MOST_SEGMENTS = 1024
_LARGEST_DYNAMIC = 1024 * 1024
_LONGEST_INTERPRETER = 4096


class ElfImage:
    """The header, the segments and the dynamic section; everything else is read through them.

    Any property may raise `BrokenBinaryError`.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        ident = window.read_at(0, 16, "its header")
        if ident[:4] != ELF_MAGIC or ident[4] not in (1, 2) or ident[5] not in (1, 2):
            raise BrokenBinaryError("its header is none that ELF knows")
        self.bits = 32 * ident[4]
        self.byte_order, self._order = ("little", "<") if ident[5] == 1 else ("big", ">")
        header = self.struct("HHIIIIIHHHHHH", "HHIQQQIHHHHHH")
        fields: tuple[int, ...] = header.unpack(window.read_at(16, header.size, "its header"))
        _, self.machine, _, _, self._segments_at, _, self._flags, _, self._segment_size, self._segment_count, *_ = (
            fields
        )

    def struct(self, narrow: str, wide: str | None = None) -> struct.Struct:
        """Return a layout in the file's byte order: *narrow* for 32 bits, *wide* (default: the same) for 64."""
        return struct.Struct(self._order + (narrow if self.bits == 32 or wide is None else wide))

    @property
    def architecture(self) -> str:
        """The architecture as platform tags spell it."""
        return elf_architecture(machine=self.machine, bits=self.bits, byte_order=self.byte_order, flags=self._flags)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The program header table."""
        if not self._segment_count:
            return ()
        layout = self.struct("IIIIIIII", "IIQQQQQQ")
        if self._segment_count > _MOST_SEGMENTS or self._segment_size != layout.size:
            raise BrokenBinaryError(f"it has {self._segment_count} segments of {self._segment_size} bytes")
        table = self.window.read_at(self._segments_at, layout.size * self._segment_count, "its segments")
        rows = layout.iter_unpack(table)
        if self.bits == 32:
            return tuple(
                Segment(type=type_, offset=offset, address=address, size_bytes=size, alignment=alignment)
                for type_, offset, address, _, size, _, _, alignment in rows
            )
        return tuple(
            Segment(type=type_, offset=offset, address=address, size_bytes=size, alignment=alignment)
            for type_, _, offset, address, _, size, _, alignment in rows
        )

    def offset_of(self, address: int) -> int:
        """Return where in the file the byte lies that is loaded at *address*."""
        for segment in self.segments:
            if segment.type == SegmentType.LOAD and 0 <= address - segment.address < segment.size_bytes:
                return address - segment.address + segment.offset
        raise BrokenBinaryError(f"no segment holds the address {address:#x}")

    @cached_property
    def dynamic(self) -> Mapping[int, tuple[int, ...]]:
        """The dynamic section's values by tag, in their order; empty for a static or relocatable file."""
        segment = next((segment for segment in self.segments if segment.type == SegmentType.DYNAMIC), None)
        if segment is None or not segment.size_bytes:
            return {}
        if segment.size_bytes > _LARGEST_DYNAMIC:
            raise BrokenBinaryError(f"its dynamic section has {segment.size_bytes} bytes")
        layout = self.struct("II", "QQ")
        whole_entries = segment.size_bytes - segment.size_bytes % layout.size
        table = self.window.read_at(segment.offset, whole_entries, "its dynamic section")
        found: dict[int, list[int]] = {}
        for tag, value in layout.iter_unpack(table):
            if tag == Tag.NULL:
                break
            found.setdefault(tag, []).append(value)
        return {tag: tuple(values) for tag, values in found.items()}

    def entry(self, tag: Tag) -> int | None:
        """Return a dynamic entry's value, or None if there is none; of several the last counts, as for the loader."""
        values = self.dynamic.get(tag)
        return values[-1] if values else None

    @cached_property
    def _strings(self) -> bytes:
        address, size = self.entry(Tag.STRTAB), self.entry(Tag.STRSZ)
        if address is None or size is None:
            raise BrokenBinaryError("its dynamic section has no string table")
        return self.window.read_at(self.offset_of(address), size, "its string table")

    def string(self, offset: int) -> str:
        """Return the dynamic string at *offset*."""
        end = self._strings.find(b"\0", offset)
        if end < 0:
            raise BrokenBinaryError(f"its string table has no string at {offset:#x}")
        return printable(self._strings[offset:end])

    def string_with_prefix(self, offset: int, prefixes: tuple[bytes, ...]) -> str | None:
        """Return the dynamic string at *offset* if it begins with one of *prefixes*."""
        return self.string(offset) if self._strings.startswith(prefixes, offset) else None

    def strings_of(self, tag: Tag) -> tuple[str, ...]:
        """Return the strings that all entries with *tag* name."""
        return tuple(self.string(offset) for offset in self.dynamic.get(tag, ()))

    @cached_property
    def interpreter(self) -> str | None:
        """The path of the dynamic linker that an executable asks for; libraries have none."""
        segment = next((segment for segment in self.segments if segment.type == SegmentType.INTERP), None)
        if segment is None:
            return None
        size = min(segment.size_bytes, _LONGEST_INTERPRETER)
        return printable(self.window.read_at(segment.offset, size, "its interpreter").partition(b"\0")[0])


def printable(text: bytes) -> str:
    """Decode a name out of a binary; what could upset a terminal or a JSON reader comes as an escape."""
    decoded = text.decode("utf-8", "backslashreplace")
    return decoded if decoded.isprintable() else decoded.encode("unicode_escape").decode("ascii")

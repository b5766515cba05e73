"""An ELF file as the dynamic loader sees it: segments and the dynamic section (System V ABI, chapters 4 and 5).

pyelftools knows the format; this room decides what it gets to see. Sections are hidden from it: the loader does
not look at them, they may be stripped or lie, and they stand at the file's end, which would have to be unpacked.
"""

import io
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import IO, cast

from elftools.common.exceptions import ELFError
from elftools.common.utils import struct_parse
from elftools.construct import ConstructError, Struct
from elftools.construct.lib.container import Container
from elftools.elf.elffile import ELFFile
from elftools.elf.notes import iter_notes
from elftools.elf.segments import Segment
from elftools.elf.structs import ELFStructs

from wheelpin.elf.headers import ELF_MAGIC, binary_architecture
from wheelpin.elf.window import FARTHEST_BYTE, BrokenBinaryError, Window

_MOST_SEGMENTS = 1024
_LARGEST_NOTES = 1024 * 1024
_LONGEST_INTERPRETER = 4096
_MOST_DYNAMIC_ENTRIES = 65536
_MOST_READS = 1 << 18
"""Of one file, by pyelftools, which follows whatever a file says: one that leads it in circles is given up."""

_MISREADINGS = (ELFError, ConstructError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What comes out of pyelftools for files that contradict themselves: it trusts what it reads."""


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
        self._order = "<" if ident[5] == 1 else ">"
        header = window.read_at(0, 52 if self.bits == 32 else 64, "its header")
        with _reading("its header"):
            self._stream = cast(IO[bytes], _WithoutSections(window, header))
            self._file = ELFFile(self._stream)
        kind = binary_architecture(header)
        self.architecture = kind.architectures[0] if kind else ""
        """As platform tags spell it."""
        self.machine: str | int = self._file["e_machine"]
        """``EM_X86_64``; a number that has no name stays one."""

    @property
    def layouts(self) -> ELFStructs:
        """The format's structures in the file's word size and byte order."""
        return self._file.structs

    def struct(self, narrow: str, wide: str | None = None) -> struct.Struct:
        """Return a layout in the file's byte order: *narrow* for 32 bits, *wide* (default: the same) for 64."""
        return struct.Struct(self._order + (narrow if self.bits == 32 or wide is None else wide))

    def parse(self, layout: Struct, offset: int, what: str) -> Container:
        """Read one structure; raise `BrokenBinaryError`, naming *what* it is part of."""
        with _reading(what):
            return cast(Container, struct_parse(layout, self._stream, offset))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The program header table."""
        count, size = self._file["e_phnum"], self._file["e_phentsize"]
        if count > _MOST_SEGMENTS or (count and size != self.layouts.Elf_Phdr.sizeof()):
            raise BrokenBinaryError(f"it has {count} segments of {size} bytes")
        with _reading("its segments"):
            return tuple(self._file.iter_segments())

    def _segment(self, type_: str) -> Segment | None:
        return next((segment for segment in self.segments if segment["p_type"] == type_), None)

    def offset_of(self, address: int) -> int:
        """Return where in the file the byte lies that is loaded at *address*."""
        for segment in self.segments:
            if segment["p_type"] == "PT_LOAD" and 0 <= address - segment["p_vaddr"] < segment["p_filesz"]:
                return address - segment["p_vaddr"] + segment["p_offset"]
        raise BrokenBinaryError(f"no segment holds the address {address:#x}")

    @cached_property
    def dynamic(self) -> Mapping[str | int, tuple[int, ...]]:
        """The dynamic section's values by tag, in their order; empty for a static or relocatable file.

        Tags have their names (``DT_NEEDED``), those that have none their numbers.
        """
        segment = self._segment("PT_DYNAMIC")
        if segment is None:
            return {}
        found: dict[str | int, list[int]] = {}
        layout = self.layouts.Elf_Dyn
        entries = min(segment["p_filesz"] // layout.sizeof(), _MOST_DYNAMIC_ENTRIES)
        for place in range(entries):
            entry = self.parse(layout, segment["p_offset"] + place * layout.sizeof(), "its dynamic section")
            if entry["d_tag"] == "DT_NULL":
                break
            found.setdefault(entry["d_tag"], []).append(entry["d_val"])
        return {tag: tuple(values) for tag, values in found.items()}

    def entry(self, tag: str) -> int | None:
        """Return a dynamic entry's value, or None if there is none; of several the last counts, as for the loader."""
        values = self.dynamic.get(tag)
        return values[-1] if values else None

    @cached_property
    def _strings(self) -> bytes:
        address, size = self.entry("DT_STRTAB"), self.entry("DT_STRSZ")
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

    def strings_of(self, tag: str) -> tuple[str, ...]:
        """Return the strings that all entries with *tag* name."""
        return tuple(self.string(offset) for offset in self.dynamic.get(tag, ()))

    @cached_property
    def interpreter(self) -> str | None:
        """The path of the dynamic linker that an executable asks for; libraries have none."""
        segment = self._segment("PT_INTERP")
        if segment is None:
            return None
        size = min(segment["p_filesz"], _LONGEST_INTERPRETER)
        return printable(self.window.read_at(segment["p_offset"], size, "its interpreter").partition(b"\0")[0])

    def iter_properties(self) -> Iterator[Container]:
        """Yield the file's GNU properties: structures with ``pr_type`` and ``pr_data``."""
        for segment in self.segments:
            if segment["p_type"] != "PT_NOTE":
                continue
            if segment["p_filesz"] > _LARGEST_NOTES:
                raise BrokenBinaryError(f"it has {segment['p_filesz']} bytes of notes")
            with _reading("its notes"):
                for note in iter_notes(self._file, segment["p_offset"], segment["p_filesz"]):
                    if note["n_type"] == "NT_GNU_PROPERTY_TYPE_0" and note["n_name"] == "GNU":
                        yield from note["n_desc"]


class _WithoutSections:
    """A window as the file that pyelftools wants, whose header says that there are no sections."""

    def __init__(self, window: Window, header: bytes) -> None:
        self._window = window
        offset, size = (32, 4) if len(header) == 52 else (40, 8)
        self._head = header[:offset] + bytes(size) + header[offset + size :]
        self._place = 0
        self._reads = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        # Nobody needs to know the true end, and finding it would unpack the file.
        self._place = offset if whence == io.SEEK_SET else FARTHEST_BYTE
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int) -> bytes:
        self._reads += 1
        if self._reads > _MOST_READS:
            raise BrokenBinaryError("its tables lead in circles")
        data = self._head[self._place : self._place + size]
        if len(data) < size:
            data += self._window.read_up_to(self._place + len(data), size - len(data))
        self._place += len(data)
        return data


@contextmanager
def _reading(what: str) -> Iterator[None]:
    try:
        yield
    except _MISREADINGS as error:
        raise BrokenBinaryError(f"{what} cannot be read: {error}") from error


def printable(text: bytes) -> str:
    """Decode a name out of a binary; what could upset a terminal or a JSON reader comes as an escape."""
    decoded = text.decode("utf-8", "backslashreplace")
    return decoded if decoded.isprintable() else decoded.encode("unicode_escape").decode("ascii")

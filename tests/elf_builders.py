"""Builders of small but true ELF files for any architecture, and of headers for other systems' binaries.

Only what a dynamic loader looks at is built: a header, segments, a dynamic section and the tables it names. There
are no sections.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """The fields of an ELF header that tell a machine."""

    machine: int
    bits: int
    order: str
    """``<`` little-endian, ``>`` big-endian."""
    flags: int = 0


ARCHITECTURES = {
    "x86_64": Architecture(machine=62, bits=64, order="<"),
    "i686": Architecture(machine=3, bits=32, order="<"),
    "aarch64": Architecture(machine=183, bits=64, order="<"),
    "armv7l": Architecture(machine=40, bits=32, order="<", flags=0x05000400),
    "armel": Architecture(machine=40, bits=32, order="<", flags=0x05000200),
    "ppc64le": Architecture(machine=21, bits=64, order="<", flags=2),
    "ppc64": Architecture(machine=21, bits=64, order=">", flags=1),
    "ppc": Architecture(machine=20, bits=32, order=">"),
    "s390x": Architecture(machine=22, bits=64, order=">"),
    "riscv64": Architecture(machine=243, bits=64, order="<", flags=5),
    "loongarch64": Architecture(machine=258, bits=64, order="<", flags=0x43),
    "mips": Architecture(machine=8, bits=32, order=">"),
}
"""By the name that platform tags have for them."""

MUSL_LIBC = {"x86_64": "libc.musl-x86_64.so.1", "aarch64": "libc.musl-aarch64.so.1", "armv7l": "libc.musl-armv7.so.1"}

_LOADED_AT = 0x10000
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_NOTE = 1, 2, 3, 4
_GLOBAL_FUNCTION, _WEAK_FUNCTION = 0x12, 0x22


@dataclass(frozen=True, slots=True, kw_only=True)
class Elf:
    """An ELF library to build; the default is an extension module that needs nothing but a very old glibc."""

    architecture: str = "x86_64"
    needed: Sequence[str] = ("libc.so.6",)
    versions: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """By library and version, the symbols that need it."""
    weak_versions: Sequence[str] = ()
    """Versions of those above that the loader may do without."""
    defined: Sequence[str] = ()
    undefined: Sequence[str] = ()
    """Undefined symbols without a version."""
    weak: Sequence[str] = ()
    """Undefined symbols that may stay so."""
    soname: str | None = None
    rpath: str | None = None
    runpath: str | None = None
    interpreter: str | None = None
    isa_bits: int | None = None
    """The value of the x86 property note: 1, 2, 4, 8 are levels 1 to 4."""
    hashes: str = "gnu"
    """Which hash table tells the number of symbols: ``gnu`` or ``plain``."""


def make_elf(elf: Elf) -> bytes:
    """Build the bytes of a shared library."""
    return _Builder(elf).build()


def make_extension(
    module: str = "_bar", *, architecture: str = "x86_64", glibc: str = "2.17", symbol: str = "memcpy"
) -> bytes:
    """Build an extension module for Python 3 that needs one symbol of one version of glibc."""
    versions = {"libc.so.6": {f"GLIBC_{glibc}": [symbol]}}
    return make_elf(Elf(architecture=architecture, versions=versions, defined=[f"PyInit_{module}"]))


def make_musl_extension(module: str = "_bar", *, architecture: str = "x86_64") -> bytes:
    """Build an extension module for Python 3 that is linked to musl."""
    needed = [MUSL_LIBC[architecture]]
    return make_elf(Elf(architecture=architecture, needed=needed, undefined=["memcpy"], defined=[f"PyInit_{module}"]))


def gnu_hash(name: str) -> int:
    """Hash a symbol's name as DT_GNU_HASH does."""
    value = 5381
    for byte in name.encode():
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value


class _Builder:
    def __init__(self, elf: Elf) -> None:
        self.elf = elf
        self.arch = ARCHITECTURES[elf.architecture]
        self.is_wide = self.arch.bits == 64
        self.strings = bytearray(b"\0")

    def pack(self, narrow: str, wide: str, *values: int) -> bytes:
        return struct.pack(self.arch.order + (wide if self.is_wide else narrow), *values)

    def string(self, text: str) -> int:
        data = text.encode() + b"\0"
        if (place := self.strings.find(b"\0" + data)) >= 0:
            return place + 1
        self.strings += data
        return len(self.strings) - len(data)

    def build(self) -> bytes:
        elf = self.elf
        header_size, segment_size = (64, 56) if self.is_wide else (52, 32)
        parts: list[tuple[str, bytes]] = []
        if elf.interpreter:
            parts.append(("interp", elf.interpreter.encode() + b"\0"))
        if elf.isa_bits is not None:
            parts.append(("note", self.note(elf.isa_bits)))
        symbols, hashes, versym, verneed = self.symbol_tables()
        entries = self.string_entries()
        parts += [("hash", hashes), ("dynsym", symbols), ("dynstr", bytes(self.strings))]
        if elf.versions:
            parts += [("versym", versym), ("verneed", verneed)]
        segments = 2 + bool(elf.interpreter) + (elf.isa_bits is not None)
        places: dict[str, tuple[int, int]] = {}
        at = header_size + segments * segment_size
        body = b""
        for name, data in parts:
            padding = -at % 8
            places[name] = (at + padding, len(data))
            body += bytes(padding) + data
            at += padding + len(data)
        body += bytes(-at % 8)
        at += -at % 8
        dynamic = self.dynamic(entries, places)
        places["dynamic"] = (at, len(dynamic))
        body += dynamic
        table = self.segment(_PT_LOAD, 0, at + len(dynamic)) + self.segment(_PT_DYNAMIC, *places["dynamic"])
        if elf.interpreter:
            table += self.segment(_PT_INTERP, *places["interp"])
        if elf.isa_bits is not None:
            table += self.segment(_PT_NOTE, *places["note"])
        return self.header(segments, header_size, segment_size) + table + body

    def header(self, segments: int, header_size: int, segment_size: int) -> bytes:
        ident = b"\x7fELF" + bytes([self.arch.bits // 32, 1 if self.arch.order == "<" else 2, 1]) + bytes(9)
        counts = (header_size, segment_size, segments, 0, 0, 0)
        fields = (3, self.arch.machine, 1, 0, header_size, 0, self.arch.flags, *counts)
        return ident + self.pack("HHIIIIIHHHHHH", "HHIQQQIHHHHHH", *fields)

    def segment(self, type_: int, offset: int, size: int) -> bytes:
        address = _LOADED_AT + offset
        # Loaders refuse what is not aligned to whole pages, and write into the dynamic section.
        flags, alignment = (7, _LOADED_AT) if type_ == _PT_LOAD else (5, self.arch.bits // 8)
        if self.is_wide:
            return self.pack("", "IIQQQQQQ", type_, flags, offset, address, address, size, size, alignment)
        return self.pack("IIIIIIII", "", type_, offset, address, address, size, size, flags, alignment)

    def note(self, isa_bits: int) -> bytes:
        content = struct.pack("<IIII", 0xC0008002, 4, isa_bits, 0)
        return struct.pack("<III", 4, len(content), 5) + b"GNU\0" + content

    def symbol_tables(self) -> tuple[bytes, bytes, bytes, bytes]:
        """Lay out undefined symbols before defined ones, as the GNU hash table wants them."""
        rows = [(0, 0, 0)]
        version_of = [0]
        verneed, first_index = b"", 2
        libraries = list(self.elf.versions.items())
        for place, (library, versions) in enumerate(libraries):
            auxiliaries = b""
            for number, (version, symbols) in enumerate(versions.items()):
                index = first_index + number
                rows += [(self.string(symbol), _GLOBAL_FUNCTION, 0) for symbol in symbols]
                version_of += [index] * len(symbols)
                flags = 2 if version in self.elf.weak_versions else 0
                following = 16 if number + 1 < len(versions) else 0
                row = (0, flags, index, self.string(version), following)
                auxiliaries += struct.pack(self.arch.order + "IHHII", *row)
            following = 16 + len(auxiliaries) if place + 1 < len(libraries) else 0
            head = (1, len(versions), self.string(library), 16, following)
            verneed += struct.pack(self.arch.order + "HHIII", *head) + auxiliaries
            first_index += len(versions)
        rows += [(self.string(name), _GLOBAL_FUNCTION, 0) for name in self.elf.undefined]
        rows += [(self.string(name), _WEAK_FUNCTION, 0) for name in self.elf.weak]
        undefined = len(rows)
        rows += [(self.string(name), _GLOBAL_FUNCTION, 1) for name in self.elf.defined]
        version_of += [1] * (len(rows) - len(version_of))
        symbols_table = b"".join(self.symbol(*row) for row in rows)
        versym = struct.pack(f"{self.arch.order}{len(rows)}H", *version_of)
        return symbols_table, self.hash_table(len(rows), undefined), versym, verneed

    def symbol(self, name: int, info: int, section: int) -> bytes:
        if self.is_wide:
            return self.pack("", "IBBHQQ", name, info, 0, section, 0, 0)
        return self.pack("IIIBBH", "", name, 0, 0, info, 0, section)

    def hash_table(self, count: int, undefined: int) -> bytes:
        order = self.arch.order
        if self.elf.hashes == "plain":
            word = "Q" if self.arch.machine == 22 else "I"
            return struct.pack(f"{order}{2 + 1 + count}{word}", 1, count, *range(1 + count))
        hashes = [gnu_hash(name) & ~1 for name in self.elf.defined]
        if hashes:
            hashes[-1] |= 1
        bucket = undefined if hashes else 0
        # An exporting nothing linker writes a table that says nothing about the undefined symbols.
        first = undefined if hashes else 1
        bloom = bytes(self.arch.bits // 8)
        return (
            struct.pack(f"{order}IIII", 1, first, 1, 0)
            + bloom
            + struct.pack(f"{order}I", bucket)
            + b"".join(struct.pack(f"{order}I", value) for value in hashes)
        )

    def string_entries(self) -> list[tuple[int, int]]:
        elf = self.elf
        entries = [(1, self.string(name)) for name in elf.needed]
        named = {14: elf.soname, 15: elf.rpath, 29: elf.runpath}
        return entries + [(tag, self.string(text)) for tag, text in named.items() if text is not None]

    def dynamic(self, entries: list[tuple[int, int]], places: Mapping[str, tuple[int, int]]) -> bytes:
        address = {name: _LOADED_AT + offset for name, (offset, _) in places.items()}
        hash_tag = 4 if self.elf.hashes == "plain" else 0x6FFFFEF5
        rows = [*entries, (hash_tag, address["hash"]), (5, address["dynstr"]), (6, address["dynsym"])]
        rows += [(10, places["dynstr"][1]), (11, 24 if self.is_wide else 16)]
        if "versym" in places:
            rows += [(0x6FFFFFF0, address["versym"]), (0x6FFFFFFE, address["verneed"])]
            rows += [(0x6FFFFFFF, len(self.elf.versions))]
        return b"".join(self.pack("II", "QQ", *row) for row in [*rows, (0, 0)])


def make_mach_o(*cpus: int, is_little: bool = True) -> bytes:
    """Build a Mach-O header: thin for one CPU type, universal for several."""
    if len(cpus) == 1:
        return struct.pack("<II" if is_little else ">II", 0xFEEDFACF, cpus[0]) + bytes(24)
    entries = b"".join(struct.pack(">IIIII", cpu, 0, 0x1000, 0x100, 12) for cpu in cpus)
    return struct.pack(">II", 0xCAFEBABE, len(cpus)) + entries


def make_pe(machine: int, *, start: int = 0x80) -> bytes:
    """Build a PE header behind a DOS stub that ends at *start*."""
    stub = b"MZ" + bytes(0x3A) + struct.pack("<I", start)
    return stub.ljust(start, b"\0") + b"PE\0\0" + struct.pack("<H", machine) + bytes(18)

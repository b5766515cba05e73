"""Which machine a binary is for, told from its first bytes: ELF, Mach-O and PE.

Architectures are spelled as the platform tags of the binary's own system spell them: ``aarch64`` in ELF is
``arm64`` in Mach-O and in PE.
"""

import struct
from enum import StrEnum

from msgspec import Struct

HEADER_BYTES = 4096
"""How much of a file `binary_architecture` may need: a PE header begins where the DOS stub before it ends."""


class BinaryFormat(StrEnum):
    """The container that a system's loader reads."""

    ELF = "ELF"
    MACH_O = "Mach-O"
    PE = "PE"


class BinaryKind(Struct, frozen=True, kw_only=True):
    """A binary's format and the machines that it runs on."""

    format: BinaryFormat
    architectures: tuple[str, ...]
    """One, except in a universal Mach-O file; a machine without a known name is ``machine 83``."""


ELF_MAGIC = b"\x7fELF"

_ELF_MACHINES = {
    (3, 32, "little"): "i686",
    (8, 32, "big"): "mips",
    (8, 32, "little"): "mipsel",
    (8, 64, "big"): "mips64",
    (8, 64, "little"): "mips64el",
    (20, 32, "big"): "ppc",
    (21, 64, "big"): "ppc64",
    (21, 64, "little"): "ppc64le",
    (22, 64, "big"): "s390x",
    (43, 64, "big"): "sparc64",
    (62, 32, "little"): "x32",
    (62, 64, "little"): "x86_64",
    (183, 64, "little"): "aarch64",
    (243, 32, "little"): "riscv32",
    (243, 64, "little"): "riscv64",
    (258, 64, "little"): "loongarch64",
    (0x9026, 64, "little"): "alpha",
}
"""(e_machine, bits, byte order) of the ELF header; ARM, which needs its flags, is told apart in code."""

_EM_ARM = 40
_ARM_EABI_MASK, _ARM_EABI_5, _ARM_HARD_FLOAT = 0xFF000000, 0x05000000, 0x400

_MACH_O_MAGICS = {0xFEEDFACE: ">", 0xFEEDFACF: ">", 0xCEFAEDFE: "<", 0xCFFAEDFE: "<"}
_FAT_ENTRIES = {0xCAFEBABE: ">IIIII", 0xCAFEBABF: ">IIQQII"}
_MOST_FAT_ARCHITECTURES = 16
"""Java's class files share a magic with universal binaries; their version, in the same place, begins at 45."""

_MACH_O_CPUS = {
    7: "i386",
    12: "arm",
    18: "ppc",
    0x01000007: "x86_64",
    0x0100000C: "arm64",
    0x01000012: "ppc64",
    0x0200000C: "arm64_32",
}
_PE_MACHINES = {0x014C: "x86", 0x01C0: "arm", 0x01C4: "arm", 0x8664: "amd64", 0xAA64: "arm64"}


def binary_architecture(header: bytes) -> BinaryKind | None:
    """Read the first `HEADER_BYTES` of a file, or all of a shorter one; None if it is no binary that a loader takes."""
    try:
        if header.startswith(ELF_MAGIC):
            return _elf(header)
        if header.startswith(b"MZ"):
            return _pe(header)
        return _mach_o(header)
    except struct.error:
        return None


def elf_architecture(*, machine: int, bits: int, byte_order: str, flags: int) -> str:
    """Name the architecture of an ELF header's fields as platform tags do."""
    if machine == _EM_ARM and (bits, byte_order) == (32, "little"):
        is_hard_float = flags & _ARM_EABI_MASK == _ARM_EABI_5 and flags & _ARM_HARD_FLOAT
        return "armv7l" if is_hard_float else "armel"
    return _ELF_MACHINES.get((machine, bits, byte_order)) or f"machine {machine} ({bits} bits, {byte_order}-endian)"


def _elf(header: bytes) -> BinaryKind | None:
    if header[4:5] not in (b"\1", b"\2") or header[5:6] not in (b"\1", b"\2"):
        return None
    bits = 32 * header[4]
    order, byte_order = ("<", "little") if header[5] == 1 else (">", "big")
    (machine,) = struct.unpack_from(f"{order}H", header, 18)
    (flags,) = struct.unpack_from(f"{order}I", header, 36 if bits == 32 else 48)
    name = elf_architecture(machine=machine, bits=bits, byte_order=byte_order, flags=flags)
    return BinaryKind(format=BinaryFormat.ELF, architectures=(name,))


def _pe(header: bytes) -> BinaryKind | None:
    (start,) = struct.unpack_from("<I", header, 0x3C)
    signature, machine = struct.unpack_from("<4sH", header, start)
    if signature != b"PE\0\0":
        return None
    name = _PE_MACHINES.get(machine, f"machine {machine:#x}")
    return BinaryKind(format=BinaryFormat.PE, architectures=(name,))


def _mach_o(header: bytes) -> BinaryKind | None:
    magic, following = struct.unpack_from(">II", header)
    if order := _MACH_O_MAGICS.get(magic):
        cpus = struct.unpack_from(f"{order}I", header, 4)
    elif (entry := _FAT_ENTRIES.get(magic)) and 0 < following <= _MOST_FAT_ARCHITECTURES:
        size = struct.calcsize(entry)
        cpus = tuple(struct.unpack_from(entry, header, 8 + size * place)[0] for place in range(following))
    else:
        return None
    names = (_MACH_O_CPUS.get(cpu, f"machine {cpu:#x}") for cpu in cpus)
    return BinaryKind(format=BinaryFormat.MACH_O, architectures=tuple(names))

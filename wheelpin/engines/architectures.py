"""Architectures as engines, kernels and ELF headers know them (OCI image specification, Linux binfmt_misc)."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct


class _Architecture(Struct, frozen=True, kw_only=True):
    """One row of the table."""

    oci: str
    """The platform without its operating system."""
    elf: tuple[int, int, int]
    """Class (1 for 32 bits, 2 for 64), byte order (1 little, 2 big) and machine of its programs."""
    runs_on: frozenset[str] = frozenset()
    """Other architectures whose machines run its programs without help."""


_ARCHITECTURES = {
    "x86_64": _Architecture(oci="amd64", elf=(2, 1, 62)),
    "i686": _Architecture(oci="386", elf=(1, 1, 3), runs_on=frozenset({"x86_64"})),
    "aarch64": _Architecture(oci="arm64", elf=(2, 1, 183)),
    "armv7l": _Architecture(oci="arm/v7", elf=(1, 1, 40)),  # few machines of 64 bits still run it: the kernel is asked
    "loongarch64": _Architecture(oci="loong64", elf=(2, 1, 258)),
    "ppc64le": _Architecture(oci="ppc64le", elf=(2, 1, 21)),
    "riscv64": _Architecture(oci="riscv64", elf=(2, 1, 243)),
    "s390x": _Architecture(oci="s390x", elf=(2, 2, 22)),
}
_OTHER_SPELLINGS = {"arm": "armv7l", "i386": "i686", "x86": "i686"}


def platform_of(architecture: str) -> str | None:
    """Spell the platform for engines, ``linux/arm64``; None for an architecture that has no images."""
    row = _ARCHITECTURES.get(architecture)
    return None if row is None else f"linux/{row.oci}"


def architecture_of(oci: str) -> str:
    """Return the name that targets use for what engines call ``arm64`` or ``aarch64``; the same for an unknown one."""
    if oci in _ARCHITECTURES:
        return oci
    known = (name for name, row in _ARCHITECTURES.items() if row.oci == oci)
    return next(known, _OTHER_SPELLINGS.get(oci, oci))


def runs_natively(architecture: str, machine: str) -> bool:
    """Tell whether a *machine* runs programs of *architecture* without an emulator."""
    row = _ARCHITECTURES.get(architecture)
    return architecture == machine or (row is not None and machine in row.runs_on)


def is_emulated(architecture: str, handlers: Iterable[str]) -> bool:
    """Tell whether a kernel starts programs of *architecture* in containers, by its binfmt_misc *handlers*' texts."""
    row = _ARCHITECTURES.get(architecture)
    return row is not None and any(_takes(text, _elf_header(row)) for text in handlers)


def _elf_header(row: _Architecture) -> bytes:
    """Return the first bytes of an executable."""
    bits, order, machine = row.elf
    byte_order: Literal["little", "big"] = "little" if order == 1 else "big"
    head = b"\x7fELF" + bytes((bits, order, 1)) + bytes(9)
    return head + (2).to_bytes(2, byte_order) + machine.to_bytes(2, byte_order)


def _takes(handler: str, header: bytes) -> bool:
    words = dict(line.partition(" ")[::2] for line in handler.splitlines())
    # Without F the emulator would have to lie in every image.
    if "enabled" not in words or "F" not in words.get("flags:", "") or words.get("offset") != "0":
        return False
    try:
        magic = bytes.fromhex(words["magic"])
        mask = bytes.fromhex(words.get("mask", "ff" * len(magic)))
    except (KeyError, ValueError):
        return False
    if not len(magic) == len(mask) <= len(header):
        return False
    return all(byte & keep == wanted & keep for byte, wanted, keep in zip(header, magic, mask, strict=False))

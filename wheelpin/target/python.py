"""The interpreter of a target: implementation, version, ABI."""

from enum import StrEnum
from functools import cache

from msgspec import Struct
from packaging.version import Version

from wheelpin.target.packaged import packaged_text

_ABSENT = ("", "", "-", "")
"""The columns of a row of `pythons.txt` that says nothing."""


class Implementation(StrEnum):
    """Who made the interpreter; the value is the prefix of its tags."""

    CPYTHON = "cp"
    PYPY = "pp"

    @property
    def full_name(self) -> str:
        """The name as ``platform_python_implementation`` has it."""
        return "CPython" if self is Implementation.CPYTHON else "PyPy"


class Interpreter(Struct, frozen=True, kw_only=True):
    """An implementation at one minor version with one ABI."""

    implementation: Implementation
    version: tuple[int, int]
    abi: str
    """``cp36m``, ``cp314t``, ``pypy310_pp73``, or ``abi3``/``abi3t`` for "stable ABI only"."""

    @property
    def tag(self) -> str:
        """The interpreter part of a wheel's tag, ``cp36``."""
        return f"{self.implementation}{self.version[0]}{self.version[1]}"

    @property
    def is_free_threaded(self) -> bool:
        """Tell whether it has no global interpreter lock (PEP 703)."""
        return self.implementation is Implementation.CPYTHON and self.abi.endswith("t")

    @property
    def stable_abi(self) -> str | None:
        """The stable ABI that it loads: ``abi3`` (PEP 384), ``abi3t`` without the lock from 3.15 (PEP 803), or none."""
        if self.implementation is not Implementation.CPYTHON or self.version < (3, 2):
            return None
        if not self.is_free_threaded:
            return "abi3"
        return "abi3t" if self.version >= (3, 15) else None

    @property
    def minor(self) -> str:
        """The version as ``python_version`` has it."""
        return f"{self.version[0]}.{self.version[1]}"

    def __str__(self) -> str:
        return f"{self.implementation.full_name} {self.minor}{' free-threaded' if self.is_free_threaded else ''}"


class KnownPython(Struct, frozen=True, kw_only=True):
    """What is known of one minor version of one implementation."""

    full_version: Version
    """The last known patch."""
    is_final: bool
    """No patch will follow: the minor is past its end of life."""
    implementation_version: str
    """As ``implementation_version`` has it: for PyPy its own version."""


def version_of(tag: str) -> tuple[int, int]:
    """Split the digits of an interpreter tag: ``cp310`` is 3.10."""
    return int(tag[2]), int(tag[3:])


@cache
def known_pythons() -> dict[str, KnownPython]:
    """Load the table of last known patches, by interpreter tag, oldest first."""
    return read_pythons(packaged_text("pythons.txt"))


def read_pythons(text: str) -> dict[str, KnownPython]:
    """Read a table of last known patches; raise ValueError naming the row that is wrong."""
    known = {}
    for line in text.splitlines():
        row = line.partition("#")[0].split()
        if not row:
            continue
        tag, said, own, end = (*row, *_ABSENT[len(row) :])[:4]
        full_version = Version(said)
        if full_version.release[:2] != version_of(tag) or len(full_version.release) != 3:
            raise ValueError(f"{tag} cannot be {full_version}")
        if end not in {"", "final"} or len(row) > len(_ABSENT):
            raise ValueError(f"{tag} has more than its versions: {line}")
        known[tag] = KnownPython(
            full_version=full_version,
            is_final=end == "final",
            implementation_version=str(full_version if own == "-" else Version(own)),
        )
    return known

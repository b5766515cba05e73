"""What is worth knowing of a wheel's binaries and breaks no promise: what they take from the system, and oddities."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from wheelpin.elf.checks import Machines, foreign_files
from wheelpin.elf.linking import is_loader
from wheelpin.elf.promise import Promise, release
from wheelpin.elf.violations import (
    DesktopLibrary,
    ForeignBinary,
    NoBinaries,
    Note,
    PurelibBinaries,
    RunTimeLoading,
    UnjudgedPlatform,
)
from wheelpin.elf.wheel import WheelBinaries

_OPENERS = {"dlopen", "dlmopen"}
_DESKTOP_LIBRARIES = {
    "libGL.so.1",
    "libICE.so.6",
    "libSM.so.6",
    "libX11.so.6",
    "libXext.so.6",
    "libXrender.so.1",
    "libglib-2.0.so.0",
    "libgobject-2.0.so.0",
    "libgthread-2.0.so.0",
}
"""Allowed by every policy since PEP 513, for desktop systems' sake."""


class NewestDemand(Struct, frozen=True, kw_only=True):
    """The newest version of one kind that any file asks of the system, and the first file that does."""

    version: str
    """``GLIBC_2.28``."""
    library: str
    file: str
    symbols: tuple[str, ...]


def outside_libraries(machines: Machines) -> tuple[str, ...]:
    """Return what the files take from the system, sorted."""
    found = {name for file in machines.files for name in file.facts.needed if machines.is_outside(file, name)}
    return tuple(sorted(name for name in found if not is_loader(name, None)))


def newest_demands(machines: Machines) -> tuple[NewestDemand, ...]:
    """Return the newest version of each kind that the files ask of the system, sorted by kind."""
    newest: dict[str, tuple[tuple[int, ...], NewestDemand]] = {}
    for file in machines.files:
        for need in file.facts.needed_versions:
            kind, _, number = need.version.partition("_")
            rank = release(number) or ()
            if machines.is_outside(file, need.library) and (kind not in newest or newest[kind][0] < rank):
                demand = NewestDemand(version=need.version, library=need.library, file=file.path, symbols=need.symbols)
                newest[kind] = (rank, demand)
    return tuple(newest[kind][1] for kind in sorted(newest))


def iter_notes(binaries: WheelBinaries, machines: Machines, promises: Sequence[Promise]) -> Iterator[Note]:
    """Yield the oddities; *promises* are those of the wheel's tags for Linux."""
    if binaries.lost_its_binaries:
        yield NoBinaries(tags=str(binaries.tags))
    if binaries.is_root_purelib and binaries.claims_a_platform and machines.files:
        yield PurelibBinaries(count=len(machines.files))
    for promise in promises:
        if promise.libc is not None and promise.policy is None:
            yield UnjudgedPlatform(platform=promise.holder)
    left_aside = [{file.path for file in foreign_files(machines.files, promise)[1]} for promise in promises]
    opening: list[str] = []
    for file in machines.files:
        if left_aside and all(file.path in paths for paths in left_aside):
            yield ForeignBinary(file=file.path, architecture=file.facts.architecture)
        for library in file.facts.needed:
            if library in _DESKTOP_LIBRARIES and machines.is_outside(file, library):
                yield DesktopLibrary(file=file.path, library=library)
        if not _OPENERS.isdisjoint(file.facts.undefined):
            opening.append(file.path)
    if opening:
        yield RunTimeLoading(files=tuple(opening))

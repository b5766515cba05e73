"""Decide what is left to do until a folder holds the wheels of some locks; nothing is touched here."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import NormalizedName

from wheelpin.errors import InputError, IntegrityError
from wheelpin.folders.kept_files import State
from wheelpin.values import Sha256


class UnsafeFilenameError(IntegrityError):
    """A name from a lock or an index would lead out of the folder, or is no wheel's."""

    def __init__(self, filename: str, wanted_by: str) -> None:
        super().__init__(filename, wanted_by)
        self.filename, self.wanted_by = filename, wanted_by

    def __str__(self) -> str:
        return f"{self.wanted_by}: {self.filename!r} is not the name of a wheel"


class FilenameConflictError(InputError):
    """Two locks give one file name to different files, and one folder cannot hold both."""

    def __init__(self, filename: str, first: str, second: str) -> None:
        super().__init__(filename, first, second)
        self.filename, self.first, self.second = filename, first, second
        self.hint = "lock both anew, or download them into two folders"

    def __str__(self) -> str:
        return f"{self.first} and {self.second} pin different files under the one name {self.filename}"


class FoundFile(Struct, frozen=True):
    """A file of this machine whose digest was read in this run, and what the system said of it before."""

    path: Path
    state: State


class WantedWheel(Struct, frozen=True, kw_only=True):
    """One file that a lock names, and where it may be had."""

    project: NormalizedName
    filename: str
    sha256: Sha256
    wanted_by: str
    """The lock, as the user named it."""
    url: str | None = None
    """Absolute address; None where only the index can tell."""
    path: Path | None = None
    """Where the file lies already, for a wheel that no index holds."""
    size_bytes: int | None = None
    found: FoundFile | None = None
    """A file with this digest."""

    def __post_init__(self) -> None:
        if not self.filename.endswith(".whl") or not self.filename.isprintable() or set(self.filename) & set("/\\:"):
            raise UnsafeFilenameError(self.filename, self.wanted_by)


class Reuse(Struct, frozen=True):
    """The folder holds the file."""

    wheel: WantedWheel


class Copy(Struct, frozen=True):
    """The file lies elsewhere on this machine."""

    wheel: WantedWheel
    source: Path


class Download(Struct, frozen=True):
    """The file has to be fetched; another file that has its name is replaced."""

    wheel: WantedWheel


Step = Reuse | Copy | Download


def plan(wanted: Iterable[WantedWheel], present: Mapping[str, Sha256]) -> tuple[Step, ...]:
    """Return a step for each file name, in their order, given the digests of what the folder holds.

    Raise `FilenameConflictError` when locks disagree about a name.
    """
    merged: dict[str, WantedWheel] = {}
    for wheel in wanted:
        known = merged.get(wheel.filename)
        merged[wheel.filename] = wheel if known is None else _merge(known, wheel)
    return tuple(_step(merged[filename], present.get(filename)) for filename in sorted(merged))


def _merge(first: WantedWheel, second: WantedWheel) -> WantedWheel:
    if first.sha256 != second.sha256:
        raise FilenameConflictError(first.filename, first.wanted_by, second.wanted_by)
    return replace(
        first,
        url=first.url or second.url,
        path=first.path or second.path,
        size_bytes=first.size_bytes if first.size_bytes is not None else second.size_bytes,
    )


def _step(wheel: WantedWheel, present: Sha256 | None) -> Step:
    if present == wheel.sha256:
        return Reuse(wheel)
    if wheel.path is not None:
        return Copy(wheel, wheel.path)
    return Download(wheel)

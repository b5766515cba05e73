"""Compare a folder with what ought to be in it, byte by byte."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path, PurePosixPath

from msgspec import Struct

from wheelpin.bundle.manifest import MANIFEST_NAME, Laid
from wheelpin.wheelhouse import sha256_of

_THREADS = 2
"""Digests are worked out beside the interpreter's lock; more threads would wait for the disk."""


class Differences(Struct, frozen=True, kw_only=True):
    """How a folder differs from what was laid into it; paths are POSIX and sorted."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    """What somebody else put there, folders only if they are empty. Python's own cache files do not count."""

    def __str__(self) -> str:
        kinds = (("missing", self.missing), ("changed", self.changed), ("foreign", self.foreign))
        return "; ".join(f"{kind}: {shortened(paths)}" for kind, paths in kinds if paths)


def shortened(paths: Sequence[str]) -> str:
    """Name the first of *paths* and count the others."""
    return paths[0] if len(paths) == 1 else f"{paths[0]} (and {len(paths) - 1} more)"


class _Kind(Enum):
    FILE = "file"
    LINK = "link"
    EMPTY_FOLDER = "empty folder"


def compare_folder(folder: Path, expected: Mapping[str, Laid]) -> Differences:
    """Look at every file under *folder*; links count as what they are and are not followed."""
    present = dict(_iter_entries(folder, ""))
    same_size = [
        path
        for path, laid in expected.items()
        if present.get(path) is _Kind.FILE and (folder / path).stat().st_size == laid.size_bytes
    ]
    with ThreadPoolExecutor(_THREADS) as threads:
        digests = dict(zip(same_size, threads.map(lambda path: sha256_of(folder / path), same_size), strict=True))
    changed = [path for path, laid in expected.items() if path in present and digests.get(path) != laid.sha256]
    return Differences(
        missing=tuple(sorted(expected.keys() - present.keys())),
        changed=tuple(sorted(changed)),
        foreign=_foreign(present, expected),
    )


def find_foreign(folder: Path, expected: Mapping[str, Laid]) -> tuple[str, ...]:
    """Return what `compare_folder` calls foreign, without reading any file."""
    return _foreign(dict(_iter_entries(folder, "")), expected)


def _foreign(present: Iterable[str], expected: Mapping[str, Laid]) -> tuple[str, ...]:
    return tuple(sorted(path for path in present if path not in expected and not _is_cache(path, expected)))


def _iter_entries(folder: Path, prefix: str) -> Iterator[tuple[str, _Kind]]:
    """Yield every file, link and empty folder but the manifest."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if entry.is_symlink():
                yield path, _Kind.LINK
            elif entry.is_dir():
                below = list(_iter_entries(Path(entry.path), f"{path}/"))
                yield from below or [(path, _Kind.EMPTY_FOLDER)]
            elif path != MANIFEST_NAME:
                yield path, _Kind.FILE


def _is_cache(path: str, expected: Mapping[str, Laid]) -> bool:
    """Tell whether Python made the file from one of ours when that was imported."""
    place = PurePosixPath(path)
    if place.parent.name == "__pycache__":
        return (place.parent.parent / f"{place.name.partition('.')[0]}.py").as_posix() in expected
    # Python 2 wrote beside its modules.
    return place.suffix in (".pyc", ".pyo") and place.with_suffix(".py").as_posix() in expected

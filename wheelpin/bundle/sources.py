"""The user's own files for a bundle: what their ignore files leave, named and moded alike on every host."""

import hashlib
import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from wheelpin.bundle.member_names import path_fault
from wheelpin.bundle.tree import FromDisk, TreeFile
from wheelpin.errors import InputError
from wheelpin.ignore_files import IgnoreRules, is_ignored, patterns_of, rules_in
from wheelpin.values import Sha256

OWNER = "your files"

_IGNORE_FILES = (".wheelpinignore", ".gitignore")
"""In order of precedence: what must ship although the repository does not hold it is let in by the first."""
_NEVER = (".git/", ".hg/", ".svn/", "__pycache__/", "*.pyc", ".gitignore", ".wheelpinignore", ".DS_Store")
_READ_BYTES = 256 * 1024
_PROGRAM_STARTS = (b"#!", b"\x7fELF")


class SourceRefusedError(InputError):
    """A file of the user's cannot go into a bundle as it is."""

    def __init__(
        self, path: str, reason: str, *, hint: str | None = "leave it out with a line in .wheelpinignore"
    ) -> None:
        super().__init__(path, reason, hint)
        self.path, self.reason, self.hint = path, reason, hint

    def __str__(self) -> str:
        return f"{self.path!r} cannot go into the bundle: {self.reason}"


def collect_sources(places: Sequence[Path], *, leave_out: Iterable[Path] = ()) -> tuple[TreeFile, ...]:
    """Return the given files, and what is in the given folders, as files of a bundle's root.

    In folders ``.gitignore`` and ``.wheelpinignore`` count, at every level; *leave_out* names what is to be written
    there. A link to a file of the same folder counts as that file. Raise `SourceRefusedError`.
    """
    own = frozenset(path.resolve() for path in leave_out)
    files: list[TreeFile] = []
    for place in places:
        if not os.path.lexists(place):
            raise SourceRefusedError(str(place), "there is no such file or folder", hint=None)
        try:
            if place.is_dir():
                files += (_file(path, name) for path, name in _Walk(place.resolve(), own).iter_files())
            else:
                files.append(_file(place, place.name))
        except OSError as error:
            raise SourceRefusedError(str(error.filename or place), error.strerror or str(error)) from error
    return tuple(files)


@cache
def _never() -> IgnoreRules:
    return "", patterns_of(_NEVER)


class _Walk(Struct, frozen=True):
    root: Path
    left_out: frozenset[Path]

    def iter_files(self) -> Iterator[tuple[Path, str]]:
        """Yield each file that is not ignored, and its name in the bundle."""
        yield from self._iter_folder(self.root, "", ())

    def _iter_folder(self, folder: Path, prefix: str, outer: tuple[IgnoreRules, ...]) -> Iterator[tuple[Path, str]]:
        rules = (*rules_in(folder, prefix, _IGNORE_FILES), *outer)
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
        for entry in entries:
            name = f"{prefix}{entry.name}"
            path = Path(entry.path)
            is_folder = entry.is_dir(follow_symlinks=False)
            spelled = f"{name}/" if is_folder else name
            if is_ignored(spelled, (_never(), *rules)) or path in self.left_out:
                continue
            if is_folder:
                yield from self._iter_folder(path, spelled, rules)
            else:
                yield (self._followed(path, name) if entry.is_symlink() else path), name

    def _followed(self, path: Path, name: str) -> Path:
        real = path.resolve()
        if not real.is_relative_to(self.root):
            raise SourceRefusedError(name, "it is a link that leads out of the folder")
        if real.is_dir():
            raise SourceRefusedError(name, "it is a link to a folder")
        return real


def _file(path: Path, name: str) -> TreeFile:
    if (fault := path_fault(name)) is not None or not _is_encodable(name):
        raise SourceRefusedError(name, fault or "its name is not Unicode")
    if not stat.S_ISREG(path.stat().st_mode):
        raise SourceRefusedError(name, "it is no plain file")
    hasher, crc, size_bytes, start = hashlib.sha256(), 0, 0, b""
    with path.open("rb") as stream:
        while piece := stream.read(_READ_BYTES):
            start = start or piece[:4]
            hasher.update(piece)
            crc = zlib.crc32(piece, crc)
            size_bytes += len(piece)
    return TreeFile(
        path=name,
        owner=OWNER,
        content=FromDisk(path, crc),
        size_bytes=size_bytes,
        sha256=Sha256(hasher.hexdigest()),
        # Windows has no modes and checkouts lose them, so the content says what is a program.
        is_executable=start.startswith(_PROGRAM_STARTS),
    )


def _is_encodable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

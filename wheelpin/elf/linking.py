"""Which of the libraries that a wheel's files need are in the wheel itself, found as the loader would find them."""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from wheelpin.elf.wheel import ElfFile
from wheelpin.target import Libc

_ORIGIN = re.compile(r"\$(ORIGIN\b|\{ORIGIN\})")
_LINKER = re.compile(r"ld-linux.*|ld64\.so\.\d+|ld-musl-.*")
_MUSL_ITSELF = re.compile(r"lib(c|pthread|rt|m|dl|util|xnet)\..*")
"""Names that musl's loader takes for itself, whatever follows."""


def is_loader(library: str, libc: Libc | None) -> bool:
    """Tell whether *library* is the loader itself, which is there before anything is loaded."""
    if _LINKER.fullmatch(library):
        return True
    return libc is Libc.MUSL and _MUSL_ITSELF.fullmatch(library) is not None


class Links(Struct, frozen=True, kw_only=True):
    """The libraries of one wheel, for one architecture, joined to the files that need them."""

    inside: Mapping[tuple[str, str], ElfFile]
    """(installed path of the file in need, library) to the library in the wheel that the loader finds for it."""
    by_name: Mapping[str, ElfFile]
    """Every file by the name that others could ask for: its soname and its own."""
    folders: Mapping[str, frozenset[str]]
    """By the installed path of a file: where the loader looks for its libraries."""

    @classmethod
    def of(cls, files: Iterable[ElfFile]) -> "Links":
        """Follow RPATH and RUNPATH of *files*, which are of one architecture.

        A library without paths of its own is found by the paths of whoever loads it, because that is what
        repair tools rely on: the first in a process to load a library settles it for all.
        """
        by_path = {file.installed_path: file for file in files}
        inside: dict[tuple[str, str], ElfFile] = {}
        searched: dict[str, frozenset[str]] = {}
        waiting = [(file, frozenset(_folders(file))) for file in by_path.values()]
        while waiting:
            file, folders = waiting.pop()
            known = searched.get(file.installed_path)
            if known is not None and folders <= known:
                continue
            folders = searched[file.installed_path] = folders | (known or frozenset())
            for library in file.facts.needed:
                found = _find(library, folders, by_path)
                if found is not None:
                    inside.setdefault((file.installed_path, library), found)
                    waiting.append((found, folders | frozenset(_folders(found))))
        return cls(inside=inside, by_name=_by_name(by_path.values()), folders=searched)

    def library_of(self, file: ElfFile, library: str) -> ElfFile | None:
        """Return the wheel's own file that the loader takes when *file* needs *library*; None if it looks outside."""
        return self.inside.get((file.installed_path, library))

    def folders_of_others(self, file: ElfFile) -> tuple[str, ...]:
        """Return where the loader looks for *file*'s libraries beside this wheel's: another project may be there."""
        mine = {posixpath.dirname(place) for place in self.folders}
        return tuple(sorted(folder for folder in self.folders[file.installed_path] if _is_elsewhere(folder, mine)))


def _folders(file: ElfFile) -> Iterator[str]:
    """Yield the installed folders that a file's own paths lead to; absolute ones belong to the machine."""
    origin = posixpath.dirname(file.installed_path)
    for text in (*file.facts.rpath, *file.facts.runpath):
        if _ORIGIN.match(text):
            yield posixpath.normpath(posixpath.join(origin, _ORIGIN.sub(".", text)))


def _is_elsewhere(folder: str, mine: Collection[str]) -> bool:
    return folder not in mine and not folder.startswith("..")


def _find(library: str, folders: Iterable[str], by_path: Mapping[str, ElfFile]) -> ElfFile | None:
    paths = (posixpath.normpath(posixpath.join(folder, library)) for folder in sorted(folders))
    return next((by_path[path] for path in paths if path in by_path), None)


def _by_name(files: Iterable[ElfFile]) -> dict[str, ElfFile]:
    found: dict[str, ElfFile] = {}
    for file in files:
        found.setdefault(posixpath.basename(file.installed_path), file)
        if file.facts.soname:
            found.setdefault(file.facts.soname, file)
    return found

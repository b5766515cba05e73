"""Lay one file into a folder that is being made."""

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

from wheelpin.folders.kept_files import KeptFiles, State, kept_name, state_of

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_HAS_MODES = os.name != "nt"


class FileToLay(NamedTuple):
    """What a file is to be."""

    path: str
    """In the folder."""
    sha256: str
    mode: int


def lay_file(
    folder: str, file: FileToLay, *, kept: KeptFiles, pieces: Callable[[], Iterable[bytes]]
) -> tuple[str, State]:
    """Create *file* below *folder* from what is *kept*, or of *pieces*, which is kept then.

    Return where below the cache folder it is kept, empty if it is not, and its state. Raise FileExistsError, OSError,
    and what *pieces* raises; no file is there then.
    """
    path, sha256, mode = file
    place, name = f"{folder}/{path}", kept_name(path, sha256, mode)
    state = kept.supply(name, place, sha256=sha256, mode=mode)
    if state is not None:
        return name, state
    state = _write(place, mode, pieces)
    return (name if kept.keep(name, place) else ""), state


def _write(place: str, mode: int, pieces: Callable[[], Iterable[bytes]]) -> State:
    descriptor = os.open(place, _CREATE, mode)
    try:
        try:
            for piece in pieces():
                _write_all(descriptor, piece)
            facts = os.fstat(descriptor)
            if _HAS_MODES and stat.S_IMODE(facts.st_mode) != mode:  # the umask took some of it
                os.fchmod(descriptor, mode)
                facts = os.fstat(descriptor)
            return state_of(facts)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(OSError):
            os.unlink(place)  # noqa: PTH108 - pathlib would take longer than the system
        raise


def _write_all(descriptor: int, piece: bytes) -> None:
    written = os.write(descriptor, piece)
    while written < len(piece):
        written += os.write(descriptor, memoryview(piece)[written:])

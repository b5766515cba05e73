"""A file on its way: it lies under its digest's name until it is whole, through interruptions and restarts."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from threading import Event

from wheelpin.folders.claim import claim_file, is_still_at, move_claimed
from wheelpin.values import Sha256

_PART_NAME = re.compile(r"\.[0-9a-f]{64}(\.kept)?\.part")
_ASK_AGAIN_S = 0.1
_READ_BYTES = 1024 * 1024


class StoppedError(Exception):
    """The run is ending, so work on this file was left off; never shown to a user."""


class Part:
    """The bytes that have come so far, and their digest. Only `claimed_part` makes one."""

    def __init__(self, path: Path, stream: BufferedRandom) -> None:
        self.path = path
        self._stream = stream
        self._hasher = hashlib.sha256()
        self.size_bytes = 0
        stream.seek(0)
        while piece := stream.read(_READ_BYTES):
            self._count(piece)

    @property
    def sha256(self) -> Sha256:
        """The digest of the bytes so far."""
        return Sha256(self._hasher.hexdigest())

    def append(self, piece: bytes) -> None:
        """Add bytes at the end."""
        self._stream.write(piece)
        self._count(piece)

    def restart(self) -> None:
        """Throw away all that has come."""
        self._stream.seek(0)
        self._stream.truncate()
        self._hasher = hashlib.sha256()
        self.size_bytes = 0

    def move_to(self, path: Path) -> None:
        """Give the file its final name, in place of what had it; the part is over then."""
        move_claimed(self._stream, self.path, path)

    def discard(self) -> None:
        """Remove the file; the part is over then."""
        self.restart()
        _remove(self.path, self._stream)

    def _count(self, piece: bytes) -> None:
        self._hasher.update(piece)
        self.size_bytes += len(piece)


def part_path(folder: Path, sha256: Sha256) -> Path:
    """Return where the file with this digest lies until it is whole."""
    return folder / f".{sha256}.part"


@contextmanager
def claimed_part(folder: Path, sha256: Sha256, stop: Event) -> Iterator[Part]:
    """Open the part for one writer, waiting for another process that has it; what has come so far is kept.

    Raise `StoppedError` when *stop* is set while waiting.
    """
    path = part_path(folder, sha256)
    with _claim(path, stop) as stream:
        try:
            yield Part(path, stream)
        finally:
            if not stream.closed:
                stream.flush()
                if os.fstat(stream.fileno()).st_size == 0:
                    _remove(path, stream)


def remove_abandoned(folder: Path) -> None:
    """Remove the parts that no running process has claimed: what killed runs began and nobody wants any more."""
    for path in folder.glob(".*.part"):
        if _PART_NAME.fullmatch(path.name) is not None:
            with suppress(OSError):
                stream = claim_file(path)
                if stream is not None:
                    with stream:
                        _remove(path, stream)


def _claim(path: Path, stop: Event) -> BufferedRandom:
    while not stop.is_set():
        if (stream := claim_file(path)) is not None:
            return stream
        stop.wait(_ASK_AGAIN_S)
    raise StoppedError


def _remove(path: Path, stream: BufferedRandom) -> None:
    """Unlink while the claim is held, so that nobody else can have begun to fill the file."""
    if is_still_at(path, stream):
        with suppress(PermissionError):  # Windows removes no open file; an empty one does no harm
            path.unlink()

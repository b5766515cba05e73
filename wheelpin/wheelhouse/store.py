"""Wheels kept between runs in the cache folder, by digest, so that no file is fetched twice on one machine.

They lie as the cache lays its blobs, ``ROOT/wheels-1/ab/cdef…``, so that its owner counts and prunes them too.
"""

import errno
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from wheelpin.values import Sha256
from wheelpin.wheelhouse.digests import sha256_of

if sys.platform != "win32":
    import fcntl

_KIND = "wheels-1"
_FICLONE = 0x40049409
"""The ioctl by which Linux file systems such as btrfs and XFS share a file's blocks until one side is written."""


class WheelStore:
    """Never ends a run: what cannot be read is missing, and what cannot be written is not kept."""

    def __init__(self, root: Path | None) -> None:
        """Keep wheels under *root*, the cache folder; with None nothing is kept."""
        self._root = root

    def supply(self, sha256: Sha256, destination: Path) -> bool:
        """Put the wheel with this digest at *destination*, in place of what is there; False if it is not kept.

        The digest is checked first: hard links let an editor of one file change the other. A wrong one is dropped.
        Only one caller at a time may supply a digest to a folder; what a killed one left is cleared away.
        """
        if self._root is None:
            return False
        kept = self._path(self._root, sha256)
        if (actual := sha256_of(kept)) != sha256:
            if actual is not None:
                with suppress(OSError):
                    kept.unlink()
            return False
        with suppress(FileNotFoundError):
            _duplicate(kept, destination, by_way_of=destination.with_name(f".{sha256}.kept.part"))
            return True
        return False

    def keep(self, sha256: Sha256, path: Path) -> None:
        """Take in the file at *path*, whose digest the caller has checked."""
        if self._root is None:
            return
        kept = self._path(self._root, sha256)
        with suppress(OSError):
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                _duplicate(path, kept, by_way_of=kept.with_name(f".{token_hex(8)}.part"))

    @staticmethod
    def _path(root: Path, sha256: Sha256) -> Path:
        return root / _KIND / sha256[:2] / sha256[2:]


def _duplicate(source: Path, destination: Path, *, by_way_of: Path) -> None:
    """Give *destination* the content of *source* in one step, without a second copy of it where possible."""
    by_way_of.unlink(missing_ok=True)
    try:
        if not _clone(source, by_way_of):
            try:
                by_way_of.hardlink_to(source)
            except OSError as error:
                if error.errno == errno.ENOENT:
                    raise
                shutil.copyfile(source, by_way_of)
        by_way_of.replace(destination)
    finally:
        # Replacing one hard link by another to the same file leaves both where they are.
        by_way_of.unlink(missing_ok=True)


def _clone(source: Path, destination: Path) -> bool:
    """Let both files share their blocks until one is written; False where the file system cannot."""
    if sys.platform != "linux":
        return False
    with source.open("rb") as reading, destination.open("xb") as writing:
        try:
            fcntl.ioctl(writing.fileno(), _FICLONE, reading.fileno())
        except OSError:
            destination.unlink()
            return False
    return True

"""The files of wheels, kept unpacked between runs, so that a folder gets them as hard links and nothing is copied.

A file is kept once for each content, place in the tree and mode: two places of one folder never share a file, so that
who edits one of them edits no other. Who edits a file in place does edit what is kept, and the same file in other
folders; so nothing that is kept is trusted. Either its content is hashed again before it is used, or its `State` is
still what it was when the content was written: size, mode and time of the last change, which every edit moves.

They lie as the cache lays its blobs, so that its owner counts and prunes them too.
"""

import errno
import os
import stat

from wheelpin.blobs import blob_path

_KIND = "files-1"
_READ_BYTES = 1024 * 1024

State = tuple[int, int, int, int]
"""What the system says of a file: inode, size in bytes, time of the last change in ns since 1970, type and mode."""


def state_of(facts: os.stat_result) -> State:
    """Return the facts that no edit leaves as they are."""
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_mode


class KeptFiles:
    """A store that never ends a run: what cannot be read is missing, and what cannot be linked is not kept."""

    def __init__(self, root: str | None) -> None:
        """Keep files under *root*, the cache folder; with None nothing is kept."""
        self._root = root
        # The first folder of a machine has nothing to look for, six thousand times.
        self._is_empty = root is None or not os.path.isdir(f"{root}/{_KIND}")

    @property
    def root(self) -> str | None:
        """Where files are kept, None if nowhere."""
        return self._root

    def supply(self, name: str, destination: str, *, sha256: str, mode: int) -> State | None:
        """Make *destination* a link to what is kept as *name*; None if nothing is, or if it was edited.

        What was edited is dropped, and *destination* is not there then. Raise FileExistsError if it was there before.
        """
        if self._root is None or self._is_empty:
            return None
        kept = f"{self._root}/{name}"
        try:
            os.link(kept, destination)
        except FileNotFoundError:
            return None
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno == errno.EMLINK:  # it has all the links that it can have, and later folders need another
                _drop(kept)
            else:
                self._root = None
            return None
        state = _checked(destination, sha256, mode)
        if state is None:
            _drop(destination)
            _drop(kept)
        return state

    def keep(self, name: str, path: str) -> bool:
        """Take in the file at *path*, whose content the caller has checked; False if that cannot be."""
        if self._root is None:
            return False
        kept = f"{self._root}/{name}"
        try:
            try:
                os.link(path, kept)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(kept), exist_ok=True)
                os.link(path, kept)
        except FileExistsError:
            return False  # another process was faster; its file serves the next run
        except OSError:
            self._root = None  # the folder and the cache are on two file systems, or the cache cannot be written
            return False
        return True


def kept_name(path: str, sha256: str, mode: int) -> str:
    """Return where below the cache folder the file is kept that has this place, content and mode in a tree."""
    return blob_path(_KIND, f"{mode:o} {sha256} {path}")


def _checked(path: str, sha256: str, mode: int) -> State | None:
    """Return the state of a file that has this content and mode, None for any other."""
    import hashlib  # noqa: PLC0415 - who lays a folder again looks at states only

    with open(path, "rb", buffering=0) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or (os.name != "nt" and stat.S_IMODE(facts.st_mode) != mode):
            return None
        hasher = hashlib.sha256()
        while piece := file.read(_READ_BYTES):
            hasher.update(piece)
        return state_of(facts) if hasher.hexdigest() == sha256 else None


def _drop(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # it is gone already, or stays: either way nothing is lost

"""A hidden folder beside the one that is being filled: the new tree grows there, the old one waits there.

It holds ``lock``, ``new/``, ``old/`` and ``trash/``. Whatever moment a run dies at, the next one finds either the
old folder or the new one under the final name, or puts the old one back, and clears the rest.

Paths are texts here: to load pathlib takes longer than a second run needs for a thousand files.
"""

import os
from io import BufferedRandom

from wheelpin.errors import InputError
from wheelpin.folders.claim import claim_file

_ONE_MORE_FILE_S = 0.2


class FolderBusyError(InputError):
    """Another wheelpin writes the same folder or archive just now."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.folder = folder
        self.hint = "wait until it is done"

    def __str__(self) -> str:
        return f"another wheelpin is writing {self.folder}"


class Workspace:
    """The hidden folder of one destination; this process has it for itself within the context.

    Entering clears it of what a killed run left in ``new`` and raises `FolderBusyError` or OSError; leaving removes it.
    An old tree that is still there stays for the caller.
    """

    def __init__(self, destination: str) -> None:
        """*destination* is absolute and leads over no links."""
        self.destination = destination
        self._parent, name = os.path.split(destination)
        self.root = f"{self._parent.rstrip(os.sep)}{os.sep}.{name}.wheelpin"
        self.new = f"{self.root}{os.sep}new"
        """Where the new tree grows."""
        self.old = f"{self.root}{os.sep}old"
        """Where the old tree waits for the new one to have its name."""
        self._trash = f"{self.root}{os.sep}trash"
        self._lock = f"{self.root}{os.sep}lock"
        self._stream: BufferedRandom | None = None
        self._made: list[str] = []

    def __enter__(self) -> "Workspace":
        """Take the workspace."""
        folder = self._parent
        while not os.path.exists(folder):
            self._made.append(folder)
            folder = os.path.dirname(folder)
        os.makedirs(self._parent, exist_ok=True)
        while self._stream is None:
            try:
                os.mkdir(self.root)
            except FileExistsError:
                if not os.path.isdir(self.root):
                    raise
            try:
                self._stream = claim_file(self._lock)
            except FileNotFoundError:
                continue  # its last holder removed the folder just now
            if self._stream is None:
                raise FolderBusyError(self.destination)
        try:
            self.restore()
            self.clear()
        except BaseException:
            self._leave(self._stream)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Give it up."""
        if self._stream is not None:
            self._leave(self._stream)

    def throw_away_old(self) -> None:
        """Remove the old tree; one that is half removed is never taken for an old tree again."""
        os.rename(self.old, self._trash)
        _remove(self._trash)

    def clear(self) -> None:
        """Remove what is worth nothing: an unfinished new tree, a half removed old one."""
        for folder in (self.new, self._trash):
            if os.path.exists(folder):
                _remove(folder)

    def swap(self) -> None:
        """Give the new tree the final name; the old one, if any, is in `old` then."""
        if os.path.isdir(self.destination):
            os.rename(self.destination, self.old)
        try:
            os.rename(self.new, self.destination)
        except BaseException:
            self.restore()
            raise

    def restore(self) -> None:
        """Put the old tree back if a run died between the two steps of a swap."""
        if not os.path.exists(self.destination) and os.path.isdir(self.old):
            os.rename(self.old, self.destination)

    def _leave(self, stream: BufferedRandom) -> None:
        with stream:
            self.clear()
            if os.path.exists(self.old):
                return
            if os.name == "nt":  # pragma: no cover - Windows removes no open file
                stream.close()
            try:
                os.unlink(self._lock)
                os.rmdir(self.root)
                for folder in self._made:
                    os.rmdir(folder)  # which leaves those alone that something lies in
            except OSError:
                return


def _remove(folder: str) -> None:
    import shutil  # noqa: PLC0415 - a run that has nothing to remove does not wait for it
    import time  # noqa: PLC0415 - as above

    try:
        shutil.rmtree(folder)
    except OSError:
        # A process of a run that was killed may have been about to make one more file.
        time.sleep(_ONE_MORE_FILE_S)
        shutil.rmtree(folder)

"""A hidden folder beside the one that is being filled: the new tree grows there, the old one waits there.

It holds ``lock``, ``new/``, ``old/`` and ``trash/``. Whatever moment a run dies at, the next one finds either the
old folder or the new one under the final name, or puts the old one back, and clears the rest.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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
    """The hidden folder of one destination, held by this process."""

    def __init__(self, destination: Path) -> None:
        self.destination = destination
        self.root = destination.with_name(f".{destination.name}.wheelpin")
        self.new = self.root / "new"
        """Where the new tree grows."""
        self.old = self.root / "old"
        """Where the old tree waits for the new one to have its name."""
        self._trash = self.root / "trash"

    def throw_away_old(self) -> None:
        """Remove the old tree; one that is half removed is never taken for an old tree again."""
        self.old.rename(self._trash)
        _remove(self._trash)

    def clear(self) -> None:
        """Remove what is worth nothing: an unfinished new tree, a half removed old one."""
        for folder in (self.new, self._trash):
            if folder.exists():
                _remove(folder)

    def swap(self) -> None:
        """Give the new tree the final name; the old one, if any, is in `old` then."""
        if self.destination.is_dir():
            self.destination.rename(self.old)
        try:
            self.new.rename(self.destination)
        except BaseException:
            self.restore()
            raise

    def restore(self) -> None:
        """Put the old tree back if a run died between the two steps of a swap."""
        if not self.destination.exists() and self.old.is_dir():
            self.old.rename(self.destination)


@contextmanager
def open_workspace(destination: Path) -> Iterator[Workspace]:
    """Hold the workspace of *destination*, cleared of what a killed run left in ``new``, and remove it in the end.

    An old tree that is still there stays for the caller. Raise `FolderBusyError`, or OSError.
    """
    workspace = Workspace(destination)
    lock = workspace.root / "lock"
    made = [folder for folder in destination.parents if not folder.exists()]
    destination.parent.mkdir(parents=True, exist_ok=True)
    stream = None
    while stream is None:
        workspace.root.mkdir(exist_ok=True)
        # The last holder may remove the folder just now.
        with suppress(FileNotFoundError):
            if (stream := claim_file(lock)) is None:
                raise FolderBusyError(str(destination))
    with stream:
        try:
            workspace.restore()
            workspace.clear()
            yield workspace
        finally:
            workspace.clear()
            if not workspace.old.exists():
                if os.name == "nt":  # pragma: no cover - Windows removes no open file
                    stream.close()
                with suppress(OSError):
                    lock.unlink()
                    workspace.root.rmdir()
                    for folder in made:
                        folder.rmdir()  # which leaves those alone that something lies in


def _remove(folder: Path) -> None:
    import shutil  # noqa: PLC0415 - a run that has nothing to remove does not wait for it
    import time  # noqa: PLC0415 - as above

    try:
        shutil.rmtree(folder)
    except OSError:
        # A process of a run that was killed may have been about to make one more file.
        time.sleep(_ONE_MORE_FILE_S)
        shutil.rmtree(folder)

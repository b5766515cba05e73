"""Files of wheels that are laid while other wheels are still on their way.

Nothing of it counts before the whole tree is known: what was not laid, or is not as the tree has it, is laid then.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import NamedTuple

from wheelpin.bundle.batches import Batch, Report, iter_batches
from wheelpin.bundle.hands import Hands
from wheelpin.bundle.tree import TreeFile
from wheelpin.bundle.wheel import Wheel
from wheelpin.folders.kept_files import State
from wheelpin.folders.kept_tree import make_folders


class LaidAhead(NamedTuple):
    """A file that is there, and what it is."""

    sha256: str
    mode: int
    name: str
    """Where below the cache folder it is kept; empty if it is not."""
    state: State


class HeadStart:
    """A new folder that is filled from several threads."""

    def __init__(self, folder: str, cache_dir: str | None, hands: Hands) -> None:
        """Fill *folder*; what is laid is kept in *cache_dir*."""
        self._folder = folder
        self._cache_dir = None if cache_dir is None else os.path.abspath(cache_dir)  # noqa: PTH100 - hands move about
        self._hands = hands
        self._folders: set[str] = set()
        self._begun: list[tuple[Batch, Future[tuple[Report, ...]]]] = []
        self._stop = Event()
        self._threads = ThreadPoolExecutor(hands.most_batches, thread_name_prefix="wheelpin-lay")

    def begin(self, wheel: Wheel, files: Sequence[TreeFile]) -> None:
        """Start laying the wheel's *files*."""
        with suppress(OSError):  # whoever lays the tree meets it again
            make_folders(self._folder, [file.path for file in files], self._folders)
            for batch in iter_batches(wheel, files, self._folder, self._cache_dir):
                self._begun.append((batch, self._threads.submit(self._hands.lay, batch, goes_on=self._goes_on)))

    def finish(self) -> Mapping[str, LaidAhead]:
        """Wait for all that was begun, and return by path what was laid; raise `HandLostError`."""
        laid: dict[str, LaidAhead] = {}
        for batch, future in self._begun:
            for (path, sha256, _, mode, _), report in zip(batch[3], future.result(), strict=True):
                if report is not None:
                    laid[path] = LaidAhead(sha256, mode, *report)
        return laid

    def close(self) -> None:
        """Stop what is still under way, and wait until nothing is written any more."""
        self._stop.set()
        self._threads.shutdown(cancel_futures=True)

    def _goes_on(self) -> bool:
        return not self._stop.is_set()

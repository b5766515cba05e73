"""Write a tree into a new folder."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

from wheelpin.bundle.member_names import parent_folders
from wheelpin.bundle.tree import ContentReader, TreeFile
from wheelpin.errors import InputError

_THREADS = 2
"""Unpacking and hashing run beside the interpreter's lock; more threads were slower."""


class FileSystemTakesForOneError(InputError):
    """The folder's file system cannot hold two files of the tree side by side."""

    def __init__(self, path: str, folder: str) -> None:
        super().__init__(path, folder)
        self.path, self.folder = path, folder
        self.hint = "make an archive instead, or use a folder on a file system that tells upper from lower case"

    def __str__(self) -> str:
        return f"the file system of {self.folder} takes {self.path} for another file of the same bundle"


def write_files(files: Sequence[TreeFile], folder: Path) -> None:
    """Create *files* under *folder*, which is empty, the largest first; modes do not depend on the umask.

    Raise what reading contents raises, `FileSystemTakesForOneError`, or OSError.
    """
    for path in sorted({parent for file in files for parent in parent_folders(file.path)}):
        (folder / path).mkdir(exist_ok=True)
        (folder / path).chmod(0o755)
    _Writer(files, folder).run()


class _Writer:
    def __init__(self, files: Sequence[TreeFile], folder: Path) -> None:
        self._folder = folder
        self._left: Iterator[TreeFile] = iter(sorted(files, key=lambda file: -file.size_bytes))
        self._lock = Lock()
        self._stop = Event()

    def run(self) -> None:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="wheelpin-write") as threads:
            workers = [threads.submit(self._work) for _ in range(_THREADS)]
            try:
                for worker in workers:
                    worker.result()
            except BaseException:
                self._stop.set()
                raise

    def _work(self) -> None:
        with ContentReader() as reader:
            while not self._stop.is_set() and (file := self._next()) is not None:
                self._write(file, reader)

    def _next(self) -> TreeFile | None:
        with self._lock:
            return next(self._left, None)

    def _write(self, file: TreeFile, reader: ContentReader) -> None:
        path = self._folder / file.path
        try:
            stream = path.open("xb")
        except FileExistsError:
            raise FileSystemTakesForOneError(file.path, str(self._folder)) from None
        with stream:
            for piece in reader.iter_content(file):
                stream.write(piece)
            if os.name != "nt":
                os.fchmod(stream.fileno(), file.mode)

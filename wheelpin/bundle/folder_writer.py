"""Write a tree into a new folder."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

from wheelpin.bundle.file_writer import FileToLay, lay_file
from wheelpin.bundle.head_start import LaidAhead
from wheelpin.bundle.tree import ContentReader, TreeFile
from wheelpin.errors import InputError
from wheelpin.folders.kept_files import KeptFiles
from wheelpin.folders.kept_tree import LaidFile, make_folders

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


def write_files(
    files: Sequence[TreeFile], folder: Path, kept: KeptFiles, ahead: Mapping[str, LaidAhead]
) -> tuple[LaidFile, ...] | None:
    """Create *folder* and *files* in it, the largest first; modes do not depend on the umask.

    What was laid *ahead* stays if it is right. What *kept* has is linked, and what it has not it gets. Return the
    files, None if some are not kept now. Raise what reading contents raises, `FileSystemTakesForOneError`, or OSError.
    """
    make_folders(str(folder), [file.path for file in files])
    right = {file.path: laid for file in files if (laid := ahead.get(file.path)) and _is(laid, file)}
    for path in ahead.keys() - right.keys():
        (folder / path).unlink()
    rest = _Writer([file for file in files if file.path not in right], folder, kept).run()
    if rest is None or not all(laid.name for laid in right.values()):
        return None
    return (*((path, laid.name, laid.state) for path, laid in right.items()), *rest)


def _is(laid: LaidAhead, file: TreeFile) -> bool:
    return (laid.sha256, laid.mode) == (file.sha256, file.mode)


class _Writer:
    def __init__(self, files: Sequence[TreeFile], folder: Path, kept: KeptFiles) -> None:
        self._folder = folder
        self._kept = kept
        self._left: Iterator[TreeFile] = iter(sorted(files, key=lambda file: -file.size_bytes))
        self._laid: list[LaidFile | None] = []
        self._lock = Lock()
        self._stop = Event()

    def run(self) -> tuple[LaidFile, ...] | None:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="wheelpin-write") as threads:
            try:
                for worker in [threads.submit(self._work) for _ in range(_THREADS)]:
                    worker.result()
            except BaseException:
                self._stop.set()
                raise
        laid = tuple(file for file in self._laid if file is not None)
        return laid if len(laid) == len(self._laid) else None

    def _work(self) -> None:
        with ContentReader() as reader:
            while not self._stop.is_set() and (file := self._next()) is not None:
                self._laid.append(self._lay(file, reader))

    def _next(self) -> TreeFile | None:
        with self._lock:
            return next(self._left, None)

    def _lay(self, file: TreeFile, reader: ContentReader) -> LaidFile | None:
        """Create a file; return what a later run needs to know of it, None if it is not kept."""
        try:
            name, state = lay_file(
                str(self._folder),
                FileToLay(file.path, file.sha256, file.mode),
                kept=self._kept,
                pieces=lambda: reader.iter_content(file),
            )
        except FileExistsError:
            raise FileSystemTakesForOneError(file.path, str(self._folder)) from None
        return (file.path, name, state) if name else None

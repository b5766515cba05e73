"""Files are laid by several threads, which stop together."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from wheelpin.bundle.folder_writer import write_files
from wheelpin.bundle.tree import ContentReader, Made, TreeFile
from wheelpin.folders.kept_files import KeptFiles
from wheelpin.values import Sha256

EMPTY = Sha256(hashlib.sha256(b"").hexdigest())


def test_interruption_while_threads_begin_lays_no_more_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, interrupted, read = list[object](), Event(), list[str]()

    def submit(threads: ThreadPoolExecutor, *work: object) -> object:
        if begun:
            assert interrupted.wait(60)  # until the first one is amid a file
            raise KeyboardInterrupt
        begun.append(really_submit(threads, *work))  # type: ignore[arg-type]
        return begun[0]

    def contents(_: ContentReader, file: TreeFile) -> Iterator[bytes]:
        read.append(file.path)
        interrupted.set()
        ended.wait(60)
        yield b""

    def shut_down(threads: ThreadPoolExecutor, *how: object, **more: object) -> None:
        ended.set()
        really_shut_down(threads)

    ended = Event()
    really_submit, really_shut_down = ThreadPoolExecutor.submit, ThreadPoolExecutor.shutdown
    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit)
    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", shut_down)
    monkeypatch.setattr(ContentReader, "iter_content", contents)
    files = [
        TreeFile(path=name, owner="one", content=Made(b""), size_bytes=0, sha256=EMPTY) for name in ("a", "b", "c")
    ]
    with pytest.raises(KeyboardInterrupt):
        write_files(files, tmp_path / "new", KeptFiles(None), {})
    assert read == ["a"]

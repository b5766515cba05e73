"""The log of a build: all of it in a file, the end of it for messages, its lines for whoever watches."""

import os
import re
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO, Self

from wheelpin.folders.claim import claim_file
from wheelpin.safe_write import FileNotWritableError

MOST_BYTES = 64 * 1024 * 1024
"""What comes after that is not kept: a build that loops fills no disk."""
_TAIL_LINES = 40
_LONGEST_LINE = 4096
_CONTROL_SEQUENCE = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
_TITLE = r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"
_NOT_FOR_A_TERMINAL = re.compile(rf"{_CONTROL_SEQUENCE}|{_TITLE}|\x1b.?|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class RunLog:
    """Takes output in pieces: a `Sink`. Use it as a context; the file stands under its name from the start.

    Where another process writes a log of that name just now, `path` is one with a number.
    """

    def __init__(self, path: Path, *, live: Callable[[str], object] | None = None) -> None:
        self._live = live
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._rest = b""
        self._left_bytes = MOST_BYTES
        self._is_unwanted = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.path, self._file = _opened(path)
        except OSError as error:
            raise FileNotWritableError(str(path), error.strerror or str(error)) from error

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines, fit for a terminal."""
        return (*self._tail, *([_plain(self._rest)] if self._rest else ()))

    def __call__(self, piece: bytes) -> None:
        """Keep *piece*; raise `FileNotWritableError`."""
        self._keep(piece)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._say(line)
        if len(self._rest) > _LONGEST_LINE:
            self._say(self._rest)
            self._rest = b""

    def note(self, text: str) -> None:
        """Add a line of wheelpin's own."""
        self(f"{text}\n".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._rest:
            self._say(self._rest)
            self._rest = b""
        if self._is_unwanted:
            # While it is open nobody else takes its name. Windows removes no open file.
            with suppress(OSError):
                self.path.unlink()
        self._file.close()

    def discard(self) -> None:
        """Remove the file at the end of the context: all went well."""
        self._is_unwanted = True

    def _keep(self, piece: bytes) -> None:
        if self._left_bytes <= 0:
            return
        self._left_bytes -= len(piece)
        try:
            self._write(piece)
            if self._left_bytes <= 0:
                self._write(b"\n(the log is cut here)\n")
        except OSError as error:
            raise FileNotWritableError(str(self.path), error.strerror or str(error)) from error

    def _write(self, piece: bytes) -> None:
        """Write at once: whoever explains a failure reads the file."""
        left = memoryview(piece)
        while left:
            left = left[os.write(self._file.fileno(), left) :]

    def _say(self, line: bytes) -> None:
        text = _plain(line)
        self._tail.append(text)
        if self._live is not None:
            self._live(text)


def _opened(path: Path) -> tuple[Path, BinaryIO]:
    """Open the first of ``a.log``, ``a-2.log`` … that nobody writes just now, empty."""
    names = (path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(1))
    found = next((chosen, file) for chosen in names if (file := claim_file(chosen)) is not None)
    if os.fstat(found[1].fileno()).st_size:
        found[1].truncate(0)
    return found


def _plain(line: bytes) -> str:
    """Return what a line leaves on a terminal: no control characters, and of progress bars the last state."""
    text = line[:_LONGEST_LINE].decode("utf-8", "replace").rstrip("\r\n").rpartition("\r")[2]
    return _NOT_FOR_A_TERMINAL.sub("", text)

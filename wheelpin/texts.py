"""Files that the user names, read as text."""

import io
from pathlib import Path

from wheelpin.errors import InputError


class TextUnreadableError(InputError):
    """A file that the user named cannot be read as UTF-8 text."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot read {self.path}: {self.reason}"


def read_text(path: Path, name: str | None = None) -> str:
    """Return the text of *path*, which messages call *name*; raise `TextUnreadableError`."""
    name = name or path.as_posix()
    try:
        return decoded(path.read_bytes(), name)
    except OSError as error:
        raise TextUnreadableError(name, error.strerror or str(error)) from error


def decoded(data: bytes, name: str) -> str:
    r"""Return UTF-8 text, its line ends as ``\n`` and without a byte order mark.

    Raise `TextUnreadableError` about *name*.
    """
    try:
        return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise TextUnreadableError(name, f"byte {error.start} is not UTF-8") from error

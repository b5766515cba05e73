"""Files that the user names, read as text."""

from pathlib import Path

from wheelpin.errors import InputError


class TextUnreadableError(InputError):
    """A file that the user named cannot be read as UTF-8 text."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot read {self.path}: {self.reason}"


def read_text(path: Path) -> str:
    """Return the text of *path*; raise `TextUnreadableError`."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TextUnreadableError(path.as_posix(), f"byte {error.start} is not UTF-8") from error
    except OSError as error:
        raise TextUnreadableError(path.as_posix(), error.strerror or str(error)) from error

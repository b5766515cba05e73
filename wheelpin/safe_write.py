"""Text files that are whole at every moment: the old content or the new, never a part."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from wheelpin.errors import InputError


class FileNotWritableError(InputError):
    """The system refused to write a file; what stood there before still does."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot write {self.path}: {self.reason}"


def write_text_atomically(path: Path, text: str) -> bool:
    r"""Write *text* as UTF-8, its ``\n`` kept, and tell whether the file changed.

    Missing folders are made, a symbolic link is written through, equal content is left with its time stamp.
    On any failure the old file stays. Raise `FileNotWritableError` when the system refuses.
    """
    content = text.encode("utf-8")
    try:
        destination = path.resolve()
        if _holds(destination, content):
            return False
        destination.parent.mkdir(parents=True, exist_ok=True)
        _replace(destination, content)
    except OSError as error:
        raise FileNotWritableError(str(path), error.strerror or str(error)) from error
    return True


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def _replace(path: Path, content: bytes) -> None:
    """Give *content* the name *path* in one step, once it is on the disk."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False) as part:
        written = Path(part.name)
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            written.chmod(_mode_for(path))
            written.replace(path)
        except BaseException:
            written.unlink()
            raise


def _mode_for(path: Path) -> int:
    """Return the mode of the file that is replaced, or the one that the umask gives a new file."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask

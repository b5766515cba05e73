"""Files that are whole at every moment: the old content or the new, never a part."""

import errno
import os
from pathlib import Path

from wheelpin.errors import InputError

_ROOM = "make room there; `wheelpin cache prune` makes the cache smaller, --cache-dir moves it, --no-cache does without"


class FileNotWritableError(InputError):
    """The system refused to write a file; what stood there before still does."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason
        self.hint = _ROOM if reason == os.strerror(errno.ENOSPC) else None

    def __str__(self) -> str:
        return f"cannot write {self.path}: {self.reason}"


def write_text_atomically(path: Path, text: str) -> bool:
    r"""Write *text* as UTF-8, its ``\n`` kept, as `write_bytes_atomically` does."""
    return write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: Path, content: bytes) -> bool:
    """Write *content* and tell whether the file changed.

    Missing folders are made, a symbolic link is written through, equal content is left with its time stamp.
    On any failure the old file stays. Raise `FileNotWritableError` when the system refuses.
    """
    try:
        destination = path.resolve()
        if destination.is_file():
            if destination.read_bytes() == content:
                return False
        elif destination.exists():
            # A device or a pipe: it cannot be replaced, and reading it may never end.
            destination.write_bytes(content)
            return True
        destination.parent.mkdir(parents=True, exist_ok=True)
        _replace(destination, content)
    except FileExistsError as error:
        raise FileNotWritableError(str(path), f"{error.filename} is no folder") from error
    except OSError as error:
        raise FileNotWritableError(str(path), error.strerror or str(error)) from error
    return True


def _replace(path: Path, content: bytes) -> None:
    """Give *content* the name *path* in one step, once it is on the disk."""
    part = path.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with part.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise

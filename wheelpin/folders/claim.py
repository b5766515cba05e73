"""Exclusive use of an open file among processes; the system takes it back when its holder dies."""

import os
import sys
from io import BufferedRandom

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    _FAR_PAST_ANY_END = 1 << 40

    def _try_lock(descriptor: int) -> bool:
        """Take the file for this process, or return False if another has it."""
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        # The locked byte cannot be read by others, so it is one that no file has.
        os.lseek(descriptor, _FAR_PAST_ANY_END, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        """Take the file for this process, or return False if another has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # Some network file systems have no locks. Digests still decide what gets a final name.
            return True
        return True


def claim_file(path: str | os.PathLike[str]) -> BufferedRandom | None:
    """Open the file at *path* for this process alone, made if need be; None while another process has it.

    The claim ends when the file is closed. Its content is kept, and what is written goes to its end.
    """
    while True:
        stream = open(path, "a+b")  # noqa: SIM115 - who claims it closes it
        if not _try_lock(stream.fileno()):
            stream.close()
            return None
        if is_still_at(path, stream):
            return stream
        # Its last holder is done with it: the name is gone, or stands for a new file.
        stream.close()


def is_still_at(path: str | os.PathLike[str], stream: BufferedRandom) -> bool:
    """Tell whether *path* still names the open file."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def move_claimed(stream: BufferedRandom, source: str | os.PathLike[str], destination: str | os.PathLike[str]) -> None:
    """Rename a claimed file, in place of what is at *destination*, before anybody else can claim it."""
    stream.flush()
    try:
        os.replace(source, destination)
    except PermissionError:  # Windows moves no open file, so there the claim ends a moment too early
        stream.close()
        os.replace(source, destination)

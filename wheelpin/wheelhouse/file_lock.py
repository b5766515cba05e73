"""Exclusive use of an open file among processes; the system takes it back when its holder dies."""

import sys

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
    import os

    _FAR_PAST_ANY_END = 1 << 40

    def try_lock(descriptor: int) -> bool:
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

    def try_lock(descriptor: int) -> bool:
        """Take the file for this process, or return False if another has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # Some network file systems have no locks. Digests still decide what gets a final name.
            return True
        return True

"""Second processes of this program, where the system makes them in no time and nothing is lost on the way."""

import os
import sys
from _collections_abc import Callable

_FAILED = 1


def may_fork() -> bool:
    """Tell whether a fork is quick and whole: other threads' locks would stay locked in it for ever."""
    if sys.platform != "linux":
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def count_cores() -> int:
    """Return how many processes of this program the system would run at once, where `may_fork` holds."""
    return len(os.sched_getaffinity(0))


def run_both(here: Callable[[str], bool], beside: Callable[[str], bool], *, folder: str) -> bool:
    """Tell whether both succeed, called with a path of *folder*; *beside* is run by a process of its own if that pays.

    What that one gets leads to the very folder, whatever it is called if this process should end before it does.
    """
    if not may_fork() or count_cores() == 1:
        return here(folder) and beside(folder)
    this = os.getpid()
    try:
        pid = os.fork()
        if pid == 0:  # pragma: no cover - another process, where nothing is measured
            os.chdir(folder)
            os._exit(0 if beside(".") else _FAILED)
        try:
            is_done = here(folder)
        finally:
            _, status = os.waitpid(pid, 0)
    finally:
        leave_unless(this)
    return is_done and status == 0


def leave_unless(this: int) -> None:
    """End the process unless it is *this* one: a fork, in which what the other one has begun is not for it to end.

    It has to be told by its number, because an interrupt may come before the fork has said which of the two it is.
    """
    if os.getpid() != this:  # pragma: no cover - another process, where nothing is measured
        os._exit(_FAILED)

"""Where the command ``wheelpin`` starts: answers that still hold are given before anything else is loaded."""

import atexit
import gc
import os
import sys
from _collections_abc import Sequence

from wheelpin.interrupts import Interrupts

_COLLECT_EVERY = 1_000_000
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Without *arguments* they are the process's, which then ends with the run: its interrupts are taken in order, and
    nobody is waited for.
    """
    try:
        if arguments is not None:
            return _run(list(arguments))
        with Interrupts():
            code = _run(sys.argv[1:])
    except KeyboardInterrupt:  # at any time: what is not loaded yet cannot say so
        if sys.stderr is not None:
            sys.stderr.write("interrupted\n")
        code = _INTERRUPTED
    if arguments is None:
        _leave_threads(code)
    return code


def _leave_threads(code: int) -> None:
    """End the process at once if threads are left in it: they may be amid what it would take down in the end.

    Such are those that wait for a server or load certificates; OpenSSL crashes under them.
    """
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        for stream in (sys.stdout, sys.stderr):
            try:
                if stream is not None:
                    stream.flush()
            except OSError:
                pass  # whoever read it has gone
        os._exit(code)


def _run(words: list[str]) -> int:
    # What is left at the end goes with the process: to look through it for circles takes longer than a short run.
    atexit.register(gc.freeze)
    # A run makes many objects, keeps them to its end and leaves few circles: looking for those takes a tenth of it.
    gc.set_threshold(_COLLECT_EVERY, 50, 100)
    if words[:1] == ["lock"]:
        from wheelpin.cli.recall import recall  # noqa: PLC0415

        if recall(words):
            return 0
    elif words[:1] == ["vendor"]:
        from wheelpin.cli.recall_folder import recall_folder  # noqa: PLC0415

        if recall_folder(words):
            return 0
    from wheelpin.cli.main import main as run  # noqa: PLC0415

    return run(words)

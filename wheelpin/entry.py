"""Where the command ``wheelpin`` starts: answers that still hold are given before anything else is loaded."""

import atexit
import gc
import sys
from _collections_abc import Sequence

_COLLECT_EVERY = 1_000_000
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:  # at any time: what is not loaded yet cannot say so
        if sys.stderr is not None:
            sys.stderr.write("interrupted\n")
        return _INTERRUPTED


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

"""Where the command ``wheelpin`` starts: answers that still hold are given before anything else is loaded."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["lock"]:
        from wheelpin.cli.recall import recall  # noqa: PLC0415

        if recall(words):
            return 0
    from wheelpin.cli.main import main as run  # noqa: PLC0415

    return run(words)

"""Golden files: whole texts that commands print, in ``golden/``.

``WHEELPIN_WRITE_GOLDEN=1`` in the environment of a test run writes them anew; the difference is then read in review.
"""

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "golden"
# Read at import, because the tests' environment is emptied.
_IS_WRITING = os.environ.get("WHEELPIN_WRITE_GOLDEN") == "1"


def assert_golden(name: str, text: str) -> None:
    """Compare *text* with the golden file *name*."""
    path = _FOLDER / name
    if _IS_WRITING:
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")

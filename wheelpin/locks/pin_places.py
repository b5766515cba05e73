"""Where in a lock's text each pin stands."""

import re
from collections.abc import Mapping

from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.locks.errors import LockSyntaxError
from wheelpin.locks.kinds import is_pylock
from wheelpin.locks.logical_lines import iter_logical_lines
from wheelpin.locks.pin_line import read_pin
from wheelpin.values import Origin

_PACKAGE_NAME = re.compile(r"""name\s*=\s*["']([^"']+)["']\s*""")


def lines_of_pins(text: str) -> Mapping[NormalizedName, int]:
    """Return the first line of each pin in a lock of any form; what cannot be read has none."""
    found: dict[NormalizedName, int] = {}
    if is_pylock(text):
        for number, line in enumerate(text.splitlines(), start=1):
            if (match := _PACKAGE_NAME.fullmatch(line)) is not None:
                found.setdefault(canonicalize_name(match[1]), number)
        return found
    for logical in iter_logical_lines(text):
        if logical.content and not logical.content.startswith("-"):
            try:
                pin = read_pin(logical, logical.comments, usual_index=None, origin=Origin("", logical.number))
            except LockSyntaxError:
                continue
            found.setdefault(pin.project, logical.number)
    return found

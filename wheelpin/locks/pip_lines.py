"""What the two forms that pip reads share when written: the frame of the text, and the comments under a pin."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from wheelpin.locks.header import iter_header
from wheelpin.locks.model import Lock, LockedFile, Pin
from wheelpin.locks.pin_text import one_line, shared_comments

_ENCODING_LINE = "# -*- coding: utf-8 -*-\n"


def lines_to_text(lock: Lock, lines_of_pin: Callable[[Pin], Iterator[str]]) -> str:
    """Write the header, an empty line, and each pin's line with its comments indented under it."""
    lock = replace(lock, pins=tuple(map(_without_facts_of_index, lock.pins)))
    lines = [*iter_header(lock), ""]
    for pin in lock.pins:
        line, *comments = lines_of_pin(pin)
        lines.append(line)
        lines.extend(f"    # {one_line(comment)}" for comment in (*comments, *shared_comments(pin)))
    text = "".join(f"{line}\n" for line in lines)
    # Old pips read a file in the locale's encoding unless one of its first two lines names another (PEP 263).
    return text if text.isascii() else _ENCODING_LINE + text


def _without_facts_of_index(pin: Pin) -> Pin:
    """Leave out what neither form has a place for."""
    if not isinstance(pin.file, LockedFile):
        return replace(pin, requires_python=None)
    return replace(pin, requires_python=None, file=replace(pin.file, size_bytes=None, uploaded_at=None, identities=()))

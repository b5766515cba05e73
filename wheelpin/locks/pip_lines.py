"""What the two forms that pip reads share when written: the frame of the text, and the comments under a pin."""

from collections.abc import Callable, Iterator

from wheelpin.locks.header import iter_header, one_line
from wheelpin.locks.model import Lock, LockedFile, Pin
from wheelpin.locks.provenance import iter_comments

_ENCODING_LINE = "# -*- coding: utf-8 -*-\n"


def lines_to_text(lock: Lock, lines_of_pin: Callable[[Pin], Iterator[str]]) -> str:
    """Write the header, an empty line, and each pin's line with its comments indented under it."""
    lines = [*iter_header(lock), ""]
    for pin in lock.pins:
        line, *comments = lines_of_pin(pin)
        lines.append(line)
        lines.extend(f"    # {one_line(comment)}" for comment in (*comments, *_iter_shared_comments(pin)))
    text = "".join(f"{line}\n" for line in lines)
    # Old pips read a file in the locale's encoding unless one of its first two lines names another (PEP 263).
    return text if text.isascii() else _ENCODING_LINE + text


def _iter_shared_comments(pin: Pin) -> Iterator[str]:
    if pin.tags:
        yield f"tags: {','.join(pin.tags)}"
    for note in pin.notes:
        yield f"note: {note}"
    if isinstance(pin.file, LockedFile) and pin.file.built is not None:
        yield from iter_comments(pin.file.built)
    for requester in pin.via:
        yield f"via {requester}"

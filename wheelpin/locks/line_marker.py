"""Markers on the lines of other tools' locks, which are for several environments at once."""

import re

from packaging.markers import InvalidMarker, Marker

from wheelpin.locks.errors import LockSyntaxError
from wheelpin.target import Target
from wheelpin.values import Origin

_HASHES = re.compile(r"\s--hash[= ]")


def settle_marker(content: str, target: Target, origin: Origin) -> str | None:
    """Return a line without its marker, None if that does not hold for *target* and the line is for others.

    Raise `LockSyntaxError`, or `UnknownMarkerError` where the marker asks for what the target cannot know.
    """
    start = match.start() if (match := _HASHES.search(content)) is not None else len(content)
    requirement, hashes = content[:start], content[start:]
    # In an address a semicolon may stand without a space before it (PEP 508).
    wanted, separator, text = requirement.partition(" ;" if " @ " in requirement else ";")
    if not separator:
        return content
    try:
        marker = Marker(text)
    except InvalidMarker:
        raise LockSyntaxError(origin, f"{text.strip()!r} is no marker (PEP 508)", "correct the line") from None
    return wanted.rstrip() + hashes if target.applies(marker).holds else None

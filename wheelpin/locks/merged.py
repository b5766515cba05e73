"""A lock that a merge left with both sides: either side is a lock of its own."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from wheelpin.locks.model import Lock, Pin

_MARKER = re.compile(r"([<|=>])\1{6}(?:\s|$)")
_NEXT: Mapping[tuple[str, str], str] = {
    ("both", "<"): "ours",
    ("ours", "|"): "base",
    ("ours", "="): "theirs",
    ("base", "="): "theirs",
    ("theirs", ">"): "both",
}
"""Whose lines follow a marker; there is no other order of markers."""


def sides_of(text: str) -> tuple[str, str] | None:
    """Return what either side of a merge has, line numbers kept; None unless a merge left all of its marks."""
    ours, theirs = list[str](), list[str]()
    whose = "both"
    for line in text.splitlines():
        if (marker := _MARKER.match(line)) is not None:
            if (whose := _NEXT.get((whose, marker[1]), "")) == "":
                return None
            line = ""  # noqa: PLW2901
        ours.append(line if whose in ("both", "ours") else "")
        theirs.append(line if whose in ("both", "theirs") else "")
    has_marks = ours != theirs
    return ("\n".join(ours), "\n".join(theirs)) if whose == "both" and has_marks else None


def joined(ours: Lock | None, theirs: Lock | None) -> Lock | None:
    """Return one side with the pins that only the other has."""
    if ours is None or theirs is None:
        return ours or theirs
    pins: dict[str, Pin] = {pin.project: pin for pin in (*theirs.pins, *ours.pins)}
    return replace(ours, pins=tuple(pins[project] for project in sorted(pins)))

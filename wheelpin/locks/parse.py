"""A lock's text to a `Lock`: in any form, as written, as edited by hand, or as other tools pin."""

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wheelpin.locks.errors import LOCK_ANEW, LockSyntaxError, MarkedLineError
from wheelpin.locks.header import EDITED, proof_of_header, read_header
from wheelpin.locks.kinds import is_own_pylock, is_pylock
from wheelpin.locks.logical_lines import LogicalLine, iter_logical_lines
from wheelpin.locks.model import Lock, Pin
from wheelpin.locks.pin_line import read_pin, shown
from wheelpin.values import Origin

if TYPE_CHECKING:
    from wheelpin.target import Target

_CONFLICT_MARKER = re.compile(r"(<{7}|={7}|>{7}|\|{7})(\s|$)")
_PROOF_LINES = r"(?:# proof: .*\n|proof = .*\n)+"
_PROOF_CONFLICT = re.compile(
    rf"^<{{7}} .*\n{_PROOF_LINES}(?:\|{{7}}.*\n{_PROOF_LINES})?={{7}}\n{_PROOF_LINES}>{{7}} .*\n", re.MULTILINE
)
_FOREIGN_FILE = re.compile(r"(-r|-c|-e|--requirement|--constraint|--editable)\b")


def parse_lock(text: str, origin: Origin, *, target: "Target | None" = None) -> Lock:
    """Read a lock in any form; lines, comments and order may have been changed by hand.

    Options of pip's such as ``--index-url`` are passed over: a lock decides by digest, not by place. Lines with
    markers, as other tools write them, are chosen by *target* and refused without one.
    Raise `LockSyntaxError` with the line for anything that is not one file pinned by its sha256, and for a
    pylock.toml what `parse_pylock_for` raises.
    """
    text = without_conflict(text, origin)
    if is_pylock(text):
        return _parse_pylock(text, origin, target)
    lines = list(iter_logical_lines(text))
    first = next((at for at, line in enumerate(lines) if line.content), len(lines))
    header = [(line.number, comment) for line in lines[:first] for comment in line.comments]
    lock = read_header(header, origin=origin)
    usual_index = lock.indexes[0] if lock.indexes else None
    pins: list[Pin] = []
    line_of: dict[str, int] = {}
    for line, comments in _pin_lines(_lines_for(target, lines[first:], origin), origin):
        pin = read_pin(line, comments, usual_index=usual_index, origin=Origin(origin.source, line.number))
        if pin.project in line_of:
            raise LockSyntaxError(
                Origin(origin.source, line.number),
                f"{pin.project} is pinned already on line {line_of[pin.project]}",
                "keep one of the two lines, or lock anew",
            )
        pins.append(pin)
        line_of[pin.project] = line.number
    lock = replace(lock, pins=tuple(pins))
    return replace(lock, proof=proof_of_header(header, lock.pins))


def _parse_pylock(text: str, origin: Origin, target: "Target | None") -> Lock:
    from wheelpin.locks.pylock_form import parse_pylock_for  # noqa: PLC0415 - most locks are none
    from wheelpin.locks.pylock_own import own_lock_for  # noqa: PLC0415 - the same

    if is_own_pylock(text) and (lock := own_lock_for(text, origin, target)) is not None:
        return lock
    if target is None:
        problem = "another tool wrote this pylock.toml, and what it locks depends on the target"
        raise MarkedLineError(origin, problem, "say which target with --target")
    return parse_pylock_for(text, origin, target)


def _lines_for(target: "Target | None", lines: list[LogicalLine], origin: Origin) -> list[LogicalLine]:
    """Leave out the lines that are for other targets, with the comments that follow them."""
    if target is None or not any(";" in line.content for line in lines):
        return lines
    from wheelpin.locks.line_marker import settle_marker  # noqa: PLC0415 - wheelpin's own locks have no markers

    found: list[LogicalLine] = []
    is_for_target = True
    for line in lines:
        if line.content and not line.content.startswith("-"):
            content = settle_marker(line.content, target, Origin(origin.source, line.number))
            is_for_target = content is not None
            line = replace(line, content=content or "")  # noqa: PLW2901
        if is_for_target:
            found.append(line)
    return found


def without_conflict(text: str, origin: Origin) -> str:
    """Refuse what a merge left, but for the line of proof: both sides changed it and neither knows of the other."""
    if "\n>>>>>>>" in text:
        edited = f'proof = "pins={EDITED}"\n' if is_pylock(text) else f"# proof: pins={EDITED}\n"
        text = _PROOF_CONFLICT.sub(edited, text)
    for number, line in enumerate(text.splitlines(), start=1):
        if _CONFLICT_MARKER.match(line) is not None:
            raise LockSyntaxError(
                Origin(origin.source, number),
                "a merge left both sides here",
                "lock anew: that keeps the pins of both; where marks are missing, take either side first",
            )
    return text


def _pin_lines(lines: list[LogicalLine], origin: Origin) -> list[tuple[LogicalLine, list[str]]]:
    """Give each line that pins its own comments and those that follow it."""
    found: list[tuple[LogicalLine, list[str]]] = []
    for line in lines:
        if line.content.startswith("-"):
            if _FOREIGN_FILE.match(line.content) is not None:
                raise LockSyntaxError(
                    Origin(origin.source, line.number),
                    f"{shown(line.content)!r} leads out of the lock, and a lock stands alone",
                    LOCK_ANEW,
                )
        elif line.content:
            found.append((line, list(line.comments)))
        elif found:
            found[-1][1].extend(line.comments)
    return found

"""The form without addresses: ``name==version --hash=sha256:…``, for pip 8 and 9 and for those behind a mirror.

It stays within the oldest grammar that knows hashes: no line continues, no marker, no extra. The file's name
stands in a comment, so that the lock reads back and a mirror's file can be found by it; indexes are left out.
"""

from msgspec.structs import replace

from wheelpin.locks.model import Lock, LockedFile, Pin
from wheelpin.locks.pin_text import hashed_lines
from wheelpin.locks.pip_lines import lines_to_text


def to_hashes(lock: Lock) -> str:
    """Write *lock* for ``pip install --require-hashes``."""
    return lines_to_text(replace(lock, indexes=(), pins=tuple(map(_without_place, lock.pins))), hashed_lines)


def _without_place(pin: Pin) -> Pin:
    if not isinstance(pin.file, LockedFile):
        return pin
    return replace(pin, file=replace(pin.file, url=None, path=None, index=None))

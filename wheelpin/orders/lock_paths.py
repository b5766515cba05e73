"""Paths in locks: each leads from the folder where it is read."""

import os
from pathlib import Path

from msgspec.structs import replace

from wheelpin.locks import Lock, LockedFile, Pin


def moved(lock: Lock, old: Path, new: Path) -> Lock:
    """Return *lock* with paths that start at the folder *new* and lead where they led from *old*."""
    if old.absolute() == new.absolute():
        return lock
    return replace(lock, pins=tuple(_moved_pin(pin, old.absolute(), new.absolute()) for pin in lock.pins))


def _moved_pin(pin: Pin, old: Path, new: Path) -> Pin:
    if not isinstance(pin.file, LockedFile) or pin.file.path is None:
        return pin
    place = old / pin.file.path
    try:
        path = Path(os.path.relpath(place, new)).as_posix()
    except ValueError:  # another drive
        path = place.as_posix()
    return replace(pin, file=replace(pin.file, path=path))

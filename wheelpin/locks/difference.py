"""What became of a lock: its pins and what it was made for, before and after, whatever form each side is in."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from packaging.utils import NormalizedName, parse_wheel_filename

from wheelpin.locks.model import Lock, LockedFile, Pin
from wheelpin.values import Sha256, without_secrets


class How(StrEnum):
    """In what way a pin is another one."""

    UP = "up"
    DOWN = "down"
    FILE_CHANGED = "file-changed"
    """The version is the same and its file is not: that should not happen by itself, and is news."""
    REBUILT = "rebuilt"
    """The same version, built again: by its build number, or a wheel that no index holds."""
    MOVED = "moved"
    """The same file from another address."""


class Added(Struct, frozen=True, kw_only=True):
    """A project that was not pinned before."""

    pin: Pin


class Removed(Struct, frozen=True, kw_only=True):
    """A project that is not pinned any more."""

    pin: Pin


class Replaced(Struct, frozen=True, kw_only=True):
    """A project that is pinned in another way."""

    before: Pin
    after: Pin
    how: How


PinChange = Added | Removed | Replaced


class SettingChange(Struct, frozen=True, kw_only=True):
    """Something in the header that shapes the answer: target, Python, rules, inputs, indexes."""

    name: str
    before: str
    """Empty where that side says nothing."""
    after: str


class LockDifference(Struct, frozen=True, kw_only=True):
    """All that differs; who asked for a pin, and notes about it, do not count."""

    settings: tuple[SettingChange, ...]
    pins: tuple[PinChange, ...]
    """Sorted by project."""

    @property
    def is_empty(self) -> bool:
        """Tell whether both locks say the same."""
        return not self.settings and not self.pins


def project_of(change: PinChange) -> NormalizedName:
    """Return the project that a change is about."""
    match change:
        case Added(pin=pin) | Removed(pin=pin) | Replaced(after=pin):
            return pin.project


def compare_locks(before: Lock, after: Lock) -> LockDifference:
    """Tell what makes *after* another lock than *before*. What one side cannot say, as its form is, is no change."""
    old, new = ({pin.project: pin for pin in lock.pins} for lock in (before, after))
    changes: list[PinChange] = []
    for project in sorted(old.keys() | new.keys()):
        if project not in old:
            changes.append(Added(pin=new[project]))
        elif project not in new:
            changes.append(Removed(pin=old[project]))
        elif (how := _how_replaced(old[project], new[project])) is not None:
            changes.append(Replaced(before=old[project], after=new[project], how=how))
    return LockDifference(settings=tuple(_iter_settings(before, after)), pins=tuple(changes))


def _how_replaced(before: Pin, after: Pin) -> How | None:
    if before.version != after.version:
        return How.UP if before.version < after.version else How.DOWN
    if _digests(before).isdisjoint(_digests(after)):
        return How.REBUILT if _is_rebuild(before, after) else How.FILE_CHANGED
    places = place_of(before), place_of(after)
    return How.MOVED if None not in places and places[0] != places[1] else None


def _digests(pin: Pin) -> frozenset[Sha256]:
    match pin.file:
        case LockedFile(sha256=sha256):
            return frozenset({sha256})
        case unnamed:
            return unnamed.digests


def _is_rebuild(before: Pin, after: Pin) -> bool:
    if not isinstance(before.file, LockedFile) or not isinstance(after.file, LockedFile):
        return False
    if before.file.path is not None and after.file.path is not None:
        return True
    if before.file.built is not None and after.file.built is not None:
        return True
    _, _, old_build, old_tags = parse_wheel_filename(before.file.filename)
    _, _, new_build, new_tags = parse_wheel_filename(after.file.filename)
    return old_build != new_build and old_tags == new_tags


def place_of(pin: Pin) -> str | None:
    """Return where a pin's file is, without secrets; None in forms that do not say."""
    if not isinstance(pin.file, LockedFile):
        return None
    return pin.file.path if pin.file.url is None else without_secrets(pin.file.url)


def _iter_settings(before: Lock, after: Lock) -> Iterator[SettingChange]:
    for (name, old), (_, new) in zip(_settings(before), _settings(after), strict=True):
        if old is not None and new is not None and old != new:
            yield SettingChange(name=name, before=old, after=new)


def _settings(lock: Lock) -> Iterator[tuple[str, str | None]]:
    """Yield what the header says by name: empty if it says that there is none, None if it says nothing of it."""
    target = lock.target
    python = None if target is None else target.python_full_version
    is_wheelpins = bool(lock.inputs)
    yield "target", None if target is None else target.spelling
    yield "python", None if python is None else str(python)
    yield "exclude-newer", lock.exclude_newer or ("" if is_wheelpins else None)
    yield "inputs", ", ".join(lock.inputs) or None
    # The form without addresses has no indexes either.
    yield "indexes", ", ".join(map(without_secrets, lock.indexes)) or None

"""What a lock says that a form has no place for."""

from collections.abc import Iterator

from wheelpin.locks.model import Lock, LockedFile
from wheelpin.values import LockFormat

_FACTS_OF_INDEX = {"size_bytes": "sizes", "uploaded_at": "upload times", "identities": "publishers"}


def losses(lock: Lock, lock_format: LockFormat) -> tuple[str, ...]:
    """Name what *lock* says and its text in *lock_format* will not, in words."""
    return tuple(dict.fromkeys(_iter_losses(lock, lock_format)))


def _iter_losses(lock: Lock, lock_format: LockFormat) -> Iterator[str]:
    files = [pin.file for pin in lock.pins if isinstance(pin.file, LockedFile)]
    if lock_format is LockFormat.PYLOCK:
        return
    if lock_format is LockFormat.HASHES:
        if any(file.url or file.path for file in files):
            yield "addresses"
        if lock.indexes or any(file.index for file in files):
            yield "indexes"
    for field, name in _FACTS_OF_INDEX.items():
        if any(getattr(file, field) not in (None, ()) for file in files):
            yield name
    if any(pin.requires_python for pin in lock.pins):
        yield "Requires-Python"

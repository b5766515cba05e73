"""Write a lock in the form that is wanted."""

from typing import assert_never

from wheelpin.locks.hashes_form import to_hashes
from wheelpin.locks.model import Lock
from wheelpin.locks.requirements_form import to_requirements
from wheelpin.values import LockFormat


def to_text(lock: Lock, lock_format: LockFormat) -> str:
    r"""Write *lock*: sorted, lines ended by ``\n``, no time, no secret; equal locks give equal text."""
    match lock_format:
        case LockFormat.REQUIREMENTS:
            return to_requirements(lock)
        case LockFormat.HASHES:
            return to_hashes(lock)
        case LockFormat.PYLOCK:
            from wheelpin.locks.pylock_text import to_pylock  # noqa: PLC0415 - most locks are written without TOML

            return to_pylock((lock,))
        case _:
            assert_never(lock_format)

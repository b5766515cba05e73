"""Locks in another form, without a network."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from wheelpin.deliveries.locks import LockWithoutTargetError
from wheelpin.locks import LockFormat, to_text
from wheelpin.locks.losses import losses
from wheelpin.locks.pylock_text import to_pylock
from wheelpin.orders.lock_paths import moved
from wheelpin.sbom import to_sbom
from wheelpin.wheelhouse import LockSource


class Exported(Struct, frozen=True, kw_only=True):
    """A lock's new text, and what of the lock is not in it."""

    text: str
    lost: tuple[str, ...] = ()


def export(source: LockSource, lock_format: LockFormat, *, folder: Path) -> Exported:
    """Write a lock in *lock_format*; its paths start at *folder*. Raise `PinWithoutAddressError`."""
    lock = moved(source.lock, source.folder, folder)
    return Exported(text=to_text(lock, lock_format), lost=losses(lock, lock_format))


def export_together(sources: Sequence[LockSource], *, folder: Path) -> Exported:
    """Write the locks of several targets as one pylock.toml in *folder*.

    Raise `LockWithoutTargetError`, `PinWithoutAddressError`, and `TargetsAlikeError` where markers do not tell the
    targets apart.
    """
    for source in sources:
        if source.lock.target is None:
            raise LockWithoutTargetError(source.name)
    return Exported(text=to_pylock([moved(source.lock, source.folder, folder) for source in sources]))


def export_sbom(source: LockSource, name: str, *, folder: Path) -> Exported:
    """Write a lock as a bill of materials of what is called *name*; raise `SbomLibraryMissingError`."""
    return Exported(text=to_sbom(moved(source.lock, source.folder, folder), name))

"""From locks to the texts of their files, and from the text that is there already to the pins to prefer."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from wheelpin.errors import InputError
from wheelpin.locks import to_text
from wheelpin.orders.lock_paths import moved
from wheelpin.orders.model import STANDARD_OUTPUT, LockOrder, Output
from wheelpin.values import LockFormat

if TYPE_CHECKING:
    from wheelpin.locks import Lock
    from wheelpin.workflows import Locked


class SharedLockError(InputError):
    """Several targets would have their locks in one file that can hold one only."""

    hint = "name the targets otherwise, or write each to a file of its own"

    def __init__(self, path: str, names: tuple[str, ...]) -> None:
        super().__init__(path, names)
        self.path, self.names = path, names

    def __str__(self) -> str:
        return f"the targets {', '.join(self.names)} would all have {self.path} as their lock"


class LockFile(Struct, frozen=True, kw_only=True):
    """What is to stand in one file."""

    output: Output
    text: str
    locked: "tuple[Locked, ...]"
    """Several where one pylock.toml is for several targets."""


def iter_lock_files(locked: "Sequence[Locked]", order: LockOrder) -> Iterator[LockFile]:
    """Yield the files of an order; raise `SharedLockError`, `TargetsAlikeError` and `PinWithoutAddressError`."""
    sharing: dict[Output, list[Locked]] = {}
    for done in locked:
        for output in order.outputs.of(done.target):
            sharing.setdefault(output, []).append(done)
    for output, together in sharing.items():
        if len(together) > 1 and (output.lock_format is not LockFormat.PYLOCK or order.outputs.file is None):
            raise SharedLockError(output.path.as_posix(), tuple(done.target.name for done in together))
        text = text_of([done.lock for done in together], output, order.folder)
        yield LockFile(output=output, text=text, locked=tuple(together))


def text_of(locks: "Sequence[Lock]", output: Output, folder: Path) -> str:
    """Write *locks*, whose paths start at *folder*; several only as one pylock.toml.

    Raise `TargetsAlikeError` and `PinWithoutAddressError`.
    """
    if output.lock_format is LockFormat.PYLOCK:
        from wheelpin.locks.pylock_text import to_pylock  # noqa: PLC0415 - most locks are written without TOML

        return to_pylock([moved(lock, folder, folder_of_paths(output, folder)) for lock in locks])
    (lock,) = locks
    return to_text(lock, output.lock_format)


def folder_of_paths(output: Output, folder: Path) -> Path:
    """Return where the paths in a lock start: in a pylock.toml at its own folder, else where pip runs."""
    if output.lock_format is not LockFormat.PYLOCK or output.path == STANDARD_OUTPUT:
        return folder
    return output.path.absolute().parent

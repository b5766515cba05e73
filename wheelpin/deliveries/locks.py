"""Locks of any form, opened for what is done with them."""

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.errors import InputError
from wheelpin.locks import Lock, LockedFile, LockSyntaxError, parse_lock
from wheelpin.locks.errors import MarkedLineError
from wheelpin.locks.kinds import is_own_pylock, is_pylock
from wheelpin.locks.pylock_form import DEFAULTS, Selection, parse_pylock_for
from wheelpin.ports import Reporter
from wheelpin.target import Target, presets
from wheelpin.values import Origin
from wheelpin.wheelhouse import LockSource


class LockWithoutTargetError(InputError):
    """A lock says nothing of a target, and what it names depends on one."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.hint = "say which with --target, for example --target cp312-manylinux_2_28_x86_64"

    def __str__(self) -> str:
        return f"{self.name} does not say which target it is for"


class LockText(Struct, frozen=True, kw_only=True):
    """A lock as it was read, of any form."""

    name: str
    """As the user named it."""
    text: str
    folder: Path
    """The folder that it lies in, where the paths in a pylock.toml start."""


def open_lock(
    found: LockText,
    *,
    target: Target | None,
    folder: Path,
    reporter: Reporter,
    selection: Selection = DEFAULTS,
) -> LockSource:
    """Read a lock of any form. *target* goes before the one that the lock names; *folder* is the working folder.

    *selection* is for the pylock.toml of other tools, which may offer extras and groups. Raise `NotOfferedError`,
    `LockWithoutTargetError` for such a file without *target*, and what `parse_lock` and `parse_pylock_for` raise.
    """
    origin = Origin(found.name)
    if is_pylock(found.text) and not is_own_pylock(found.text):
        if target is None:
            raise LockWithoutTargetError(found.name)
        lock = parse_pylock_for(found.text, origin, target, selection=selection, warn=reporter.warning)
        return LockSource(lock=lock, name=found.name, folder=found.folder, target=target)
    selection.check(origin)
    lock = _parse(found, origin, target)
    folder = found.folder if is_pylock(found.text) else _start_of_paths(lock, folder, found.folder)
    return LockSource(lock=lock, name=found.name, folder=folder, target=target or target_of(lock, origin))


def _start_of_paths(lock: Lock, working_folder: Path, lock_folder: Path) -> Path:
    """Return where the paths in a lock start: the working folder, or the nearest one around it with all the files.

    Every file is held to its digest, so that no other of the same name is taken.
    """
    paths = [pin.file.path for pin in lock.pins if isinstance(pin.file, LockedFile) and pin.file.path is not None]
    around = (lock_folder, *lock_folder.absolute().parents)
    have_all = (place for place in (working_folder, *around) if all((place / path).is_file() for path in paths))
    return next(have_all, working_folder)


def _parse(found: LockText, origin: Origin, target: Target | None) -> Lock:
    try:
        return parse_lock(found.text, origin, target=target)
    except MarkedLineError as error:
        raise LockWithoutTargetError(found.name) from error
    except LockSyntaxError as error:
        if "wheelpin" in found.text:
            raise
        hint = f"this takes locks; for a file of requirements make one: wheelpin lock -r {found.name} --target …"
        raise LockSyntaxError(error.origin, error.problem, hint) from error


def target_of(lock: Lock, origin: Origin) -> Target | None:
    """Return the target that *lock* says it is for, None if it says nothing."""
    if (said := lock.target) is None:
        return None
    version = None if said.python_full_version is None else str(said.python_full_version)
    target = Target.parse(said.spelling, python_full_version=version, origin=origin)
    if (preset := said.preset or said.name) in presets():
        named = Target.parse(preset, python_full_version=version, origin=origin)
        target = named if named.spelling == target.spelling else target
    return replace(target, name=said.name, is_patch_assumed=said.is_patch_assumed, warnings=())

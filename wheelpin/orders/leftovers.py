"""Locks in a project's folder of locks that none of its targets has any more: nobody refreshes or checks them."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from wheelpin.errors import WheelpinError
from wheelpin.locks import Lock, parse_lock
from wheelpin.locks.kinds import is_own_pylock, is_pylock
from wheelpin.orders.preparing import PreparedOrder
from wheelpin.texts import read_text
from wheelpin.values import Origin

_PATTERNS = ("*.txt", "pylock*.toml")
_COMMAND = ["wheelpin", "lock"]
_OF_THEIR_OWN = frozenset({"-r", "--group", "-o", "--output-dir"})
"""Options in a refresh command with which a lock is no project file's."""


class Leftover(Struct, frozen=True, kw_only=True):
    """A lock that was written for a project's target, and that no target has any more."""

    path: Path
    target: str
    """The name in it."""
    project: str
    """The project's file."""

    def __str__(self) -> str:
        return f"no target of {self.project} has its lock there: it was for {self.target}, and is not checked"


def leftovers_of(project: str, prepared: Sequence[PreparedOrder]) -> tuple[Leftover, ...]:
    """Look for leftovers beside the locks of *prepared*, which are all that the file *project* asks for.

    What wheelpin did not write, or wrote for requirements of the command line's, is somebody's own. So is a folder
    of locks outside of the project's, which other projects may share.
    """
    expected = {
        output.path.resolve()
        for each in prepared
        for target in each.targets
        for output in each.order.outputs.of(target)
    }
    folders = {
        each.order.outputs.folder: None
        for each in prepared
        if each.order.outputs.folder.resolve().is_relative_to(each.order.folder.resolve())
    }
    return tuple(
        Leftover(path=path, target=name, project=project)
        for folder in folders
        for pattern in _PATTERNS
        for path in sorted(folder.glob(pattern))
        if path.is_file() and path.resolve() not in expected and (name := _target_of_project(path)) is not None
    )


def _target_of_project(path: Path) -> str | None:
    """Return the target of a lock that the project's file alone led to, None for any other file."""
    with suppress(WheelpinError, ValueError):
        for lock in _read(read_text(path), Origin(path.as_posix())):
            if lock.target is not None and lock.refresh_command is not None:
                words = shlex.split(lock.refresh_command)
                return lock.target.name if _is_for_all_requirements(words) else None
    return None


def _read(text: str, origin: Origin) -> Iterator[Lock]:
    if not is_pylock(text):
        yield parse_lock(text, origin)
    elif is_own_pylock(text):
        from wheelpin.locks.pylock_own import read_own_pylock  # noqa: PLC0415 - most locks have other forms

        yield from read_own_pylock(text, origin)


def _is_for_all_requirements(words: Sequence[str]) -> bool:
    if words[:2] != _COMMAND or _OF_THEIR_OWN & set(words):
        return False
    return len(words) == len(_COMMAND) or words[2].startswith("-")

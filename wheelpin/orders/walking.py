"""Find every folder with a project's file below another one."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field

from wheelpin.answers import PROJECT_FILES, telling_names
from wheelpin.errors import InputError
from wheelpin.ignore_files import IgnoreRules, is_ignored, rules_in

_IGNORE_FILE = ".gitignore"
_VENV_FILE = "pyvenv.cfg"


class FolderUnreadableError(InputError):
    """A folder that the user named cannot be listed."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot look for project files in {self.path}: {self.reason}"


class Walk(Struct):
    """What a walk came by."""

    folders: list[Path] = field(default_factory=list)
    """Where a project's file may be: one of its names is there."""
    looked_at: list[str] = field(default_factory=list)
    """Folders, with a slash, and files that the walk went by."""


def walk(root: Path) -> Walk:
    """Look below *root*, which is absolute, in the order of names.

    Hidden folders, virtual environments, node_modules and what .gitignore names are passed over; links are not
    followed. Raise `FolderUnreadableError` where *root* itself cannot be listed.
    """
    found = Walk()
    top, rules = _outer_rules(root)
    prefix = "" if top == root else f"{root.relative_to(top).as_posix()}/"
    try:
        _visit(root, prefix, rules, found)
    except OSError as error:
        raise FolderUnreadableError(root.as_posix(), error.strerror or str(error)) from error
    return found


def _visit(folder: Path, prefix: str, outer: Sequence[IgnoreRules], found: Walk) -> None:
    names = telling_names(str(folder))
    found.looked_at.append(f"{folder}/")
    if _VENV_FILE in names:
        return
    rules = (*rules_in(folder, prefix, [_IGNORE_FILE] if _IGNORE_FILE in names else []), *outer)
    found.looked_at += (str(folder / name) for name in names if not name.endswith("/"))
    if not set(PROJECT_FILES).isdisjoint(names):
        found.folders.append(folder)
    for name in names:
        if name.endswith("/") and not is_ignored(f"{prefix}{name}", rules):
            try:
                _visit(folder / name, f"{prefix}{name}", rules, found)
            except OSError:  # somebody else's, or just gone
                continue


def _outer_rules(root: Path) -> tuple[Path, tuple[IgnoreRules, ...]]:
    """Return the top of the repository around *root*, and what the ignore files between the two say."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return top, tuple(_iter_rules_above(root, top))


def _iter_rules_above(root: Path, top: Path) -> Iterator[IgnoreRules]:
    for folder in root.parents:
        if not folder.is_relative_to(top):
            return
        prefix = "" if folder == top else f"{folder.relative_to(top).as_posix()}/"
        yield from rules_in(folder, prefix, [_IGNORE_FILE])

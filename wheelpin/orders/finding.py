"""Find project files: the one that a folder belongs to, and all below a folder."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from wheelpin.answers import PROJECT_FILES
from wheelpin.errors import InputError
from wheelpin.requirements import is_address
from wheelpin.texts import read_text

if TYPE_CHECKING:
    from wheelpin.project.model import Project


class TwoProjectFilesError(InputError):
    """A folder has a wheelpin.toml and a pyproject.toml that speaks of wheelpin, too."""

    hint = "say everything in one of them"

    def __init__(self, own_file: str, pyproject: str) -> None:
        super().__init__(own_file, pyproject)
        self.own_file, self.pyproject = own_file, pyproject

    def __str__(self) -> str:
        return f"both {self.own_file} and [tool.wheelpin] in {self.pyproject} say what to lock"


class NoProjectError(InputError):
    """Neither a folder nor those around it have a project's file."""

    hint = "write one with: wheelpin init"

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"{self.folder} belongs to no project: there is neither a wheelpin.toml nor [tool.wheelpin]"


class FoundProject(Struct, frozen=True, kw_only=True):
    """A project's file and the folder where its paths start."""

    folder: Path
    """Absolute."""
    project: "Project"


class Search(Struct, frozen=True, kw_only=True):
    """What a search came to."""

    found: FoundProject | None
    looked_at: tuple[str, ...]
    """The files that decided it, there or not; absolute."""


def find_project(start: Path) -> Search:
    """Look for a project's file in *start*, then in the folders around it.

    The first folder with a wheelpin.toml or a pyproject.toml decides. Raise what reading it raises.
    """
    looked_at: list[str] = []
    for folder in (start, *start.parents):
        paths = [folder / name for name in PROJECT_FILES]
        looked_at += map(str, paths)
        if any(path.is_file() for path in paths):
            return Search(found=read_project_in(folder, start), looked_at=tuple(looked_at))
    return Search(found=None, looked_at=tuple(looked_at))


def read_project_in(folder: Path, seen_from: Path) -> FoundProject | None:
    """Read the project's file of *folder*, None if neither file there says anything of wheelpin.

    Messages name it as *seen_from* leads there. Raise `TwoProjectFilesError` and what `read_project` raises.
    """
    from wheelpin.project.reading import parse_own_file, parse_pyproject  # noqa: PLC0415 - most folders have neither

    own, pyproject = (folder / name for name in PROJECT_FILES)
    names = {path: shown(path, seen_from) for path in (own, pyproject)}
    text = read_text(pyproject, names[pyproject]) if pyproject.is_file() else ""
    said = parse_pyproject(text, names[pyproject])
    if own.is_file():
        if said is not None:
            raise TwoProjectFilesError(names[own], names[pyproject])
        said = parse_own_file(read_text(own, names[own]), names[own])
    return None if said is None else FoundProject(folder=folder, project=said)


def shown(path: Path, seen_from: Path) -> str:
    """Spell *path* as somebody in the folder *seen_from* would."""
    try:
        return Path(os.path.relpath(path, seen_from)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def path_seen_from(path: str, folder: Path, start: Path) -> str:
    """Spell a path that starts at *start*, or an address, as *folder* sees it."""
    if path == "-" or is_address(path) or folder == start:
        return path
    return shown(start / path, folder)

"""What a build sees of a project's folder: all of it but the leftovers of other builds.

A name alone makes few things a leftover: packages may be called ``dist`` or ``venv``, and hold libraries on purpose.
"""

import fnmatch
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from wheelpin.values import Sha256

_MARKS = ("pyproject.toml", "setup.py", "setup.cfg")
_LEFTOVERS = (
    *("__pycache__", "*.pyc", "*.o", "*.egg-info", ".eggs", ".tox", ".nox", ".venv", "node_modules"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache"),
)
_LEFTOVERS_OF_BUILD = ("lib", "lib.*", "temp.*", "bdist.*")
_DISTRIBUTIONS = ("dist", "wheelhouse", "wheels")
_DISTRIBUTION_ENDINGS = (".whl", ".provenance.json", ".tar.gz", ".zip", ".egg", ".log", ".gitignore")
_MODULE_OF_ONE_PYTHON = re.compile(r".+\.(?:cpython-\d|cp\d|pypy\d|graalpy|abi3)[\w.-]*\.(?:so|pyd)|.+\.abi3\.so")
_COMPILED = (".c", ".cc", ".cpp", ".cxx", ".pyx")
_HISTORY = ".git"
_TELLING_HISTORY = ("HEAD", "packed-refs", "refs/heads/", "refs/tags/")
"""What a version that comes from the history can depend on; the rest changes with every look at it."""


def is_project(folder: Path) -> bool:
    """Tell whether a wheel can be built of *folder*."""
    return any((folder / name).is_file() for name in _MARKS)


def iter_project_files(folder: Path, outputs: Path | None = None) -> Iterator[Path]:
    """Yield the files and links that a build sees, sorted; *outputs*, where wheels are put, is no part of a project."""
    yield from _iter_files(folder, folder, None if outputs is None else outputs.resolve())


def digest_of_project(folder: Path, outputs: Path | None = None) -> Sha256:
    """Name what a build sees of *folder*; raise `OSError`."""
    telling = tuple(f"{_HISTORY}/{at}" for at in _TELLING_HISTORY)
    return _digest(folder, outputs, lambda name: not name.startswith(f"{_HISTORY}/") or name.startswith(telling))


def digest_of_content(folder: Path) -> Sha256:
    """Name what a build sees of *folder* but its history, which every clone has in another form; raise `OSError`."""
    return _digest(folder, None, lambda name: not name.startswith(f"{_HISTORY}/"))


def _digest(folder: Path, outputs: Path | None, counts: Callable[[str], bool]) -> Sha256:
    hasher = hashlib.sha256()
    for file in iter_project_files(folder, outputs):
        name = file.relative_to(folder).as_posix()
        if not counts(name):
            continue
        mode = "x" if os.access(file, os.X_OK) and not file.is_symlink() else "-"
        content = str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
        hasher.update(f"{name}\0{mode}\0{len(content)}\0".encode())
        hasher.update(content)
    return Sha256(hasher.hexdigest())


def copy_project(folder: Path, to: Path, outputs: Path | None = None) -> None:
    """Copy what a build sees of *folder* to *to*; raise `OSError`."""
    for path in iter_project_files(folder, outputs):
        copied = to / path.relative_to(folder)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copied, follow_symlinks=False)


def _iter_files(folder: Path, root: Path, outputs: Path | None) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if _matches(path.name, _LEFTOVERS):
            continue
        if path.is_symlink() or not path.is_dir():
            if (path.is_symlink() or path.is_file()) and not _is_leftover_file(path, root):
                yield path
        elif path.resolve() != outputs and not _is_leftover_folder(path, root):
            yield from _iter_files(path, root, outputs)


def _is_leftover_file(path: Path, root: Path) -> bool:
    if _MODULE_OF_ONE_PYTHON.fullmatch(path.name):
        return True
    if path.suffix in {".so", ".pyd"}:
        return any(path.with_suffix(ending).is_file() for ending in _COMPILED)
    return path.parent == root and path.name.endswith((".whl", ".whl.provenance.json"))


def _is_leftover_folder(path: Path, root: Path) -> bool:
    if (path / "pyvenv.cfg").is_file():
        return True
    if path.parent.name == "build":
        return _matches(path.name, _LEFTOVERS_OF_BUILD if path.parent.parent == root else _LEFTOVERS_OF_BUILD[1:])
    if path.name not in _DISTRIBUTIONS or (path / "__init__.py").is_file():
        return False
    if path.parent == root and path.name != "wheels":
        return True
    return all(each.is_dir() or each.name.endswith(_DISTRIBUTION_ENDINGS) for each in path.rglob("*"))


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

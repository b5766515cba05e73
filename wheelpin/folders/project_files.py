"""What a build sees of a project's folder: all of it but the leftovers of other builds.

A name alone makes few things a leftover: packages may be called ``dist`` or ``venv``, and hold libraries on purpose.
"""

import fnmatch
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
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
_OWN_LOCK = re.compile(
    rb'# Wheels for [^\n]+, locked by wheelpin\.\n|(?s:.{,4000})^created-by = "wheelpin"$', re.MULTILINE
)


def is_project(folder: Path) -> bool:
    """Tell whether a wheel can be built of *folder*."""
    return any((folder / name).is_file() for name in _MARKS)


def iter_project_files(folder: Path, outputs: Path | None = None) -> Iterator[Path]:
    """Yield the files and links that a build sees, sorted; *outputs*, where wheels are put, is no part of a project."""
    yield from _iter_files(folder, folder, None if outputs is None else outputs.resolve())


def digest_of_project(folder: Path, outputs: Path | None = None) -> Sha256:
    """Name what a build sees of *folder*; raise `OSError`."""
    telling = tuple(f"{_HISTORY}/{at}" for at in _TELLING_HISTORY)
    return _digest(folder, iter_project_files(folder, outputs), telling)


def digest_of_content(folder: Path) -> Sha256:
    """Name what a build sees of *folder* but its history, which every clone has in another form; raise `OSError`.

    wheelpin's own locks do not count: one that lies in the folder that it pins could never hold the folder's digest.
    """
    files = (file for file in iter_project_files(folder) if not _is_own_lock(file))
    return _digest(folder, files, ())


def _digest(folder: Path, files: Iterable[Path], telling_history: tuple[str, ...]) -> Sha256:
    hasher = hashlib.sha256()
    for file in files:
        name = file.relative_to(folder).as_posix()
        if name.startswith(f"{_HISTORY}/") and not name.startswith(telling_history):
            continue
        mode = "x" if os.access(file, os.X_OK) and not file.is_symlink() else "-"
        content = str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
        hasher.update(f"{name}\0{mode}\0{len(content)}\0".encode())
        hasher.update(content)
    return Sha256(hasher.hexdigest())


def _is_own_lock(path: Path) -> bool:
    return path.suffix in {".txt", ".toml"} and path.is_file() and _OWN_LOCK.match(path.read_bytes()) is not None


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

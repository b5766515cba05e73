"""What a wheel is built from: an sdist that is known by its digest, or a folder of this machine."""

import fnmatch
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.builder.errors import NoSuchSourceError, SourceRefusedError
from wheelpin.builder.sdist_archive import SDIST_ENDINGS, read_sdist
from wheelpin.values import Sha256

_LEFT_OUT = (
    *("__pycache__", "*.pyc", "*.so", "*.pyd", "*.o", "*.egg-info", ".eggs", "dist", "wheelhouse"),
    *(".venv", "venv", ".tox", ".nox", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
)
"""Leftovers of other builds would end up in this one, for another Python or another machine."""
_LEFT_OUT_OF_BUILD = ("lib", "lib.*", "temp.*", "bdist.*")
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_NAME = re.compile(r"^name\s*[:=]\s*[\"']?([A-Za-z0-9][\w.-]*)", re.IGNORECASE | re.MULTILINE)


class Source(Struct, frozen=True, kw_only=True):
    """Something to build from, read but not run."""

    path: Path
    """The sdist, or the folder."""
    sha256: Sha256
    """Of the sdist; of a folder, the digest of all that a build sees of it."""
    said: str
    """The address without secrets, or the name by which the user knows it."""
    project: NormalizedName | None
    """None where only a build can tell."""
    pyproject: str | None
    metadata: bytes | None
    """PKG-INFO."""

    @property
    def label(self) -> str:
        """What to call it in messages."""
        return self.path.name or self.said

    @property
    def is_folder(self) -> bool:
        """Tell whether it is a folder."""
        return self.path.is_dir()


def open_sdist(path: Path, *, sha256: Sha256 | None = None, said: str | None = None) -> Source:
    """Read an sdist whose digest the caller has checked, or compute it; raise `SourceRefusedError`."""
    members = read_sdist(path)
    project = _sdist_project(path.name)
    return Source(
        path=path,
        sha256=sha256 or _digest(path),
        said=said or path.name,
        project=project,
        pyproject=_text(members.get("pyproject.toml"), path.name),
        metadata=members.get("PKG-INFO"),
    )


def open_folder(path: Path) -> Source:
    """Read a project's folder; raise `NoSuchSourceError` if it is none."""
    if not any((path / name).is_file() for name in _PROJECT_FILES):
        raise NoSuchSourceError(path.as_posix(), "it has neither pyproject.toml nor setup.py")
    hasher = hashlib.sha256()
    for file in iter_project_files(path):
        name = file.relative_to(path).as_posix()
        mode = "x" if os.access(file, os.X_OK) and not file.is_symlink() else "-"
        content = str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
        hasher.update(f"{name}\0{mode}\0{len(content)}\0".encode())
        hasher.update(content)
    pyproject = path / "pyproject.toml"
    text = _text(pyproject.read_bytes(), path.as_posix()) if pyproject.is_file() else None
    said = _NAME.search(text) if text is not None else None
    return Source(
        path=path.resolve(),
        sha256=Sha256(hasher.hexdigest()),
        said=path.as_posix(),
        project=canonicalize_name(said[1]) if said is not None else None,
        pyproject=text,
        metadata=None,
    )


def iter_project_files(folder: Path) -> Iterator[Path]:
    """Yield the files and links that a build sees, sorted; leftovers of other builds are none of them."""
    for path in sorted(folder.iterdir()):
        if any(fnmatch.fnmatchcase(path.name, pattern) for pattern in _LEFT_OUT):
            continue
        if path.is_symlink() or not path.is_dir():
            yield path
        elif path.name == "build":
            left = list(iter_project_files(path))
            yield from (each for each in left if not _is_build_leftover(each.relative_to(path).parts[0]))
        else:
            yield from iter_project_files(path)


def copy_project(folder: Path, to: Path) -> None:
    """Copy what a build sees of *folder* to *to*."""
    for path in iter_project_files(folder):
        copied = to / path.relative_to(folder)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copied, follow_symlinks=False)


def _is_build_leftover(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _LEFT_OUT_OF_BUILD)


def _sdist_project(filename: str) -> NormalizedName | None:
    stem = next((filename.removesuffix(ending) for ending in SDIST_ENDINGS if filename.endswith(ending)), None)
    if stem is None:
        raise SourceRefusedError(filename, f"an sdist's name ends in {', '.join(SDIST_ENDINGS)}")
    # An old sdist's project name may hold hyphens; a version begins with a digit.
    found = re.fullmatch(r"(.+?)-(\d[^-]*(?:-.*)?)", stem)
    return canonicalize_name(found[1]) if found is not None else None


def _digest(path: Path) -> Sha256:
    with path.open("rb") as stream:
        return Sha256(hashlib.file_digest(stream, "sha256").hexdigest())


def _text(content: bytes | None, source: str) -> str | None:
    if content is None:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceRefusedError(source, f"its pyproject.toml is not UTF-8 ({error})") from error

"""What a wheel is built from: an sdist that is known by its digest, or a folder of this machine."""

import hashlib
import re
from pathlib import Path

from msgspec import Struct
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.builder.errors import NoSuchSourceError, SourceRefusedError
from wheelpin.builder.sdist_archive import SDIST_ENDINGS, read_sdist
from wheelpin.folders.project_files import digest_of_project, is_project
from wheelpin.folders.project_name import project_name_of
from wheelpin.values import Sha256, without_secrets


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
    outputs: Path | None = None
    """The folder that wheels are put into, which is no part of a folder that it lies in."""

    @property
    def label(self) -> str:
        """What to call it in messages."""
        return self.path.name or self.said

    @property
    def origin(self) -> str:
        """What to tell of it where this machine's paths mean nothing."""
        return self.label if self.is_folder else without_secrets(self.said)

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


def open_folder(path: Path, *, outputs: Path | None = None, sha256: Sha256 | None = None) -> Source:
    """Read a project's folder, in which *outputs* is no part of it; raise `NoSuchSourceError` if it is none.

    *sha256* is its digest, computed if nobody knows it.
    """
    if not is_project(path):
        raise NoSuchSourceError(path.as_posix(), "it has neither pyproject.toml nor setup.py")
    pyproject = path / "pyproject.toml"
    try:
        text = _text(pyproject.read_bytes(), path.as_posix()) if pyproject.is_file() else None
        digest = sha256 or digest_of_project(path, outputs)
    except OSError as error:
        raise NoSuchSourceError(error.filename or path.as_posix(), error.strerror or str(error)) from error
    return Source(
        path=path.resolve(),
        sha256=digest,
        said=path.as_posix(),
        project=project_name_of(path, text),
        pyproject=text,
        metadata=None,
        outputs=outputs,
    )


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

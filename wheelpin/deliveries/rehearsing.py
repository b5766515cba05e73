"""What an upload would do, found out without one: where to, whether the metadata will do, what is there already."""

import subprocess
import sys
from enum import Enum
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)

from wheelpin.deliveries.publishing import BRIEFLY, STANDARD_ERROR, TWINE, Upload, repository_words, require_files
from wheelpin.errors import CheckFailedError, InputError
from wheelpin.ports import Index, Reporter
from wheelpin.session import open_session
from wheelpin.settings import IndexLocation, Settings
from wheelpin.values import PYPI, IndexUrl, without_secrets
from wheelpin.wheelhouse.digests import sha256_of

_ADDRESS = f"""{BRIEFLY}
from argparse import ArgumentParser
from twine.settings import Settings
words = ArgumentParser()
Settings.register_argparse_arguments(words)
settings = Settings.from_argparse(words.parse_args())
settings.check_repository_url()
print(settings.repository_config["repository"])
"""
_LISTED_AT = {
    "https://upload.pypi.org/legacy/": PYPI,
    "https://test.pypi.org/legacy/": IndexUrl("https://test.pypi.org/simple/"),
}
"""Which index lists what a repository was given; of others it is not known."""


class RepositoryUnknownError(InputError):
    """twine cannot tell where to; it has told why."""

    hint = "name an address, or a repository of your .pypirc"

    def __init__(self, repository: str | None) -> None:
        super().__init__(repository)
        self.repository = repository

    def __str__(self) -> str:
        return f"twine has no repository for {without_secrets(self.repository or 'what its own configuration says')}"


class UnfitMetadataError(CheckFailedError):
    """twine's check found fault with a file; it has told which."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"what lies in {self.folder} does not pass twine's check"


class Presence(Enum):
    """Whether a repository has a file."""

    UNKNOWN = "would be uploaded, if it is not there"
    NEW = "would be uploaded"
    THERE = "is there already"
    OTHER = "is there already, with other content"


class Rehearsed(Struct, frozen=True, kw_only=True):
    """What an upload would do."""

    address: str
    """Where to, without secrets."""
    files: tuple[tuple[Path, Presence], ...]

    def count(self, *states: Presence) -> int:
        """Return how many files are in one of *states*."""
        return sum(presence in states for _, presence in self.files)


def rehearse(folder: Path, upload: Upload, settings: Settings, reporter: Reporter) -> Rehearsed:
    """Check all that can be checked without an upload.

    Raise `NothingToPublishError`, `NoTwineError`, `RepositoryUnknownError`, `UnfitMetadataError`, and
    `IndexUnavailableError` if the repository's index does not answer.
    """
    files = require_files(folder)
    address = _address(upload)
    checked = subprocess.run([*TWINE, "check", *map(str, files)], check=False, stdout=STANDARD_ERROR)
    if checked.returncode != 0:
        raise UnfitMetadataError(folder.as_posix())
    if (listed_at := _LISTED_AT.get(address)) is None:
        return Rehearsed(address=address, files=tuple((file, Presence.UNKNOWN) for file in files))
    with open_session(_only(settings, listed_at), reporter) as session:
        return Rehearsed(address=address, files=tuple((file, _presence(file, session.index)) for file in files))


def _address(upload: Upload) -> str:
    words = [sys.executable, "-P", "-c", _ADDRESS, *repository_words(upload)]
    done = subprocess.run(words, check=False, stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise RepositoryUnknownError(upload.repository)
    return without_secrets(done.stdout.decode("utf-8", "replace").strip())


def _only(settings: Settings, index: IndexUrl) -> Settings:
    return replace(
        settings,
        index_url=IndexLocation(url=index),
        extra_index_urls=(),
        find_links=(),
        no_index=False,
        project_indexes={},
        is_offline=False,
        refresh=True,
    )


def _presence(file: Path, index: Index) -> Presence:
    if (project := _project_of(file.name)) is None:
        return Presence.UNKNOWN
    page = index.page(project)
    listed = next((each for each in page.files if each.filename == file.name), None) if page is not None else None
    if listed is None:
        return Presence.NEW
    return Presence.THERE if listed.sha256 in (None, sha256_of(file)) else Presence.OTHER


def _project_of(filename: str) -> NormalizedName | None:
    try:
        return parse_wheel_filename(filename)[0] if filename.endswith(".whl") else parse_sdist_filename(filename)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None

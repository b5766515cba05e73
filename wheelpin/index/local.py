"""Find-links folders, and what can be learnt of files on this machine."""

import hashlib
from concurrent.futures import Future
from pathlib import Path

import msgspec
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.errors import InputError
from wheelpin.files import CoreMetadata, IndexFile
from wheelpin.folders.kept_files import State, state_of
from wheelpin.index.entries import PageAddress, filename_fault
from wheelpin.index.metadata import parse_metadata
from wheelpin.index.once import Once, finished
from wheelpin.index.remote import by_project
from wheelpin.index.simple_html import parse_html_page
from wheelpin.index.wheel_metadata import read_wheel_metadata, view_of
from wheelpin.ports import MetadataUnusableError
from wheelpin.transport.file_urls import file_url_path
from wheelpin.values import IndexUrl, Sha256


class FindLinksError(InputError):
    """A find-links place on this machine cannot be read."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(location, reason)
        self.location, self.reason = location, reason

    def __str__(self) -> str:
        return f"find-links {self.location}: {self.reason}"


class LocalLinks:
    """A folder with files of all projects, or an HTML page that links to them; read once, when first asked."""

    def __init__(self, location: str) -> None:
        self.url = IndexUrl(location)
        self._read: Once[None, dict[NormalizedName, tuple[IndexFile, ...]]] = Once(lambda _: finished(self._list()))

    def files(self, project: NormalizedName) -> Future[tuple[IndexFile, ...]]:
        """Return the project's files, at once; raise `FindLinksError` if there is no such place."""
        return finished(self._read.future(None).result().get(project, ()))

    def _list(self) -> dict[NormalizedName, tuple[IndexFile, ...]]:
        location = str(self.url)
        path = file_url_path(location) if location.startswith("file:") else Path(location).expanduser()
        try:
            if path.is_dir():
                return by_project(tuple(_file(entry) for entry in sorted(path.iterdir()) if _is_distribution(entry)))
            address = PageAddress(project=canonicalize_name(""), index=self.url, url=path.absolute().as_uri())
            return by_project(parse_html_page(path.read_bytes(), address).files)
        except OSError as error:
            raise FindLinksError(location, error.strerror or str(error)) from error


def _is_distribution(path: Path) -> bool:
    return filename_fault(path.name) is None and path.is_file()


def _file(path: Path) -> IndexFile:
    return IndexFile(filename=path.name, url=path.absolute().as_uri(), size_bytes=path.stat().st_size)


class LocalFiles:
    """The metadata and the hashes of files on this machine.

    Every answer is kept for the life of the object, a hash as long as the system says that the file is as it was.
    """

    def __init__(self) -> None:
        self._metadata: Once[IndexFile, CoreMetadata] = Once(lambda file: finished(_read_metadata(file)))
        self._hashed: Once[tuple[IndexFile, State], IndexFile] = Once(lambda known: finished(_hash(known[0])))

    def metadata(self, file: IndexFile) -> Future[CoreMetadata]:
        """Return the metadata of a wheel, at once."""
        return self._metadata.future(file)

    def hashed(self, file: IndexFile) -> IndexFile:
        """Return *file* with its sha256, read from its bytes unless a page gave it."""
        if file.sha256 is not None:
            return file
        path = file_url_path(file.url)
        try:
            state = state_of(path.stat())
        except OSError as error:
            raise FindLinksError(str(path), error.strerror or str(error)) from error
        return self._hashed.future((file, state)).result()


def _read_metadata(file: IndexFile) -> CoreMetadata:
    if not file.is_wheel:
        raise MetadataUnusableError(file.filename, "it is no wheel")
    try:
        with file_url_path(file.url).open("rb") as stream:
            return parse_metadata(read_wheel_metadata(view_of(stream), file.filename), file.filename)
    except OSError as error:
        raise MetadataUnusableError(file.filename, f"it cannot be read: {error.strerror}") from error


def _hash(file: IndexFile) -> IndexFile:
    path = file_url_path(file.url)
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size_bytes = stream.tell()
    except OSError as error:
        raise FindLinksError(str(path), error.strerror or str(error)) from error
    return msgspec.structs.replace(file, sha256=Sha256(digest), size_bytes=size_bytes)

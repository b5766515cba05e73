"""Open an index as a run does: real transport, real cache, a reporter that takes notes."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packaging.utils import canonicalize_name

from wheelpin.cache import Cache
from wheelpin.files import IndexFile, ProjectPage
from wheelpin.index import open_index
from wheelpin.ports import Index
from wheelpin.settings import Credentials, IndexLocation, Settings
from wheelpin.transport import HttpTransport
from wheelpin.values import IndexUrl

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class Notes:
    """A reporter that remembers."""

    warnings: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    wants_details: bool = True

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    def detail(self, text: str) -> None:
        self.details.append(text)

    def progress(self, text: str) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An index and what was said while it was used."""

    index: Index
    notes: Notes

    def page(self, project: str) -> ProjectPage | None:
        return self.index.page(canonicalize_name(project))

    def existing_page(self, project: str) -> ProjectPage:
        page = self.page(project)
        assert page is not None
        return page

    def file(self, project: str) -> IndexFile:
        """Return the only file of *project*."""
        (file,) = self.existing_page(project).files
        return file


@contextmanager
def opened(
    *indexes: str,
    cache_dir: Path | None,
    later: timedelta = timedelta(),
    refresh: bool = False,
    offline: bool = False,
    find_links: Sequence[str] = (),
    pinned: Mapping[str, str] | None = None,
    credentials: tuple[str, str] | None = None,
    retries: int = 0,
) -> Iterator[Opened]:
    """Open *indexes* in their order, as a run that begins *later* than `NOW`; none of them means ``--no-index``."""
    secret = None if credentials is None else Credentials(username=credentials[0], password=credentials[1])
    locations = [IndexLocation(url=IndexUrl(url), credentials=secret) for url in indexes]
    settings = Settings(
        index_url=locations[0] if locations else IndexLocation(url=IndexUrl("https://index.example/simple/")),
        extra_index_urls=tuple(locations[1:]),
        no_index=not locations,
        find_links=tuple(IndexLocation(url=IndexUrl(place)) for place in find_links),
        project_indexes={
            canonicalize_name(name): IndexLocation(url=IndexUrl(url)) for name, url in (pinned or {}).items()
        },
        timeout_s=60.0,
        retries=retries,
        cache_dir=cache_dir or Path("unused"),
        is_offline=offline,
        refresh=refresh,
    )
    notes = Notes()
    with HttpTransport(settings, notes) as transport:
        cache = None if cache_dir is None else Cache(cache_dir, notes)
        index = open_index(settings, transport, cache, notes, now=lambda: NOW + later)
        yield Opened(index=index, notes=notes)
        index.keep_pages()
    index.close()


def overwrite_blobs(cache_dir: Path, blob: bytes) -> None:
    """Put *blob* in the place of everything that a cache holds, as another version's form would stand there."""
    header = struct.Struct(">8sQI")
    for path in cache_dir.rglob("*"):
        if path.is_file() and path.name != "CACHEDIR.TAG":
            magic, _, _ = header.unpack_from(path.read_bytes())
            path.write_bytes(header.pack(magic, len(blob), zlib.crc32(blob)) + blob)

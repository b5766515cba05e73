"""All indexes and find-links places of a run as one index: the first that has a project answers for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.cache import Cache
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage, ShadowedIndex
from wheelpin.index.access import Access
from wheelpin.index.chores import Chores
from wheelpin.index.entries import version_of
from wheelpin.index.once import Once, deliver, settle, when_all
from wheelpin.index.pages import Pages, request_headers
from wheelpin.index.remote import RemoteIndex, RemoteLinks
from wheelpin.index.remote_files import RemoteFiles
from wheelpin.ports import Reporter, Transport
from wheelpin.settings import IndexLocation, Settings
from wheelpin.values import IndexUrl, without_secrets

if TYPE_CHECKING:
    from wheelpin.index.local import LocalFiles


class Links(Protocol):
    """A find-links place."""

    url: IndexUrl

    def files(self, project: NormalizedName) -> Future[tuple[IndexFile, ...]]:
        """Return the future of the project's files there."""
        ...


class Places(Struct, frozen=True, kw_only=True):
    """Where to look, in order."""

    indexes: Sequence[RemoteIndex]
    links: Sequence[Links] = ()
    pinned: Mapping[NormalizedName, RemoteIndex] = field(default_factory=dict)


def open_index(
    settings: Settings,
    transport: Transport,
    cache: Cache | None,
    reporter: Reporter,
    *,
    now: Callable[[], datetime],
) -> "FirstIndex":
    """Return the index that *settings* describe; nothing is asked yet. Without *cache* nothing outlives the run."""
    access = Access(
        transport=transport,
        cache=cache,
        reporter=reporter,
        now=now(),
        is_offline=settings.is_offline,
        must_revalidate=settings.refresh,
    )
    chores = Chores()
    pages = Pages(access, chores)
    known: dict[IndexUrl, RemoteIndex] = {}

    def remote(location: IndexLocation) -> RemoteIndex:
        return known.setdefault(location.url, RemoteIndex(location.url, pages))

    places = Places(
        indexes=[remote(location) for location in settings.indexes],
        links=[_links(location.url, pages) for location in settings.find_links],
        pinned={project: remote(location) for project, location in settings.project_indexes.items()},
    )
    return FirstIndex(places, access, pages, chores)


class PageState(Struct, frozen=True, kw_only=True):
    """A page that was answered, until when it holds unasked, and how to ask whether it still does."""

    url: str
    headers: Mapping[str, str]
    expected_status: int | None
    """What the index answers to these headers if nothing has changed; None if it has no short way to say so."""
    fresh_until: float
    """Seconds since 1970."""


class FirstIndex:
    """Implement `wheelpin.ports.Index` by the first-index rule.

    The first index that has a page for a project, be it an empty or a quarantined one, answers for it alone; an
    index that cannot answer ends the search with its error. Anything else would let a stranger publish a private
    project's name on a public index and be chosen. A pinned project is looked for on its own index only.

    Files in find-links places are the user's own: they join the answer of whichever index, and replace files of
    the same name in it.

    With several indexes the later ones are asked too, all at once, to tell what the rule left out
    (`ProjectPage.shadowed`); that they cannot answer then matters to nobody.
    """

    def __init__(self, places: Places, access: Access, shared_pages: Pages, chores: Chores) -> None:
        self._shared_pages, self._chores = shared_pages, chores
        self._places, self._reporter = places, access.reporter
        self._remote = RemoteFiles(access, chores)
        self._pages: Once[NormalizedName, ProjectPage | None] = Once(self._start)

    def page(self, project: NormalizedName) -> ProjectPage | None:
        """Return the project's files, or None if no index and no find-links place has any."""
        return self._chores.until(self._pages.future(project))

    def places(self, project: NormalizedName) -> tuple[str, ...]:
        """Return the addresses of the project's indexes and of the find-links places, in order."""
        pinned = self._places.pinned.get(project)
        indexes = self._places.indexes if pinned is None else (pinned,)
        urls = [*(index.url for index in indexes), *(place.url for place in self._places.links)]
        return tuple(map(without_secrets, urls))

    def metadata(self, file: IndexFile) -> CoreMetadata:
        """Return the metadata of a wheel, by the cheapest way that works."""
        return self._chores.until(self._files(file).metadata(file))

    def hashed(self, file: IndexFile) -> IndexFile:
        """Return *file* with its sha256, reading all of it if the index gave none."""
        return self._files(file).hashed(file)

    def when_page(self, project: NormalizedName, then: Callable[[ProjectPage], None]) -> None:
        """Call *then* with the page once it is there: on the calling thread if the cache has it.

        *then* must not wait for another answer: it may stand on the thread that would bring it.
        """

        def on_page(page: ProjectPage | None) -> None:
            if page is not None:
                then(page)

        deliver(self._pages.future(project), on_page)

    def when_metadata(self, file: IndexFile, then: Callable[[CoreMetadata], None]) -> None:
        """Call *then* with the metadata once it is there; what holds for `when_page` holds here."""
        deliver(self._files(file).metadata(file), then)

    def keep_pages(self) -> None:
        """Put into the cache what was fetched and is not there yet."""
        self._shared_pages.keep()

    def close(self) -> None:
        """Let what reads whole files end: after the transport, without which it cannot go on."""
        self._remote.close()

    def pages_asked(self) -> tuple[PageState, ...] | None:
        """Return what the answers so far rest on; None if a folder or a page that may not be kept is part of it."""
        states = self._shared_pages.states()
        if not all(isinstance(place, RemoteLinks) for place in self._places.links):
            return None
        found = []
        for url, state in states.items():
            if state is None:
                return None
            expected = 404 if state.content is None else 304 if state.etag or state.last_modified else None
            headers = request_headers(state)
            found.append(PageState(url=url, headers=headers, expected_status=expected, fresh_until=state.fresh_until))
        return tuple(found)

    @cached_property
    def _local(self) -> "LocalFiles":
        from wheelpin.index.local import LocalFiles  # noqa: PLC0415 - most files are on a server

        return LocalFiles()

    def _files(self, file: IndexFile) -> "RemoteFiles | LocalFiles":
        return self._local if file.url.startswith("file:") else self._remote

    def _start(self, project: NormalizedName) -> Future[ProjectPage | None]:
        pinned = self._places.pinned.get(project)
        indexes = self._places.indexes if pinned is None else (pinned,)
        links = [(place.url, place.files(project)) for place in self._places.links]
        pages = [index.page(project) for index in indexes]
        answer: Future[ProjectPage | None] = Future()

        def combine(_: None) -> ProjectPage | None:
            page = self._first(project, indexes, pages)
            return _joined(project, page, [(url, found.result()) for url, found in links])

        settle(when_all([*pages, *(found for _, found in links)]), answer, combine)
        return answer

    def _first(
        self,
        project: NormalizedName,
        indexes: Sequence[RemoteIndex],
        pages: Sequence[Future[ProjectPage | None]],
    ) -> ProjectPage | None:
        """Apply the rule to the answers, all of which are there."""
        first: ProjectPage | None = None
        shadowed: list[ShadowedIndex] = []
        for index, answer in zip(indexes, pages, strict=True):
            if first is None:
                first = answer.result()
            elif (error := answer.exception()) is not None:
                self._reporter.detail(f"cannot tell whether {index.url} has {project} as well: {error}")
            elif (page := answer.result()) is not None and page.files:
                shadowed.append(ShadowedIndex(index.url, _newest_version(page.files)))
        if first is None or not shadowed:
            return first
        return first.replaced(shadowed=tuple(shadowed))


def _links(url: IndexUrl, pages: Pages) -> Links:
    if url.startswith(("https://", "http://")):
        return RemoteLinks(url, pages)
    from wheelpin.index.local import LocalLinks  # noqa: PLC0415 - few have such a place

    return LocalLinks(url)


def _joined(
    project: NormalizedName, page: ProjectPage | None, links: Iterable[tuple[IndexUrl, tuple[IndexFile, ...]]]
) -> ProjectPage | None:
    """Put the files of find-links places before those of the page; of equal names the first stays."""
    found = [(url, files) for url, files in links if files]
    if not found:
        return page
    by_name: dict[str, IndexFile] = {}
    for file in (*(file for _, files in found for file in files), *(page.files if page is not None else ())):
        by_name.setdefault(file.filename, file)
    if page is None:
        return ProjectPage(project=project, index=found[0][0], files=tuple(by_name.values()))
    return page.replaced(files=by_name.values())


def _newest_version(files: Iterable[IndexFile]) -> str | None:
    """Return the highest final version among *files*, or else the highest of any kind; yanked ones do not count."""
    versions = [version for file in files if file.yanked is None and (version := version_of(file.filename))]
    final = [version for version in versions if not version.is_prerelease]
    return str(max(final or versions)) if versions else None

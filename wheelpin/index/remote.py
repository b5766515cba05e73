"""One index on a server, and find-links pages, over the shared pages."""

from collections import defaultdict
from concurrent.futures import Future

from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.files import IndexFile, ProjectPage
from wheelpin.index.entries import PageAddress, project_of
from wheelpin.index.once import Once, settle
from wheelpin.index.pages import Pages, PageStatusError
from wheelpin.transport.failures import FetchError
from wheelpin.values import IndexUrl


class RemoteIndex:
    """The pages of one index (PEP 503, 691); each is asked for once."""

    def __init__(self, url: IndexUrl, pages: Pages) -> None:
        self.url = url
        self._pages = pages
        self._found: Once[NormalizedName, ProjectPage | None] = Once(self._start)
        self._unreachable: FetchError | None = None

    def page(self, project: NormalizedName) -> Future[ProjectPage | None]:
        """Return the future of the project's page, None if the index has no such project; see `Pages.future`."""
        return self._found.future(project)

    def _start(self, project: NormalizedName) -> Future[ProjectPage | None]:
        if self._unreachable is not None:
            # All retries were in vain once; hundreds of projects need not wait for the same.
            raise self._unreachable
        address = PageAddress(project=project, index=self.url, url=f"{self.url.rstrip('/')}/{project}/")
        future = self._pages.future(address)
        future.add_done_callback(self._note)
        return future

    def _note(self, done: Future[ProjectPage | None]) -> None:
        error = done.exception()
        if isinstance(error, FetchError) and error.status is None:
            self._unreachable = error


class RemoteLinks:
    """A find-links page: files of all projects in one place."""

    def __init__(self, url: IndexUrl, pages: Pages) -> None:
        self.url = url
        self._pages = pages
        self._read: Once[None, dict[NormalizedName, tuple[IndexFile, ...]]] = Once(self._start)

    def files(self, project: NormalizedName) -> Future[tuple[IndexFile, ...]]:
        """Return the future of the project's files; it raises `PageStatusError` if there is no page."""
        found: Future[tuple[IndexFile, ...]] = Future()
        settle(self._read.future(None), found, lambda by_project: by_project.get(project, ()))
        return found

    def _start(self, _: None) -> Future[dict[NormalizedName, tuple[IndexFile, ...]]]:
        address = PageAddress(project=canonicalize_name(""), index=self.url, url=self.url)
        read: Future[dict[NormalizedName, tuple[IndexFile, ...]]] = Future()
        settle(self._pages.future(address), read, self._sorted)
        return read

    def _sorted(self, page: ProjectPage | None) -> dict[NormalizedName, tuple[IndexFile, ...]]:
        if page is None:
            raise PageStatusError(self.url, 404)
        return by_project(page.files)


def by_project(files: tuple[IndexFile, ...]) -> dict[NormalizedName, tuple[IndexFile, ...]]:
    """Sort files that lie together."""
    found: defaultdict[NormalizedName, list[IndexFile]] = defaultdict(list)
    for file in files:
        found[project_of(file.filename)].append(file)
    return {project: tuple(each) for project, each in found.items()}

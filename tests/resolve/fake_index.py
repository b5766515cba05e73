"""An index in memory behind `ports.Index`, which counts what is read and answers ahead in several ways."""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from enum import Enum

from packaging.utils import NormalizedName

from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.ports import MetadataUnusableError


class Ahead(Enum):
    """What ``when_page`` and ``when_metadata`` do."""

    NEVER = "nothing is fetched ahead"
    AT_ONCE = "answers come at once, on the asking thread"
    LATER = "answers come in another order, some of them late"
    ON_THREADS = "answers come on other threads"


class FakeIndex:
    """Pages by project and metadata by file name, or the reason why there is none."""

    def __init__(
        self,
        pages: Iterable[ProjectPage],
        metadata: Mapping[str, CoreMetadata | str],
        *,
        ahead: Ahead = Ahead.NEVER,
        seed: int = 0,
    ) -> None:
        self._pages = {page.project: page for page in pages}
        self._metadata = metadata
        self._ahead = ahead
        self._random = random.Random(seed)
        self._queue: deque[Callable[[], None]] = deque()
        self._is_draining = False
        self._threads = ThreadPoolExecutor(4) if ahead is Ahead.ON_THREADS else None
        self._running: deque[Future[None]] = deque()
        self._lock = threading.Lock()
        self.pages_read: dict[NormalizedName, int] = {}
        """How often each page was asked for; whatever comes first is the fetch."""
        self.metadata_read: dict[str, int] = {}
        """The same by file name."""

    def page(self, project: NormalizedName) -> ProjectPage | None:
        self._deliver_some()
        return self._page(project)

    def places(self, project: NormalizedName) -> tuple[str, ...]:
        return ("https://index.example/simple/",)

    def metadata(self, file: IndexFile) -> CoreMetadata:
        self._deliver_some()
        found = self._read_metadata(file)
        if isinstance(found, str):
            raise MetadataUnusableError(file.filename, found)
        return found

    def hashed(self, file: IndexFile) -> IndexFile:
        listed = (known for page in self._pages.values() for known in page.files)
        return next((known for known in listed if known.url == file.url), file)

    def when_page(self, project: NormalizedName, then: Callable[[ProjectPage], None]) -> None:
        def arrive() -> None:
            if (page := self._page(project)) is not None:
                then(page)

        self._start(arrive)

    def when_metadata(self, file: IndexFile, then: Callable[[CoreMetadata], None]) -> None:
        def arrive() -> None:
            if not isinstance(found := self._read_metadata(file), str):
                then(found)

        self._start(arrive)

    def settle(self) -> None:
        """Wait for everything that was started, and raise what went wrong in it."""
        while self._queue:
            self._queue.popleft()()
        while self._running:
            self._running.popleft().result()
        if self._threads is not None:
            self._threads.shutdown()

    def _page(self, project: NormalizedName) -> ProjectPage | None:
        with self._lock:
            self.pages_read[project] = self.pages_read.get(project, 0) + 1
        return self._pages.get(project)

    def _read_metadata(self, file: IndexFile) -> CoreMetadata | str:
        with self._lock:
            self.metadata_read[file.filename] = self.metadata_read.get(file.filename, 0) + 1
        return self._metadata[file.filename]

    def _start(self, arrive: Callable[[], None]) -> None:
        match self._ahead:
            case Ahead.NEVER:
                pass
            case Ahead.AT_ONCE:
                self._queue.append(arrive)
                self._drain()
            case Ahead.LATER:
                self._queue.append(arrive)
            case Ahead.ON_THREADS:
                assert self._threads is not None
                self._running.append(self._threads.submit(arrive))

    def _drain(self) -> None:
        """Work off the queue without recursion, as a real index does."""
        if not self._is_draining:
            self._is_draining = True
            while self._queue:
                self._queue.popleft()()
            self._is_draining = False

    def _deliver_some(self) -> None:
        if self._ahead is Ahead.LATER and self._queue:
            for _ in range(self._random.randrange(4)):
                if self._queue:
                    self._queue.rotate(self._random.randrange(len(self._queue)))
                    self._queue.popleft()()


@contextmanager
def serving(
    pages: Iterable[ProjectPage],
    metadata: Mapping[str, CoreMetadata | str],
    *,
    ahead: Ahead = Ahead.NEVER,
    seed: int = 0,
) -> Iterator[FakeIndex]:
    """Serve for the length of a block; afterwards all that was fetched ahead has arrived, without an error."""
    index = FakeIndex(pages, metadata, ahead=ahead, seed=seed)
    try:
        yield index
    finally:
        index.settle()

"""Open what a run needs of the world, from settings: transport, cache and index, closed together at the end."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from msgspec import Struct
from packaging.utils import NormalizedName

from wheelpin.cache import Cache
from wheelpin.errors import IndexUnavailableError
from wheelpin.files import ProjectPage
from wheelpin.index import PageState, Publishers, open_index
from wheelpin.index.access import Access
from wheelpin.ports import Index, Reporter, Transport
from wheelpin.requirements import IndexOptions
from wheelpin.settings import ExplicitOptions, Settings, host_clock, host_places, read_configuration_file, read_settings
from wheelpin.transport import HttpTransport


class Session(Struct, frozen=True, kw_only=True):
    """An index to ask, the way there, and the settings it was opened with."""

    settings: Settings
    transport: Transport
    """What the index is asked through."""
    index: Index
    pages_asked: Callable[[], Sequence[PageState] | None]
    """What the index's answers so far rest on; None if that cannot be told."""
    publishers: Publishers

    def expect(self, projects: Iterable[NormalizedName]) -> None:
        """Start asking for the pages of *projects*, which will be needed."""
        for project in projects:
            self.index.when_page(project, lambda _: None)

    def expect_files(
        self, filenames: Iterable[tuple[NormalizedName, str]], *, may_be_taken: Callable[[str], bool]
    ) -> None:
        """Start asking for pages, and for the metadata of one file on each: those of a lock that is to be kept.

        The page's other files of that version are read too if *may_be_taken* holds for their names: it is among
        them that the file will be chosen again.
        """
        for project, filename in filenames:
            self.index.when_page(project, partial(self._expect_metadata, filename, may_be_taken))

    def _expect_metadata(self, filename: str, may_be_taken: Callable[[str], bool], page: ProjectPage) -> None:
        if (known := page.entries.read_before(filename)) is not None:
            # What else of its version is wanted was read with it.
            self.index.when_metadata(known, lambda _: None)
            return
        with suppress(IndexUnavailableError):  # what the cache has lost and nobody can bring is told of in the same way
            self._expect_others(filename, may_be_taken, page)

    def _expect_others(self, filename: str, may_be_taken: Callable[[str], bool], page: ProjectPage) -> None:
        name_and_version = filename[: filename.find("-", filename.find("-") + 1) + 1]
        for place, name in page.beginning_with(name_and_version):
            with suppress(ValueError):  # an entry that cannot be a file is told of by whoever wants it
                if name == filename:
                    self.index.when_metadata(page.entries.read(place), lambda _: None)
                elif may_be_taken(name):
                    page.entries.read(place)


def settings_of_host(
    environ: Mapping[str, str], *, options: ExplicitOptions, asked: IndexOptions | None = None
) -> Settings:
    """Merge this machine's configuration with what requirements files and the caller say."""
    return read_settings(environ, read_configuration_file, places=host_places(environ), asked=asked, options=options)


@contextmanager
def open_session(settings: Settings, reporter: Reporter) -> Iterator[Session]:
    """Open the index that *settings* name; leaving the context drops what is still under way."""
    with ExitStack() as ends:
        transport = HttpTransport(settings, reporter)
        cache = Cache(settings.cache_dir, reporter) if settings.use_cache else None
        now = host_clock()
        index = open_index(settings, transport, cache, reporter, now=lambda: now)
        access = Access(
            transport=transport,
            cache=cache,
            reporter=reporter,
            now=now,
            is_offline=settings.is_offline,
            must_revalidate=settings.refresh,
        )
        ends.callback(index.close)
        ends.enter_context(transport)
        ends.callback(index.keep_pages)
        yield Session(
            settings=settings,
            transport=transport,
            index=index,
            pages_asked=index.pages_asked,
            publishers=Publishers(access),
        )

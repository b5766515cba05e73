"""The doors to the world, as small Protocols: what decides knows these, what acts implements them."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from wheelpin.errors import IntegrityError

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
    from wheelpin.target import Target


class MetadataUnusableError(IntegrityError):
    """A file has no metadata that can be trusted: its candidate falls, the run goes on."""

    def __init__(self, filename: str, reason: str) -> None:
        super().__init__(filename, reason)
        self.filename, self.reason = filename, reason

    def __str__(self) -> str:
        return f"the metadata of {self.filename} cannot be used: {self.reason}"


class Index(Protocol):
    """Where projects are listed: one index, a folder, or several behind the first-index rule.

    Every answer is kept for the life of the object: asking twice costs nothing and gives the same.
    """

    def page(self, project: "NormalizedName") -> "ProjectPage | None":
        """Return the project's files, or None if no index has such a project.

        Raise `IndexUnavailableError` when that cannot be said.
        """
        ...

    def places(self, project: "NormalizedName") -> tuple[str, ...]:
        """Return where the project is looked for, in order, as people may read it."""
        ...

    def metadata(self, file: "IndexFile") -> "CoreMetadata":
        """Return the metadata of a wheel, by the cheapest way that works.

        Raise `MetadataUnusableError` if the file has none that can be trusted (the candidate falls, the run goes on).
        """
        ...

    def hashed(self, file: "IndexFile") -> "IndexFile":
        """Return *file* with its sha256 and size, downloading it if the index gave none."""
        ...

    def when_page(self, project: "NormalizedName", then: "Callable[[ProjectPage], None]") -> None:
        """Start fetching the page; call *then* with it, on any thread, if there is one. Errors stay for `page`."""
        ...

    def when_metadata(self, file: "IndexFile", then: "Callable[[CoreMetadata], None]") -> None:
        """Start fetching the metadata; call *then* with it, on any thread. Errors stay for `metadata`."""
        ...


class Builder(Protocol):
    """Makes wheels of sdists, or tells why it cannot; callable from any thread."""

    def refusal(self, file: "IndexFile", project: "NormalizedName", target: "Target") -> str | None:
        """Return why no wheel can be had of an sdist for *target*, or None. Nothing is built for the answer."""
        ...

    def folder(self, url: str, project: "NormalizedName", target: "Target") -> "IndexFile":
        """Return the folder of a project at a ``file:`` address with its digest, as the sdist that it would be.

        It is built for that where no earlier build tells its version. Raise `BuildFailedError`.
        """
        ...

    def metadata(self, file: "IndexFile", project: "NormalizedName", target: "Target") -> "CoreMetadata":
        """Return what the wheel of an sdist will say, building it where nothing else tells.

        Raise `MetadataUnusableError` (the candidate falls, the run goes on), and `BuildFailedError`, which ends it.
        """
        ...


class Request(Struct, frozen=True, kw_only=True):
    """One HTTP GET."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 256 * 1024 * 1024
    """A longer body is refused: everything from an index is hostile until checked."""


class Response(Struct, frozen=True, kw_only=True):
    """What came back, redirects followed, body decoded by its Content-Encoding."""

    status: int
    url: str
    """Where the answer came from in the end; relative addresses in it start here."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    packed: bytes | None = None
    """The body as gzip data, if it came so: a smaller form to keep it in."""


class StreamedResponse(Struct, frozen=True, kw_only=True):
    """What comes back in chunks, redirects followed, bytes as the server keeps them."""

    status: int
    """200, or 206 where the request asked for a range and the server keeps to it."""
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""
    chunks: Iterator[bytes]

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks


class Transport(Protocol):
    """HTTP with retries, authentication, proxies and certificates; knows nothing of packages."""

    def fetch(self, request: Request) -> Future[Response]:
        """Start *request*. The future raises `IndexUnavailableError` when no answer came after the last retry.

        A 4xx answer is an answer, and so is 501, the word of file hosts that cannot do ranges. 429 and the other
        5xx count as none once the retries are used up.
        """
        ...

    def expect(self, url: str) -> None:
        """Make the way to the server of *url* ahead of the first request to it, where that saves time."""
        ...

    def stream(self, request: Request) -> AbstractContextManager[StreamedResponse]:
        """Open *request* for reading in chunks, for bodies that should not lie in memory.

        Raise `IndexUnavailableError` for any other answer than the file or, if asked for, a range of it,
        and while reading when the body breaks off.
        """
        ...


class Reporter(Protocol):
    """Passive observer of a run, callable from any thread."""

    @property
    def wants_details(self) -> bool:
        """Tell whether `detail` reaches anybody, so that costly details are worked out only then."""
        ...

    def warning(self, text: str) -> None:
        """Say what the user should know although the run goes on."""
        ...

    def detail(self, text: str) -> None:
        """Say what is shown on request only: a skipped file, a fallback taken."""
        ...

    def progress(self, text: str) -> None:
        """Tell what the run is doing now, for a line that is overwritten."""
        ...

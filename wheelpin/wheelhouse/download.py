"""Fill a folder with verified wheels: kept ones first, the rest over the network, several at a time."""

import re
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import as_completed, wait
from contextlib import closing, suppress
from enum import Enum
from functools import partial
from pathlib import Path
from threading import Event, Lock
from typing import assert_never
from urllib.parse import urlsplit

from msgspec import Struct, field

from wheelpin.errors import IndexUnavailableError, InputError, IntegrityError, WheelpinError
from wheelpin.folders.kept_files import KeptFiles, State
from wheelpin.ports import Index, Reporter, Request, StreamedResponse, Transport
from wheelpin.safe_write import FileNotWritableError
from wheelpin.transport.failures import FetchError
from wheelpin.transport.workers import Workers
from wheelpin.values import Sha256, without_secrets
from wheelpin.wheelhouse.digests import sha256_of
from wheelpin.wheelhouse.locate import mirror_url
from wheelpin.wheelhouse.part import Part, StoppedError, claimed_part, remove_abandoned
from wheelpin.wheelhouse.plan import Copy, Download, Reuse, Step, WantedWheel
from wheelpin.wheelhouse.store import WheelStore

_AT_A_TIME = 8
_SMALL_ONE_IN = 4
_LARGEST_WHEEL_BYTES = 16 * 1024**3
"""Read on only so far where the lock does not say a size."""
_MOST_SETBACKS = 8
_COPY_BYTES = 1024 * 1024
_RANGE_REFUSED = frozenset({400, 416, 501})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


class DigestMismatchError(IntegrityError):
    """A place gave other bytes than those that were locked."""

    def __init__(self, filename: str, source: str, *, expected: Sha256, actual: Sha256) -> None:
        super().__init__(filename, source, expected, actual)
        self.filename, self.source, self.expected, self.actual = filename, source, expected, actual
        self.hint = "nothing of it was kept; if the file was replaced on purpose, lock anew"

    def __str__(self) -> str:
        return f"{self.filename} from {self.source} has sha256 {self.actual}, and {self.expected} was locked"


class SizeMismatchError(IntegrityError):
    """A place gave more bytes than the lock says the file has."""

    def __init__(self, filename: str, source: str, *, expected_bytes: int) -> None:
        super().__init__(filename, source, expected_bytes)
        self.filename, self.source, self.expected_bytes = filename, source, expected_bytes

    def __str__(self) -> str:
        return f"{self.filename} from {self.source} has more than the {self.expected_bytes:,} bytes that it may have"


class NoAddressError(InputError):
    """A lock gives no address for a file, and no index lists it."""

    def __init__(self, filename: str, wanted_by: str) -> None:
        super().__init__(filename, wanted_by)
        self.filename, self.wanted_by = filename, wanted_by
        self.hint = "name the index that has it with --index-url"

    def __str__(self) -> str:
        return f"{self.wanted_by}: no address is known for {self.filename}"


class MissingWheelFileError(InputError):
    """A lock names a file on this machine that is not there."""

    def __init__(self, path: str, wanted_by: str) -> None:
        super().__init__(path, wanted_by)
        self.path, self.wanted_by = path, wanted_by
        self.hint = "bring it back, or lock anew; the paths in a lock start at the folder where it was made"

    def __str__(self) -> str:
        return f"{self.wanted_by}: there is no file {self.path}"


class How(Enum):
    """Where a wheel of the folder came from."""

    REUSED = "there already"
    FOUND = "found elsewhere"
    KEPT = "from the cache"
    COPIED = "copied"
    DOWNLOADED = "downloaded"


class Housed(Struct, frozen=True, kw_only=True):
    """A wheel that is there, its digest checked in this run."""

    wheel: WantedWheel
    path: Path
    size_bytes: int
    how: How
    state: State | None = None
    """For a file that somebody else may edit meanwhile: what the system said of it before its digest was read."""


class Supply(Struct, frozen=True, kw_only=True):
    """What wheels may be had from."""

    transport: Transport
    store: WheelStore = field(default_factory=lambda: WheelStore(None))
    files: KeptFiles = field(default_factory=lambda: KeptFiles(None))
    """What is kept of wheels that were unpacked before."""
    index: Index | None = None
    """Asked where a lock gives no address, or one that no longer answers."""
    only_host: str | None = None
    """Of files with an address, *index* is asked about this host's only; None where it may hear of all."""
    reporter: Reporter
    open_spare: Callable[[], Path] | None = None
    """Makes a folder for gathered wheels where the one that they should lie in takes no more; raises OSError."""


def run(steps: Sequence[Step], wheelhouse: Path, supply: Supply) -> tuple[Housed, ...]:
    """Carry out *steps*; return the wheels in the order of the steps.

    A file has its name only once its digest holds. What has come of an unfinished one stays under its digest's
    name, and the next run goes on from there. The first failure ends the run and is raised: `IntegrityError`,
    `IndexUnavailableError`, or `InputError` for what this machine or the lock lacks.
    """
    with closing(iter_run(steps, wheelhouse, supply)) as wheels:
        by_name = {housed.wheel.filename: housed for housed in wheels}
    return tuple(by_name[step.wheel.filename] for step in steps)


def iter_run(
    steps: Sequence[Step], wheelhouse: Path, supply: Supply, *, open_spare: Callable[[], Path] | None = None
) -> Generator[Housed, None, None]:
    """Carry out *steps* as `run` does, and yield each wheel as soon as it is there; who closes this ends it.

    With *open_spare*, a folder that cannot be written ends nothing: what is left goes there.
    """
    try:
        wheelhouse.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileNotWritableError(str(wheelhouse), error.strerror or str(error)) from error
    ordered = _in_order(steps)
    house = _Housekeeping(_Rooms(wheelhouse, open_spare, supply.reporter), supply, _Progress(supply.reporter, steps))
    # Who is interrupted does not wait for a silent server, as the standard pool would.
    with closing(Workers(_AT_A_TIME)) as workers:
        futures = [workers.submit(partial(house.carry_out, step)) for step in ordered]
        try:
            for future in as_completed(futures):
                yield future.result()
        except StoppedError:
            wait(futures)
            raise house.failure from None
        finally:
            house.stop.set()
    remove_abandoned(wheelhouse)


def _in_order(steps: Sequence[Step]) -> Sequence[Step]:
    """Return *steps* with the largest wheels first, and among them small ones: who unpacks has something to do soon."""
    by_size = sorted(steps, key=lambda step: step.wheel.size_bytes or 0)
    small = len(by_size) // _SMALL_ONE_IN
    ordered = by_size[small:][::-1]
    for place, step in enumerate(by_size[:small]):
        ordered.insert(place * _SMALL_ONE_IN, step)
    return ordered


class _Progress:
    """Tell how far the run is, whichever thread did something."""

    def __init__(self, reporter: Reporter, steps: Sequence[Step]) -> None:
        self._reporter = reporter
        self._lock = Lock()
        self._files = len(steps)
        self._done_files = 0
        self._bytes = 0

    def add_bytes(self, count: int) -> None:
        with self._lock:
            before, self._bytes = self._bytes, self._bytes + count
            if before // 1_000_000 != self._bytes // 1_000_000:
                self._tell()

    def add_file(self) -> None:
        with self._lock:
            self._done_files += 1
            self._tell()

    def _tell(self) -> None:
        fetched = f", {self._bytes / 1e6:.0f} MB fetched" if self._bytes else ""
        self._reporter.progress(f"{self._done_files} of {self._files} wheels{fetched}")


class _Rooms:
    """The folder that wheels go to, and the one that they go to once that takes no more."""

    def __init__(self, folder: Path, open_spare: Callable[[], Path] | None, reporter: Reporter) -> None:
        self.folder = folder
        self._open_spare, self._reporter = open_spare, reporter
        self._lock = Lock()

    def after(self, folder: Path, reason: str) -> Path | None:
        """Return another folder than *folder*, which cannot be written; None if there is none."""
        with self._lock:
            if self.folder == folder and self._open_spare is not None:
                open_spare, self._open_spare = self._open_spare, None
                with suppress(OSError):
                    self.folder = open_spare()
                    self._reporter.warning(
                        f"{folder.parent} cannot be written, so wheels lie in {self.folder.parent} meanwhile: {reason}"
                    )
            return self.folder if self.folder != folder else None


class _Housekeeping:
    """One run's work on single steps, done on many threads."""

    def __init__(self, rooms: _Rooms, supply: Supply, progress: _Progress) -> None:
        self.stop = Event()
        self.failure: BaseException = StoppedError()
        self._rooms = rooms
        self._supply = supply
        self._progress = progress
        self._lock = Lock()

    def carry_out(self, step: Step) -> Housed:
        """Do one step, or raise; a failure stops the other steps."""
        if self.stop.is_set():
            raise StoppedError
        try:
            housed = self._carry_out(step)
        except StoppedError:
            raise
        except BaseException as error:
            with self._lock:
                if not self.stop.is_set():
                    self.failure = error
                    self.stop.set()
            raise StoppedError from error
        self._progress.add_file()
        return housed

    def _carry_out(self, step: Step) -> Housed:
        folder = self._rooms.folder
        match step:
            case Reuse():
                how = How.REUSED
            case Copy() | Download():
                try:
                    how = self._obtain(step, folder)
                except FileNotWritableError as error:
                    if self.stop.is_set() or (other := self._rooms.after(folder, error.reason)) is None:
                        raise
                    folder, how = other, self._obtain(step, other)
            case _:
                assert_never(step)
        path = folder / step.wheel.filename
        return Housed(wheel=step.wheel, path=path, size_bytes=path.stat().st_size, how=how)

    def _obtain(self, step: Copy | Download, folder: Path) -> How:
        wheel = step.wheel
        path = folder / wheel.filename
        try:
            with claimed_part(folder, wheel.sha256, self.stop) as part:
                if sha256_of(path) == wheel.sha256:  # another process was faster
                    part.discard()
                    return How.REUSED
                if isinstance(step, Download) and self._supply.store.supply(wheel.sha256, path):
                    part.discard()
                    return How.KEPT
                if isinstance(step, Copy):
                    self._copy(part, wheel, step.source)
                else:
                    self._download(part, wheel)
                part.move_to(path)
        except OSError as error:
            raise FileNotWritableError(str(path), error.strerror or str(error)) from error
        self._supply.store.keep(wheel.sha256, path)
        return How.COPIED if isinstance(step, Copy) else How.DOWNLOADED

    def _copy(self, part: Part, wheel: WantedWheel, source: Path) -> None:
        part.restart()
        try:
            file = source.open("rb")
        except OSError:
            raise MissingWheelFileError(str(source), wheel.wanted_by) from None
        with file:
            while piece := file.read(_COPY_BYTES):
                self._append(part, wheel, piece, source=str(source))
        _require_digest(part, wheel, source=str(source))

    def _download(self, part: Part, wheel: WantedWheel) -> None:
        """Try the lock's address, then the index: a mirror may hold what its origin no longer does."""
        refusal: IndexUnavailableError | None = None
        if wheel.url is not None:
            try:
                self._receive(part, wheel, wheel.url)
            except IndexUnavailableError as error:
                refusal = error
            else:
                return
        if refusal is not None and not self._may_ask(wheel):
            raise refusal
        try:
            url = mirror_url(wheel, self._supply.index)
        except WheelpinError:
            if refusal is None:
                raise
            url = None
        if url is None or url == wheel.url:
            raise refusal or NoAddressError(wheel.filename, wheel.wanted_by)
        if refusal is not None:
            self._supply.reporter.detail(f"{refusal}; trying {without_secrets(url)}")
        self._receive(part, wheel, url)

    def _may_ask(self, wheel: WantedWheel) -> bool:
        """Tell whether the index may hear of the project, which may be somebody's secret."""
        host = self._supply.only_host
        if host is None or urlsplit(wheel.url or "").hostname == host:
            return True
        self._supply.reporter.warning(
            f"PyPI is not asked for {wheel.project}, which {wheel.wanted_by} has from another place: name an index "
            "that may be asked with --index-url"
        )
        return False

    def _receive(self, part: Part, wheel: WantedWheel, url: str) -> None:
        """Fetch what is missing of the file, as often as the connection breaks off after some bytes."""
        source = without_secrets(url)
        setbacks = 0
        while part.sha256 != wheel.sha256:
            had_bytes = part.size_bytes
            try:
                self._receive_rest(part, wheel, url)
            except IndexUnavailableError as error:
                status = error.status if isinstance(error, FetchError) else None
                if had_bytes and status in _RANGE_REFUSED:
                    part.restart()
                    continue
                setbacks += 1
                if part.size_bytes == had_bytes or setbacks > _MOST_SETBACKS:
                    raise
                self._supply.reporter.detail(f"{error}; going on after {part.size_bytes:,} bytes")
                continue
            is_short = wheel.size_bytes is not None and part.size_bytes < wheel.size_bytes
            if part.sha256 == wheel.sha256:
                break
            if is_short and part.size_bytes > had_bytes and setbacks < _MOST_SETBACKS:
                setbacks += 1
            elif had_bytes:
                # The wrong bytes may be those of an earlier run or another server, so all are fetched once more.
                part.restart()
            else:
                _require_digest(part, wheel, source=source)

    def _receive_rest(self, part: Part, wheel: WantedWheel, url: str) -> None:
        headers = {"accept-encoding": "identity"}
        if part.size_bytes:
            headers["range"] = f"bytes={part.size_bytes}-"
        # `_append` counts, and tells a file that is too long from a server that fails.
        with self._supply.transport.stream(Request(url=url, headers=headers, max_bytes=sys.maxsize)) as answer:
            if answer.status == 206 and not _continues(answer, part.size_bytes):
                return
            if answer.status == 200 and part.size_bytes:
                part.restart()
            for piece in answer:
                self._append(part, wheel, piece, source=without_secrets(url))
                self._progress.add_bytes(len(piece))

    def _append(self, part: Part, wheel: WantedWheel, piece: bytes, *, source: str) -> None:
        if self.stop.is_set():
            raise StoppedError
        limit_bytes = wheel.size_bytes if wheel.size_bytes is not None else _LARGEST_WHEEL_BYTES
        if part.size_bytes + len(piece) > limit_bytes:
            part.discard()
            raise SizeMismatchError(wheel.filename, source, expected_bytes=limit_bytes)
        part.append(piece)


def _continues(answer: StreamedResponse, start: int) -> bool:
    """Tell whether the part that came is the part that was asked for."""
    match = _CONTENT_RANGE.match(answer.headers.get("content-range", ""))
    return match is not None and int(match[1]) == start


def _require_digest(part: Part, wheel: WantedWheel, *, source: str) -> None:
    if (actual := part.sha256) != wheel.sha256:
        part.discard()
        raise DigestMismatchError(wheel.filename, source, expected=wheel.sha256, actual=actual)

"""Turn the pins of locks into files to be had: by the lock's own words, by what lies there, or by asking the index."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.candidates.listing import WheelName, WheelNameError, parse_wheel_name
from wheelpin.errors import InputError, WheelpinError
from wheelpin.files import IndexFile, ProjectPage
from wheelpin.folders.kept_files import state_of
from wheelpin.locks import Lock, LockedFile, Pin, UnnamedFile
from wheelpin.ports import Index
from wheelpin.target import Target
from wheelpin.transport.file_urls import file_url_path
from wheelpin.transport.workers import Workers
from wheelpin.values import Origin, without_secrets
from wheelpin.wheelhouse.digests import sha256_of
from wheelpin.wheelhouse.plan import FoundFile, WantedWheel

_THREADS = 2
"""Digests are worked out beside the interpreter's lock."""


class NoSuchWheelError(InputError):
    """A lock gives digests only, and no wheel that has one of them is there or on the index."""

    def __init__(self, wanted_by: str, pin: Pin, problem: str) -> None:
        super().__init__(wanted_by, pin, problem)
        self.wanted_by, self.pin, self.problem = wanted_by, pin, problem
        self.hint = "lock anew for this target: the lock then names one file for each project"

    def __str__(self) -> str:
        return f"{self.wanted_by}: {self.pin.project} {self.pin.version}: {self.problem}"


class LockSource(Struct, frozen=True, kw_only=True):
    """A lock and where it stands."""

    lock: Lock
    name: str
    """As the user named it."""
    folder: Path
    """Where the paths in it start."""
    target: Target | None = None
    """Chooses among the files of a pin that allows several; needed for such pins only."""


def locate(sources: Sequence[LockSource], wheelhouse: Path, index: Index | None) -> Iterator[WantedWheel]:
    """Yield every file of every lock; of those whose digests have to be read, the largest first.

    The index is asked only about pins that are digests without a file name, and only where *wheelhouse* has no
    file for them. Raise `NoSuchWheelError`, and what the index raises.
    """
    found = [(source, pin, _told(source, pin, wheelhouse)) for source in sources for pin in source.lock.pins]
    unread_bytes: dict[NormalizedName, int] = {}

    def note(page: ProjectPage) -> None:
        with suppress(WheelpinError):  # whoever looks for the pin's file there meets it again
            unread_bytes[page.project] = sum(file.size_bytes or 0 for file in page.files if file.sha256 is None)

    if index is not None:
        for _, pin, wheel in found:
            if wheel is None:
                index.when_page(pin.project, note)
        found.sort(key=lambda each: -unread_bytes.get(each[1].project, 0))
    with closing(Workers(_THREADS)) as workers:
        answers = [wheel or workers.submit(partial(_listed, source, pin, index)) for source, pin, wheel in found]
        for answer in answers:
            yield answer.result() if isinstance(answer, Future) else answer


def mirror_url(wheel: WantedWheel, index: Index | None) -> str | None:
    """Return where the index has the very file that a lock names; None if it does not list it.

    A file of that name which is listed without a digest may be the one: who fetches it checks.
    """
    page = index.page(wheel.project) if index is not None else None
    files = page.files if page is not None else ()
    listed = (file.url for file in files if file.sha256 == wheel.sha256)
    # Folders and plain pages of links give no digests.
    namesakes = (file.url for file in files if file.sha256 is None and file.filename == wheel.filename)
    return next(listed, None) or next(namesakes, None)


def _told(source: LockSource, pin: Pin, wheelhouse: Path) -> WantedWheel | None:
    """Return what the lock names, or what lies there and has one of its digests."""
    match pin.file:
        case LockedFile() as file:
            return WantedWheel(
                project=pin.project,
                filename=file.filename,
                sha256=file.sha256,
                wanted_by=source.name,
                url=file.url,
                path=None if file.path is None else source.folder / file.path,
                size_bytes=file.size_bytes,
            )
        case UnnamedFile():
            names = [path for path in wheelhouse.glob("*.whl") if _project_of(path.name) == pin.project]
            files = [IndexFile(filename=path.name, url="", sha256=sha256_of(path)) for path in names]
            return _best(source, pin, files)


def _project_of(filename: str) -> str:
    return canonicalize_name(filename.partition("-")[0])


def _listed(source: LockSource, pin: Pin, index: Index | None) -> WantedWheel:
    assert isinstance(pin.file, UnnamedFile)
    if index is None:
        raise NoSuchWheelError(source.name, pin, "the lock names no file, and no index may be asked")
    if (page := index.page(pin.project)) is None:
        raise NoSuchWheelError(source.name, pin, "no index has this project")
    files = page.files
    if (best := _best(source, pin, files)) is None and any(file.sha256 is None for file in files):
        # Folders and plain pages of links give no digests.
        found = {file.url: _found(file) for file in files if _may_be(file, source, pin)}
        files = tuple(index.hashed(file) if file.url in found else file for file in files)
        best = _best(source, pin, files)
        if best is not None:
            best = replace(best, found=found.get(best.url or ""))
    if best is not None:
        return best
    listed = sum(file.sha256 in pin.file.digests for file in files)
    if listed == 0:
        where = without_secrets(page.index)
        raise NoSuchWheelError(source.name, pin, f"{where} lists no file that has one of the lock's digests")
    fitting = "is the one wheel" if source.target is None else f"is a wheel that {source.target.name} takes"
    raise NoSuchWheelError(source.name, pin, f"of its {listed} files that the index lists none {fitting}")


def _found(file: IndexFile) -> FoundFile | None:
    """Return what the system says of a file before its digest is read, None if it is not on this machine."""
    if not file.url.startswith("file:"):
        return None
    path = file_url_path(file.url)
    try:
        return FoundFile(path, state_of(path.stat()))
    except OSError:
        return None  # who reads it says what is wrong


def _may_be(file: IndexFile, source: LockSource, pin: Pin) -> bool:
    """Tell whether a file without a digest could be the pin's wheel, by its name."""
    if file.sha256 is not None or not file.is_wheel or (name := _name(file, pin)) is None:
        return False
    return name.version == pin.version and (source.target is None or source.target.rank(name.tag_set) is not None)


def _best(source: LockSource, pin: Pin, files: Sequence[IndexFile]) -> WantedWheel | None:
    """Choose the wheel that the target likes best; without a target only a single wheel is an answer."""
    assert isinstance(pin.file, UnnamedFile)
    digests = pin.file.digests
    named = [(file, _name(file, pin)) for file in files if file.sha256 in digests and file.is_wheel]
    wheels = [(file, name) for file, name in named if name is not None and name.version == pin.version]
    target = source.target
    if target is not None:
        if pin.tags:
            target = target.narrow(pin.tags, Origin(source.name))
        ranked = [(rank, wheel) for wheel in wheels if (rank := target.rank(wheel[1].tag_set)) is not None]
        wheels = [wheel for _, wheel in sorted(ranked, key=_preference)[:1]]
    if len(wheels) != 1 or (sha256 := wheels[0][0].sha256) is None:
        return None
    file, _ = wheels[0]
    return WantedWheel(
        project=pin.project,
        filename=file.filename,
        sha256=sha256,
        wanted_by=source.name,
        url=file.url or None,
        size_bytes=file.size_bytes,
    )


def _name(file: IndexFile, pin: Pin) -> WheelName | None:
    try:
        return parse_wheel_name(file.filename, pin.project)
    except WheelNameError:
        return None


def _preference(ranked: tuple[int, tuple[IndexFile, WheelName]]) -> tuple[int, int, str]:
    rank, (file, name) = ranked
    return rank, -name.build[0], file.filename

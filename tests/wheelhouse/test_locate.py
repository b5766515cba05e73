from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Event

import msgspec
import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.reporters import RecordingReporter
from tests.wheelhouse.serving import FakeTransport
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.index.access import NotCachedError
from wheelpin.locks import Lock, LockedFile, Pin, UnnamedFile
from wheelpin.target import Target
from wheelpin.values import IndexUrl, Sha256
from wheelpin.wheelhouse import LockSource, NoSuchWheelError, Supply, WantedWheel, fill_wheelhouse, locate

PURE = make_wheel("flask", "2.0.3")
OLD_LIBC = make_wheel("flask", "2.0.3", "cp36-cp36m-manylinux1_x86_64")
NEW_LIBC = make_wheel("flask", "2.0.3", "cp36-cp36m-manylinux_2_28_x86_64")
REBUILT = make_wheel("flask", "2.0.3", "cp36-cp36m-manylinux1_x86_64", build="2")
SDIST = make_sdist("flask", "2.0.3")
TARGET = Target.parse("cp36-manylinux2014_x86_64")


def url_of(file: BuiltFile) -> str:
    return f"https://mirror.example/{file.filename}"


class FakeIndex(dict[str, tuple[BuiltFile, ...]]):
    """List files by project; note what was asked."""

    def __init__(self, *files: BuiltFile, tells_digests: bool = True) -> None:
        self._tells_digests = tells_digests
        self.hashed_files: list[str] = []
        super().__init__(
            {file.project: tuple(each for each in files if each.project == file.project) for file in files}
        )
        self.asked: list[str] = []

    def page(self, project: NormalizedName) -> ProjectPage | None:
        self.asked.append(project)
        if project not in self:
            return None
        files = [IndexFile(filename=file.filename, url=url_of(file)) for file in self[project]]
        if self._tells_digests:
            files = list(map(self._with_digest, files))
        return ProjectPage(project=project, index=IndexUrl("https://mirror.example/simple/"), files=tuple(files))

    def metadata(self, file: IndexFile) -> CoreMetadata:
        raise AssertionError(file)

    def places(self, project: NormalizedName) -> tuple[str, ...]:
        return ()

    def hashed(self, file: IndexFile) -> IndexFile:
        self.hashed_files.append(file.filename)
        return self._with_digest(file)

    def _with_digest(self, file: IndexFile) -> IndexFile:
        (sha256,) = (each.sha256 for files in self.values() for each in files if each.filename == file.filename)
        return msgspec.structs.replace(file, sha256=sha256)

    def when_page(self, project: NormalizedName, then: Callable[[ProjectPage], None]) -> None:
        pass

    def when_metadata(self, file: IndexFile, then: Callable[[CoreMetadata], None]) -> None:
        raise AssertionError(file)


def source(
    file: LockedFile | UnnamedFile, *, target: Target | None = TARGET, folder: Path = Path(), tags: tuple[str, ...] = ()
) -> LockSource:
    pin = Pin(project=NormalizedName("flask"), version=Version("2.0.3"), file=file, tags=tags)
    return LockSource(lock=Lock(target=None, pins=(pin,)), name="lock.txt", folder=folder, target=target)


def unnamed(*files: BuiltFile) -> UnnamedFile:
    return UnnamedFile(digests=frozenset(file.sha256 for file in files))


def named(file: BuiltFile, *, url: str | None = None, path: str | None = None) -> LockedFile:
    return LockedFile(filename=file.filename, sha256=file.sha256, url=url, path=path)


def located(source: LockSource, house: Path, index: FakeIndex | None = None) -> WantedWheel:
    (wheel,) = locate([source], house, index)
    return wheel


def test_address_of_the_lock_is_taken_as_it_stands(tmp_path: Path) -> None:
    wheel = located(source(named(PURE, url="https://files.example/f.whl")), tmp_path)
    assert (wheel.url, wheel.path, wheel.wanted_by) == ("https://files.example/f.whl", None, "lock.txt")


def test_path_of_the_lock_starts_where_its_command_ran(tmp_path: Path) -> None:
    wheel = located(source(named(PURE, path="../built/f.whl"), folder=tmp_path), tmp_path)
    assert wheel.path == tmp_path / "../built/f.whl"


@pytest.mark.parametrize(
    ("locked", "tags", "chosen"),
    [
        pytest.param([PURE, SDIST], (), PURE, id="the only wheel among the locked files"),
        pytest.param([PURE, OLD_LIBC, NEW_LIBC], (), OLD_LIBC, id="the best wheel that the target takes"),
        pytest.param([OLD_LIBC, REBUILT], (), REBUILT, id="the highest build of a wheel"),
        pytest.param([PURE], ("manylinux1",), PURE, id="a wheel for the narrower target of the line"),
    ],
)
@pytest.mark.parametrize("is_present", [True, False], ids=["in the folder", "on the index"])
def test_digests_alone_find(
    tmp_path: Path, locked: list[BuiltFile], tags: tuple[str, ...], chosen: BuiltFile, *, is_present: bool
) -> None:
    index = FakeIndex(PURE, OLD_LIBC, NEW_LIBC, REBUILT, SDIST)
    if is_present:
        for file in (PURE, OLD_LIBC, NEW_LIBC, REBUILT, SDIST):
            (tmp_path / file.filename).write_bytes(file.body)
    wheel = located(source(unnamed(*locked), tags=tags), tmp_path, index)
    assert (wheel.filename, wheel.sha256) == (chosen.filename, chosen.sha256)
    assert (index.asked == []) is is_present


def test_digests_alone_find_wheels_where_no_digests_are_told(tmp_path: Path) -> None:
    index = FakeIndex(PURE, OLD_LIBC, NEW_LIBC, SDIST, tells_digests=False)
    wheel = located(source(unnamed(OLD_LIBC)), tmp_path, index)
    assert (wheel.filename, wheel.sha256) == (OLD_LIBC.filename, OLD_LIBC.sha256)
    assert index.hashed_files == [PURE.filename, OLD_LIBC.filename]  # no file that cannot be the one


@pytest.mark.parametrize(
    ("locked", "index", "target"),
    [
        pytest.param([PURE], None, TARGET, id="no index"),
        pytest.param([PURE], FakeIndex(), TARGET, id="no such project"),
        pytest.param([PURE], FakeIndex(OLD_LIBC), TARGET, id="no file with such a digest"),
        pytest.param([SDIST], FakeIndex(SDIST), TARGET, id="an sdist only"),
        pytest.param([NEW_LIBC], FakeIndex(NEW_LIBC), TARGET, id="a wheel that the target does not take"),
        pytest.param([PURE, OLD_LIBC], FakeIndex(PURE, OLD_LIBC), None, id="several wheels and no target"),
    ],
)
def test_digests_alone_find_nothing(
    tmp_path: Path, locked: list[BuiltFile], index: FakeIndex | None, target: Target | None
) -> None:
    with pytest.raises(NoSuchWheelError) as caught:
        located(source(unnamed(*locked), target=target), tmp_path, index)
    assert str(caught.value).startswith("lock.txt: flask 2.0.3: ")


class LostPage(ProjectPage):
    """A page of the cache that nobody can bring any more what it lists."""

    @property
    def files(self) -> tuple[IndexFile, ...]:
        raise NotCachedError("https://mirror.example/simple/flask/")


class IndexThatLosesPages(FakeIndex):
    def when_page(self, project: NormalizedName, then: Callable[[ProjectPage], None]) -> None:
        then(LostPage(project=project, index=IndexUrl("https://mirror.example/simple/"), files=()))


def test_page_that_is_lost_ahead_of_time_is_told_of_by_who_needs_it() -> None:
    wheel = located(source(unnamed(PURE)), Path("nowhere"), IndexThatLosesPages(PURE))
    assert wheel.filename == PURE.filename


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://files.example/gone.whl", id="the address does not answer any more"),
        pytest.param(None, id="the lock has no address"),
    ],
)
def test_file_comes_from_the_index_by_its_digest(tmp_path: Path, url: str | None) -> None:
    transport = FakeTransport({url_of(PURE): PURE.body})
    supply = Supply(transport=transport, index=FakeIndex(PURE), reporter=RecordingReporter())
    (housed,) = fill_wheelhouse([source(named(PURE, url=url))], tmp_path, supply)
    assert housed.path.read_bytes() == PURE.body


def test_file_of_the_same_name_with_another_digest_is_no_substitute(tmp_path: Path) -> None:
    locked = LockedFile(filename=PURE.filename, sha256=Sha256("0" * 64), url="https://files.example/gone.whl")
    supply = Supply(
        transport=FakeTransport({url_of(PURE): PURE.body}), index=FakeIndex(PURE), reporter=RecordingReporter()
    )
    with pytest.raises(Exception, match="404"):
        fill_wheelhouse([source(locked)], tmp_path, supply)
    assert list(tmp_path.iterdir()) == []


class SilentIndex(FakeIndex):
    """Answers when it is told to."""

    def __init__(self, *files: BuiltFile) -> None:
        super().__init__(*files)
        self.is_asked, self.goes_on = Event(), Event()

    def page(self, project: NormalizedName) -> ProjectPage | None:
        self.is_asked.set()
        self.goes_on.wait(60)
        return super().page(project)


def test_interrupted_search_does_not_wait_for_a_silent_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = SilentIndex(OLD_LIBC)

    def interrupted(_: object) -> None:
        assert index.is_asked.wait(60)
        raise KeyboardInterrupt

    monkeypatch.setattr(Future, "result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        located(source(unnamed(OLD_LIBC)), tmp_path, index)
    assert index.asked == []  # it is silent still
    index.goes_on.set()

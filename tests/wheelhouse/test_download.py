import errno
import hashlib
import threading
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event

import pytest
from msgspec.structs import replace
from packaging.utils import NormalizedName

from tests.builders import BuiltFile, make_wheel
from tests.reporters import RecordingReporter
from tests.wheelhouse.serving import (
    Answer,
    FakeTransport,
    breaks_off_after,
    ends_after,
    gives_another_part,
    ignores_range,
    refuses,
    serves,
)
from tests.wheelhouse.test_locate import FakeIndex
from wheelpin.errors import IndexUnavailableError, WheelpinError
from wheelpin.folders.claim import claim_file
from wheelpin.ports import Index, Request, StreamedResponse
from wheelpin.safe_write import FileNotWritableError
from wheelpin.values import Sha256
from wheelpin.wheelhouse import (
    DigestMismatchError,
    Housed,
    How,
    MissingWheelFileError,
    NoAddressError,
    SizeMismatchError,
    Supply,
    WantedWheel,
    WheelStore,
    plan,
    read_present,
    run,
)
from wheelpin.wheelhouse.download import iter_run

WHEEL = make_wheel("flask", "2.0.3", files={"flask.py": "x = 1\n" * 400}, compression=0)
SIZE = len(WHEEL.body)
URL = f"https://files.example/{WHEEL.filename}"


def wanted(
    file: BuiltFile = WHEEL, *, size: int | None = SIZE, url: str | None = URL, path: Path | None = None
) -> WantedWheel:
    return WantedWheel(
        project=NormalizedName(file.project),
        filename=file.filename,
        sha256=file.sha256,
        wanted_by="lock.txt",
        url=url,
        path=path,
        size_bytes=size,
    )


def fill(
    folder: Path,
    transport: FakeTransport,
    wheels: Iterable[WantedWheel] = (wanted(),),
    *,
    store: WheelStore | None = None,
    index: Index | None = None,
) -> tuple[Housed, ...]:
    wheels = list(wheels)
    steps = plan(wheels, read_present(folder, (wheel.filename for wheel in wheels)))
    supply = Supply(transport=transport, store=store or WheelStore(None), index=index, reporter=RecordingReporter())
    return run(steps, folder, supply)


def content(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport({URL: WHEEL.body})


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


def test_folder_holds_the_files_and_nothing_else(house: Path, transport: FakeTransport) -> None:
    (housed,) = fill(house, transport)
    assert (housed.how, housed.path, housed.size_bytes) == (How.DOWNLOADED, house / WHEEL.filename, SIZE)
    assert content(house) == {WHEEL.filename: WHEEL.body}


def test_second_run_asks_nobody(house: Path, transport: FakeTransport) -> None:
    fill(house, transport)
    (housed,) = fill(house, FakeTransport({}))
    assert housed.how is How.REUSED


def test_wrong_file_of_the_name_is_replaced_and_others_stay(house: Path, transport: FakeTransport) -> None:
    house.mkdir()
    (house / WHEEL.filename).write_bytes(b"something else")
    (house / "notes.txt").write_bytes(b"mine")
    fill(house, transport)
    assert content(house) == {WHEEL.filename: WHEEL.body, "notes.txt": b"mine"}


@pytest.mark.parametrize(
    ("answers", "ranges"),
    [
        pytest.param([breaks_off_after(100)], [None, "bytes=100-"], id="goes on after a break"),
        pytest.param(
            [breaks_off_after(100), breaks_off_after(50)], [None, "bytes=100-", "bytes=150-"], id="goes on after two"
        ),
        pytest.param([ends_after(100)], [None, "bytes=100-"], id="goes on after an end that comes too early"),
        pytest.param([breaks_off_after(100), ignores_range], [None, "bytes=100-"], id="takes the whole file instead"),
        pytest.param(
            [breaks_off_after(100), refuses(416)], [None, "bytes=100-", None], id="starts anew if 416 refuses the part"
        ),
        pytest.param(
            [breaks_off_after(100), refuses(501)], [None, "bytes=100-", None], id="starts anew if 501 refuses the part"
        ),
        pytest.param(
            [breaks_off_after(100), gives_another_part],
            [None, "bytes=100-", None],
            id="starts anew after a part that nobody asked for",
        ),
    ],
)
def test_interrupted_download_ends_well(
    house: Path, transport: FakeTransport, answers: list[Answer], ranges: list[str | None]
) -> None:
    transport.planned[URL] = answers
    fill(house, transport)
    assert content(house) == {WHEEL.filename: WHEEL.body}
    assert transport.ranges_asked() == ranges


def test_next_run_goes_on_where_the_last_one_gave_up(house: Path, transport: FakeTransport) -> None:
    transport.planned[URL] = [breaks_off_after(100), breaks_off_after(0)]
    with pytest.raises(IndexUnavailableError):
        fill(house, transport)
    assert content(house) == {f".{WHEEL.sha256}.part": WHEEL.body[:100]}
    fill(house, transport)
    assert transport.ranges_asked()[-1] == "bytes=100-"
    assert content(house) == {WHEEL.filename: WHEEL.body}


def test_spoilt_part_of_an_earlier_run_costs_one_more_request(house: Path, transport: FakeTransport) -> None:
    house.mkdir()
    (house / f".{WHEEL.sha256}.part").write_bytes(b"\0" * 100)
    fill(house, transport)
    assert transport.ranges_asked() == ["bytes=100-", None]
    assert content(house) == {WHEEL.filename: WHEEL.body}


def test_whole_part_of_an_earlier_run_is_enough(house: Path, transport: FakeTransport) -> None:
    house.mkdir()
    (house / f".{WHEEL.sha256}.part").write_bytes(WHEEL.body)
    fill(house, transport)
    assert transport.asked == []
    assert content(house) == {WHEEL.filename: WHEEL.body}


@pytest.mark.parametrize(
    ("answers", "size", "error"),
    [
        pytest.param([serves(b"\0" * SIZE)], SIZE, DigestMismatchError, id="other bytes of the right size"),
        pytest.param([serves(b"short")] * 2, None, DigestMismatchError, id="other bytes where no size is known"),
        pytest.param([serves(WHEEL.body + b"\0")], SIZE, SizeMismatchError, id="more bytes than locked"),
        pytest.param([refuses(404)], SIZE, IndexUnavailableError, id="no such file"),
        pytest.param([breaks_off_after(0)], SIZE, IndexUnavailableError, id="nothing at all"),
        pytest.param([breaks_off_after(1)] * 20, SIZE, IndexUnavailableError, id="a byte at a time"),
    ],
)
def test_failure_leaves_no_file_of_that_name(
    house: Path, transport: FakeTransport, answers: list[Answer], size: int | None, error: type[WheelpinError]
) -> None:
    transport.planned[URL] = answers
    with pytest.raises(error):
        fill(house, transport, [wanted(size=size)])
    assert WHEEL.filename not in content(house)
    assert len(transport.asked) < 12


@pytest.mark.parametrize("answer", [serves(b"\0" * SIZE), serves(WHEEL.body + b"\0"), refuses(404)])
def test_wrong_bytes_are_not_kept_for_the_next_run(house: Path, transport: FakeTransport, answer: Answer) -> None:
    transport.planned[URL] = [answer]
    with pytest.raises(WheelpinError):
        fill(house, transport)
    assert content(house) == {}


def test_mismatch_says_what_came_from_where_without_secrets(house: Path, transport: FakeTransport) -> None:
    url = "https://user:secret@files.example/f.whl?signature=secret"
    transport.files[url] = b"other"
    with pytest.raises(DigestMismatchError) as caught:
        fill(house, transport, [wanted(url=url, size=None)])
    error = caught.value
    assert (error.filename, error.source) == (WHEEL.filename, "https://files.example/f.whl")
    assert (error.expected, error.actual) == (WHEEL.sha256, Sha256(hashlib.sha256(b"other").hexdigest()))
    assert "secret" not in str(error)
    assert error.exit_code == 4


def test_failure_of_one_file_keeps_what_has_come_of_the_others(house: Path, transport: FakeTransport) -> None:
    other = make_wheel("click", "8.0")
    bad_url = "https://files.example/click.whl"
    fill(house, transport)
    with pytest.raises(IndexUnavailableError):
        fill(house, transport, [wanted(), wanted(other, url=bad_url, size=None)])
    assert content(house) == {WHEEL.filename: WHEEL.body}


def test_largest_files_come_first_and_small_ones_among_them(house: Path) -> None:
    files = [make_wheel(f"p{number}", files={"m.py": Random(0).randbytes(99 * number).hex()}) for number in range(20)]
    transport = FakeTransport({f"https://files.example/{file.filename}": file.body for file in files})
    wheels = [wanted(file, url=f"https://files.example/{file.filename}", size=len(file.body)) for file in files]
    housed = fill(house, transport, wheels)
    assert [each.wheel.filename for each in housed] == sorted(file.filename for file in files)
    first = [place for place, wheel in enumerate(wheels) if wheel.url in {asked.url for asked in transport.asked[:8]}]
    assert {0, 18, 19} <= set(first)
    assert {5, 6, 7, 8} & set(first) == set()


def test_local_wheel_is_copied_and_checked(tmp_path: Path, house: Path) -> None:
    built = tmp_path / "built.whl"
    built.write_bytes(WHEEL.body)
    (housed,) = fill(house, FakeTransport({}), [wanted(url=None, path=built)])
    assert housed.how is How.COPIED
    assert content(house) == {WHEEL.filename: WHEEL.body}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param(None, MissingWheelFileError, id="not there"),
        pytest.param(b"other", DigestMismatchError, id="changed since it was locked"),
    ],
)
def test_local_wheel_that_is_not_the_locked_one_is_refused(
    tmp_path: Path, house: Path, body: bytes | None, error: type[WheelpinError]
) -> None:
    built = tmp_path / "built.whl"
    if body is not None:
        built.write_bytes(body)
    with pytest.raises(error):
        fill(house, FakeTransport({}), [wanted(url=None, path=built)])
    assert content(house) == {}


def test_file_without_address_and_index_is_refused(house: Path) -> None:
    with pytest.raises(NoAddressError):
        fill(house, FakeTransport({}), [wanted(url=None)])


def test_folder_that_cannot_be_made_is_named(tmp_path: Path, transport: FakeTransport) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileNotWritableError):
        fill(tmp_path / "file" / "wheels", transport)


class TestStore:
    """Wheels are fetched once a machine."""

    def test_second_folder_takes_the_file_from_the_store(self, tmp_path: Path, transport: FakeTransport) -> None:
        store = WheelStore(tmp_path / "cache")
        fill(tmp_path / "one", transport, store=store)
        (housed,) = fill(tmp_path / "two", FakeTransport({}), store=store)
        assert housed.how is How.KEPT
        assert content(tmp_path / "two") == {WHEEL.filename: WHEEL.body}

    def test_spoilt_copy_is_not_used_again(self, tmp_path: Path, transport: FakeTransport) -> None:
        store = WheelStore(tmp_path / "cache")
        fill(tmp_path / "one", transport, store=store)
        with (tmp_path / "one" / WHEEL.filename).open("r+b") as file:
            file.write(b"edited in place")
        (kept,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
        kept.write_bytes(b"edited")
        (housed,) = fill(tmp_path / "two", transport, store=store)
        assert housed.how is How.DOWNLOADED
        assert content(tmp_path / "two") == {WHEEL.filename: WHEEL.body}

    def test_store_that_cannot_be_written_does_not_end_the_run(self, tmp_path: Path, transport: FakeTransport) -> None:
        (tmp_path / "cache").write_bytes(b"no folder")
        fill(tmp_path / "one", transport, store=WheelStore(tmp_path / "cache"))
        assert content(tmp_path / "one") == {WHEEL.filename: WHEEL.body}

    def test_copying_serves_where_links_cannot(
        self, tmp_path: Path, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError("no links here")

        store = WheelStore(tmp_path / "cache")
        monkeypatch.setattr(Path, "hardlink_to", refuse)
        fill(tmp_path / "one", transport, store=store)
        fill(tmp_path / "two", FakeTransport({}), store=store)
        assert content(tmp_path / "two") == {WHEEL.filename: WHEEL.body}

    def test_file_that_is_the_kept_one_already_stays(self, tmp_path: Path, transport: FakeTransport) -> None:
        store = WheelStore(tmp_path / "cache")
        fill(tmp_path / "one", transport, store=store)
        path = tmp_path / "one" / WHEEL.filename
        assert store.supply(WHEEL.sha256, path)
        assert content(tmp_path / "one") == {WHEEL.filename: WHEEL.body}


def test_parts_that_nobody_wants_any_more_go_and_claimed_ones_stay(house: Path, transport: FakeTransport) -> None:
    house.mkdir()
    abandoned, claimed = (house / f".{character * 64}.part" for character in "ab")
    for part in (abandoned, claimed):
        part.write_bytes(b"part")
    (house / ".mine.part").write_bytes(b"mine")
    holder = claim_file(claimed)
    assert holder is not None
    with holder:
        fill(house, transport)
    assert content(house).keys() == {WHEEL.filename, claimed.name, ".mine.part"}


def test_large_file_does_not_lie_in_memory(house: Path) -> None:
    chunk, count = bytes(100_000), 640

    def long_answer(request: Request, body: bytes) -> StreamedResponse:
        return StreamedResponse(status=200, url="", headers={}, chunks=(chunk for _ in range(count)))

    transport = FakeTransport({URL: b""})
    transport.planned[URL] = [long_answer]
    digest = hashlib.sha256()
    for _ in range(count):
        digest.update(chunk)
    tracemalloc.start()
    try:
        fill(house, transport, [replace(wanted(size=None), sha256=Sha256(digest.hexdigest()))])
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 8_000_000


class TestNamesAreKept:
    """PyPI hears of no project that is not known to be there, if nobody said that it may."""

    @pytest.mark.parametrize(
        ("only_host", "url", "is_asked"),
        [
            pytest.param(None, URL, True, id="an index that the user named"),
            pytest.param("files.example", URL, True, id="a file that PyPI had"),
            pytest.param("pypi.example", URL, False, id="a file of another place"),
            pytest.param("pypi.example", None, True, id="a file without a place"),
        ],
    )
    def test_index_is_asked_about(self, house: Path, only_host: str | None, url: str | None, *, is_asked: bool) -> None:
        index, reporter = FakeIndex(), RecordingReporter()
        supply = Supply(transport=FakeTransport({}), index=index, only_host=only_host, reporter=reporter)
        with pytest.raises(WheelpinError):
            run(plan([wanted(url=url)], {}), house, supply)
        assert index.asked == (["flask"] if is_asked else [])
        assert len(reporter.warnings) == (0 if is_asked else 1)


class Silent(FakeTransport):
    """Answers when it is told to."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(files)
        self.is_asked, self.goes_on = Event(), Event()

    @contextmanager
    def stream(self, request: Request) -> Iterator[StreamedResponse]:
        self.is_asked.set()
        self.goes_on.wait(60)
        with super().stream(request) as answer:
            yield answer

    def go_on(self) -> None:
        self.goes_on.set()
        for thread in threading.enumerate():
            if thread.name.startswith("wheelpin-"):
                thread.join(60)


def interrupt_when_asked(transport: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Sequence[object]) -> Iterator[Future[Housed]]:
        assert transport.is_asked.wait(60)
        raise KeyboardInterrupt

    monkeypatch.setattr("wheelpin.wheelhouse.download.as_completed", interrupted)


def test_interrupted_run_does_not_wait_for_a_silent_server(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Silent({URL: WHEEL.body})
    interrupt_when_asked(transport, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        fill(house, transport)
    assert transport.asked == []  # it is silent still
    transport.go_on()
    assert content(house) == {}


class Gone(Silent):
    """Finds the folder removed that it writes to."""

    @contextmanager
    def stream(self, request: Request) -> Iterator[StreamedResponse]:
        with super().stream(request):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", "wheels")
        yield


def test_interrupted_run_takes_no_other_folder_once_its_own_is_removed(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = Gone({URL: WHEEL.body})
    interrupt_when_asked(transport, monkeypatch)
    opened: list[Path] = []
    supply = Supply(transport=transport, reporter=RecordingReporter())

    def open_spare() -> Path:
        opened.append(house)
        return house

    with pytest.raises(KeyboardInterrupt):
        next(iter_run(plan([wanted()], {}), house, supply, open_spare=open_spare))
    transport.go_on()
    assert transport.asked != []
    assert opened == []

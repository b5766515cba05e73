"""A folder that is filled while its wheels are still on their way is the one that is filled afterwards."""

import errno
import marshal
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.bundle.laying import LINUX, contents, laid_out, vendored, wheel_of
from tests.reporters import RecordingReporter
from wheelpin.bundle.batches import Batch, Report, iter_batches, lay_batch
from wheelpin.bundle.hands import Hand, HandLostError, Hands, open_hands, receive, send, serve
from wheelpin.bundle.layout import CollisionError, Layout, Placement
from wheelpin.bundle.refusal import WheelRefusedError
from wheelpin.bundle.selection import read_member
from wheelpin.bundle.vendor import LaidTree, NotOurFolderError, Outcome, open_folder
from wheelpin.bundle.wheel import Wheel, WheelUnreadableError
from wheelpin.folders.kept_files import KeptFiles

LARGE = os.urandom(3 * 1024 * 1024)
"""More than is unpacked at once."""


def laid_ahead(
    wheels: Sequence[Wheel], folder: Path, *, hands: Hands | None = None, cache_dir: Path | None = None
) -> LaidTree:
    kept = KeptFiles(None if cache_dir is None else str(cache_dir))
    placement = Placement(Layout.of(LINUX), read_member)
    with open_folder(folder, reporter=RecordingReporter(), kept=kept, hands=hands) as opened:
        for wheel in wheels:
            opened.begin(wheel, placement.add(wheel))
        return opened.lay(placement.tree(), target=LINUX.name)


@pytest.fixture
def wheels(tmp_path: Path) -> list[Wheel]:
    many = {f"first/part_{number}/module_{number}.py": f"v = {number}\n" for number in range(70)}
    return [
        wheel_of(tmp_path, "first", {**many, "large.bin": LARGE, "shared/__init__.py": "", "empty.py": ""}),
        wheel_of(tmp_path, "second", {"shared/__init__.py": "", "shared/second.py": "v = 2\n"}),
    ]


@pytest.mark.parametrize("is_kept", [True, False], ids=["with a cache", "without a cache"])
def test_folder_is_the_same_as_one_that_was_laid_at_once(tmp_path: Path, wheels: list[Wheel], *, is_kept: bool) -> None:
    cache_dir = tmp_path / "cache" if is_kept else None
    done = laid_ahead(wheels, tmp_path / "ahead", cache_dir=cache_dir)
    vendored(laid_out(*wheels), tmp_path / "at-once")
    assert done.outcome is Outcome.CREATED
    assert contents(tmp_path / "ahead") == contents(tmp_path / "at-once")
    assert (tmp_path / "ahead/.wheelpin.json").read_bytes() == (tmp_path / "at-once/.wheelpin.json").read_bytes()
    modes = [
        {path.relative_to(folder): path.stat().st_mode for path in folder.rglob("*")}
        for folder in (tmp_path / "ahead", tmp_path / "at-once")
    ]
    assert modes[0] == modes[1]
    laid = {path for path, _, _ in done.files or ()} - {".wheelpin.json"}
    assert laid == (contents(tmp_path / "ahead").keys() if is_kept else set())


def test_second_folder_gets_links_to_what_was_kept(tmp_path: Path, wheels: list[Wheel]) -> None:
    for name in ("one", "two"):
        laid_ahead(wheels, tmp_path / name, cache_dir=tmp_path / "cache")
    assert (tmp_path / "one/large.bin").samefile(tmp_path / "two/large.bin")


def test_processes_lay_what_threads_lay(tmp_path: Path, wheels: list[Wheel]) -> None:
    """In a process without threads, as the command is."""
    program = (
        "import sys; from pathlib import Path; from tests.bundle.test_head_start import *\n"
        "where = Path(sys.argv[1])\n"
        "with open_hands() as hands:\n"
        "    laid_ahead([open_wheel(path) for path in sorted(where.glob('*.whl'))], where / 'ahead', hands=hands)\n"
        "    print(hands.count)\n"
    )
    command = [sys.executable, "-c", f"from wheelpin.bundle.wheel import open_wheel\n{program}", str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    assert int(done.stdout) == (min(cores, 4) if cores > 1 else 0)
    laid_ahead(wheels, tmp_path / "threads")
    assert contents(tmp_path / "ahead") == contents(tmp_path / "threads")


def test_process_with_threads_starts_no_others() -> None:
    done = Event()
    thread = Thread(target=done.wait)
    thread.start()
    try:
        with open_hands() as hands:
            assert hands.count == 0
    finally:
        done.set()
        thread.join()


def served(batches: Sequence[Batch], where: Path, *, goes_on: Callable[[], bool]) -> list[tuple[Report, ...]]:
    """Return what a process reports that gets *batches* and then no more."""
    with (where / "orders").open("wb") as stream:
        for batch in batches:
            send(stream, marshal.dumps(batch))
    with (where / "orders").open("rb") as orders, (where / "reports").open("wb") as reports:
        serve(orders, reports, goes_on=goes_on)
    with (where / "reports").open("rb") as stream:
        answers = [receive(stream) for _ in batches]
    return [marshal.loads(answer) for answer in answers if answer is not None]


@pytest.mark.parametrize("goes_on", [True, False], ids=["while its parent lives", "not after its parent's death"])
def test_process_lays_files(
    tmp_path: Path, wheels: list[Wheel], monkeypatch: pytest.MonkeyPatch, *, goes_on: bool
) -> None:
    monkeypatch.chdir(tmp_path)  # and back in the end
    new = tmp_path / "new"
    (new / "shared").mkdir(parents=True)
    files = [file for file in laid_out(wheels[1]).files if file.path.startswith("shared/")]
    batches = list(iter_batches(wheels[1], files, str(new), None))
    (reports,) = served(batches, tmp_path, goes_on=lambda: goes_on)
    assert [report is not None for report in reports] == [goes_on] * len(files)
    assert [path.name for path in sorted((new / "shared").iterdir())] == ["__init__.py", "second.py"] * goes_on


def test_process_keeps_to_its_folder_whatever_that_is_called_by_now(
    tmp_path: Path, wheels: list[Wheel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a process that outlives its parent for a moment does not write into the folder of the next run."""
    monkeypatch.chdir(tmp_path)
    new = tmp_path / "new"
    (new / "shared").mkdir(parents=True)
    files = {file.path: file for file in laid_out(wheels[1]).files}
    batches = [
        batch
        for path in ("shared/__init__.py", "shared/second.py")
        for batch in iter_batches(wheels[1], [files[path]], str(new), None)
    ]

    def rename_at_first() -> bool:
        if not (tmp_path / "trash").exists():
            new.rename(tmp_path / "trash")
            (new / "shared").mkdir(parents=True)
        return True

    served(batches, tmp_path, goes_on=rename_at_first)
    assert sorted(path.name for path in (tmp_path / "trash/shared").iterdir()) == ["__init__.py", "second.py"]
    assert list((new / "shared").iterdir()) == []


def test_process_that_is_gone_is_noticed(tmp_path: Path, wheels: list[Wheel]) -> None:
    (tmp_path / "empty").touch()
    batch = next(iter_batches(wheels[1], laid_out(wheels[1]).files, str(tmp_path / "new"), None))
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb", buffering=0) as orders, (tmp_path / "empty").open("rb") as reports:
        hands = Hands((Hand(os.getpid(), orders, reports),))
        with pytest.raises(HandLostError):  # it read what it was to do, and died
            hands.lay(batch, goes_on=lambda: True)
        os.close(reader)
        with pytest.raises(HandLostError):
            hands.lay(batch, goes_on=lambda: True)


class LostHands(Hands):
    """Hands that die after some work."""

    def lay(self, batch: Batch, *, goes_on: Callable[[], bool]) -> tuple[Report, ...]:
        lay_batch(batch, KeptFiles(batch[2]), goes_on=goes_on)
        raise HandLostError


def test_folder_is_whole_although_a_process_was_killed(tmp_path: Path, wheels: list[Wheel]) -> None:
    laid_ahead(wheels, tmp_path / "ahead", hands=LostHands())
    vendored(laid_out(*wheels), tmp_path / "at-once")
    assert contents(tmp_path / "ahead") == contents(tmp_path / "at-once")


def test_broken_member_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    wheel = wheel_of(tmp_path, "demo", {"demo.py": "v = 1\n", "large.bin": LARGE})
    body = bytearray(wheel.path.read_bytes())
    (large,) = (member for member in wheel.members if member.path == "large.bin")
    body[large.entry.data_start + 1000] ^= 1
    wheel.path.write_bytes(body)
    with pytest.raises(WheelRefusedError, match=r"large\.bin"):
        laid_ahead([wheel], tmp_path / "beside/vendor")
    assert list((tmp_path / "beside").iterdir()) == []


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"same.py": "v = 2\n"}, id="another file in the same place"),
        pytest.param({"same.py/inner.py": ""}, id="a folder where the other has a file"),
    ],
)
def test_wheels_that_collide_are_refused_and_nothing_is_left(tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "beside").mkdir()
    wheels = [wheel_of(tmp_path, "first", {"same.py": "v = 1\n"}), wheel_of(tmp_path, "second", files)]
    with pytest.raises(CollisionError):
        laid_ahead(wheels, tmp_path / "beside/vendor")
    assert list((tmp_path / "beside").iterdir()) == []


def test_wheel_that_is_not_there_any_more_is_left_to_who_can_say_so(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, "demo")
    wheel.path.unlink()
    with pytest.raises(WheelUnreadableError):
        laid_ahead([wheel], tmp_path / "vendor")


def test_nothing_is_laid_ahead_into_a_folder_that_is_there(tmp_path: Path, wheels: list[Wheel]) -> None:
    laid_ahead(wheels[1:], tmp_path / "vendor")
    assert laid_ahead(wheels, tmp_path / "vendor").outcome is Outcome.REPLACED
    assert laid_ahead(wheels, tmp_path / "vendor").outcome is Outcome.UNCHANGED
    vendored(laid_out(*wheels), tmp_path / "at-once")
    assert contents(tmp_path / "vendor") == contents(tmp_path / "at-once")


def test_folder_that_somebody_made_meanwhile_is_not_touched(tmp_path: Path, wheels: list[Wheel]) -> None:
    folder = tmp_path / "vendor"
    placement = Placement(Layout.of(LINUX), read_member)
    with open_folder(folder, reporter=RecordingReporter()) as opened:
        opened.begin(wheels[0], placement.add(wheels[0]))
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
        with pytest.raises(NotOurFolderError):
            opened.lay(placement.tree(), target=LINUX.name)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_folders_made_on_the_way_go_with_what_was_refused(tmp_path: Path, wheels: list[Wheel]) -> None:
    (tmp_path / "beside").mkdir()
    with pytest.raises(CollisionError):
        laid_ahead([*wheels, wheel_of(tmp_path, "third", {"empty.py": "v = 3\n"})], tmp_path / "beside/a/b/vendor")
    assert list((tmp_path / "beside").iterdir()) == []
    laid_ahead(wheels, tmp_path / "beside/a/b/vendor")
    assert [path.name for path in (tmp_path / "beside/a/b").iterdir()] == ["vendor"]


def test_last_file_of_a_killed_run_does_not_stop_the_next(
    tmp_path: Path, wheels: list[Wheel], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / ".vendor.wheelpin/new"
    left.mkdir(parents=True)
    remove = shutil.rmtree
    late = [left / "late.py"]

    def remove_while_another_writes(folder: Path) -> None:
        if not late:
            remove(folder)
            return
        late.pop().touch()
        raise OSError(errno.ENOTEMPTY, "Directory not empty")

    monkeypatch.setattr(shutil, "rmtree", remove_while_another_writes)
    laid_ahead(wheels, tmp_path / "vendor")
    monkeypatch.undo()
    assert not (tmp_path / "vendor/late.py").exists()

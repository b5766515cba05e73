"""Wheelhouses that several processes fill, some of which die; over real HTTP."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_wheel
from tests.index_server import IndexServer, Ranges

FILES = [make_wheel(f"p{number}", files={"m.py": random.Random(number).randbytes(300_000)}) for number in range(6)]

FILL = """
import sys
from pathlib import Path
from tests.reporters import RecordingReporter
from wheelpin.values import IndexUrl
from wheelpin.locks import parse_lock
from wheelpin.settings import IndexLocation, Settings
from wheelpin.transport import HttpTransport
from wheelpin.values import Origin
from wheelpin.wheelhouse import LockSource, Supply, WheelStore, fill_wheelhouse

lock, house, cache = map(Path, sys.argv[1:4])
reporter = RecordingReporter()
settings = Settings(index_url=IndexLocation(url=IndexUrl("https://index.example/")), cache_dir=cache, retries=0)
source = LockSource(lock=parse_lock(lock.read_text(), Origin("lock.txt")), name="lock.txt", folder=Path())
print("begun", flush=True)
with HttpTransport(settings, reporter) as transport:
    fill_wheelhouse([source], house, Supply(transport=transport, store=WheelStore(cache), reporter=reporter))
"""


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer(*FILES) as server:
        yield server


@pytest.fixture
def lock(tmp_path: Path, server: IndexServer) -> Path:
    path = tmp_path / "lock.txt"
    lines = [f"{file.project} @ {server.file_url(file.filename)}#sha256={file.sha256}\n" for file in FILES]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def start(lock: Path, house: Path, cache: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", FILL, lock, house, cache], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    return process


def finish(process: subprocess.Popen[bytes]) -> int:
    process.communicate()
    return process.returncode


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def file_of(name: str) -> BuiltFile:
    return next(file for file in FILES if file.filename == name)


def test_processes_that_fill_one_folder_do_not_disturb_each_other(tmp_path: Path, lock: Path) -> None:
    house = tmp_path / "house"
    running = [start(lock, house, tmp_path / "cache") for _ in range(3)]
    assert [finish(process) for process in running] == [0, 0, 0]
    assert names(house) == {file.filename for file in FILES}


@pytest.mark.parametrize("ranges", [Ranges.HONOURED, Ranges.IGNORED, Ranges.REFUSED_501], ids=lambda it: it.value)
def test_run_that_dies_leaves_no_wrong_file_and_the_next_one_finishes(
    tmp_path: Path, server: IndexServer, lock: Path, ranges: Ranges
) -> None:
    server.ranges = ranges
    house = tmp_path / "house"
    for pause_ms in (0, 10, 20, 40):
        process = start(lock, house, tmp_path / "cache")
        with suppress(subprocess.TimeoutExpired):
            process.wait(pause_ms / 1000)
        process.kill()
        finish(process)
        if house.exists():
            whole = list(house.glob("*.whl"))
            assert [path.read_bytes() for path in whole] == [file_of(path.name).body for path in whole]
    assert finish(start(lock, house, tmp_path / "cache")) == 0
    assert names(house) == {file.filename for file in FILES}

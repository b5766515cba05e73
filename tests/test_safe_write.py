import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wheelpin.safe_write import FileNotWritableError, write_text_atomically

OLD = "flask==2.0 ü\n"
NEW = "flask==2.1 ü\n"
LIMIT_BYTES = 1_000_000
TOO_LONG = "x" * (LIMIT_BYTES + 1)


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    path = tmp_path / "lock.txt"
    path.write_text(OLD, encoding="utf-8")
    return path


@contextmanager
def little_space() -> Iterator[None]:
    """Let the system refuse long files, as a full disk does, in the middle of writing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_new_content_replaces_the_old(lock_file: Path) -> None:
    assert write_text_atomically(lock_file, NEW)
    assert lock_file.read_bytes() == NEW.encode("utf-8")
    assert list(lock_file.parent.iterdir()) == [lock_file]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert write_text_atomically(tmp_path / "lockfiles" / "more" / "a.txt", NEW)
    assert (tmp_path / "lockfiles" / "more" / "a.txt").read_text(encoding="utf-8") == NEW


def test_equal_content_keeps_its_time_stamp(lock_file: Path) -> None:
    os.utime(lock_file, (1, 1))
    assert not write_text_atomically(lock_file, OLD)
    assert lock_file.stat().st_mtime == 1


def test_symbolic_link_is_written_through(lock_file: Path) -> None:
    link = lock_file.with_name("link.txt")
    link.symlink_to(lock_file.name)
    assert write_text_atomically(link, NEW)
    assert (link.is_symlink(), lock_file.read_text(encoding="utf-8")) == (True, NEW)


def test_symbolic_link_to_nothing_yet_is_written_through(tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to("lock.txt")
    assert write_text_atomically(link, NEW)
    assert (link.is_symlink(), (tmp_path / "lock.txt").read_text(encoding="utf-8")) == (True, NEW)


def test_mode_of_the_old_file_is_kept(lock_file: Path) -> None:
    lock_file.chmod(0o664)
    write_text_atomically(lock_file, NEW)
    assert stat.S_IMODE(lock_file.stat().st_mode) == 0o664


def test_mode_of_a_new_file_is_that_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").touch()
    write_text_atomically(tmp_path / "lock.txt", NEW)
    assert (tmp_path / "lock.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


def test_device_is_written_and_not_replaced() -> None:
    assert write_text_atomically(Path("/dev/null"), NEW)
    assert Path("/dev/null").is_char_device()


def test_failure_in_the_middle_keeps_the_old_file_and_leaves_nothing(lock_file: Path) -> None:
    with little_space(), pytest.raises(FileNotWritableError) as caught:
        write_text_atomically(lock_file, TOO_LONG)
    assert str(caught.value) == f"cannot write {lock_file}: File too large"
    assert lock_file.read_text(encoding="utf-8") == OLD
    assert list(lock_file.parent.iterdir()) == [lock_file]


def test_death_in_the_middle_keeps_the_old_file_and_the_next_run_succeeds(lock_file: Path) -> None:
    program = f"""
import resource, signal
from pathlib import Path
from wheelpin.safe_write import write_text_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT_BYTES}, {LIMIT_BYTES}))
write_text_atomically(Path({str(lock_file)!r}), "x" * {LIMIT_BYTES + 1})
"""
    root = Path(__file__).parents[1]
    process = subprocess.run([sys.executable, "-c", program], cwd=root, check=False)
    assert process.returncode == -signal.SIGXFSZ
    assert lock_file.read_text(encoding="utf-8") == OLD
    assert write_text_atomically(lock_file, NEW)
    assert lock_file.read_text(encoding="utf-8") == NEW


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda folder: folder, "Is a directory", id="a folder"),
        pytest.param(
            lambda folder: folder / "file" / "lock.txt",
            "{folder}/file is no folder",
            id="a file where a folder must be",
        ),
        pytest.param(lambda folder: folder / ("x" * 300), "File name too long", id="a name that is too long"),
        pytest.param(lambda _: Path("/dev/full"), "No space left on device", id="no space"),
    ],
)
def test_refusal_names_file_and_reason(make: Callable[[Path], Path], reason: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = make(tmp_path)
    with pytest.raises(FileNotWritableError) as caught:
        write_text_atomically(path, NEW)
    assert str(caught.value) == f"cannot write {path}: {reason.format(folder=tmp_path)}"
    assert (caught.value.hint or "").startswith("make room there") is (path.name == "full")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]

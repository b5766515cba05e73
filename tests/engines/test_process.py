"""Processes that are stopped, interrupted and cut off."""

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from wheelpin.engines import process

if not hasattr(signal, "setitimer"):  # Windows
    pytest.skip("interrupting oneself needs a timer that sends signals", allow_module_level=True)


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Get a Ctrl-C soon."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def writing_late(path: Path, *, seconds: float) -> list[str]:
    """Spell a process that makes a file after a while."""
    return [sys.executable, "-c", f"import time; time.sleep({seconds}); open({str(path)!r}, 'w').close()"]


def test_process_ends_with_the_caller(interrupted: None, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        process.call(writing_late(tmp_path / "late", seconds=30), timeout_s=60)
    assert time.monotonic() - started < 20


def test_process_that_must_not_be_cut_off_ends_first(interrupted: None, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        process.call_undivided(writing_late(tmp_path / "late", seconds=1.5), timeout_s=60)
    assert (tmp_path / "late").exists()


def test_process_that_must_not_be_cut_off_does_not_hold_the_caller_for_ever(
    interrupted: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LONGEST_ENDING_S", 0.5)
    with pytest.raises(KeyboardInterrupt):
        process.call_undivided(writing_late(tmp_path / "late", seconds=30), timeout_s=60)
    assert not (tmp_path / "late").exists()


def test_process_that_takes_too_long_is_stopped_with_all_it_started() -> None:
    started = time.monotonic()
    ended = process.call_undivided(["sh", "-c", "echo said; sleep 30 & wait"], timeout_s=0.5)
    assert (ended.exit_code, ended.stdout) == (None, b"said\n")
    assert time.monotonic() - started < 20


def test_process_whose_log_cannot_be_kept_is_stopped() -> None:
    def full(_: bytes) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        process.stream(["sh", "-c", "echo said; sleep 30"], full, timeout_s=60)


def test_process_that_takes_all_and_ends_badly_is_heard() -> None:
    ended: list[process.Ended] = []
    with process.writing_to(["sh", "-c", "cat >/dev/null; echo sorry >&2; exit 3"], ended) as stream:
        stream.write(b"x" * 100_000)
    assert (ended[0].exit_code, ended[0].stderr) == (3, b"sorry\n")

"""Processes that are stopped, interrupted and cut off."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wheelpin.engines import process

if os.name == "nt":
    pytest.skip("Windows has no shell that these processes need", allow_module_level=True)


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Get a Ctrl-C while a process is waited for."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt)


def writing_late(path: Path, *, seconds: float) -> list[str]:
    """Spell a process that makes a file after a while."""
    return [sys.executable, "-c", f"import time; time.sleep({seconds}); open({str(path)!r}, 'w').close()"]


def test_process_ends_with_the_caller(interrupted: None, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        process.call(writing_late(tmp_path / "late", seconds=300), timeout_s=60)
    assert time.monotonic() - started < 200


def test_process_that_must_not_be_cut_off_ends_first(interrupted: None, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        process.call_undivided(writing_late(tmp_path / "late", seconds=0.5), timeout_s=60)
    assert (tmp_path / "late").exists()


def test_process_that_must_not_be_cut_off_does_not_hold_the_caller_for_ever(
    interrupted: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LONGEST_ENDING_S", 0.5)
    with pytest.raises(KeyboardInterrupt):
        process.call_undivided(writing_late(tmp_path / "late", seconds=300), timeout_s=60)
    assert not (tmp_path / "late").exists()


def test_process_that_takes_too_long_is_stopped_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, start = tmp_path / "begun", process._started

    def start_and_see(*arguments: object, **options: object) -> object:
        running = start(*arguments, **options)  # type: ignore[arg-type]
        while not begun.exists():
            time.sleep(0.01)
        return running

    monkeypatch.setattr(process, "_started", start_and_see)
    started = time.monotonic()
    ended = process.call_undivided(["sh", "-c", f"echo said; >'{begun}'; sleep 300 & wait"], timeout_s=0.5)
    assert (ended.exit_code, ended.stdout) == (None, b"said\n")
    assert time.monotonic() - started < 200


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

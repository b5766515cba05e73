"""The log of a build: whole in its file, its end at hand, its lines for whoever watches."""

import os
from pathlib import Path

import pytest

from wheelpin.engines import RunLog
from wheelpin.safe_write import FileNotWritableError


def test_all_of_it_is_kept_as_it_came(tmp_path: Path) -> None:
    seen: list[str] = []
    with RunLog(tmp_path / "logs" / "a.log", live=seen.append) as log:
        log(b"one\ntw")
        log(b"o\n\x1b[31mred\x1b[0m \x07bell\n")
        log.note("wheelpin: two \N{BULLET} three")
        log(b"10%\r50%\r100%\nno end")
        assert log.tail[-1] == "no end"
    assert seen == ["one", "two", "red bell", "wheelpin: two \N{BULLET} three", "100%", "no end"]
    assert log.tail == tuple(seen)
    expected = "one\ntwo\n\x1b[31mred\x1b[0m \x07bell\nwheelpin: two \N{BULLET} three\n10%\r50%\r100%\nno end"
    assert log.path.read_text(encoding="utf-8") == expected.replace("\r", "\n")
    assert log.path.read_bytes() == expected.encode()


def test_watcher_gets_no_words_to_the_terminal(tmp_path: Path) -> None:
    with RunLog(tmp_path / "a.log") as log:
        log("a\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\x1bMd\x9b31me\x00f".encode() + b"\xff\n")
    assert log.tail == ("abcdef\N{REPLACEMENT CHARACTER}",)


def test_end_of_it_is_at_hand(tmp_path: Path) -> None:
    with RunLog(tmp_path / "a.log") as log:
        log(b"".join(b"line %d\n" % number for number in range(1000)))
    assert log.tail == tuple(f"line {number}" for number in range(960, 1000))


def test_line_without_end_takes_no_memory(tmp_path: Path) -> None:
    seen: list[str] = []
    with RunLog(tmp_path / "a.log", live=seen.append) as log:
        for _ in range(10):
            log(b"x" * 3000)
    assert [len(line) for line in seen] == [4096] * 5


def test_log_that_does_not_end_fills_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheelpin.engines.logs.MOST_BYTES", 10)
    with RunLog(tmp_path / "a.log") as log:
        log(b"123456\n")
        log(b"789012\n")
        log(b"never\n")
    assert log.path.read_bytes() == b"123456\n789012\n\n(the log is cut here)\n"
    assert log.tail[-1] == "never"


def test_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileNotWritableError, match=r"a\.log"):
        RunLog(tmp_path / "file" / "a.log")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.log").symlink_to("/dev/full")
    with pytest.raises(FileNotWritableError, match=os.strerror(28)), RunLog(tmp_path / "a.log") as log:
        log(b"text")


def test_two_at_once_do_not_write_into_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with RunLog(path) as first, RunLog(path) as second:
        first(b"one\n")
        second(b"two\n")
        assert (first.path, second.path) == (path, tmp_path / "a-2.log")
        first.discard()
    assert [each.name for each in tmp_path.iterdir()] == ["a-2.log"]
    assert second.path.read_bytes() == b"two\n"


def test_name_is_used_again_when_nobody_writes_it_any_more(tmp_path: Path) -> None:
    for said in (b"long words\n", b"short\n"):
        with RunLog(tmp_path / "a.log") as log:
            log(said)
    assert (tmp_path / "a.log").read_bytes() == b"short\n"

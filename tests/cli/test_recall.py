"""A repeated command in an unchanged world is answered from memory; anything that matters makes it think again."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Process
from tests.index_server import IndexServer, Shown
from wheelpin.answers import Answer, decode_answer, encode_answer
from wheelpin.cli import recall as recalling
from wheelpin.entry import main

WORLD = (make_wheel("alpha", "1.0", requires=["beta"]), make_wheel("beta", "1.0"))
COMMAND = ["lock", "-r", "requirements.in", "-t", LINUX]


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*WORLD) as running:
        yield running


@pytest.fixture
def words(index: IndexServer) -> list[str]:
    """The command whose answer is in memory."""
    Path("requirements.in").write_text("alpha\n")
    found = [*COMMAND, "-i", index.url]
    assert main(found) == 0
    assert main(found) == 0  # the lock is there now, as it will be
    return found


def is_recalled(words: list[str]) -> bool:
    return recalling.recall(words)


def test_unchanged_world_is_answered_from_memory(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = LOCK.read_bytes()
    capsys.readouterr()
    assert is_recalled(words)
    assert LOCK.read_bytes() == text
    assert capsys.readouterr().err == f"{LOCK.as_posix()}: 2 pins for {LINUX} (unchanged)\n"


def test_lock_that_is_gone_is_written_again(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = LOCK.read_bytes()
    LOCK.unlink()
    assert main(words) == 0
    assert LOCK.read_bytes() == text


def test_what_was_printed_is_printed_again(index: IndexServer, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["lock", "alpha", "-t", LINUX, "-i", index.url, "-o", "-"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert is_recalled(words)
    assert capsys.readouterr().out == printed


def test_memory_loads_next_to_nothing(words: list[str], process: Process) -> None:
    process(*words)  # this process's environment is another question
    argv = [sys.executable, "-X", "importtime", "-m", "wheelpin", *words]
    done = subprocess.run(
        argv, cwd=process.folder, env=process.variables(), capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time")}
    assert "wheelpin.answers" in loaded
    assert not loaded & {
        "click",
        "packaging",
        "msgspec",
        "pathlib",
        "dataclasses",
        "json",
        "ssl",
        "httpx",
        "resolvelib",
    }


CHANGES: list[tuple[str, Callable[[pytest.MonkeyPatch], object]]] = [
    ("a requirement more", lambda _: Path("requirements.in").write_text("alpha\nbeta\n")),
    ("an included file that was edited", lambda _: Path("requirements.in").write_text("alpha # why\n")),
    ("a lock that was edited by hand", lambda _: LOCK.write_text(LOCK.read_text() + "# mine\n")),
    ("a folder that was moved", lambda patch: patch.chdir("..")),
    ("another index in the environment", lambda patch: patch.setenv("PIP_INDEX_URL", "https://index.example/")),
    ("no index in the environment", lambda patch: patch.setenv("WHEELPIN_NO_INDEX", "1")),
]


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in CHANGES])
def test_memory_does_not_answer_after(
    words: list[str], change: Callable[[pytest.MonkeyPatch], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch)
    assert not is_recalled(words)


def test_memory_does_not_answer_when_pip_is_configured_anew(
    words: list[str], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Path(environment["HOME"], ".pip", "pip.conf")
    if sys.platform != "linux":
        pytest.skip("the place of pip's configuration differs: this test knows that of Linux")
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    main(words)
    assert is_recalled(words)
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text("[global]\nindex-url = https://index.example/simple/\n")
    assert not is_recalled(words)


def test_memory_does_not_answer_once_a_page_is_stale(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert not is_recalled(words)


@pytest.mark.parametrize("option", ["--refresh", "--no-cache", "--verbose", "--offline"])
def test_options_that_want_more_than_memory_get_it(words: list[str], option: str) -> None:
    main([*words, option])
    assert not is_recalled([*words, option])


def test_question_with_a_secret_is_not_kept(index: IndexServer) -> None:
    secret = index.url.replace("://", "://user:secret@")
    words = ["lock", "alpha", "-t", LINUX, "-i", secret]
    assert main(words) == 0
    assert not is_recalled(words)


@pytest.mark.parametrize("blob", [b"", b"\0", b"1.0", b"x\0y", b"1\0\0" + b"9\0" * 40, b"\xff"], ids=repr)
def test_damaged_answer_is_none(blob: bytes) -> None:
    assert decode_answer(blob) is None


def test_answer_reads_back_as_it_was_written() -> None:
    answer = Answer(
        watched=[("/a", "1"), ("/b", "")],
        pages=[("https://index.example/simple/a/", '"tag"', "")],
        outputs=[("/lock.txt", "", "ü @ x\n", "done")],
        warnings=["be careful"],
        fresh_until=12.5,
        standard_output="{}\n",
    )
    blob = encode_answer(answer)
    assert blob is not None
    found = decode_answer(blob)
    assert found is not None
    assert vars(found) == vars(answer)


def stale(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let more time pass than any page is fresh."""
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)


def test_stale_world_that_has_not_changed_costs_one_conditional_request_a_page(
    index: IndexServer, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale(words, monkeypatch)
    index.forget_requests()
    capsys.readouterr()
    assert main(words) == 0
    assert sorted((request.path, request.status) for request in index.asked()) == [
        ("/simple/alpha/", 304),
        ("/simple/beta/", 304),
    ]
    assert "2 pins" in capsys.readouterr().err
    assert is_recalled(words)


def test_stale_world_that_has_changed_is_asked_again_for_what_changed_only(
    index: IndexServer, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stale(words, monkeypatch)
    index.add(make_wheel("beta", "2.0"))
    index.forget_requests()
    assert main(words) == 0
    assert [request.status for request in index.asked("/simple/alpha/")] == [304]
    assert [request.status for request in index.asked("/simple/beta/")] == [200, 200]
    assert "beta-1.0" in LOCK.read_text()  # the pin of the lock is kept


@pytest.fixture
def dated(index: IndexServer) -> list[str]:
    """A command that leaves out what is younger than a day, and whose answer is in memory."""
    week, now = (datetime.now(UTC) - timedelta(days=7)).isoformat(), datetime.now(UTC).isoformat()
    index.cache_control = f"max-age={7 * 86_400}"
    index.add(Shown(file=make_wheel("dated", "1.0"), uploaded_at=week))
    index.add(Shown(file=make_wheel("dated", "2.0"), uploaded_at=now))
    words = ["lock", "dated", "-t", LINUX, "-i", index.url, "--exclude-newer", "1 day", "-o", "-"]
    assert main(words) == 0
    return words


def test_answer_that_moves_with_the_clock_is_remembered_for_a_while(dated: list[str]) -> None:
    assert is_recalled(dated)


@pytest.mark.parametrize("cache_control", ["max-age=604800", "max-age=60"], ids=["fresh pages", "stale pages"])
def test_answer_that_moves_with_the_clock_is_not_repeated_because_its_pages_hold(
    dated: list[str],
    index: IndexServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cache_control: str,
) -> None:
    index.cache_control = cache_control
    assert main([*dated, "--refresh"]) == 0
    assert main(dated) == 0
    assert "/dated-1.0-" in capsys.readouterr().out
    later = time.time() + 2 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert not is_recalled(dated)
    assert main(dated) == 0
    assert "/dated-2.0-" in capsys.readouterr().out


def test_index_that_is_gone_is_reported_although_an_answer_is_remembered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with IndexServer.json_with_sidecars(*WORLD) as index:
        words = ["lock", "alpha", "-t", LINUX, "-i", index.url, "--retries", "0"]
        assert main(words) == 0
        assert main(words) == 0
    stale(words, monkeypatch)
    capsys.readouterr()
    assert main(words) == 5
    assert "error:" in capsys.readouterr().err

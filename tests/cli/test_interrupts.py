"""Ctrl-C at the moments at which Python alone would lose it, or leave a lock to nobody."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from importlib.machinery import ModuleSpec
from types import FrameType, SimpleNamespace

import pytest

from tests.cli.running import LINUX, Process
from wheelpin import interrupts
from wheelpin.entry import main
from wheelpin.interrupts import Interrupts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no timers that signal")


class Entered:
    def __enter__(self) -> FrameType:
        return sys._getframe()

    def __exit__(self, *_: object) -> None:
        pass


def frame_of_entering() -> FrameType:
    with Entered() as frame:
        return frame


def frame_of_threading() -> FrameType:
    frames: list[FrameType] = []
    thread = threading.Thread(target=lambda: frames.append(sys._getframe(1)))
    thread.start()
    thread.join()
    return frames[0]


class Finder:
    def __init__(self) -> None:
        self.frames: list[FrameType] = []

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        self.frames.append(sys._getframe(1))
        return None


def frame_of_importing() -> FrameType:
    finder = Finder()
    sys.meta_path.insert(0, finder)
    try:
        with pytest.raises(ModuleNotFoundError):
            __import__("nothing_of_this_name")
    finally:
        sys.meta_path.remove(finder)
    return finder.frames[0]


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Set no timer, but note for when it would be."""
    noted: list[float] = []
    monkeypatch.setattr("wheelpin.interrupts.signal.setitimer", lambda _, seconds: noted.append(seconds))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    return noted


@pytest.mark.parametrize("delicate", [frame_of_entering, frame_of_threading, frame_of_importing])
def test_where_locks_change_hands_an_interrupt_waits(timers: list[float], delicate: Callable[[], FrameType]) -> None:
    taken = Interrupts()
    taken.take(signal.SIGINT, delicate())
    taken.take(signal.SIGALRM, delicate())  # by then it is another call
    assert len(timers) == 2
    with pytest.raises(KeyboardInterrupt):
        taken.take(signal.SIGALRM, sys._getframe())
    assert len(timers) == 2


def test_who_waits_for_a_lock_is_interrupted_at_the_second_look(timers: list[float]) -> None:
    taken, frame = Interrupts(), frame_of_threading()
    taken.take(signal.SIGINT, frame)
    with pytest.raises(KeyboardInterrupt):
        taken.take(signal.SIGALRM, frame)
    assert len(timers) == 1


@pytest.mark.parametrize("frame", [None, sys._getframe()], ids=["nowhere", "anywhere"])
def test_interrupt_that_comes_twice_is_one(timers: list[float], frame: FrameType | None) -> None:
    taken = Interrupts()
    with pytest.raises(KeyboardInterrupt):
        taken.take(signal.SIGINT, frame)
    taken.take(signal.SIGINT, frame)
    assert timers == []


def test_impatience_is_another_interrupt(timers: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    taken, now = Interrupts(), 100.0
    monkeypatch.setattr(interrupts, "monotonic", lambda: now)
    for now in (100.0, 102.0):  # noqa: B007 - the clock reads it
        with pytest.raises(KeyboardInterrupt):
            taken.take(signal.SIGINT, None)
    assert timers == []


def test_what_threads_meet_after_an_interrupt_is_not_told(
    timers: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        Interrupts().take(signal.SIGINT, None)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert capsys.readouterr().err == ""
    assert timers == []


def test_interrupt_that_nobody_could_pass_on_comes_again(timers: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "__unraisablehook__", told.append)
    taken = Interrupts()
    other, lost = SimpleNamespace(exc_type=ValueError), SimpleNamespace(exc_type=KeyboardInterrupt)
    taken.come_again(other)
    assert (told, timers) == ([other], [])
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            taken.take(signal.SIGINT, None)
        taken.come_again(lost)
    assert (told, len(timers)) == ([other], 2)


@pytest.fixture
def handlers(timers: list[float], monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, object]]:
    """Handle no signal, but note how it would be."""
    noted: list[tuple[int, object]] = []
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr("wheelpin.interrupts.signal.signal", lambda number, handler: noted.append((number, handler)))
    monkeypatch.setattr("wheelpin.interrupts.signal.getsignal", lambda _: signal.default_int_handler)
    return noted


def test_interrupts_are_taken_to_the_end_and_then_ignored(handlers: list[tuple[int, object]]) -> None:
    with Interrupts() as taken:
        assert handlers == [(signal.SIGALRM, taken.take), (signal.SIGINT, taken.take)]
        handlers.clear()
    assert handlers == [(signal.SIGINT, signal.SIG_IGN), (signal.SIGALRM, signal.SIG_IGN)]


def test_who_wants_no_interrupts_has_none(handlers: list[tuple[int, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheelpin.interrupts.signal.getsignal", lambda _: signal.SIG_IGN)
    with Interrupts():
        pass
    assert handlers == []


def test_error_is_told_as_an_interrupt_only_after_one(handlers: list[tuple[int, object]]) -> None:
    def run(*interrupts: int) -> None:
        with Interrupts() as taken:
            for each in interrupts:
                with suppress(KeyboardInterrupt):
                    taken.take(each, None)
            raise RuntimeError("of some kind")

    with pytest.raises(RuntimeError):
        run()
    with pytest.raises(KeyboardInterrupt):
        run(signal.SIGINT)


@pytest.mark.parametrize(("threads", "ended"), [(1, []), (2, [0])])
@pytest.mark.parametrize("is_heard", [True, False])
def test_process_ends_at_once_if_threads_are_left(
    monkeypatch: pytest.MonkeyPatch, threads: int, ended: list[int], *, is_heard: bool
) -> None:
    def flush() -> None:
        if not is_heard:
            raise BrokenPipeError

    codes: list[int] = []
    monkeypatch.setattr("wheelpin.entry._run", lambda _: 0)
    monkeypatch.setattr("wheelpin.entry.Interrupts", nullcontext)
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(threading, "active_count", lambda: threads)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(flush=flush))
    monkeypatch.setattr(sys, "stderr", None)
    assert main() == 0
    assert codes == ended


PROGRAM = """
import _imp, signal, sys, threading
from wheelpin.entry import main
from wheelpin.transport import HttpTransport

fetch = HttpTransport.fetch

class Collected:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

class Named:
    def __set_name__(self, owner, name):
        signal.raise_signal(signal.SIGINT)

def interrupted(self, request):
    future = fetch(self, request)
    moment()
    return future

def in_what_the_collector_calls():
    Collected()

def in_what_makes_another_error_of_it():
    class _:
        name = Named()

def while_nobody_else_can_import():
    raise KeyboardInterrupt

def twice():
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.raise_signal(signal.SIGINT)

moment = globals()[sys.argv.pop()]
if moment is while_nobody_else_can_import:
    import wheelpin.cli.main, wheelpin.cli.lock
    _imp.acquire_lock()
HttpTransport.fetch = interrupted
sys.exit(main())
"""


@pytest.mark.parametrize(
    "moment",
    [
        "in_what_the_collector_calls",
        "in_what_makes_another_error_of_it",
        "while_nobody_else_can_import",
        "twice",
    ],
)
def test_run_ends_at_once_whenever_it_is_interrupted(process: Process, moment: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        words = ("lock", "alpha", "-t", LINUX, "-i", url, "--timeout", "3600", moment)
        said = process.run([sys.executable, "-c", PROGRAM, *words])
    assert (said.code, said.out, said.err.split()) == (130, "", ["interrupted"])


def test_nothing_is_taken_down_under_threads_that_are_left_behind(process: Process) -> None:
    program = """
import atexit, sys, threading
from wheelpin.entry import main
atexit.register(print, "taken down")
if sys.argv.pop() == "one":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
sys.exit(main())
"""
    said = process("--version")
    assert process.run([sys.executable, "-c", program, "--version", "none"]).out == f"{said.out}taken down\n"
    assert process.run([sys.executable, "-c", program, "--version", "one"]) == said
    assert process.run([sys.executable, "-c", program, "--versiom", "one"]) == process("--versiom")

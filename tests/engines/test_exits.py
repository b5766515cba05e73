"""Exit codes in words, and an end in order."""

import os
import signal
import threading

import pytest

from wheelpin.engines.exits import meaning_of
from wheelpin.engines.failures import last_words
from wheelpin.engines.signals import ending_in_order


@pytest.mark.parametrize(
    ("exit_code", "text", "hint"),
    [
        (None, "it did not come to an end", ""),
        (1, "exit code 1", ""),
        (126, "a program of the image cannot be executed (exit code 126)", ""),
        (127, "a program is not in the image (exit code 127)", ""),
        (134, "a program died of signal 6 (exit code 134)", ""),
        (137, "it was killed, as happens when the memory runs out (exit code 137)", "memory"),
        (139, "a program died of a segmentation fault (exit code 139)", "vsyscall=emulate"),
    ],
)
def test_exit_code_means_something(exit_code: int | None, text: str, hint: str) -> None:
    meaning = meaning_of(exit_code)
    assert meaning.text == text
    assert hint in (meaning.hint or "")
    assert bool(meaning.hint) is bool(hint)


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        pytest.param(b"", "it said nothing", id="nothing"),
        pytest.param(b"Error: it is so\n\n", "it is so", id="podman"),
        pytest.param(
            b"docker: Error response from daemon: it is so.\n\nRun 'docker run --help' for more information\n",
            "it is so.",
            id="docker",
        ),
        pytest.param(b"noise\nError: runc: it\xff is so\n", "runc: it\N{REPLACEMENT CHARACTER} is so", id="any bytes"),
    ],
)
def test_engines_last_words_are_told(stderr: bytes, words: str) -> None:
    assert last_words(stderr) == words


def test_process_that_is_told_to_end_does_so_in_order() -> None:
    before = signal.getsignal(signal.SIGTERM)
    closed = []

    def told_to_end() -> None:
        with ending_in_order():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                closed.append(True)

    with pytest.raises(SystemExit) as caught:
        told_to_end()
    assert caught.value.code == 143
    assert closed == [True]
    assert signal.getsignal(signal.SIGTERM) is before is signal.SIG_DFL


def test_signals_that_somebody_takes_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with ending_in_order():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_other_threads_take_no_signals() -> None:
    seen: list[object] = []

    def look() -> None:
        with ending_in_order():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]

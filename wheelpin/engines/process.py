"""The processes of an engine's command line: none gets the terminal's Ctrl-C, none waits for ever."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader
from tempfile import TemporaryFile
from typing import IO

from msgspec import Struct

from wheelpin.engines.model import Sink

_PIECE = 64 * 1024
_LONGEST_ENDING_S = 60


class Ended(Struct, frozen=True, kw_only=True):
    """How a process ended."""

    exit_code: int | None
    """None if it was stopped because it took too long; negative for a signal."""
    stdout: bytes = b""
    stderr: bytes = b""


def call(argv: Sequence[str], *, timeout_s: float, said: bytes = b"") -> Ended:
    """Run *argv* to its end; raise `OSError` if it cannot be started."""
    process = _started(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        return _communicated(process, said, timeout_s)
    except BaseException:
        _abandon(process)
        raise


def call_undivided(argv: Sequence[str], *, timeout_s: float) -> Ended:
    """Run *argv* as `call` does, but let it come to its end before an interruption goes on its way."""
    process = _started(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        return _communicated(process, b"", timeout_s)
    except BaseException:
        _let_end(process)
        _abandon(process)
        raise


def stream(argv: Sequence[str], log: Sink, *, timeout_s: float) -> int | None:
    """Run *argv*, hand all it says to *log* as it comes, and return its exit code; None if it took too long."""
    process = _started(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    late = threading.Event()
    timer = threading.Timer(timeout_s, _stop, (process, late))
    timer.start()
    try:
        assert isinstance(process.stdout, BufferedReader)
        with process.stdout:
            while piece := process.stdout.read1(_PIECE):
                log(piece)
        exit_code = process.wait()
    except BaseException:
        _abandon(process)
        raise
    finally:
        timer.cancel()
    return None if late.is_set() else exit_code


@contextmanager
def writing_to(
    argv: Sequence[str], ended: list[Ended], *, surroundings: Mapping[str, str] | None = None
) -> Iterator[IO[bytes]]:
    """Start *argv* and give its standard input; how it ended stands in *ended* after the context."""
    with TemporaryFile() as errors:
        process = _started(
            argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, surroundings=surroundings
        )
        with _ending(process, errors, ended):
            assert process.stdin is not None
            # The process may end before it has taken all: it then tells why.
            with suppress(BrokenPipeError):
                yield process.stdin
            _close(process)


@contextmanager
def reading_from(argv: Sequence[str], ended: list[Ended]) -> Iterator[BufferedReader]:
    """Start *argv* and give its standard output; how it ended stands in *ended* after the context."""
    with TemporaryFile() as errors:
        process = _started(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        with _ending(process, errors, ended):
            assert isinstance(process.stdout, BufferedReader)
            yield process.stdout


@contextmanager
def _ending(process: subprocess.Popen[bytes], errors: IO[bytes], ended: list[Ended]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        _abandon(process)
        raise
    _let_end(process)
    _close(process)
    errors.seek(0)
    ended.append(Ended(exit_code=process.returncode, stderr=errors.read(_PIECE)))


def _started(
    argv: Sequence[str],
    *,
    stdin: int,
    stdout: int,
    stderr: int | IO[bytes],
    surroundings: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=stderr, env=surroundings, start_new_session=True)


def _communicated(process: subprocess.Popen[bytes], said: bytes, timeout_s: float) -> Ended:
    try:
        stdout, stderr = process.communicate(said, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        _kill(process)
        stdout, stderr = process.communicate()
        return Ended(exit_code=None, stdout=stdout, stderr=stderr)
    return Ended(exit_code=process.returncode, stdout=stdout, stderr=stderr)


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(process)


def _let_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_LONGEST_ENDING_S)
    except subprocess.TimeoutExpired:
        _kill(process)
        process.wait()


def _abandon(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.wait()
    _close(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started, which would hold its pipes open otherwise."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(BrokenPipeError):  # what was buffered has nowhere to go
                pipe.close()

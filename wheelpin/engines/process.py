"""The processes of an engine's command line: none gets the terminal's Ctrl-C, none waits for ever."""

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from tempfile import TemporaryFile
from typing import IO

from wheelpin.engines.model import Sink

_PIECE = 64 * 1024
_LONGEST_ENDING_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended."""

    exit_code: int | None
    """None if it was stopped because it took too long; negative for a signal."""
    stdout: bytes = b""
    stderr: bytes = b""


def call(argv: Sequence[str], *, timeout_s: float, said: bytes = b"") -> Ended:
    """Run *argv* to its end; raise `OSError` if it cannot be started."""
    try:
        done = subprocess.run(
            argv, input=said, capture_output=True, timeout=timeout_s, check=False, start_new_session=True
        )
    except subprocess.TimeoutExpired as late:
        return Ended(exit_code=None, stdout=late.stdout or b"", stderr=late.stderr or b"")
    return Ended(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def call_undivided(argv: Sequence[str], *, timeout_s: float) -> Ended:
    """Run *argv* as `call` does, but let it come to its end before an interruption goes on its way."""
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            return Ended(exit_code=None, stdout=stdout, stderr=stderr)
        except BaseException:
            _let_end(process)
            raise
    return Ended(exit_code=process.returncode, stdout=stdout, stderr=stderr)


def stream(argv: Sequence[str], log: Sink, *, timeout_s: float) -> int | None:
    """Run *argv*, hand all it says to *log* as it comes, and return its exit code; None if it took too long."""
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        late = threading.Event()
        timer = threading.Timer(timeout_s, _stop, (process, late))
        timer.start()
        try:
            assert isinstance(process.stdout, BufferedReader)
            while piece := process.stdout.read1(_PIECE):
                log(piece)
            exit_code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
    return None if late.is_set() else exit_code


@contextmanager
def writing_to(argv: Sequence[str], ended: list[Ended]) -> Iterator[IO[bytes]]:
    """Start *argv* and give its standard input; how it ended stands in *ended* after the context."""
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        with _ending(process, errors, ended):
            assert process.stdin is not None
            try:
                yield process.stdin
                process.stdin.close()
            except BrokenPipeError:
                _close_quietly(process.stdin)


@contextmanager
def reading_from(argv: Sequence[str], ended: list[Ended]) -> Iterator[BufferedReader]:
    """Start *argv* and give its standard output; how it ended stands in *ended* after the context."""
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
        with _ending(process, errors, ended):
            assert isinstance(process.stdout, BufferedReader)
            with process.stdout:
                yield process.stdout


@contextmanager
def _ending(process: subprocess.Popen[bytes], errors: IO[bytes], ended: list[Ended]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        process.kill()
        process.wait()
        raise
    _let_end(process)
    errors.seek(0)
    ended.append(Ended(exit_code=process.returncode, stderr=errors.read(_PIECE)))


def _let_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_LONGEST_ENDING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _close_quietly(stream: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # what was buffered has nowhere to go
        stream.close()


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()

"""A container that runs, by the command line of its engine."""

import os
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from wheelpin.engines import archives, process
from wheelpin.engines.errors import EngineFailedError, ResultMissingError, TimeLimitError
from wheelpin.engines.failures import failure, last_words, telling, tells_of_nothing_there
from wheelpin.engines.model import Answer, Command, Sink
from wheelpin.engines.words import commit_words, exec_words

_LONGEST_CALL_S = 600
_RUNNING = ("container", "inspect", "--format", "{{.State.Running}}")


class RunningContainer:
    """Implements `Container`."""

    def __init__(self, engine: str, program: Sequence[str], name: str, *, idle: Command, time_limit_s: int) -> None:
        self._engine, self._program, self.name = engine, program, name
        self._idle = idle
        self._limit_s = time_limit_s
        self._deadline = time.monotonic() + time_limit_s

    def copy_in(self, source: Path, folder: str) -> None:
        """See `Container.copy_in`."""
        ended: list[process.Ended] = []
        doing = f"copy {source} into a container"
        argv = [*self._program, "cp", "-", f"{self.name}:/"]
        # Some releases of podman keep a copy of what they are given in their folder for temporary files, for good.
        with telling(self._engine, doing), TemporaryDirectory(prefix="wheelpin-") as scratch:
            surroundings = {**os.environ, "TMPDIR": scratch}
            with process.writing_to(argv, ended, surroundings=surroundings) as stream:
                archives.pack(source, folder, stream)
        if ended[0].exit_code != 0:
            raise failure(self._engine, doing, ended[0].stderr)

    def run(self, command: Command, log: Sink) -> int:
        """See `Container.run`."""
        with telling(self._engine, f"run {command.argv[0]}"):
            exit_code = process.stream(self._words(command), log, timeout_s=self._left_s)
        if exit_code is None:
            raise TimeLimitError(command.argv[0], self._limit_s)
        if exit_code != 0:
            self._check_alive(command)
        return exit_code

    def ask(self, command: Command, said: bytes = b"") -> Answer:
        """See `Container.ask`."""
        with telling(self._engine, f"run {command.argv[0]}"):
            ended = process.call(self._words(command), timeout_s=self._left_s, said=said)
        if ended.exit_code not in {0, None}:
            self._check_alive(command)
        return Answer(exit_code=ended.exit_code, stdout=ended.stdout, stderr=ended.stderr)

    def copy_out(self, path: str, to: Path) -> tuple[Path, ...]:
        """See `Container.copy_out`."""
        ended: list[process.Ended] = []
        doing = f"copy {path} out of a container"
        argv = [*self._program, "cp", f"{self.name}:{PurePosixPath(path)}", "-"]
        files: tuple[Path, ...] = ()
        with telling(self._engine, doing), process.reading_from(argv, ended) as stream:
            if first := stream.peek(1):
                files = archives.unpack(stream, to)
            # What follows the archive's end mark is padding, and the engine waits until it is taken.
            while first and stream.read(1024 * 1024):
                pass
        if ended[0].exit_code == 0 and first:
            return files
        if tells_of_nothing_there(ended[0].stderr):
            raise ResultMissingError(path)
        raise failure(self._engine, doing, ended[0].stderr)

    def commit(self) -> str:
        """See `Container.commit`."""
        doing = "keep a container as an image"
        with telling(self._engine, doing):
            ended = process.call_undivided([*self._program, *commit_words(self.name)], timeout_s=_LONGEST_CALL_S)
        if ended.exit_code != 0:
            raise failure(self._engine, doing, ended.stderr)
        return ended.stdout.decode("ascii", "replace").strip().splitlines()[-1]

    @property
    def _left_s(self) -> float:
        return max(0.1, self._deadline - time.monotonic())

    def _words(self, command: Command) -> list[str]:
        return [*self._program, *exec_words(self.name, command, os.environ)]

    def _check_alive(self, command: Command) -> None:
        """Tell a command that failed from a container or an engine that went away under it.

        For a moment engines go on calling a container running whose processes were killed: only what still starts a
        process lives.
        """
        started = process.call(self._words(self._idle), timeout_s=_LONGEST_CALL_S)
        if started.exit_code == 0:
            return
        ended = process.call([*self._program, *_RUNNING, self.name], timeout_s=_LONGEST_CALL_S)
        if ended.exit_code != 0:
            reason = last_words(ended.stderr)
        elif ended.stdout.strip() == b"true":
            reason = f"nothing starts in the container any more: {last_words(started.stderr)}"
        else:
            reason = "the container ended under it"
        raise EngineFailedError(self._engine, f"run {command.argv[0]}", reason)

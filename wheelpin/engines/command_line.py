"""Docker and podman, local or remote, by their command lines."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from threading import Lock

from wheelpin.engines import process
from wheelpin.engines.architectures import architecture_of, is_emulated, runs_natively
from wheelpin.engines.container import RunningContainer
from wheelpin.engines.errors import (
    EngineFailedError,
    ForeignArchitectureError,
    ImageMissingError,
    ImageUnusableError,
    NoSpaceError,
    PullFailedError,
)
from wheelpin.engines.exits import meaning_of
from wheelpin.engines.failures import (
    failure,
    last_words,
    telling,
    tells_of_another_machine,
    tells_of_no_container,
    tells_of_no_image,
    tells_of_no_program,
)
from wheelpin.engines.model import ContainerOptions, EngineName, ImageFacts, Sink
from wheelpin.engines.signals import ending_in_order
from wheelpin.engines.words import (
    MACHINE,
    exec_words,
    idle_command,
    probe_words,
    pull_words,
    read_image_facts,
    run_words,
)

_LONGEST_QUESTION_S = 60
_LONGEST_START_S = 600
"""Without an overlay file system every container is a copy of its image."""
_LONGEST_PULL_S = 3600
_GRACE_S = 5
"""Containers outlive their time limit by this, so that wheelpin is the one to say so."""
_BINFMT = Path("/proc/sys/fs/binfmt_misc")


class CommandLineEngine:
    """Implements `Engine`."""

    def __init__(self, name: EngineName, program: str) -> None:
        self.name = name
        self.program = program
        self._open: set[str] = set()
        self._is_stopped = False
        self._lock = Lock()

    def facts_of(self, image: str) -> ImageFacts | None:
        """See `Engine.facts_of`."""
        if image.startswith("-"):
            return None
        ended = self._call("image", "inspect", image)
        if ended.exit_code != 0 and tells_of_no_image(ended.stderr):
            return None
        if ended.exit_code != 0:
            raise failure(str(self.name), f"look for the image {image}", ended.stderr)
        try:
            return read_image_facts(image, ended.stdout)
        except (ValueError, KeyError) as error:
            raise EngineFailedError(str(self.name), f"tell of the image {image}", str(error)) from error

    def has_image(self, image: str) -> bool:
        """See `Engine.has_image`."""
        return self.facts_of(image) is not None

    def digest_of(self, image: str) -> str:
        """See `Engine.digest_of`."""
        if (facts := self.facts_of(image)) is None:
            raise ImageMissingError(str(self.name), image)
        return facts.identity

    def pull(self, image: str, architecture: str | None, log: Sink) -> None:
        """See `Engine.pull`."""
        said = bytearray()

        def keep(piece: bytes) -> None:
            said.extend(piece)
            del said[:-65536]
            log(piece)

        argv = [self.program, *pull_words(image, architecture)]
        with telling(str(self.name), f"fetch {image}"):
            exit_code = process.stream(argv, keep, timeout_s=_LONGEST_PULL_S)
        if exit_code is None:
            raise PullFailedError(str(self.name), f"fetch {image}", f"it took more than {_LONGEST_PULL_S} seconds")
        if exit_code != 0:
            found = failure(str(self.name), f"fetch {image}", bytes(said))
            raise found if isinstance(found, NoSpaceError) else PullFailedError(found.engine, found.doing, found.reason)

    def remove_image(self, image: str) -> None:
        """See `Engine.remove_image`."""
        ended = self._call("image", "rm", "--force", image)
        if ended.exit_code != 0 and not tells_of_no_image(ended.stderr):
            raise failure(str(self.name), f"remove the image {image}", ended.stderr)

    def can_run(self, architecture: str) -> bool:
        """See `Engine.can_run`."""
        machine, kernel = self._machine
        if runs_natively(architecture, machine) or kernel != platform.release():
            return True
        return is_emulated(architecture, _handlers())

    @contextmanager
    def open(self, options: ContainerOptions) -> Iterator[RunningContainer]:
        """See `Engine.open`."""
        if options.architecture is not None and not self.can_run(options.architecture):
            raise ForeignArchitectureError(str(self.name), options.architecture, options.image)
        if (facts := self.facts_of(options.image)) is None:
            raise ImageMissingError(str(self.name), options.image)
        if options.architecture not in {None, facts.architecture}:
            raise ImageUnusableError(
                options.image,
                f"it is of {facts.architecture}, not of {options.architecture}",
                hint=f"{self.name} pull --platform fetches the other one",
            )
        name = f"wheelpin-{token_hex(8)}"
        with ending_in_order(), self._removing(name):
            self._start(options, name)
            idle = idle_command(options, seconds=0)
            yield RunningContainer(str(self.name), (self.program,), name, idle=idle, time_limit_s=options.time_limit_s)

    def stop(self) -> None:
        """See `Engine.stop`."""
        with self._lock:
            self._is_stopped = True
            names = sorted(self._open)
        for name in names:
            self._remove(name)

    def check(self) -> None:
        """Raise `EngineFailedError` unless the engine answers."""
        _ = self._machine

    @cached_property
    def _machine(self) -> tuple[str, str]:
        """The architecture and the kernel of the machine that containers run on."""
        ended = self._call(*MACHINE[self.name])
        words = ended.stdout.decode("utf-8", "replace").split()
        if ended.exit_code != 0 or len(words) != 2:
            raise failure(str(self.name), "answer", ended.stderr)
        return architecture_of(words[0]), words[1]

    def _start(self, options: ContainerOptions, name: str) -> None:
        argv = [self.program, *run_words(options, name, grace_s=_GRACE_S)]
        with telling(str(self.name), f"start a container of {options.image}"):
            ended = process.call_undivided(argv, timeout_s=_LONGEST_START_S)
        if ended.exit_code != 0:
            raise self._start_error(options.image, options.sleeper or "sleep", ended.stderr)
        # Whatever is wrong with the image's programs would take its first one down before anybody looks.
        ended = self._call(*exec_words(name, idle_command(options, seconds=0), {}))
        if ended.exit_code == 0:
            return
        if tells_of_no_container(ended.stderr):
            ended = self._call(*probe_words(options))
        if ended.exit_code == 125 or tells_of_no_container(ended.stderr):
            raise self._start_error(options.image, options.sleeper or "sleep", ended.stderr)
        meaning = meaning_of(ended.exit_code)
        raise ImageUnusableError(options.image, meaning.text, hint=meaning.hint)

    def _start_error(self, image: str, program: str, stderr: bytes) -> ImageUnusableError | EngineFailedError:
        if tells_of_no_program(stderr):
            return ImageUnusableError(image, f"it has no {program}")
        if tells_of_another_machine(stderr):
            return ImageUnusableError(image, last_words(stderr))
        return failure(str(self.name), f"start a container of {image}", stderr)

    @contextmanager
    def _removing(self, name: str) -> Iterator[None]:
        with self._lock:
            if self._is_stopped:
                raise EngineFailedError(str(self.name), "start a container", "it was told to stop")
            self._open.add(name)
        try:
            yield
        finally:
            self._remove(name)
            with self._lock:
                self._open.discard(name)

    def _remove(self, name: str) -> None:
        """Remove a container. One that cannot be removed ends by itself: an error here would hide what came before."""
        with suppress(OSError):
            process.call_undivided([self.program, "rm", "--force", "--volumes", name], timeout_s=_LONGEST_QUESTION_S)

    def _call(self, *words: str) -> process.Ended:
        with telling(str(self.name), "start"):
            return process.call([self.program, *words], timeout_s=_LONGEST_QUESTION_S)


def _handlers() -> list[str]:
    """Read what this machine's kernel runs by emulators."""
    try:
        entries = [path for path in _BINFMT.iterdir() if path.name not in {"register", "status"}]
        return [path.read_text(encoding="utf-8", errors="replace") for path in entries]
    except OSError:
        return []

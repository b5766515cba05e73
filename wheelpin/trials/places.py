"""Where an interpreter runs over a folder: on this machine, or in a container of an image."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pkgutil import get_data
from typing import Protocol

from wheelpin.errors import InputError
from wheelpin.target import Linux, Target

_ISOLATED = ("-E", "-s", "-S", "-B")
"""No PYTHON* variables, no site-packages of the interpreter's own, nothing written; Python 2.7 knows them all."""
_LONGEST_RUN_S = 600
_LONGEST_CALL_S = 1800
"""Creating a container may have to fetch its image first."""
_FOLDER_IN_CONTAINER = "/vendored"
_ENGINES = ("docker", "podman")
_OCI_ARCHITECTURES = {
    "x86_64": "amd64",
    "i686": "386",
    "aarch64": "arm64",
    "armv7l": "arm/v7",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
}


class PythonFailedError(InputError):
    """An interpreter could not be run."""

    def __init__(self, python: str, reason: str) -> None:
        super().__init__(python, reason)
        self.python, self.reason = python, reason

    def __str__(self) -> str:
        return f"cannot run {self.python}: {self.reason}"


class WrongPythonError(InputError):
    """An interpreter is not the target's: its answers would be about something else."""

    def __init__(self, python: str, *, found: str, wanted: str) -> None:
        super().__init__(python, found, wanted)
        self.python, self.found, self.wanted = python, found, wanted
        self.hint = f"name a {wanted} with --python"

    def __str__(self) -> str:
        return f"{self.python} is {self.found}, and the target has {self.wanted}"


class NoEngineError(InputError):
    """An image was named, and nothing here runs images."""

    hint = "install one, or name an interpreter of this machine with --python"

    def __init__(self, engines: tuple[str, ...]) -> None:
        super().__init__(engines)
        self.engines = engines

    def __str__(self) -> str:
        return f"an image needs {' or '.join(self.engines)}, and neither is on the PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a script ended and what it answered until then."""

    answers: tuple[Mapping[str, object], ...]
    exit_code: int | None
    """None if it was stopped because it took too long; negative for a signal."""
    last_words: str
    """The last line on standard error."""


class Place(Protocol):
    """Runs a script over a folder."""

    @property
    def name(self) -> str:
        """What to call it in messages."""
        ...

    def run(self, script: str, folder: Path, question: Mapping[str, object]) -> Ran:
        """Run *script*, which takes the folder's path and reads *question*; raise `PythonFailedError`."""
        ...


@dataclass(frozen=True, slots=True)
class HostPython:
    """An interpreter of this machine."""

    path: str

    @property
    def name(self) -> str:
        """The path, as the user gave it."""
        return self.path

    def run(self, script: str, folder: Path, question: Mapping[str, object]) -> Ran:
        """Run it with nothing but its own library and what the script adds; raise `PythonFailedError`."""
        if (program := shutil.which(self.path)) is None:
            raise PythonFailedError(self.path, "there is no such program")
        argv = [str(Path(program).absolute()), *_ISOLATED, "-c", script, str(folder.resolve())]
        return _ran(self.name, argv, question)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePython:
    """An interpreter in a container image. The folder is copied in, so that the engine may be on another machine."""

    engine: str
    """The command line of docker or podman."""
    image: str
    python: str
    """The interpreter's name or path in the image."""
    platform: str | None
    """``linux/arm64``."""

    @classmethod
    def of(cls, image: str, target: Target, *, engine: str, python: str | None = None) -> "ImagePython":
        """Choose what the target needs of *image*."""
        prefix = "pypy" if target.interpreter.tag.startswith("pp") else "python"
        arch = _OCI_ARCHITECTURES.get(target.platform.arch) if isinstance(target.platform, Linux) else None
        return cls(
            engine=engine,
            image=image,
            python=python or f"{prefix}{target.interpreter.minor}",
            platform=None if arch is None else f"linux/{arch}",
        )

    @property
    def name(self) -> str:
        """Interpreter and image."""
        return f"{self.python} in {self.image}"

    def create_argv(self, script: str) -> list[str]:
        """Spell the command that makes the container, without network."""
        platform = () if self.platform is None else ("--platform", self.platform)
        head = [self.engine, "create", "--interactive", "--network", "none", *platform, "--entrypoint", self.python]
        return [*head, self.image, *_ISOLATED, "-c", script, _FOLDER_IN_CONTAINER]

    def run(self, script: str, folder: Path, question: Mapping[str, object]) -> Ran:
        """Run it in a container of its own, removed afterwards; raise `PythonFailedError`."""
        with self._container(script) as container:
            self._call([self.engine, "cp", f"{folder.resolve()}{os.sep}.", f"{container}:{_FOLDER_IN_CONTAINER}"])
            return _ran(self.name, [self.engine, "start", "--attach", "--interactive", container], question)

    @contextmanager
    def _container(self, script: str) -> Iterator[str]:
        container = self._call(self.create_argv(script)).split()[-1]
        try:
            yield container
        finally:
            self._call([self.engine, "rm", "--force", container])

    def _call(self, argv: Sequence[str]) -> str:
        done = _completed(self.name, argv, b"", timeout_s=_LONGEST_CALL_S)
        if done.returncode != 0:
            raise PythonFailedError(self.name, _last_line(done.stderr) or f"{self.engine} failed")
        return done.stdout.decode("utf-8", "replace")


def find_engine() -> str:
    """Return the command line that runs images; raise `NoEngineError`."""
    found = next(filter(None, map(shutil.which, _ENGINES)), None)
    if found is None:
        raise NoEngineError(_ENGINES)
    return found


def packaged_script(name: str) -> str:
    """Return the source of a script that lies beside this module."""
    return (get_data("wheelpin.trials", name) or b"").decode("utf-8")


def require_python(ran: Ran, place: Place, target: Target) -> None:
    """Raise `WrongPythonError` unless the target's interpreter answered, `PythonFailedError` if none did."""
    found = next((str(answer["python"]) for answer in ran.answers if "python" in answer), None)
    if found is None:
        raise PythonFailedError(place.name, ran.last_words or f"it ended with exit code {ran.exit_code}")
    if found != str(target.interpreter):
        raise WrongPythonError(place.name, found=found, wanted=str(target.interpreter))


def _ran(name: str, argv: Sequence[str], question: Mapping[str, object]) -> Ran:
    said = (json.dumps(question) + "\n").encode("utf-8")
    try:
        done = _completed(name, argv, said, timeout_s=_LONGEST_RUN_S)
    except subprocess.TimeoutExpired as late:
        return Ran(answers=_answers(late.stdout or b""), exit_code=None, last_words=_last_line(late.stderr or b""))
    return Ran(answers=_answers(done.stdout), exit_code=done.returncode, last_words=_last_line(done.stderr))


def _completed(name: str, argv: Sequence[str], said: bytes, *, timeout_s: int) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            argv, input=said, capture_output=True, timeout=timeout_s, check=False, cwd=Path(os.sep).anchor or None
        )
    except OSError as error:
        raise PythonFailedError(name, error.strerror or str(error)) from error


def _answers(output: bytes) -> tuple[Mapping[str, object], ...]:
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # what broke off, or what is none of ours
            continue
    return tuple(answer for answer in found if isinstance(answer, dict))


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""

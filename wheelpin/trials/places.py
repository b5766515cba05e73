"""Where an interpreter runs over a folder, and the place that needs no engine: this machine."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from pkgutil import get_data
from typing import Protocol

from msgspec import Struct

from wheelpin.errors import InputError
from wheelpin.target import Target

ISOLATED = ("-E", "-s", "-S", "-B")
"""No PYTHON* variables, no site-packages of the interpreter's own, nothing written; Python 2.7 knows them all."""
LONGEST_RUN_S = 600


class PythonFailedError(InputError):
    """An interpreter could not be run."""

    def __init__(self, python: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(python, reason, hint)
        self.python, self.reason, self.hint = python, reason, hint

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


class Ran(Struct, frozen=True, kw_only=True):
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


class HostPython(Struct, frozen=True):
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
        argv = [str(Path(program).absolute()), *ISOLATED, "-c", script, str(folder.resolve())]
        return _ran(self.name, argv, question)


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
    folder = Path(os.sep).anchor or None
    try:
        done = subprocess.run(
            argv, input=spelled(question), capture_output=True, timeout=LONGEST_RUN_S, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired as late:
        return read_run(None, late.stdout or b"", late.stderr or b"")
    except OSError as error:
        raise PythonFailedError(name, error.strerror or str(error)) from error
    return read_run(done.returncode, done.stdout, done.stderr)


def spelled(question: Mapping[str, object]) -> bytes:
    """Spell a question for a script's standard input."""
    return (json.dumps(question) + "\n").encode("utf-8")


def read_run(exit_code: int | None, stdout: bytes, stderr: bytes) -> Ran:
    """Read what a script left."""
    return Ran(answers=_answers(stdout), exit_code=exit_code, last_words=_last_line(stderr))


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

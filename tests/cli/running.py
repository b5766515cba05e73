"""Run wheelpin as its users do: in this process where words and files matter, in one of its own where signals do."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from wheelpin.entry import main

ROOT = Path(__file__).parents[2]
LINUX = "cp312-manylinux_2_28_x86_64"
"""The target of tests to which any would do."""
LOCK = Path("lockfiles", f"{LINUX}.txt")
"""Where its lock is written unless the command says otherwise."""

_FOREIGN = ("PIP_", "WHEELPIN_", "PYTHON")
_FOREIGN_ENDINGS = ("_PROXY",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines on standard error that say what is wrong."""
        return [line for line in self.err.splitlines() if line.casefold().startswith("error:")]

    @property
    def warnings(self) -> list[str]:
        """The warnings on standard error, without their label."""
        label = "warning: "
        return [line.removeprefix(label) for line in self.err.splitlines() if line.startswith(label)]

    @property
    def hints(self) -> list[str]:
        """The hints on standard error, without their label."""
        return [line.removeprefix("hint: ") for line in self.err.splitlines() if line.startswith("hint: ")]


class Wheelpin:
    """wheelpin in this process, in the working folder and environment that the test has set."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Outcome:
        """Run one command."""
        self._capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        return Outcome(code=code, out=said.out, err=said.err)

    def lock(self, *arguments: str | Path, target: str = LINUX) -> Outcome:
        """Run ``wheelpin lock`` for one target, and expect it to succeed."""
        outcome = self("lock", *arguments, "--target", target)
        assert outcome.code == 0, outcome.err
        return outcome

    def text(self, *arguments: str | Path, target: str = LINUX) -> str:
        """Return what ``wheelpin lock`` prints for one target."""
        return self.lock(*arguments, "-o", "-", target=target).out

    def pins(self, *arguments: str | Path, target: str = LINUX) -> list[str]:
        """Return what one target gets, as ``project==version``."""
        return pins_of(self.text(*arguments, "--format", "hashes", target=target))


def pins_of(lock: str) -> list[str]:
    """Return the pins of a lock in the form ``hashes``, as ``project==version``."""
    return [line.partition(" ")[0] for line in lock.splitlines() if line and line[0] not in "# "]


def lines_of_pins(lock: str) -> list[str]:
    """Return a lock without its comments and empty lines."""
    return [line for line in lock.splitlines() if line and line[0] not in "# "]


def files_of(lock: str) -> list[str]:
    """Return the file names in a lock of the form ``hashes``."""
    return [line.removeprefix("    # file: ") for line in lock.splitlines() if line.startswith("    # file: ")]


def plain_environment(folder: Path) -> dict[str, str]:
    """Return an environment without this machine's configuration; homes and caches lie in *folder*."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_FOREIGN) and not name.upper().endswith(_FOREIGN_ENDINGS)
    }
    return {
        **kept,
        "HOME": str(folder / "home"),
        "NETRC": str(folder / "home" / ".netrc"),
        "XDG_CACHE_HOME": str(folder / "home" / "cache"),
        "XDG_CONFIG_HOME": str(folder / "home" / "config"),
        "PIP_CONFIG_FILE": os.devnull,
        "WHEELPIN_CACHE_DIR": str(folder / "cache"),
        "WHEELPIN_RETRIES": "0",
        "WHEELPIN_BUILD": "never",
        "WHEELPIN_KEYRING_PROVIDER": "disabled",
    }


def command_line(*arguments: str | Path) -> list[str]:
    """Spell a command for a process of its own."""
    return [sys.executable, "-W", "error", "-m", "wheelpin", *map(str, arguments)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Runs wheelpin in a process of its own."""

    folder: Path
    environment: Mapping[str, str]

    def __call__(
        self, *arguments: str | Path, more: Mapping[str, str] | None = None, paths: Sequence[Path] = (), stdin: str = ""
    ) -> Outcome:
        """Run one command to its end, with *more* in its environment and modules in *paths*."""
        return self.run(command_line(*arguments), more=more, paths=paths, stdin=stdin)

    def run(
        self,
        words: Sequence[str],
        *,
        more: Mapping[str, str] | None = None,
        paths: Sequence[Path] = (),
        stdin: str = "",
    ) -> Outcome:
        """Run any command line to its end, likewise."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.variables(more, paths),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return Outcome(code=done.returncode, out=done.stdout, err=done.stderr)

    def variables(self, more: Mapping[str, str] | None = None, paths: Sequence[Path] = ()) -> dict[str, str]:
        """Return the environment of a process that can import wheelpin."""
        return {**self.environment, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *paths))), **(more or {})}

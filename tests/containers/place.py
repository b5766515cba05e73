"""Where tests build: a folder on a machine without configuration, and an engine whose command line is listened to."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import make_tar_gz
from tests.cli.running import Outcome, Wheelpin
from tests.interpreters import pyenv_interpreters
from wheelpin.engines import CommandLineEngine
from wheelpin.target import Target

_TARGETS = "WHEELPIN_TEST_BUILD_TARGETS"
"""The targets that images to build in are there for, under the official images' names."""
_LISTENS = """\
#!/bin/sh
printf '%s\\n' "$*" >>'{calls}'
exec '{program}' "$@"
"""
_STARTED = re.compile(r"^run .*--name (\S+)", re.MULTILINE)
_GOES_SOON_S = 20
"""Within which an engine removes a container that has ended."""

PROJECT = "demo_of_wheelpin"
"""A name that no index has."""
SETUP = f"from setuptools import setup, Extension\n{{before}}\nsetup(name='{PROJECT}', version='1.0', {{more}})\n"
EXTENSION = "ext_modules=[Extension('_demo', ['a.c'], libraries=[{}])]"
GOOD_C = '#include <Python.h>\nstatic struct PyModuleDef m = {PyModuleDef_HEAD_INIT, "_demo", 0, -1, 0};\n'
GOOD_C += "PyMODINIT_FUNC PyInit__demo(void) { return PyModule_Create(&m); }\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One test's folder, engine and command."""

    folder: Path
    engine: CommandLineEngine
    calls: Path
    """What the engine was asked, a line each."""
    cache: Path
    wheelpin: Wheelpin

    def lock(self, *arguments: str | Path) -> Outcome:
        """Run ``wheelpin lock`` with the engine."""
        return self.wheelpin("lock", *arguments, "--engine", str(self.engine.name))

    def build(self, *arguments: str | Path) -> Outcome:
        """Run ``wheelpin build`` with the engine, for the folder ``wheels``."""
        return self.wheelpin("build", *arguments, "--engine", str(self.engine.name), "-w", "wheels")

    def has_kept_builds(self) -> bool:
        """Tell whether a wheel that was built is in the cache."""
        return any(self.cache.glob("builds-*/*/*"))

    @property
    def containers(self) -> frozenset[str]:
        """The names of all containers that builds were given."""
        said = self.calls.read_text(encoding="utf-8") if self.calls.exists() else ""
        return frozenset(_STARTED.findall(said))

    def left_over(self) -> frozenset[str]:
        """Return the containers that are still there when the engine had time to remove them."""
        deadline = time.monotonic() + _GOES_SOON_S
        while (left := self.containers & self._there()) and time.monotonic() < deadline:
            time.sleep(0.3)
        return left

    def _there(self) -> frozenset[str]:
        words = [self.engine.program, "ps", "--all", "--format", "{{.Names}}"]
        done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=60)
        return frozenset(done.stdout.split())


def listen(engine: CommandLineEngine, folder: Path, calls: Path) -> None:
    """Put a program into *folder* that is *engine* and writes down what it is asked."""
    folder.mkdir()
    program = folder / str(engine.name)
    program.write_text(_LISTENS.format(calls=calls, program=engine.program), encoding="utf-8")
    program.chmod(0o755)


def served(target: str) -> str:
    """Return *target* if an image serves it, or tell what is missing."""
    if not (targets := os.environ.get(_TARGETS)):
        pytest.skip(f"{_TARGETS} names no targets to build for")
    if target.replace("cp36-", "cp36m-") not in targets.split():
        pytest.skip(f"no image here builds for {target}")
    return target


def run_outside(program: str, target: str, folder: Path) -> None:
    """Run *program* on what lies in *folder* with a real interpreter of the target's version, on this machine."""
    minor = Target.parse(target).interpreter.minor
    if (python := pyenv_interpreters().get(minor)) is None:
        pytest.skip(f"pyenv has no Python {minor}")
    script = f"import sys; sys.path.insert(0, {str(folder)!r})\n{program}"
    words = [str(python), "-E", "-s", "-S", "-c", script]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def sdist(folder: Path, *, before: str = "", more: str = "py_modules=['demo']", **files: str) -> str:
    """Put an sdist of `PROJECT` into *folder*; ``a_dot_c`` spells the file ``a.c``."""
    members = {
        "setup.py": SETUP.format(before=before, more=more),
        "demo.py": "answer = 42\n",
        "PKG-INFO": f"Name: {PROJECT}\n",
    }
    members |= {name.replace("_dot_", "."): text for name, text in files.items()}
    path = folder / f"{PROJECT}-1.0.tar.gz"
    path.write_bytes(make_tar_gz((f"{PROJECT}-1.0/{name}", text.encode()) for name, text in members.items()))
    return path.name

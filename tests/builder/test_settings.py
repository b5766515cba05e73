"""What a recipe says to a build backend, for every release that may have to hear it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from tests.interpreters import pyenv_interpreters
from wheelpin.builder import CannotBuildError
from wheelpin.builder.scripts import write_scripts
from wheelpin.builder.settings import Setting, backend_settings, can_be_asked_with

SETUPTOOLS, LEGACY = "setuptools.build_meta", "setuptools.build_meta:__legacy__"
OLD, NEW = Version("44.1.1"), Version("64.0.0")


@pytest.mark.parametrize(
    ("settings", "backend", "setuptools", "told"),
    [
        pytest.param({"a": "1", "b": ("2", "3")}, "mesonpy", None, {"a": "1", "b": ["2", "3"]}, id="another backend"),
        pytest.param({"--build-option": "-x"}, "own", OLD, {"--build-option": "-x"}, id="one that has setuptools"),
        pytest.param(
            {"--build-option": "--a 'b c'", "--global-option": ("--q",), "k": "v"},
            SETUPTOOLS,
            NEW,
            {"--build-option": ["--a", "b c"], "--global-option": ["--q"], "k": "v"},
            id="setuptools",
        ),
        pytest.param({"--build-option": "--a b"}, LEGACY, OLD, {"--global-option": ["--a", "b"]}, id="an old one"),
    ],
)
def test_settings_are_worded_for_the_backend(
    settings: Mapping[str, Setting], backend: str, setuptools: Version | None, told: object
) -> None:
    assert backend_settings(settings, backend, setuptools, target="t") == told


def test_old_setuptools_cannot_be_told_what_goes_before_its_command() -> None:
    with pytest.raises(CannotBuildError, match=r"setuptools 44\.1\.1, .* takes no --global-option") as caught:
        backend_settings({"--global-option": "--q"}, SETUPTOOLS, OLD, target="t")
    assert "--build-option" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("backend", "setuptools", "can"),
    [(SETUPTOOLS, OLD, False), (LEGACY, NEW, True), ("mesonpy", None, True), ("own", OLD, True)],
)
def test_who_takes_settings_with_a_question(backend: str, setuptools: Version | None, can: bool) -> None:
    assert can_be_asked_with(backend, setuptools) is can


BACKEND = """\
import os
class inner:
    @staticmethod
    def build_wheel(folder, settings, metadata=None):
        print("chatter")
        assert type(folder) is str and type(settings["a"][0]) is str, (folder, settings)
        assert os.path.basename(os.getcwd()) == "tree"
        return "/".join([folder, settings["a"][0]])
"""


@pytest.mark.parametrize("minor", ["2.7", "3.6", "this"])
def test_backend_is_called_by_any_python(tmp_path: Path, minor: str) -> None:
    if (python := Path(sys.executable) if minor == "this" else pyenv_interpreters().get(minor)) is None:
        pytest.skip(f"pyenv has no Python {minor}")
    write_scripts(tmp_path / "scripts")
    tree = tmp_path / "tree"
    (tree / "within").mkdir(parents=True)
    (tree / "within" / "unpack.py").write_text(BACKEND)

    def call(hook: str) -> subprocess.CompletedProcess[str]:
        question: dict[str, object] = {"backend": "unpack:inner", "backend_path": ["within"], "hook": hook}
        question |= {"arguments": ["/b", {"a": ["1"]}], "answer": str(tmp_path / hook)}
        words = [str(python), str(tmp_path / "scripts" / "backend.py"), json.dumps(question)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(words, cwd=tree, check=False, capture_output=True, text=True, timeout=60, env=environment)

    built, silent, missing = map(call, ("build_wheel", "get_requires_for_build_wheel", "build_sdist"))
    assert (built.returncode, built.stdout) == (0, "chatter\n"), built.stderr
    assert json.loads((tmp_path / "build_wheel").read_text()) == {"answer": "/b/1"}
    assert silent.returncode == 0
    assert json.loads((tmp_path / "get_requires_for_build_wheel").read_text()) == {"answer": []}
    assert (missing.returncode, missing.stderr.strip()) == (
        1,
        "error: the build backend unpack:inner has no build_sdist",
    )

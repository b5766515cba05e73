"""An interpreter in a container: the commands that are spelled, and a stand-in for docker that runs them here."""

import os
import sys
from pathlib import Path

import pytest

from tests.reporters import RecordingReporter
from tests.trials.folders import folder_of, own_target, project
from wheelpin.target import Target
from wheelpin.trials import (
    ImagePython,
    ImportsFailedError,
    NoEngineError,
    PythonFailedError,
    find_engine,
    verify_imports,
)

STAND_IN = """\
#!{python}
import json, pathlib, shutil, subprocess, sys

state = pathlib.Path(sys.argv[0]).parent / "containers"
verb, *words = sys.argv[1:]
with (state.parent / "calls").open("a") as log:
    log.write(json.dumps([verb, *words]) + "\\n")
match verb:
    case "create":
        if words[words.index("--entrypoint") + 2] == "no/such:image":
            sys.exit("Unable to find image 'no/such:image' locally")
        state.mkdir()
        (state / "argv").write_text(json.dumps(words[words.index("--entrypoint") + 3:]))
        print("Unable to find image locally, pulling", file=sys.stderr)
        print("4f5e6d")
    case "cp":
        shutil.copytree(words[0], state / "vendored")
    case "start":
        argv = json.loads((state / "argv").read_text())
        sys.exit(subprocess.run([sys.executable, *argv[:-1], str(state / "vendored")]).returncode)
    case "rm":
        shutil.rmtree(state)
"""


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """Write a program that takes docker's words."""
    path = tmp_path / "engine" / "docker"
    path.parent.mkdir()
    path.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return path


def image_of(engine: Path, target: Target, image: str = "python:slim", *, python: str | None = None) -> ImagePython:
    return ImagePython.of(image, target, engine=str(engine), python=python)


@pytest.mark.parametrize(
    ("target", "python", "platform", "program"),
    [
        pytest.param("cp312-manylinux_2_28_aarch64", None, "linux/arm64", "python3.12", id="ARM"),
        pytest.param("cp27-manylinux1_i686", None, "linux/386", "python2.7", id="an old one of 32 bits"),
        pytest.param("cp311-musllinux_1_2_armv7l", None, "linux/arm/v7", "python3.11", id="a small one"),
        pytest.param("pp310-manylinux_2_28_x86_64", None, "linux/amd64", "pypy3.10", id="PyPy"),
        pytest.param(
            "cp312-manylinux_2_28_x86_64", "/opt/bin/py", "linux/amd64", "/opt/bin/py", id="named by the user"
        ),
    ],
)
def test_container_is_made_for_the_target(target: str, python: str | None, platform: str, program: str) -> None:
    argv = image_of(Path("docker"), Target.parse(target), python=python).create_argv("SCRIPT")
    assert argv == [
        *("docker", "create", "--interactive", "--network", "none", "--platform", platform, "--entrypoint", program),
        *("python:slim", "-E", "-s", "-S", "-B", "-c", "SCRIPT", "/vendored"),
    ]


def test_folder_is_copied_in_and_tried_there(engine: Path, tmp_path: Path) -> None:
    target = own_target()
    tree, folder = folder_of(tmp_path, project("thing", {"a.py": "", "b.py": "import nothing_there"}), target=target)
    with pytest.raises(ImportsFailedError) as caught:
        verify_imports(tree, folder, image_of(engine, target), target, RecordingReporter())
    assert str(caught.value) == (
        f"{folder} does not import with python{target.interpreter.minor} in python:slim: "
        "b of thing: ModuleNotFoundError: No module named 'nothing_there'"
    )
    assert not (engine.parent / "containers").exists()


def test_image_that_is_not_there_is_said(engine: Path, tmp_path: Path) -> None:
    target = own_target()
    tree, folder = folder_of(tmp_path, project("thing", {"a.py": ""}), target=target)
    with pytest.raises(PythonFailedError, match="Unable to find image"):
        verify_imports(tree, folder, image_of(engine, target, "no/such:image"), target, RecordingReporter())


def test_container_is_removed_when_the_folder_cannot_be_copied(engine: Path, tmp_path: Path) -> None:
    target = own_target()
    tree, _ = folder_of(tmp_path, project("thing", {"a.py": ""}), target=target)
    with pytest.raises(PythonFailedError):
        verify_imports(tree, tmp_path / "not there", image_of(engine, target), target, RecordingReporter())
    assert not (engine.parent / "containers").exists()


def test_engine_is_looked_for_on_the_path(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(engine.parent))
    assert find_engine() == str(engine)
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(NoEngineError, match="docker or podman"):
        find_engine()

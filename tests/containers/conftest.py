"""Container engines with images to run and build things in, and a user's machine without configuration."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import Wheelpin
from tests.containers.image import Image
from tests.containers.place import Place, listen
from wheelpin.engines import CommandLineEngine, EngineName
from wheelpin.target import Target

_IMAGE = "WHEELPIN_TEST_IMAGE"
"""Names an image that is there already; its tag is the target that it fits, ``…:cp39-manylinux_2_31_x86_64``."""
_ROOTLESS = "WHEELPIN_TEST_ROOTLESS_PODMAN"
"""Names a program that is podman as a plain user, whoever starts it."""
_WAYS_OUT = frozenset({"PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY"})
"""How a machine reaches the network at all."""


def _program(kind: str) -> str:
    """Return the path of an engine, or tell what is missing."""
    if kind == "rootless podman":
        if not (program := os.environ.get(_ROOTLESS)):
            pytest.skip(f"{_ROOTLESS} names no podman of a plain user")
        return program
    if (found := shutil.which(kind)) is None:
        pytest.skip(f"{kind} is not on the PATH")
    return found


def _image(program: str) -> str:
    """Return the image to run things in, or tell what is missing."""
    if not (name := os.environ.get(_IMAGE)):
        pytest.skip(f"{_IMAGE} names no image")
    found = subprocess.run([program, "image", "inspect", name], check=False, capture_output=True, timeout=60)
    if found.returncode != 0:
        pytest.skip(f"{program} has no image {name}, or does not run")
    return name


@pytest.fixture(scope="session", params=["docker", "podman"])
def image(request: pytest.FixtureRequest) -> Image:
    """Find an engine and the image, or tell what is missing."""
    program = _program(request.param)
    name = _image(program)
    return Image(engine=program, name=name, target=Target.parse(name.rpartition(":")[2]))


@pytest.fixture(scope="session", params=["docker", "podman", "rootless podman"])
def engine(request: pytest.FixtureRequest) -> CommandLineEngine:
    """Find an engine that has the image, or tell what is missing."""
    program = _program(request.param)
    _image(program)
    return CommandLineEngine(EngineName(request.param.rpartition(" ")[2]), program)


@pytest.fixture(scope="session")
def image_name(engine: CommandLineEngine) -> str:
    """Name an image with a shell, a compiler and a Python that every engine here has."""
    return os.environ[_IMAGE]


@pytest.fixture
def project(tmp_path: Path, image: Image, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with one engine, an empty cache and nothing of what this machine configures."""
    for name in os.environ.keys() - _WAYS_OUT:
        if name.startswith(("PIP_", "WHEELPIN_", "PYTHON")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(tmp_path / "cache"))
    programs = tmp_path / "bin"
    programs.mkdir()
    Path(programs, Path(image.engine).name).symlink_to(image.engine)
    monkeypatch.setenv("PATH", str(programs))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def wheelpin(capsys: pytest.CaptureFixture[str], project: Path) -> Wheelpin:
    """Run wheelpin in this process, in the project's folder."""
    return Wheelpin(capsys)


@pytest.fixture
def place(
    tmp_path: Path, engine: CommandLineEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Place:
    """Build in an empty folder, with one engine, an empty cache and nothing of what this machine configures."""
    for name in os.environ.keys() - _WAYS_OUT:
        if name.startswith(("PIP_", "PYTHON")) or name == "WHEELPIN_BUILD":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(tmp_path / "cache"))
    calls = tmp_path / "calls"
    listen(engine, tmp_path / "bin", calls)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Place(folder=folder, engine=engine, calls=calls, cache=tmp_path / "cache", wheelpin=Wheelpin(capsys))

"""A container engine with an image to run things in, and a user's machine without configuration."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import Wheelpin
from tests.containers.image import Image
from wheelpin.target import Target

_IMAGE = "WHEELPIN_TEST_IMAGE"
"""Names an image that is there already; its tag is the target that it fits, ``…:cp39-manylinux_2_31_x86_64``."""
_WAYS_OUT = frozenset({"PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY"})
"""How a machine reaches the network at all."""


@pytest.fixture(scope="session", params=["docker", "podman"])
def image(request: pytest.FixtureRequest) -> Image:
    """Find an engine and the image, or tell what is missing."""
    if (engine := shutil.which(request.param)) is None:
        pytest.skip(f"{request.param} is not on the PATH")
    if not (name := os.environ.get(_IMAGE)):
        pytest.skip(f"{_IMAGE} names no image")
    found = subprocess.run([engine, "image", "inspect", name], check=False, capture_output=True, timeout=30)
    if found.returncode != 0:
        pytest.skip(f"{request.param} has no image {name}, or does not run")
    return Image(engine=engine, name=name, target=Target.parse(name.rpartition(":")[2]))


@pytest.fixture(autouse=True)
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
def wheelpin(capsys: pytest.CaptureFixture[str]) -> Wheelpin:
    """Run wheelpin in this process."""
    return Wheelpin(capsys)

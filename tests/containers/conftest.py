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
_ENGINES = ("docker", "podman")
_WAYS_OUT = frozenset({"PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY"})
"""How a machine reaches the network at all."""


@pytest.fixture(scope="session")
def image() -> Image:
    """Find the image, or tell what is missing."""
    if (engine := next(filter(None, map(shutil.which, _ENGINES)), None)) is None:
        pytest.skip(f"neither {' nor '.join(_ENGINES)} is on the PATH")
    if not (name := os.environ.get(_IMAGE)):
        pytest.skip(f"{_IMAGE} names no image")
    found = subprocess.run([engine, "image", "inspect", name], check=False, capture_output=True, timeout=30)
    if found.returncode != 0:
        pytest.skip(f"{Path(engine).name} has no image {name}")
    return Image(engine=engine, name=name, target=Target.parse(name.rpartition(":")[2]))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with an empty cache and nothing of what this machine configures."""
    for name in os.environ.keys() - _WAYS_OUT:
        if name.startswith(("PIP_", "WHEELPIN_", "PYTHON")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def wheelpin(capsys: pytest.CaptureFixture[str]) -> Wheelpin:
    """Run wheelpin in this process."""
    return Wheelpin(capsys)

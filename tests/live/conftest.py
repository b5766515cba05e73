"""One folder of caches for all that these tests ask of PyPI, and nothing of this machine's configuration."""

import os
from pathlib import Path

import pytest

from tests.interpreters import pyenv_interpreters

_WAYS_OUT = frozenset({"PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY"})
"""How a machine reaches the network at all; what to find there is the tests' own business."""


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the session's folder, the same one for all workers of a parallel run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "live-caches"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def unconfigured(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pip and wheelpin as on a fresh machine, but for the way to the network."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "WHEELPIN_")) and name not in _WAYS_OUT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_CACHE_DIR", str(caches / "pip"))
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    monkeypatch.setenv("WHEELPIN_CACHE_DIR", str(caches / "wheelpin"))


@pytest.fixture
def python(request: pytest.FixtureRequest) -> Path:
    """Find the interpreter of the minor that the test names."""
    if (found := pyenv_interpreters().get(request.param)) is None:
        pytest.skip(f"pyenv has no Python {request.param}")
    return found

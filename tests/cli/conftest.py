"""A user's machine without configuration: an empty project folder, an empty home, an empty cache."""

import os
from pathlib import Path

import pytest

from tests.cli.running import Process, Wheelpin, plain_environment


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Neutralise what this machine configures."""
    plain = plain_environment(tmp_path)
    (tmp_path / "home").mkdir()
    for name in os.environ.keys() - plain.keys():
        monkeypatch.delenv(name)
    for name, value in plain.items():
        monkeypatch.setenv(name, value)
    return plain


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def wheelpin(capsys: pytest.CaptureFixture[str]) -> Wheelpin:
    """Run wheelpin in this process."""
    return Wheelpin(capsys)


@pytest.fixture
def process(project: Path, environment: dict[str, str]) -> Process:
    """Run wheelpin in processes of its own."""
    return Process(folder=project, environment=environment)

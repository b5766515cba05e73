"""The hook for pre-commit, run by pre-commit itself."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, ROOT, plain_environment
from tests.index_server import IndexServer
from wheelpin.values import PYPI

pytest.importorskip("pre_commit", reason="pre-commit is missing")
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOK = "wheelpin-lock-check"


class Repository:
    """A checkout with locks, its hooks run by pre-commit."""

    def __init__(self, folder: Path, index: IndexServer) -> None:
        self.folder = folder / "work"
        self.environment = {
            **plain_environment(folder),
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PIP_INDEX_URL": index.url,
        }
        for made in (self.folder, folder / "bin", folder / "home"):
            made.mkdir()
        # What pre-commit would install, as far as a machine without a network can have it.
        command = folder / "bin" / "wheelpin"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wheelpin "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        self.commit_all(self.folder, "requirements.in", "alpha\n")

    def run(self, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=folder or self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )

    def commit_all(self, folder: Path, name: str, text: str) -> str:
        """Write a file, commit everything in *folder*, and return the commit."""
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        named = ("git", "-c", "user.name=a", "-c", "user.email=a@b.example")
        for words in (("git", "init", "-q"), ("git", "add", "."), (*named, "commit", "-qm", "x", "--no-verify")):
            assert self.run(*words, folder=folder).returncode == 0
        return self.run("git", "rev-parse", "HEAD", folder=folder).stdout.strip()

    def pre_commit(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pre_commit", *words)


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0"), make_wheel("beta", "1.0")) as running:
        yield running


@pytest.fixture
def repository(tmp_path: Path, index: IndexServer) -> Repository:
    repository = Repository(tmp_path, index)
    source = tmp_path / "hooks"
    revision = repository.commit_all(source, MANIFEST.name, MANIFEST.read_text(encoding="utf-8"))
    config = f"""
repos:
  - repo: {source}
    rev: {revision}
    hooks:
      - id: {HOOK}
        language: system
        args: [-r, requirements.in, --target, {LINUX}]
"""
    repository.commit_all(repository.folder, ".pre-commit-config.yaml", config)
    assert repository.run("wheelpin", "lock", "-r", "requirements.in", "--target", LINUX).returncode == 0
    assert repository.run("git", "add", ".").returncode == 0
    return repository


def test_manifest_is_one_that_pre_commit_takes() -> None:
    clientlib = importlib.import_module("pre_commit.clientlib")
    (hook,) = clientlib.load_manifest(str(MANIFEST))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == (HOOK, "python", False)


def test_hook_passes_where_the_lock_answers_and_fails_where_it_does_not(repository: Repository) -> None:
    done = repository.pre_commit("run", "--all-files")
    assert done.returncode == 0, done.stdout
    assert "Passed" in done.stdout
    (repository.folder / "requirements.in").write_text("alpha\nbeta\n", encoding="utf-8")
    done = repository.pre_commit("run", "--all-files")
    assert done.returncode == 1
    assert "requirements.in, line 2: beta is asked for, and beta is not pinned" in done.stdout


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("requirements.in", True),
        ("dev-requirements.txt", True),
        ("service/pyproject.toml", True),
        ("wheelpin.toml", True),
        ("pylock.lambda.toml", True),
        ("lockfiles/lambda.txt", True),
        ("src/site.py", False),
        ("README.md", False),
        ("notes.txt", False),
    ],
)
def test_hook_runs_for_inputs_and_locks_only(repository: Repository, name: str, runs: bool) -> None:
    path = repository.folder / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert repository.run("git", "add", name).returncode == 0
    done = repository.pre_commit("run", "--files", name)
    assert ("Skipped" not in done.stdout) is runs


@pytest.mark.live
def test_hook_is_installed_from_the_repository(tmp_path: Path, index: IndexServer) -> None:
    repository = Repository(tmp_path, index)
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".git", ".*_cache", "__pycache__", ".venv"))
    repository.commit_all(source, "copied", "")
    text = (
        f'[project]\nname = "site"\nversion = "1"\ndependencies = ["alpha"]\n[tool.wheelpin.targets]\nx = "{LINUX}"\n'
    )
    repository.commit_all(repository.folder, "pyproject.toml", text)
    assert repository.run("wheelpin", "lock").returncode == 0
    (tmp_path / "bin" / "wheelpin").unlink()
    del repository.environment["PYTHONPATH"]
    way = {name: value for name, value in os.environ.items() if name in ("PIP_CERT", "PIP_PROXY", "HTTPS_PROXY")}
    repository.environment |= {**way, "PIP_INDEX_URL": PYPI}
    (repository.folder / "requirements.in").unlink()
    repository.environment["WHEELPIN_INDEX_URL"] = index.url
    done = repository.pre_commit("try-repo", str(source), HOOK, "--all-files", "--verbose")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 pin, as locked for x" in done.stdout

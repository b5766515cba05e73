"""The jobs for GitLab in docs/ci.md, their scripts run as they stand."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.ci.test_docs import GITLAB
from tests.cli.running import LINUX, ROOT, plain_environment
from tests.index_server import IndexServer

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")

PROJECT = f'[project]\nname = "site"\nversion = "1"\ndependencies = ["alpha"]\n[tool.wheelpin.targets]\nx = "{LINUX}"\n'
SERVER = {"REFRESH_TOKEN": "secret", "CI_SERVER_HOST": "gitlab.example", "CI_PROJECT_PATH": "team/site"}


class Runner:
    """Runs a job's script in a checkout; what is pushed lands in a repository beside it."""

    def __init__(self, folder: Path, index: IndexServer) -> None:
        self.folder, self.origin = folder / "work", folder / "origin.git"
        self.environment = {
            **plain_environment(folder),
            **SERVER,
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PIP_INDEX_URL": index.url,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.origin}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://oauth2:secret@gitlab.example/team/site.git",
        }
        for made in (self.folder, folder / "bin", folder / "home"):
            made.mkdir()
        for name, command in (("wheelpin", f'exec "{sys.executable}" -m wheelpin "$@"'), ("pip", ":")):
            script = folder / "bin" / name
            script.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
            script.chmod(0o755)

    def bash(self, text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    def job(self, name: str) -> subprocess.CompletedProcess[str]:
        return self.bash("\n".join(GITLAB[name]["script"]))


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(make_wheel("alpha", "1.0"), make_wheel("beta", "1.0")) as running:
        running.cache_control = "no-cache"
        yield running


@pytest.fixture
def runner(tmp_path: Path, index: IndexServer) -> Runner:
    runner = Runner(tmp_path, index)
    (runner.folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    done = runner.bash(
        f"git init -q --bare {runner.origin} && git -C {runner.origin} config receive.advertisePushOptions true\n"
        "git init -q -b main && wheelpin lock && git add .\n"
        "git -c user.name=a -c user.email=a@b.example commit -qm first"
    )
    assert done.returncode == 0, done.stderr
    return runner


def test_check_passes_and_fails_with_the_locks(runner: Runner) -> None:
    assert runner.job("locks").returncode == 0
    (runner.folder / "pyproject.toml").write_text(PROJECT.replace('["alpha"]', '["alpha", "beta"]'), encoding="utf-8")
    done = runner.job("locks")
    assert done.returncode == 1
    assert "beta is asked for, and beta is not pinned" in done.stdout


def test_refresh_pushes_a_branch_that_tells_the_difference(runner: Runner, index: IndexServer) -> None:
    index.add(make_wheel("alpha", "2.0"))
    done = runner.job("refresh locks")
    assert done.returncode == 0, done.stderr
    told = runner.bash(f"git -C {runner.origin} log -1 --format=%B wheelpin/refresh").stdout
    assert "| alpha | up | 1.0 | 2.0 |" in told


def test_refresh_of_an_unchanged_world_pushes_nothing(runner: Runner) -> None:
    assert runner.job("refresh locks").returncode == 0
    assert runner.bash(f"git -C {runner.origin} branch --list").stdout == ""

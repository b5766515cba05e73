"""``wheelpin build`` that comes to no good end: told to stop, its container taken away, its disk full."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import pytest

from tests.builders import make_tar_gz
from wheelpin.engines import CommandLineEngine
from wheelpin.engines.words import LABEL

pytestmark = [pytest.mark.container, pytest.mark.live]

TARGET = "cp39-manylinux_2_31_x86_64"
SLEEPS = "import time\nopen('/tmp/{mark}', 'w').close()\ntime.sleep(300)\n"
FILLS = "open('/dev/shm/a', 'wb').write(bytes(100_000_000))\n"
"""Containers have 64 megabytes there."""


@pytest.fixture
def environment(engine: CommandLineEngine, tmp_path: Path) -> dict[str, str]:
    """Give the command one engine, a cache of its own and nothing of what this machine configures."""
    if TARGET not in os.environ.get("WHEELPIN_TEST_BUILD_TARGETS", "").split():
        pytest.skip(f"no image here builds for {TARGET}")
    programs = tmp_path / "bin"
    programs.mkdir()
    Path(programs, str(engine.name)).symlink_to(engine.program)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "WHEELPIN_"))}
    return kept | {"PATH": f"{programs}{os.pathsep}{kept['PATH']}", "WHEELPIN_CACHE_DIR": str(tmp_path / "cache")}


def sdist(folder: Path, setup: str) -> Path:
    """Write an sdist whose build does what *setup* says."""
    path = folder / "demo-1.0.tar.gz"
    body = f"{setup}from setuptools import setup\nsetup(name='demo', version='1.0')\n"
    members = {"setup.py": body, "PKG-INFO": "Name: demo\nVersion: 1.0\n"}
    path.write_bytes(make_tar_gz((f"demo-1.0/{name}", text.encode()) for name, text in members.items()))
    return path


@contextmanager
def building(source: Path, environment: dict[str, str], engine: CommandLineEngine) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command in a session of its own, as a terminal would."""
    argv = [sys.executable, "-m", "wheelpin", "build", str(source), "-t", TARGET, "-w", str(source.parent / "wheels")]
    with subprocess.Popen(
        [*argv, "--engine", str(engine.name), "--verbose"],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        yield process


def container_with(mark: str, engine: CommandLineEngine, process: subprocess.Popen[bytes]) -> str:
    """Wait until a build has left its mark in a container, and return which one that is."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        listed = subprocess.run(
            [engine.program, "ps", "--quiet", "--filter", f"label={LABEL}"], check=True, capture_output=True, text=True
        )
        for container in listed.stdout.split():
            look = [engine.program, "exec", container, "ls", f"/tmp/{mark}"]
            if subprocess.run(look, check=False, capture_output=True).returncode == 0:
                return container
        time.sleep(0.3)
    process.kill()
    raise AssertionError(process.communicate()[0].decode("utf-8", "replace"))


def is_there(engine: CommandLineEngine, container: str) -> bool:
    done = subprocess.run([engine.program, "container", "inspect", container], check=False, capture_output=True)
    return done.returncode == 0


def wheels_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in {".whl", ".part"}]


@pytest.mark.parametrize(
    ("told", "exit_codes"),
    [
        pytest.param(signal.SIGINT, {130}, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, {143}, id="told to end"),
    ],
)
def test_nothing_stays_of_a_build_that_is_told_to_end(
    engine: CommandLineEngine, environment: dict[str, str], tmp_path: Path, told: signal.Signals, exit_codes: set[int]
) -> None:
    mark = token_hex(8)
    with building(sdist(tmp_path, SLEEPS.format(mark=mark)), environment, engine) as process:
        container = container_with(mark, engine, process)
        assert is_there(engine, container)
        os.killpg(process.pid, told)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode in exit_codes, rest
    assert b"Traceback" not in rest
    assert not is_there(engine, container)
    assert wheels_in(tmp_path) == []


def taken_away(engine: CommandLineEngine, container: str) -> None:
    subprocess.run([engine.program, "rm", "--force", container], check=True, capture_output=True)


def stopped(engine: CommandLineEngine, container: str) -> None:
    subprocess.run([engine.program, "kill", container], check=True, capture_output=True)


@pytest.mark.parametrize("end", [taken_away, stopped])
def test_container_that_ends_under_a_build_is_told_from_a_failed_build(
    engine: CommandLineEngine,
    environment: dict[str, str],
    tmp_path: Path,
    end: Callable[[CommandLineEngine, str], None],
) -> None:
    mark = token_hex(8)
    with building(sdist(tmp_path, SLEEPS.format(mark=mark)), environment, engine) as process:
        container = container_with(mark, engine, process)
        end(engine, container)
        said, _ = process.communicate(timeout=60)
    text = said.decode()
    assert process.returncode == 6, text
    assert f"{engine.name} failed to run " in text
    assert "Traceback" not in text
    deadline = time.monotonic() + 20
    while is_there(engine, container) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not is_there(engine, container)
    assert wheels_in(tmp_path) == []


def test_full_disk_in_the_container_is_said(
    engine: CommandLineEngine, environment: dict[str, str], tmp_path: Path
) -> None:
    with building(sdist(tmp_path, FILLS), environment, engine) as process:
        said, _ = process.communicate(timeout=120)
    text = said.decode()
    assert process.returncode == 6, text
    assert "a disk is full" in text
    assert ".log" in text
    assert wheels_in(tmp_path) == []

"""What today's pip and uv make of a pylock.toml, on a machine like the target: this one."""

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from uv import find_uv_bin

from tests.builders import make_sdist, make_wheel
from tests.index_server import IndexServer, Shown
from wheelpin.entry import main

WINDOWS = "cp312-win_amd64"
PYTHON = f"cp3{sys.version_info.minor}"
BEST = f"{PYTHON}-{PYTHON}-manylinux_2_17_x86_64"
FILES = [
    make_wheel("app", requires=["engine", 'colour; sys_platform == "win32"']),
    make_wheel("engine", tag=BEST, requires=["fuel"]),
    make_wheel("engine", tag="cp312-cp312-win_amd64", requires=["fuel"]),
    make_wheel("engine", tag="py3-none-any", requires=["fuel"]),
    make_wheel("fuel"),
    make_wheel("colour"),
    make_sdist("fuel", "1.0"),
]
FACTS: dict[str, Any] = {
    "uploaded_at": "2024-05-01T10:20:30.123456Z",
    "publishers": ({"kind": "GitHub", "repository": "acme/app", "workflow": "release.yml", "environment": None},),
}
"""So that installers meet every key that wheelpin writes."""
NEWER = [make_wheel("fuel", "2.0"), make_sdist("engine", "2.0")]
INSTALLED = ["app-1.0.dist-info", "engine-1.0.dist-info", "fuel-1.0.dist-info"]


@pytest.fixture(scope="module")
def host() -> str:
    """Spell this machine as a target; nothing but this test takes it for one."""
    libc, version = platform.libc_ver()
    if (sys.platform, platform.machine(), libc) != ("linux", "x86_64", "glibc"):
        pytest.skip("the machine is not Linux with glibc on x86_64")
    return f"{PYTHON}-manylinux_{version.replace('.', '_')}_x86_64"


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*(Shown(file=each, **FACTS) for each in FILES)) as server:
        yield server


def pip_install(lock: Path, site: Path) -> list[str]:
    pip = (sys.executable, "-m", "pip", "--isolated")
    return [*pip, "install", "--no-cache-dir", "-r", str(lock), "--target", str(site)]


def uv_install(lock: Path, site: Path) -> list[str]:
    return [*(find_uv_bin(), "pip", "install", "--no-config", "--no-cache"), "-r", str(lock), "--target", str(site)]


def uv_sync(lock: Path, site: Path) -> list[str]:
    return [*(find_uv_bin(), "pip", "sync", "--no-config", "--no-cache"), str(lock), "--target", str(site)]


Installer = Callable[[Path, Path], list[str]]
INSTALLERS = [pytest.param(each, id=each.__name__) for each in (pip_install, uv_install, uv_sync)]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))}
    environment = {
        **plain,
        "HOME": str(folder),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=120
    )


def lock(index: IndexServer, folder: Path, *targets: str) -> Path:
    words = [word for target in targets for word in ("--target", target)]
    path = folder / "pylock.toml"
    assert main(["lock", "app", *words, "--no-cache", "-i", index.url, "--format", "pylock", "-o", str(path)]) == 0
    index.add(*NEWER)
    index.forget_requests()
    return path


@pytest.mark.parametrize("installer", INSTALLERS)
@pytest.mark.parametrize("others", [(), (WINDOWS,)], ids=["one target", "two targets"])
def test_locked_files_are_installed_and_nothing_else_is_asked_for(
    installer: Installer, others: tuple[str, ...], host: str, index: IndexServer, tmp_path: Path
) -> None:
    path, site = lock(index, tmp_path, host, *others), tmp_path / "site"
    done = run(installer(path, site), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(each.name for each in site.glob("*.dist-info")) == INSTALLED
    assert f"Tag: {BEST}" in (site / "engine-1.0.dist-info" / "WHEEL").read_text(encoding="utf-8")
    assert {each.path.rpartition("/")[2] for each in index.requests} == {
        *("app-1.0-py3-none-any.whl", f"engine-1.0-{BEST}.whl", "fuel-1.0-py3-none-any.whl")
    }


@pytest.mark.parametrize("installer", INSTALLERS)
def test_file_with_another_digest_is_refused(
    installer: Installer, host: str, index: IndexServer, tmp_path: Path
) -> None:
    path = lock(index, tmp_path, host)
    path.write_text(path.read_text(encoding="utf-8").replace(FILES[4].sha256, "0" * 64), encoding="utf-8")
    done = run(installer(path, tmp_path / "site"), tmp_path)
    assert done.returncode != 0
    assert "fuel" in done.stdout + done.stderr


@pytest.mark.parametrize("installer", INSTALLERS)
@pytest.mark.usefixtures("host")
def test_machine_that_the_lock_is_not_for_is_refused(installer: Installer, index: IndexServer, tmp_path: Path) -> None:
    path = lock(index, tmp_path, WINDOWS, "cp312-macosx_14_0_arm64")
    done = run(installer(path, tmp_path / "site"), tmp_path)
    assert done.returncode != 0
    assert index.requests == []


@pytest.mark.parametrize("installer", INSTALLERS)
def test_wheel_of_a_folder_is_installed_from_where_the_lock_says(
    installer: Installer, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "there"
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    (wheels / FILES[4].filename).write_bytes(FILES[4].body)
    monkeypatch.chdir(folder)
    options = ["--no-cache", "--no-index", "-f", "wheels", "--format", "pylock", "-o", "locks/pylock.toml"]
    assert main(["lock", "fuel", "--target", host, *options]) == 0
    moved = folder.rename(tmp_path / "moved")
    done = run(installer(moved / "locks" / "pylock.toml", moved / "site"), moved)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (moved / "site" / "fuel.py").is_file()

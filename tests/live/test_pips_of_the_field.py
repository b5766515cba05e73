"""Forms of a lock and the pips that they are for: 9, 18, 21 and 26, fetched by wheelpin and run by old Pythons."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.index_server import IndexServer
from tests.interpreters import pyenv_interpreters
from tests.live.commands import run

pytestmark = pytest.mark.live

WHEELS = [
    make_wheel("app", tag="py2.py3-none-any", requires=["lib"]),
    make_wheel("lib", tag="py2.py3-none-any"),
]
NEWER = [make_wheel("lib", "2.0", tag="py2.py3-none-any"), make_sdist("lib", "1.0")]
PIPS = [
    ("requirements", "18.1", "3.6", ()),
    ("requirements", "21.3.1", "3.6", ()),
    ("requirements", "21.3.1", "3.9", ()),
    ("requirements", "26.1", "3.11", ()),
    ("hashes", "9.0.3", "2.7", ("--require-hashes",)),
    ("hashes", "9.0.3", "3.6", ("--require-hashes",)),
    ("hashes", "26.1", "3.11", ("--require-hashes",)),
    ("pylock", "26.1", "3.11", ()),
    ("pylock", "26.1", "3.13", ()),
]


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_plain(*WHEELS) as server:
        yield server


def pip_wheel(version: str, caches: Path) -> Path:
    """Fetch the pip that is wanted, once a session."""
    folder = caches / "pips"
    if not (found := list(folder.glob(f"pip-{version}-*.whl"))):
        run("download", f"pip=={version}", "--target", "cp311-manylinux_2_17_x86_64", "-d", str(folder))
        found = list(folder.glob(f"pip-{version}-*.whl"))
    return found[0]


@pytest.mark.parametrize(("form", "pip", "minor", "options"), PIPS)
def test_form_is_installed_by_the_pips_that_it_is_for(
    form: str, pip: str, minor: str, options: tuple[str, ...], caches: Path, index: IndexServer, tmp_path: Path
) -> None:
    if (python := pyenv_interpreters().get(minor)) is None:
        pytest.skip(f"pyenv has no Python {minor}")
    abi = "mu" if minor == "2.7" else ""
    target = f"cp{minor.replace('.', '')}{abi}-manylinux2014_x86_64"
    path = tmp_path / ("pylock.toml" if form == "pylock" else "lock.txt")
    run("lock", "app", "-i", index.url, "--target", target, "--format", form, "-o", str(path))
    index.add(*NEWER)
    command = [
        *(str(python), "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--no-cache-dir"),
        *("--no-deps", "--target", str(tmp_path / "site"), "-r", str(path), "-i", index.url, *options),
    ]
    environment = {**os.environ, "PYTHONPATH": str(pip_wheel(pip, caches)), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(each.name for each in (tmp_path / "site").glob("*.dist-info")) == [
        "app-1.0.dist-info",
        "lib-1.0.dist-info",
    ]

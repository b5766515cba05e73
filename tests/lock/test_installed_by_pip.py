"""What pip makes of a lock, asked of every pip that pyenv's interpreters carry, the oldest included."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.builders import BuiltFile, make_wheel
from tests.interpreters import pyenv_interpreters
from tests.lock.examples import lock, sha256
from wheelpin.locks import Lock, LockedFile, LockFormat, Pin, to_text

MINORS = ["2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]
OLD_AND_NEW = ["2.7", "3.6", "3.13"]
WHEELS = [
    make_wheel("served", tag="py2.py3-none-any", requires=["unlisted", "in-a-folder"]),
    make_wheel("served", "2.0", tag="py2.py3-none-any"),
    make_wheel("in-a-folder", "1.0+local.1", tag="py2.py3-none-any"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project")
    (path / "my wheels").mkdir()
    for wheel in WHEELS:
        (path / "my wheels" / wheel.filename).write_bytes(wheel.body)
    return path


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/my wheels"
        server.shutdown()
        thread.join()


@pytest.fixture
def python(request: pytest.FixtureRequest) -> Path:
    if (found := pyenv_interpreters().get(request.param)) is None:
        pytest.skip(f"pyenv has no Python {request.param}")
    return found


def pin(wheel: BuiltFile, *, url: str | None = None, path: str | None = None) -> Pin:
    return Pin(
        project=NormalizedName(wheel.project),
        version=Version(wheel.version),
        file=LockedFile(filename=wheel.filename, sha256=wheel.sha256, url=url, path=path),
        via=("-r wünsche.in",),
    )


def installed(python: Path, options: Sequence[str], lock_text: str, *, folder: Path, target: Path) -> list[str]:
    """Install from *lock_text* and list the distributions that are there; fail with what pip says."""
    target.mkdir()
    (target / "lock.txt").write_text(lock_text, encoding="utf-8")
    command = [
        *(str(python), "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--no-cache-dir"),
        *("--no-deps", "--no-index", "--target", str(target / "site"), "-r", str(target / "lock.txt"), *options),
    ]
    # The C locale is where an old pip cannot read a lock that keeps silent about its encoding.
    environment = {**os.environ, "LC_ALL": "C", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(entry.name for entry in (target / "site").glob("*.dist-info"))


def both_pins(url: str | None) -> Lock:
    address = f"{url}/{WHEELS[0].filename}" if url else None
    return lock(
        pin(WHEELS[0], url=address),
        pin(WHEELS[2], path=f"my wheels/{WHEELS[2].filename}"),
        indexes=(),
    )


BOTH = ["in_a_folder-1.0+local.1.dist-info", "served-1.0.dist-info"]


@pytest.mark.parametrize("python", MINORS, indirect=True)
def test_requirements_form_installs(python: Path, folder: Path, url: str, tmp_path: Path) -> None:
    text = to_text(both_pins(url), LockFormat.REQUIREMENTS)
    assert installed(python, [], text, folder=folder, target=tmp_path / "out") == BOTH


@pytest.mark.parametrize("python", MINORS, indirect=True)
def test_hashes_form_installs_from_a_folder(python: Path, folder: Path, tmp_path: Path) -> None:
    text = to_text(both_pins(None), LockFormat.HASHES)
    options = ["--require-hashes", "--find-links", str(folder / "my wheels")]
    assert installed(python, options, text, folder=folder, target=tmp_path / "out") == BOTH


@pytest.mark.parametrize("lock_format", [LockFormat.REQUIREMENTS, LockFormat.HASHES])
@pytest.mark.parametrize("python", OLD_AND_NEW, indirect=True)
def test_file_with_another_digest_is_refused(
    python: Path, lock_format: LockFormat, folder: Path, url: str, tmp_path: Path
) -> None:
    served = pin(WHEELS[0], url=f"{url}/{WHEELS[0].filename}")
    assert isinstance(served.file, LockedFile)
    other = replace(served, file=replace(served.file, sha256=sha256("0")))
    text = to_text(lock(other), lock_format)
    with pytest.raises(AssertionError, match="DO NOT MATCH"):
        installed(python, ["--find-links", str(folder / "my wheels")], text, folder=folder, target=tmp_path / "out")

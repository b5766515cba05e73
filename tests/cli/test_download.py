"""``wheelpin download``: a verified wheelhouse of locks, of wheelpin's or another tool's, or of requirements."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin
from tests.index_server import IndexServer
from wheelpin.orders.targets import TargetMissingError

WINDOWS = "cp312-win_amd64"
APP = make_wheel("app", "1.0", requires=["core"])
CORE_LINUX = make_wheel("core", "2.0", "cp312-cp312-manylinux_2_28_x86_64")
CORE_WINDOWS = make_wheel("core", "2.0", "cp312-cp312-win_amd64")
WHEELS = Path("wheels")


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(APP, CORE_LINUX, CORE_WINDOWS) as server:
        yield server


@pytest.fixture
def locks(wheelpin: Wheelpin, index: IndexServer) -> tuple[Path, Path]:
    """Lock the application for Linux and for Windows."""
    assert wheelpin("lock", "app", "-t", LINUX, "-t", WINDOWS, "-i", index.url).code == 0
    index.forget_requests()
    return LOCK, Path("lockfiles", f"{WINDOWS}.txt")


def wheels_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_wheels_of_a_lock_lie_in_the_folder(wheelpin: Wheelpin, locks: tuple[Path, Path], index: IndexServer) -> None:
    said = wheelpin("download", locks[0], "-d", WHEELS)
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("wheels: 2 wheels, 0.0 MB (2 downloaded)")
    assert wheels_in(WHEELS) == {file.filename: file.body for file in (APP, CORE_LINUX)}


def test_locks_of_several_targets_share_a_folder(
    wheelpin: Wheelpin, locks: tuple[Path, Path], index: IndexServer
) -> None:
    assert wheelpin("download", *locks, "-d", WHEELS).code == 0
    assert wheels_in(WHEELS).keys() == {file.filename for file in (APP, CORE_LINUX, CORE_WINDOWS)}
    assert len(index.asked(APP.filename)) == 1


def test_second_run_fetches_nothing(wheelpin: Wheelpin, locks: tuple[Path, Path], index: IndexServer) -> None:
    wheelpin("download", locks[0], "-d", WHEELS)
    index.forget_requests()
    assert wheelpin("download", locks[0], "-d", WHEELS).err == "wheels: 2 wheels, 0.0 MB (2 there already)\n"
    assert wheelpin("download", locks[0], "-d", "elsewhere").err == "elsewhere: 2 wheels, 0.0 MB (2 from the cache)\n"
    assert index.requests == []


def test_what_lies_in_the_cache_needs_no_network(wheelpin: Wheelpin, locks: tuple[Path, Path]) -> None:
    wheelpin("download", locks[0], "-d", WHEELS)
    assert wheelpin("download", locks[0], "-d", "elsewhere", "--offline").code == 0
    assert wheels_in(Path("elsewhere")) == wheels_in(WHEELS)


def test_json_tells_every_file(wheelpin: Wheelpin, locks: tuple[Path, Path]) -> None:
    said = wheelpin("download", locks[0], "-d", WHEELS, "--json", "--quiet")
    assert said.err == ""
    assert json.loads(said.out) == {
        "dir": "wheels",
        "wheels": [
            {
                "project": file.project,
                "filename": file.filename,
                "sha256": file.sha256,
                "size_bytes": len(file.body),
                "lock": LOCK.as_posix(),
                "how": "downloaded",
            }
            for file in (APP, CORE_LINUX)
        ],
    }


def test_pip_installs_from_the_folder_alone(wheelpin: Wheelpin, index: IndexServer, tmp_path: Path) -> None:
    index.add(make_wheel("core", "2.0"))
    assert wheelpin("download", "app", "--target", "cp311-macosx_11_0_arm64", "-d", WHEELS, "-i", index.url).code == 0
    words = ("--no-index", "--find-links", "wheels", "--target", str(tmp_path / "into"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--isolated", "--disable-pip-version-check", "-q", *words, "app"],
        check=True,
        timeout=60,
    )
    assert {path.name for path in (tmp_path / "into").glob("*.py")} == {"app.py", "core.py"}


def test_index_beside_the_wheels_answers_as_an_index(wheelpin: Wheelpin, locks: tuple[Path, Path]) -> None:
    assert wheelpin("download", *locks, "-d", WHEELS, "--index").code == 0
    address = (Path.cwd() / "wheels" / "simple").as_uri()
    expected = wheelpin.pins("app", "-i", address)
    assert expected == ["app==1.0", "core==2.0"]


def test_requirements_are_resolved_first(wheelpin: Wheelpin, index: IndexServer) -> None:
    Path("requirements.in").write_text(f"--index-url {index.url}\ncore\n", encoding="utf-8")
    said = wheelpin("download", "-r", "requirements.in", "-t", LINUX, "-t", WINDOWS, "-d", WHEELS)
    assert said.code == 0, said.err
    assert wheels_in(WHEELS).keys() == {CORE_LINUX.filename, CORE_WINDOWS.filename}
    assert not LOCK.exists()


def test_locks_and_requirements_may_stand_together(
    wheelpin: Wheelpin, locks: tuple[Path, Path], index: IndexServer
) -> None:
    index.add(make_wheel("extra"))
    said = wheelpin("download", locks[0], "extra", "--target", LINUX, "-d", WHEELS, "-i", index.url)
    assert said.code == 0, said.err
    assert len(wheels_in(WHEELS)) == 3


@pytest.mark.usefixtures("locks")
def test_server_that_wants_credentials_is_told_how_to_get_them(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.credentials = ("user", "t0p-s3cret")
    said = wheelpin("download", LOCK, "-d", WHEELS, "--no-cache", "-i", index.url)
    assert said.code == 5
    assert "the server answered 401 (Unauthorized)" in said.errors[0]
    assert said.hints == ["give credentials in the index's address (--index-url), in a netrc file or in a keyring"]
    assert wheelpin("download", LOCK, "-d", WHEELS, "--no-cache", "-i", index.url_with_credentials).code == 0


def test_only_sdist_is_no_wheel(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.add(make_sdist("only"))
    said = wheelpin("download", "only", "--target", LINUX, "-d", WHEELS, "-i", index.url)
    assert said.code == 3
    assert not WHEELS.exists()


def test_file_of_hashes_is_answered_by_the_index(wheelpin: Wheelpin, index: IndexServer) -> None:
    digests = " ".join(f"--hash=sha256:{file.sha256}" for file in (CORE_LINUX, CORE_WINDOWS))
    Path("hashes.txt").write_text(f"core==2.0 {digests}\n", encoding="utf-8")
    said = wheelpin("download", "hashes.txt", "-t", LINUX, "-d", WHEELS, "-i", index.url)
    assert said.code == 0, said.err
    assert list(wheels_in(WHEELS)) == [CORE_LINUX.filename]


PYLOCK = """\
lock-version = "1.0"
created-by = "a test"

[[packages]]
name = "core"
version = "2.0"
wheels = [
    {{ path = "files/{0.filename}", hashes = {{ sha256 = "{0.sha256}" }} }},
    {{ path = "files/{1.filename}", hashes = {{ sha256 = "{1.sha256}" }} }},
]
"""


@pytest.fixture
def pylock(project: Path) -> Path:
    """Write another tool's lock, with its wheels beside it, into a folder of its own."""
    folder = project / "other"
    (folder / "files").mkdir(parents=True)
    for file in (CORE_LINUX, CORE_WINDOWS):
        (folder / "files" / file.filename).write_bytes(file.body)
    (folder / "pylock.toml").write_text(PYLOCK.format(CORE_LINUX, CORE_WINDOWS), encoding="utf-8")
    return Path("other", "pylock.toml")


def test_lock_of_another_tool_is_read_for_each_target(wheelpin: Wheelpin, pylock: Path) -> None:
    said = wheelpin("download", pylock, "-t", LINUX, "-t", WINDOWS, "-d", WHEELS)
    assert said.code == 0, said.err
    assert wheels_in(WHEELS).keys() == {CORE_LINUX.filename, CORE_WINDOWS.filename}


@pytest.mark.parametrize(
    ("words", "code", "error", "hint"),
    [
        pytest.param(
            ("-d", "wheels"),
            2,
            "error: nothing to download: name locks or requirements",
            "see wheelpin download --help",
            id="nothing named",
        ),
        pytest.param(
            ("none.txt", "-d", "wheels"),
            2,
            "error: cannot read none.txt: No such file or directory",
            None,
            id="no file",
        ),
        pytest.param(
            ("app", "-d", "wheels"),
            2,
            "error: no target: the machine that wheelpin runs on is never taken for one",
            TargetMissingError.hint,
            id="requirements without a target",
        ),
        pytest.param(
            ("other/pylock.toml", "-d", "wheels"),
            2,
            "error: other/pylock.toml does not say which target it is for",
            "say which with --target, for example --target cp312-manylinux_2_28_x86_64",
            id="another tool's lock without a target",
        ),
        pytest.param(
            ("other/pylock.toml", "--python-full-version", "3.12.1", "-d", "wheels"),
            2,
            "error: --python-full-version and --marker speak of a --target, and none is given",
            "see wheelpin download --help",
            id="a Python without a target",
        ),
        pytest.param(
            ("plain.txt", "-d", "wheels"),
            2,
            "error: plain.txt, line 1: 'app>=1' does not pin one file",
            "this takes locks; for a file of requirements make one: wheelpin lock -r plain.txt --target …",
            id="requirements for a lock",
        ),
        pytest.param(
            ("uv.lock", "-d", "wheels"),
            2,
            None,
            None,
            id="a tool's private lock",
        ),
    ],
)
def test_wrong_words_are_answered_with_one_error(
    wheelpin: Wheelpin, pylock: Path, words: tuple[str, ...], code: int, error: str | None, hint: str | None
) -> None:
    Path("plain.txt").write_text("app>=1\n", encoding="utf-8")
    Path("uv.lock").write_text("version = 1\n[[package]]\nname = 'x'\n", encoding="utf-8")
    said = wheelpin("download", *words)
    assert said.code == code
    assert len(said.errors) == 1
    if error is not None:
        assert said.errors == [error]
    assert said.hints == [hint] if hint is not None else True
    assert not WHEELS.exists()


def test_wrong_bytes_leave_no_file(wheelpin: Wheelpin, locks: tuple[Path, Path], index: IndexServer) -> None:
    index.add(make_wheel("core", "2.0", "cp312-cp312-manylinux_2_28_x86_64", files={"core.py": "evil = True\n"}))
    said = wheelpin("download", locks[0], "-d", WHEELS)
    assert said.code == 4
    assert "core-2.0-cp312-cp312-manylinux_2_28_x86_64.whl from" in said.errors[0]
    assert CORE_LINUX.filename not in wheels_in(WHEELS)


def test_index_that_is_gone_is_said(wheelpin: Wheelpin, locks: tuple[Path, Path], index: IndexServer) -> None:
    index.answers[f"/files/{CORE_LINUX.filename}"] = 503
    assert wheelpin("download", locks[0], "-d", WHEELS, "-i", index.url).code == 5

"""Equal inputs give equal bytes, whatever the host's Python, locale, time zone, umask and hash seed."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.cli.running import Process, Wheelpin, command_line
from tests.index_server import IndexServer, Shown

TARGETS = ("cp36-manylinux1_x86_64", "cp313t-musllinux_1_2_aarch64", "cp312-win_amd64")
WORLD: tuple[BuiltFile | Shown, ...] = (
    make_wheel("site", "1.0", requires=["IDNA-x>=1", "tzdata; os_name=='nt'"]),
    make_wheel("idna-x", "1.5", "cp36-abi3-manylinux1_x86_64", requires=["a", "b", "c", "d", "e"]),
    make_wheel("idna-x", "1.4", requires=["e", "d", "c", "b", "a"]),
    *(make_wheel(name, "1.0", requires=["site"]) for name in "abcde"),
    Shown(file=make_wheel("tzdata", "2024.1"), uploaded_at="2024-05-31T23:59:59Z"),
    make_wheel("tzdata", "2023.1"),
    make_sdist("site", "2.0"),
)
REQUIREMENTS = "# Füße\nsite  # whatever\nTZDATA; sys_platform == 'win32'\n"


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*WORLD) as running:
        yield running


def words(index: IndexServer) -> tuple[str, ...]:
    targets = [word for target in TARGETS for word in ("-t", target)]
    return ("lock", "-r", "in.txt", *targets, "-i", index.url, "--output-dir", "out", "--upgrade")


def locks(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((project / "out").iterdir())}


@pytest.fixture
def expected(wheelpin: Wheelpin, index: IndexServer, project: Path) -> Mapping[str, bytes]:
    """Return the locks that this process makes, whose host matches no target at all."""
    (project / "in.txt").write_text(REQUIREMENTS, encoding="utf-8")
    assert wheelpin(*words(index)).code == 0
    found = locks(project)
    assert set(found) == {f"{target}.txt" for target in TARGETS}
    shutil.rmtree(project / "out")
    return found


HOSTS = {
    "a Turkish locale": {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    "the locale C": {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii"},
    "a time zone ahead": {"TZ": "Asia/Kolkata"},
    "a time zone behind": {"TZ": "America/St_Johns"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 2": {"PYTHONHASHSEED": "2"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
    "another home": {"HOME": "/", "XDG_CACHE_HOME": "/nowhere"},
}


@pytest.mark.parametrize("variables", HOSTS.values(), ids=HOSTS.keys())
def test_environment_does_not_show(
    process: Process, index: IndexServer, project: Path, expected: Mapping[str, bytes], variables: dict[str, str]
) -> None:
    said = process(*words(index), "--no-cache", more=variables)
    assert said.code == 0, said.err
    assert locks(project) == expected


def test_locale_does_not_show_on_standard_output(
    process: Process, index: IndexServer, expected: Mapping[str, bytes]
) -> None:
    (process.folder / "öl.txt").write_text("site\n", encoding="utf-8")
    printed = {
        name: process("lock", "-r", "öl.txt", "-t", TARGETS[0], "-i", index.url, "-o", "-", more=variables)
        for name, variables in HOSTS.items()
        if name in ("a Turkish locale", "ASCII streams", "a time zone ahead")
    }
    (text,) = {said.out for said in printed.values()}
    assert "# input: -r öl.txt\n" in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize("umask", [0o000, 0o027, 0o077], ids="umask {:03o}".format)
def test_umask_decides_the_mode_and_nothing_else(
    process: Process, index: IndexServer, project: Path, expected: Mapping[str, bytes], umask: int
) -> None:
    line = ["sh", "-c", f'umask {umask:03o}; exec "$@"', "sh", *command_line(*words(index))]
    assert process.run(line).code == 0
    assert locks(project) == expected
    assert {path.stat().st_mode & 0o777 for path in (project / "out").iterdir()} == {0o666 & ~umask}


@pytest.mark.parametrize("minor", [minor for minor in range(11, 15) if minor != sys.version_info.minor])
def test_python_that_runs_wheelpin_does_not_show(
    process: Process, index: IndexServer, project: Path, expected: Mapping[str, bytes], minor: int
) -> None:
    python = shutil.which(f"python3.{minor}")
    if python is None:
        pytest.skip(f"no python3.{minor} on the path")
    needed = "import wheelpin.cli.lock, wheelpin.transport.exchange, selectolax"
    probe = process.run([python, "-c", needed])
    if probe.code:
        missing = [line for line in probe.err.splitlines() if "No module named" in line] or ["it does not start"]
        pytest.skip(f"python3.{minor} on the path cannot run wheelpin: {missing[0]}")
    said = process.run([python, *command_line(*words(index))[1:]])
    assert said.code == 0, said.err
    assert locks(project) == expected


def test_order_of_the_index_does_not_show(
    wheelpin: Wheelpin, index: IndexServer, project: Path, expected: Mapping[str, bytes]
) -> None:
    for file in reversed(WORLD):
        filename = file.file.filename if isinstance(file, Shown) else file.filename
        index.remove(filename)
        index.add(file)
    assert wheelpin(*words(index), "--no-cache").code == 0
    assert locks(project) == expected


def test_order_of_the_targets_does_not_show(
    wheelpin: Wheelpin, index: IndexServer, project: Path, expected: Mapping[str, bytes]
) -> None:
    turned = [word for target in reversed(TARGETS) for word in ("-t", target)]
    said = wheelpin("lock", "-r", "in.txt", *turned, "-i", index.url, "--output-dir", "out", "--upgrade")
    assert said.code == 0
    assert locks(project) == expected


def test_checkout_that_moved_gives_the_same_lock(
    wheelpin: Wheelpin, index: IndexServer, tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = make_wheel("ours", "1.0", requires=["site"])
    texts = []
    for folder in (project, tmp_path / "elsewhere" / "deeper"):
        (folder / "wheels").mkdir(parents=True)
        (folder / "wheels" / built.filename).write_bytes(built.body)
        monkeypatch.chdir(folder)
        texts.append(wheelpin.text("ours", "-f", "wheels", "-i", index.url))
    assert texts[0] == texts[1]
    assert f"./wheels/{built.filename} --hash=sha256:{built.sha256}\n" in texts[0]

"""The same command again: whatever its answer rests on has changed, and so does the answer."""

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin, lines_of_pins, pins_of
from tests.index_server import IndexServer
from wheelpin.index.kept_pages import TEXTS

NAMES = ("alpha", "beta", "gamma")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(
        *(make_wheel(name, version) for name in NAMES for version in ("1.0", "2.0")),
        make_wheel("native", "1.0", "cp312-cp312-manylinux2014_x86_64"),
        make_wheel("native", "2.0", "cp312-cp312-manylinux_2_31_x86_64"),
    ) as running:
        monkeypatch.setenv("PIP_INDEX_URL", running.url)
        yield running


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def lock(wheelpin: Wheelpin, *words: str) -> list[str]:
    """Lock into the usual place, twice, and return the pins."""
    for _ in range(2):
        said = wheelpin("lock", *words, "-t", LINUX, "--format", "hashes", "--upgrade")
        assert said.code == 0, said.err
    return pins_of(LOCK.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        pytest.param(("-r", "in.txt"), {"in.txt": "alpha<2"}, {"in.txt": "alpha"}, id="requirements"),
        pytest.param(
            ("-r", "in.txt"),
            {"in.txt": "-r sub/more.txt", "sub/more.txt": "alpha<2"},
            {"sub/more.txt": "alpha"},
            id="a file in a file",
        ),
        pytest.param(("alpha", "-c", "c.txt"), {"c.txt": "alpha<2"}, {"c.txt": ""}, id="constraints"),
        pytest.param(("alpha", "--override", "o.txt"), {"o.txt": "alpha<2"}, {"o.txt": ""}, id="overrides"),
        pytest.param(
            (),
            {"pyproject.toml": "[project]\nname='x'\ndependencies=['alpha<2']\n"},
            {"pyproject.toml": "[project]\nname='x'\ndependencies=['alpha']\n"},
            id="the project file of the folder",
        ),
        pytest.param(
            ("--group", "g"),
            {"pyproject.toml": "[dependency-groups]\ng = ['alpha<2']\n"},
            {"pyproject.toml": "[dependency-groups]\ng = ['alpha']\n"},
            id="a group",
        ),
    ],
)
def test_file_that_changed(
    wheelpin: Wheelpin, words: tuple[str, ...], before: dict[str, str], after: dict[str, str]
) -> None:
    for name, text in before.items():
        write(name, text)
    assert lock(wheelpin, *words) == ["alpha==1.0"]
    for name, text in after.items():
        write(name, text)
    assert lock(wheelpin, *words) == ["alpha==2.0"]


@pytest.mark.usefixtures("index")
def test_variable_in_a_file_that_changed(wheelpin: Wheelpin, monkeypatch: pytest.MonkeyPatch) -> None:
    write("in.txt", "alpha==${ALPHA_WANTED}\n")
    for wanted in ("1.0", "2.0"):
        monkeypatch.setenv("ALPHA_WANTED", wanted)
        assert lock(wheelpin, "-r", "in.txt") == [f"alpha=={wanted}"]


@pytest.mark.usefixtures("index")
def test_standard_input_that_changed(wheelpin: Wheelpin, monkeypatch: pytest.MonkeyPatch) -> None:
    for wanted in (b"alpha<2", b"alpha"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(wanted)))
        said = wheelpin("lock", "-r", "-", "-t", LINUX, "--upgrade")
        assert said.code == 0
    assert "/alpha-2.0-" in LOCK.read_text(encoding="utf-8")


def test_file_on_a_server_that_changed(wheelpin: Wheelpin, index: IndexServer) -> None:
    for wanted in ("1.0", "2.0"):
        index.extra_bodies["/in.txt"] = ("text/plain", f"alpha=={wanted}\n".encode())
        assert lock(wheelpin, "-r", f"{index.origin}/in.txt") == [f"alpha=={wanted}"]


@pytest.mark.usefixtures("index")
def test_target_file_that_changed(wheelpin: Wheelpin) -> None:
    for minor, version in ((28, "1.0"), (31, "2.0")):
        target = {"wheelpin-target": 1, "tags": f"cp312-manylinux_2_{minor}_x86_64", "python-full-version": "3.12.3",
                  "denied-platforms": [], "markers": {}, "captured-on": {}}  # fmt: skip
        write("box.json", json.dumps(target))
        for _ in range(2):
            assert wheelpin("lock", "native", "-t", "box.json", "-U").code == 0
        assert f"/native-{version}-" in Path("lockfiles", "box.txt").read_text(encoding="utf-8")


def publish(version: str) -> None:
    wheel = make_wheel("alpha", version)
    Path("wheels", wheel.filename).write_bytes(wheel.body)


def withdraw(version: str) -> None:
    Path("wheels", make_wheel("alpha", version).filename).unlink()


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("change", "version"),
    [
        pytest.param(lambda: publish("4.0"), "4.0", id="a wheel more"),
        pytest.param(lambda: withdraw("3.0"), "2.0", id="a wheel less"),
    ],
)
@pytest.mark.parametrize("way", ["an option", "a file", "pip.conf"])
def test_folder_of_wheels_that_changed(
    wheelpin: Wheelpin,
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    change: Callable[[], None],
    version: str,
) -> None:
    words = ["alpha"]
    Path("wheels").mkdir()
    publish("3.0")
    match way:
        case "an option":
            words += ["-f", "wheels"]
        case "a file":
            write("in.txt", "-f wheels\nalpha\n")
            words = ["-r", "in.txt"]
        case _:
            (tmp_path / "pip.conf").write_text(f"[global]\nfind-links = {project / 'wheels'}\n", encoding="utf-8")
            monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert lock(wheelpin, *words) == ["alpha==3.0"]
    change()
    assert lock(wheelpin, *words) == [f"alpha=={version}"]


def test_configuration_that_changed(
    wheelpin: Wheelpin, index: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_INDEX_URL")
    configuration = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    with IndexServer(make_wheel("alpha", "7.0")) as other:
        for url, version in ((index.url, "2.0"), (other.url, "7.0")):
            configuration.write_text(f"[global]\nindex-url = {url}\n", encoding="utf-8")
            assert lock(wheelpin, "alpha") == [f"alpha=={version}"]


@pytest.mark.usefixtures("index")
def test_lock_that_was_edited_is_kept_to(wheelpin: Wheelpin) -> None:
    words = ("lock", "alpha", "-t", LINUX, "--format", "hashes")
    assert wheelpin(*words).code == wheelpin(*words).code == 0
    older = make_wheel("alpha", "1.0")
    text = LOCK.read_text(encoding="utf-8").replace("alpha==2.0", "alpha==1.0")
    text = text.replace(make_wheel("alpha", "2.0").sha256, older.sha256).replace("alpha-2.0-", "alpha-1.0-")
    LOCK.write_text(text, encoding="utf-8")
    said = wheelpin(*words)
    assert said.err == f"{LOCK}: 1 pin for {LINUX}\n"
    kept = LOCK.read_text(encoding="utf-8")
    # The edit is an answer now that it was looked at, which the proof says.
    assert re.sub(r"pins=\w+", "", kept) == re.sub(r"pins=\w+", "", text)
    assert wheelpin(*words).err == f"{LOCK}: 1 pin for {LINUX} (unchanged)\n"
    assert LOCK.read_text(encoding="utf-8") == kept


def test_pages_that_grew_stale(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.cache_control = "no-cache"
    assert lock(wheelpin, "alpha") == ["alpha==2.0"]
    index.add(make_wheel("alpha", "3.0"))
    assert lock(wheelpin, "alpha") == ["alpha==3.0"]


@pytest.mark.usefixtures("index")
def test_working_folder_that_is_another(wheelpin: Wheelpin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, wanted in (("one", "1.0"), ("two", "2.0")):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        write("in.txt", f"alpha=={wanted}\n")
        assert lock(wheelpin, "-r", "in.txt") == [f"alpha=={wanted}"]


@pytest.mark.parametrize("is_up", [True, False])
def test_page_of_which_the_cache_lost_the_text(
    wheelpin: Wheelpin,
    index: IndexServer,
    is_up: bool,
    environment: dict[str, str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wheelpin.lock("alpha<2", "--cache-dir", tmp_path / "another")
    before = LOCK.read_text(encoding="utf-8")
    wheelpin.lock("alpha", "-o", "elsewhere.txt")
    for path in Path(environment["WHEELPIN_CACHE_DIR"], TEXTS).rglob("*"):
        if path.is_file():
            path.unlink()
    index.failures["/simple/alpha/"] = 0 if is_up else 100
    said = wheelpin("lock", "alpha", "-t", LINUX)
    if is_up:
        assert said.code == 0
        assert lines_of_pins(LOCK.read_text(encoding="utf-8")) == lines_of_pins(before)
    else:
        assert said.code == 5
        assert LOCK.read_text(encoding="utf-8") == before
        (error,) = said.errors
        assert "/simple/alpha/" in error
    # A traceback that nobody caught would be logged.
    assert caplog.text == ""

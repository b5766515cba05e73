"""A repeated ``vendor`` links what is kept; anything that matters makes it look at locks and wheels again."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.bundle.laying import contents
from tests.cli.running import LINUX, LOCK, Process, Wheelpin
from tests.cli.test_imports import LIBRARIES, loaded
from tests.index_server import IndexServer
from wheelpin.cli.recall_folder import recall_folder
from wheelpin.folders.workspace import Workspace

WORLD = (make_wheel("alpha", "1.0", requires=["beta"]), make_wheel("beta", "1.0"))
FOLDER = Path("vendored")


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*WORLD) as running:
        yield running


@pytest.fixture
def words(index: IndexServer, wheelpin: Wheelpin) -> list[str]:
    """The command that an earlier run obeyed; its folder is there."""
    wheelpin.lock("alpha", "-i", index.url)
    found = ["vendor", str(LOCK), "--to", str(FOLDER), "-i", index.url]
    assert wheelpin(*found).code == 0
    return found


@pytest.mark.parametrize(
    "descriptors", [pytest.param(True, id="by descriptors"), pytest.param(False, id="where the system has none")]
)
def test_folder_that_is_gone_is_laid_again(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, descriptors: bool
) -> None:
    laid = contents(FOLDER)
    shutil.rmtree(FOLDER)
    if not descriptors:
        monkeypatch.setattr(os, "supports_dir_fd", set())
    capsys.readouterr()
    assert recall_folder(words)
    assert contents(FOLDER) == laid
    assert capsys.readouterr().err.startswith(f"vendored: created, 2 wheels for {LINUX}, ")


def test_folder_that_is_there_is_left(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = FOLDER.stat().st_ino
    capsys.readouterr()
    assert recall_folder(words)
    assert FOLDER.stat().st_ino == before
    assert capsys.readouterr().err.startswith(f"vendored: unchanged, 2 wheels for {LINUX}, ")


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators only")
def test_folder_is_where_its_link_leads_now(words: list[str], wheelpin: Wheelpin) -> None:
    laid = contents(FOLDER)
    shutil.rmtree(FOLDER)
    for place in ("first", "second"):
        FOLDER.unlink(missing_ok=True)
        FOLDER.symlink_to(place)
        assert wheelpin(*words).code == 0
        assert contents(Path(place)) == laid


def test_result_passes_its_check(words: list[str], wheelpin: Wheelpin) -> None:
    shutil.rmtree(FOLDER)
    assert recall_folder(words)
    assert wheelpin(*words, "--check").code == 0


def edit_a_file(_: Path) -> None:
    (FOLDER / "alpha.py").write_bytes(b"edited\n")


def remove_a_file(_: Path) -> None:
    (FOLDER / "alpha.py").unlink()


def edit_in_the_cache(cache: Path) -> None:
    for path in (cache / "files-1").rglob("*"):
        if path.is_file():
            path.write_bytes(b"edited\n")
    shutil.rmtree(FOLDER)


def clear_the_cache(cache: Path) -> None:
    shutil.rmtree(cache / "files-1")
    shutil.rmtree(FOLDER)


def lose_the_memory(cache: Path) -> None:
    shutil.rmtree(cache / "folders-3")


def spoil_the_memory(cache: Path) -> None:
    for path in (cache / "folders-3").rglob("*"):
        if path.is_file():
            path.write_bytes(b"noise")


def edit_the_lock(_: Path) -> None:
    LOCK.write_text(LOCK.read_text() + "# edited\n")


def die_here(_: Path) -> None:
    Path(Workspace(str(FOLDER.resolve())).root).mkdir()


def fill_the_place(_: Path) -> None:
    shutil.rmtree(FOLDER)
    FOLDER.write_bytes(b"")


@pytest.mark.parametrize(
    "change",
    [
        *(edit_a_file, remove_a_file, edit_in_the_cache, clear_the_cache, lose_the_memory, spoil_the_memory),
        *(edit_the_lock, die_here, fill_the_place),
    ],
    ids=lambda change: change.__name__,
)
def test_anything_that_matters_needs_a_full_run(words: list[str], change: Callable[[Path], None]) -> None:
    change(Path(os.environ["WHEELPIN_CACHE_DIR"]))
    assert not recall_folder(words)


@pytest.mark.parametrize("change", [remove_a_file, edit_in_the_cache, clear_the_cache, spoil_the_memory, die_here])
def test_full_run_then_lays_the_same(words: list[str], wheelpin: Wheelpin, change: Callable[[Path], None]) -> None:
    laid = contents(FOLDER)
    change(Path(os.environ["WHEELPIN_CACHE_DIR"]))
    done = wheelpin(*words)
    assert done.code == 0, done.err
    assert contents(FOLDER) == laid


def test_edited_file_is_told_of_as_ever(words: list[str], wheelpin: Wheelpin) -> None:
    edit_a_file(Path())
    done = wheelpin(*words)
    assert done.code == 2
    assert "alpha.py changed since wheelpin laid it" in done.err


def test_folder_that_another_run_holds_is_waited_for(words: list[str], wheelpin: Wheelpin) -> None:
    shutil.rmtree(FOLDER)
    with Workspace(str(FOLDER.resolve())):
        assert not recall_folder(words)


@pytest.mark.parametrize(
    "more", [["--json"], ["--refresh"], ["--no-cache"], ["--link-mode", "copy"], ["--check"], ["--verbose"]]
)
def test_other_words_are_not_remembered(words: list[str], wheelpin: Wheelpin, more: list[str]) -> None:
    shutil.rmtree(FOLDER)
    wheelpin(*words, *more)
    assert not recall_folder([*words, *more])


def test_copies_are_the_folders_own(words: list[str], wheelpin: Wheelpin) -> None:
    shutil.rmtree(FOLDER)
    assert wheelpin(*words, "--link-mode", "copy").code == 0
    assert {path.stat().st_nlink for path in FOLDER.rglob("*") if path.is_file()} == {1}


def test_quiet_run_is_repeated_quietly(
    words: list[str], wheelpin: Wheelpin, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(FOLDER)
    assert wheelpin(*words, "--quiet").code == 0
    assert recall_folder([*words, "--quiet"])
    assert capsys.readouterr().err == ""


def test_repeated_run_loads_nothing_to_speak_of(process: Process, index: IndexServer) -> None:

    loaded(process, "lock", "alpha", "-i", index.url, "--target", LINUX)
    words = ("vendor", str(LOCK), "--to", str(FOLDER), "-i", index.url)
    loaded(process, *words)
    assert loaded(process, *words) & LIBRARIES == set()

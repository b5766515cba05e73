"""Files of wheels that were unpacked before are linked, and never trusted."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bundle.laying import contents, laid_out, vendored, wheel_of
from wheelpin.bundle.tree import Tree
from wheelpin.folders.kept_files import KeptFiles, kept_name, state_of

BODY = b"v = 1\n"
SHA256 = hashlib.sha256(BODY).hexdigest()
NAME = kept_name("demo/a.py", SHA256, 0o644)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def laid(tmp_path: Path, root: Path) -> Path:
    """A file that was unpacked and kept."""
    path = tmp_path / "a.py"
    path.write_bytes(BODY)
    path.chmod(0o644)
    assert KeptFiles(str(root)).keep(NAME, str(path))
    return path


def supplied(root: Path, destination: Path) -> object:
    return KeptFiles(str(root)).supply(NAME, str(destination), sha256=SHA256, mode=0o644)


def test_kept_file_is_linked(root: Path, laid: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.py"
    assert supplied(root, again) == state_of(laid.stat())
    assert again.samefile(laid)


def test_what_is_not_kept_is_missing(root: Path, tmp_path: Path) -> None:
    assert supplied(root, tmp_path / "again.py") is None
    assert not (tmp_path / "again.py").exists()


def edit(path: Path) -> None:
    path.write_bytes(b"v = 2\n")


def change_mode(path: Path) -> None:
    path.chmod(0o755)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(edit, id="content"),
        pytest.param(change_mode, id="mode", marks=pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")),
    ],
)
def test_what_somebody_changed_through_a_link_is_dropped(
    root: Path, laid: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    change(laid)
    again = tmp_path / "again.py"
    assert supplied(root, again) is None
    assert not again.exists()
    assert not (root / NAME).exists()
    assert laid.exists()


def test_place_content_and_mode_each_have_a_file_of_their_own() -> None:
    names = {kept_name(path, sha256, mode) for path in ("a.py", "b.py") for sha256 in "12" for mode in (0o644, 0o755)}
    assert len(names) == 8


def test_second_process_that_keeps_a_file_leaves_the_first_ones(root: Path, laid: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_bytes(BODY)
    assert not KeptFiles(str(root)).keep(NAME, str(other))
    assert (root / NAME).samefile(laid)


def refusing(number: int) -> Callable[..., None]:
    def link(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return link


def test_file_that_has_all_its_links_makes_room_for_another(
    root: Path, laid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refusing(errno.EMLINK))
    assert supplied(root, tmp_path / "again.py") is None
    monkeypatch.undo()
    assert KeptFiles(str(root)).keep(NAME, str(laid))


def test_folder_on_another_file_system_is_tried_once(
    root: Path, laid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptFiles(str(root))
    monkeypatch.setattr(os, "link", refusing(errno.EXDEV))
    assert kept.supply(NAME, str(tmp_path / "again.py"), sha256=SHA256, mode=0o644) is None
    monkeypatch.undo()
    assert not kept.keep(NAME, str(laid))
    assert (root / NAME).exists()


def test_cache_that_cannot_be_written_keeps_nothing(tmp_path: Path, laid: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"")
    assert not KeptFiles(str(blocked)).keep(NAME, str(laid))


def test_without_a_cache_nothing_is_kept(tmp_path: Path, laid: Path) -> None:
    kept = KeptFiles(None)
    assert not kept.keep(NAME, str(laid))
    assert kept.supply(NAME, str(tmp_path / "again.py"), sha256=SHA256, mode=0o644) is None


class TestFolders:
    """Folders that are made of kept files."""

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Tree:
        files = {
            "demo/__init__.py": "",
            "demo/inner/__init__.py": "",
            "demo/x.py": "x\n",
            "demo-1.0.data/scripts/r": "",
        }
        return laid_out(wheel_of(tmp_path, "demo", files))

    def test_two_folders_share_every_file(self, root: Path, tmp_path: Path, tree: Tree) -> None:
        for name in ("one", "two"):
            vendored(tree, tmp_path / name, kept=KeptFiles(str(root)))
        one, two = tmp_path / "one", tmp_path / "two"
        assert contents(one) == contents(two)
        assert all((two / path).samefile(one / path) for path in contents(one))
        assert stat.S_IMODE((two / "bin" / "r").stat().st_mode) == (0o755 if os.name != "nt" else 0o666)

    def test_no_two_files_of_a_folder_are_one(self, root: Path, tmp_path: Path, tree: Tree) -> None:
        vendored(tree, tmp_path / "one", kept=KeptFiles(str(root)))
        inodes = [path.stat().st_ino for path in (tmp_path / "one").rglob("*") if path.is_file()]
        assert len(inodes) == len(set(inodes))

    def test_edit_in_one_folder_does_not_reach_later_ones(self, root: Path, tmp_path: Path, tree: Tree) -> None:
        vendored(tree, tmp_path / "one", kept=KeptFiles(str(root)))
        (tmp_path / "one" / "demo" / "x.py").write_bytes(b"y\n")
        vendored(tree, tmp_path / "two", kept=KeptFiles(str(root)))
        vendored(tree, tmp_path / "three", kept=KeptFiles(str(root)))
        for name in ("two", "three"):
            assert (tmp_path / name / "demo" / "x.py").read_bytes() == b"x\n"
        assert (tmp_path / "two" / "demo" / "x.py").samefile(tmp_path / "three" / "demo" / "x.py")

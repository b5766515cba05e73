import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.bundle.laying import body_of, contents, laid_out, vendored, wheel_of
from tests.reporters import RecordingReporter
from wheelpin.bundle.folder_check import Differences
from wheelpin.bundle.folder_writer import FileSystemTakesForOneError
from wheelpin.bundle.refusal import WheelRefusedError
from wheelpin.bundle.tree import Tree
from wheelpin.bundle.vendor import (
    EditedFilesError,
    FolderDiffersError,
    ForeignFilesError,
    NotOurFolderError,
    Outcome,
    check_folder,
)
from wheelpin.folders.kept_files import KeptFiles
from wheelpin.folders.workspace import FolderBusyError, Workspace
from wheelpin.safe_write import FileNotWritableError


@pytest.fixture
def old(tmp_path: Path) -> Tree:
    return laid_out(wheel_of(tmp_path, "demo", {"demo/__init__.py": "v = 1\n", "demo/gone.py": "", "keep.py": "k\n"}))


@pytest.fixture
def new(tmp_path: Path) -> Tree:
    files = {"demo/__init__.py": "v = 2\n", "demo/more.py": "", "keep.py": "k\n"}
    return laid_out(wheel_of(tmp_path, "demo", files, version="2.0"))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A destination; nothing may lie beside it in the end."""
    beside = tmp_path / "beside"
    beside.mkdir()
    yield beside / "vendor"
    assert {path.name for path in beside.iterdir()} <= {"vendor"}


def expected(tree: Tree) -> dict[str, bytes]:
    return {file.path: body_of(tree, file.path) for file in tree.files}


def test_folder_holds_the_tree_and_can_be_imported_from(folder: Path, old: Tree) -> None:
    assert vendored(old, folder) is Outcome.CREATED
    assert contents(folder) == expected(old)
    command = [
        sys.executable,
        "-I",
        "-c",
        "import sys; sys.path[:0] = sys.argv[1:]; import demo; print(demo.v)",
        str(folder),
    ]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"1\n"


def test_second_time_changes_nothing(folder: Path, old: Tree) -> None:
    vendored(old, folder)
    identity = folder.stat().st_ino
    assert vendored(old, folder) is Outcome.UNCHANGED
    assert folder.stat().st_ino == identity


def test_new_lock_replaces_the_old_files(folder: Path, old: Tree, new: Tree) -> None:
    vendored(old, folder)
    assert vendored(new, folder) is Outcome.REPLACED
    assert contents(folder) == expected(new)


def test_empty_folder_is_taken(folder: Path, old: Tree) -> None:
    folder.mkdir()
    assert vendored(old, folder) is Outcome.CREATED


def test_folder_is_taken_by_way_of_a_link(folder: Path, tmp_path: Path, old: Tree) -> None:
    (tmp_path / "link").symlink_to(folder)
    vendored(old, tmp_path / "link")
    assert contents(folder) == expected(old)
    assert (tmp_path / "link").is_symlink()


def test_users_own_files_stay(folder: Path, old: Tree, new: Tree) -> None:
    vendored(old, folder)
    (folder / "mine").mkdir()
    (folder / "mine" / "main.py").write_bytes(b"mine")
    (folder / "demo" / "local.py").write_bytes(b"local")
    (folder / "link").symlink_to("mine/main.py")
    (folder / "empty").mkdir()
    assert vendored(old, folder) is Outcome.UNCHANGED
    assert vendored(new, folder) is Outcome.REPLACED
    others = {"mine/main.py": b"mine", "demo/local.py": b"local", "link": b"mine"}
    assert contents(folder) == expected(new) | others
    assert (folder / "link").is_symlink()
    assert (folder / "empty").is_dir()


def test_caches_of_old_modules_go(folder: Path, old: Tree, new: Tree) -> None:
    vendored(old, folder)
    (folder / "demo" / "__pycache__").mkdir()
    (folder / "demo" / "__pycache__" / "gone.cpython-312.pyc").write_bytes(b"old")
    check_folder(old, folder)
    vendored(new, folder)
    assert contents(folder) == expected(new)


def test_missing_files_are_laid_out_again(folder: Path, old: Tree) -> None:
    vendored(old, folder)
    (folder / "keep.py").unlink()
    assert vendored(old, folder) is Outcome.REPLACED
    assert contents(folder) == expected(old)


def test_edited_files_are_not_lost(folder: Path, old: Tree, new: Tree) -> None:
    vendored(old, folder)
    (folder / "keep.py").write_bytes(b"x\n")
    with pytest.raises(EditedFilesError) as caught:
        vendored(new, folder)
    assert caught.value.paths == ("keep.py",)
    assert contents(folder) == expected(old) | {"keep.py": b"x\n"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("demo/more.py", id="a file where a file goes"),
        pytest.param("demo/more.py/x", id="a folder where a file goes"),
        pytest.param("demo-2.0.dist-info", id="a file where a folder goes"),
    ],
)
def test_users_file_in_the_way_is_not_lost(folder: Path, old: Tree, new: Tree, name: str) -> None:
    vendored(old, folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"mine")
    with pytest.raises(ForeignFilesError) as caught:
        vendored(new, folder)
    assert caught.value.paths == (name,)
    assert contents(folder) == expected(old) | {name: b"mine"}


@pytest.mark.parametrize("manifest", [None, b"not json", b"[]", b'{"wheelpin-folder": 99}', b'{"wheelpin-folder": 1}'])
def test_folder_of_somebody_else_is_left_alone(folder: Path, old: Tree, manifest: bytes | None) -> None:
    folder.mkdir()
    (folder / "main.py").write_bytes(b"mine")
    if manifest is not None:
        (folder / ".wheelpin.json").write_bytes(manifest)
    with pytest.raises(NotOurFolderError):
        vendored(old, folder)
    assert contents(folder) == {"main.py": b"mine"}


def test_file_in_place_of_the_folder_is_left_alone(folder: Path, old: Tree) -> None:
    folder.write_bytes(b"mine")
    with pytest.raises((NotOurFolderError, FileNotWritableError)):
        vendored(old, folder)
    assert folder.read_bytes() == b"mine"


def test_folder_that_cannot_be_made_is_named(tmp_path: Path, old: Tree) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileNotWritableError):
        vendored(old, tmp_path / "file" / "vendor")


def test_hostile_content_leaves_everything_as_it_was(folder: Path, tmp_path: Path, old: Tree, new: Tree) -> None:
    vendored(old, folder)
    (wheel,) = new.wheels
    body = bytearray(wheel.path.read_bytes())
    place = next(member.entry.data_start for member in wheel.members if member.entry.compressed_bytes > 8)
    body[place + 4] ^= 1
    wheel.path.write_bytes(body)
    with pytest.raises(WheelRefusedError):
        vendored(new, folder)
    assert contents(folder) == expected(old)


def test_second_run_at_the_same_time_is_told_to_wait(folder: Path, old: Tree) -> None:
    with Workspace(str(folder)), pytest.raises(FolderBusyError):
        vendored(old, folder)
    assert vendored(old, folder) is Outcome.CREATED


def test_file_system_that_takes_two_files_for_one_is_noticed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = laid_out(wheel_of(tmp_path, "demo", {"A.py": "1", "a.py": "2"}))

    system_open = os.open

    def open_ignoring_case(path: str | Path, *arguments: int, **more: int) -> int:
        name = os.path.basename(path)  # noqa: PTH119 - a text or a path
        return system_open(Path(path).with_name(name.lower()), *arguments, **more)

    monkeypatch.setattr("wheelpin.bundle.file_writer.os.open", open_ignoring_case)
    with pytest.raises(FileSystemTakesForOneError) as caught:
        vendored(tree, folder)
    assert caught.value.path in {"A.py", "a.py"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_modes_do_not_depend_on_the_umask(folder: Path, tmp_path: Path, umask: int) -> None:
    tree = laid_out(wheel_of(tmp_path, "demo", {"demo/a.py": "", "demo-1.0.data/scripts/run": ""}))
    before = os.umask(umask)
    try:
        vendored(tree, folder)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE((folder / path).stat().st_mode) for path in ("", "demo", "demo/a.py", "bin/run")}
    assert modes == {"": 0o755, "demo": 0o755, "demo/a.py": 0o644, "bin/run": 0o755}


class TestCheck:
    """Every byte of a folder is accounted for."""

    def test_what_was_laid_passes(self, folder: Path, old: Tree) -> None:
        vendored(old, folder)
        check_folder(old, folder)

    def test_missing_folder_misses_all(self, folder: Path, old: Tree) -> None:
        with pytest.raises(FolderDiffersError) as caught:
            check_folder(old, folder)
        assert len(caught.value.differences.missing) == len(old.files)
        assert caught.value.exit_code == 1

    def test_each_kind_of_difference_is_told(self, folder: Path, old: Tree) -> None:
        vendored(old, folder)
        (folder / "keep.py").write_bytes(b"x\n")
        (folder / "demo" / "gone.py").unlink()
        (folder / "demo" / "mine.py").write_bytes(b"")
        with pytest.raises(FolderDiffersError) as caught:
            check_folder(old, folder)
        assert caught.value.differences == Differences(
            missing=("demo/gone.py",), changed=("keep.py",), foreign=("demo/mine.py",)
        )

    def test_link_is_no_file(self, folder: Path, old: Tree, tmp_path: Path) -> None:
        vendored(old, folder)
        shutil.move(folder / "keep.py", tmp_path / "elsewhere.py")
        (folder / "keep.py").symlink_to(tmp_path / "elsewhere.py")
        with pytest.raises(FolderDiffersError) as caught:
            check_folder(old, folder)
        assert caught.value.differences == Differences(changed=("keep.py",))

    def test_old_folder_does_not_pass_for_a_new_lock(self, folder: Path, old: Tree, new: Tree) -> None:
        vendored(old, folder)
        with pytest.raises(FolderDiffersError):
            check_folder(new, folder)


VENDOR = """
import sys
from pathlib import Path
from tests.bundle.laying import laid_out, vendored
from wheelpin.bundle.wheel import open_wheel
from wheelpin.folders.kept_files import KeptFiles

tree = laid_out(open_wheel(Path(sys.argv[1])))
print("begun", flush=True)
sys.stdin.readline()
vendored(tree, Path(sys.argv[2]), kept=KeptFiles(sys.argv[3]))
"""


class TestDeath:
    """A run may die at any moment."""

    @pytest.fixture
    def trees(self, tmp_path: Path) -> tuple[Tree, Tree]:
        return tuple(  # type: ignore[return-value]
            laid_out(wheel_of(tmp_path, "demo", {f"demo/m{n}.py": f"v = {v}\n" for n in range(300)}, version=f"{v}.0"))
            for v in (1, 2)
        )

    def test_next_run_finishes(self, folder: Path, tmp_path: Path, trees: tuple[Tree, Tree]) -> None:
        bodies = [expected(tree) for tree in trees]
        vendored(trees[0], folder)
        (folder / "mine.txt").write_bytes(b"mine")
        mine = {"mine.txt": b"mine"}
        for turn in range(12):
            tree = trees[(turn + 1) % 2]
            command = [sys.executable, "-c", VENDOR, str(tree.wheels[0].path), str(folder), str(tmp_path / "cache")]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                assert process.stdin is not None
                assert process.stdout.readline() == b"begun\n"
                process.stdin.write(b"\n")
                process.stdin.flush()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(turn * 0.006)
                process.kill()
            if folder.exists():
                assert contents(folder) in [body | mine for body in bodies]
        vendored(trees[1], folder, kept=KeptFiles(str(tmp_path / "cache")))
        assert contents(folder) == bodies[1] | mine

    @pytest.mark.parametrize("step", ["before the first name", "between the names", "after both", "in the trash"])
    def test_every_state_that_death_can_leave_is_repaired(self, folder: Path, old: Tree, new: Tree, step: str) -> None:
        vendored(old, folder)
        (folder / "mine.txt").write_bytes(b"mine")
        work = folder.with_name(".vendor.wheelpin")
        work.mkdir()
        shutil.copytree(folder, work / "new")
        match step:
            case "before the first name":
                (work / "new" / "keep.py").unlink()
            case "between the names":
                folder.rename(work / "old")
            case "after both":
                (work / "new").rename(work / "old")
            case "in the trash":
                (work / "new").rename(work / "trash")
                (work / "trash" / ".wheelpin.json").unlink()
            case _:
                raise AssertionError(step)
        vendored(new, folder)
        assert contents(folder) == expected(new) | {"mine.txt": b"mine"}

    def test_what_was_written_into_the_old_folder_meanwhile_is_kept(self, folder: Path, old: Tree, new: Tree) -> None:
        vendored(old, folder)
        work = folder.with_name(".vendor.wheelpin")
        work.mkdir()
        shutil.copytree(folder, work / "old")
        (work / "old" / "late.txt").write_bytes(b"late")
        vendored(new, folder)
        assert contents(folder) == expected(new) | {"late.txt": b"late"}


def test_two_states_of_one_file_are_both_kept(tmp_path: Path, old: Tree, new: Tree) -> None:
    folder = tmp_path / "vendor"
    vendored(old, folder)
    (folder / "mine.txt").write_bytes(b"first")
    work = folder.with_name(".vendor.wheelpin")
    work.mkdir()
    shutil.copytree(folder, work / "old")
    (work / "old" / "mine.txt").write_bytes(b"second")
    reporter = RecordingReporter()
    with pytest.raises(ForeignFilesError):
        vendored(new, folder, reporter)
    assert contents(folder)["mine.txt"] == b"first"
    assert (work / "old" / "mine.txt").read_bytes() == b"second"
    assert len(reporter.warnings) == 1

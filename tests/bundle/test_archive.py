import io
import os
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.builders import make_wheel
from tests.bundle.laying import LINUX, Files, body_of, laid_out, vendored, wheel_of
from wheelpin.bundle.archive import ArchiveDiffersError, check_archive, write_archive
from wheelpin.bundle.archive_layouts import ARCHIVE_LAYOUTS, arrange
from wheelpin.bundle.folder_check import Differences
from wheelpin.bundle.layout import CollisionError, made_file
from wheelpin.bundle.sizes import BudgetExceededError, measure, require_budget
from wheelpin.bundle.sources import collect_sources
from wheelpin.bundle.tree import SourceChangedError, Tree, TreeFile
from wheelpin.bundle.zip_directory import read_directory
from wheelpin.bundle.zip_writer import ZipDate, ZipHeader, end_records, iter_zip
from wheelpin.folders.claim import claim_file
from wheelpin.folders.workspace import FolderBusyError
from wheelpin.target import Target
from wheelpin.values import Sha256

LAMBDA_BYTES = 262_144_000
FILES: Files = {
    "demo/__init__.py": "x = 1\n" * 500,
    "demo/d\u00e4ta.json": "{}",
    "demo-1.0.data/scripts/run": "#!python\nprint()\n",
    "demo-1.0.dist-info/entry_points.txt": "[console_scripts]\ncall = demo:main\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return laid_out(wheel_of(tmp_path, "demo", FILES), wheel_of(tmp_path, "other"))


def test_archive_holds_the_tree_with_fixed_dates_and_modes(tmp_path: Path, tree: Tree) -> None:
    written = write_archive(tree, tmp_path / "out" / "x.zip")
    with zipfile.ZipFile(written.path) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
        assert {info.filename: archive.read(info) for info in infos} == {
            file.path: body_of(tree, file.path) for file in tree.files
        }
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.filename for info in infos if info.external_attr >> 16 == 0o100755} == {"bin/run", "bin/call"}
    assert {info.external_attr >> 16 for info in infos} == {0o100755, 0o100644}
    assert {info.create_system for info in infos} == {3}
    assert written.size_bytes == written.path.stat().st_size
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["x.zip"]


def test_members_keep_the_bytes_that_their_wheel_was_packed_with(tmp_path: Path, tree: Tree) -> None:
    path = write_archive(tree, tmp_path / "x.zip").path
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tree.wheels[0].path) as wheel:
        assert archive.getinfo("demo/__init__.py").compress_size == wheel.getinfo("demo/__init__.py").compress_size
        assert archive.getinfo("bin/call").compress_type == zipfile.ZIP_STORED


def test_archive_passes_for_a_safe_one(tmp_path: Path, tree: Tree) -> None:
    path = write_archive(tree, tmp_path / "x.zip").path
    with path.open("rb") as stream:
        entries = read_directory(stream, "x.zip", max_members=1000)
    assert {entry.name for entry in entries} == {file.path for file in tree.files}


@pytest.mark.parametrize(
    ("name", "module", "source"),
    [
        pytest.param("plain", "demo/__init__.py", "main.py", id="plain"),
        pytest.param("aws-lambda", "demo/__init__.py", "main.py", id="a Lambda function"),
        pytest.param(
            "aws-layer",
            "python/lib/python3.12/site-packages/demo/__init__.py",
            "python/lib/python3.12/site-packages/main.py",
            id="a Lambda layer of one Python",
        ),
        pytest.param("aws-layer-any-python", "python/demo/__init__.py", "python/main.py", id="a Lambda layer for all"),
        pytest.param("azure", ".python_packages/lib/site-packages/demo/__init__.py", "main.py", id="Azure Functions"),
        pytest.param("gcf", "demo/__init__.py", "main.py", id="Google Cloud functions"),
    ],
)
def test_platform_finds_modules_where_it_looks(tree: Tree, name: str, module: str, source: str) -> None:
    own = made_file("main.py", "your files", b"")
    arranged = arrange(tree, [own], ARCHIVE_LAYOUTS[name], LINUX)
    assert {module, source} < {file.path for file in arranged.files}
    assert len(arranged.files) == len(tree.files) + 1


def test_users_file_that_meets_a_module_is_told(tree: Tree) -> None:
    own = made_file("demo/__init__.py", "your files", b"")
    with pytest.raises(CollisionError) as caught:
        arrange(tree, [own], ARCHIVE_LAYOUTS["aws-lambda"], LINUX)
    assert {caught.value.collisions[0].first, caught.value.collisions[0].second} == {"your files", "demo"}


WRITE = """
import os, sys
from pathlib import Path
from tests.bundle.laying import laid_out
from wheelpin.bundle.archive import write_archive
from wheelpin.bundle.archive_layouts import ARCHIVE_LAYOUTS, arrange
from wheelpin.bundle.sources import collect_sources
from wheelpin.bundle.wheel import open_wheel
from wheelpin.target import Target

os.umask(int(sys.argv[1], 8))
wheels = [open_wheel(Path(name)) for name in sys.argv[4:]]
target = Target.parse("cp312-manylinux_2_28_x86_64")
tree = arrange(laid_out(*wheels), collect_sources([Path(sys.argv[3])]), ARCHIVE_LAYOUTS["aws-lambda"], target)
print(write_archive(tree, Path(sys.argv[2])).sha256)
"""


def pythons() -> list[str]:
    """Return this interpreter, and others that have wheelpin's libraries, where the environment names some."""
    return [sys.executable, *filter(None, os.environ.get("WHEELPIN_TEST_PYTHONS", "").split(os.pathsep))]


@pytest.mark.parametrize("python", pythons(), ids=lambda path: Path(path).parent.parent.name)
def test_archive_is_the_same_from_every_host(tmp_path: Path, python: str) -> None:
    # Stored, because zlib's releases differ in what they make of one input.
    built = [make_wheel("demo", files=FILES, compression=0), make_wheel("other", compression=0)]
    wheels = [str(tmp_path / file.filename) for file in built]
    for file in built:
        (tmp_path / file.filename).write_bytes(file.body)
    source = tmp_path / "source"
    source.mkdir()
    (source / "b.sh").write_bytes(b"#!/bin/sh\n")
    (source / "a.py").write_bytes(b"import demo\n")
    digests = set()
    hosts = [("022", "UTC", "C"), ("077", "Pacific/Kiritimati", "C.UTF-8"), ("000", "America/St_Johns", "tr_TR.UTF-8")]
    for at, (umask, zone, locale) in enumerate(hosts):
        os.utime(source / "a.py", (at * 1e9, at * 1e9))
        (source / "b.sh").chmod((0o600, 0o755, 0o777)[at])
        order = wheels if at else wheels[::-1]
        environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": str(at)}
        command = [python, "-c", WRITE, umask, str(tmp_path / f"{at}.zip"), str(source), *order]
        done = subprocess.run(command, check=True, capture_output=True, env=environment)
        digests.add(done.stdout.strip())
    # The digest is spelled out, so that a change of a single bit is somebody's decision.
    assert digests == {b"94c220d8fb704908ad0a522d4f5f7b1489f3510ca340ef49c7283a0658e6cfa8"}


@pytest.mark.parametrize(
    ("epoch_s", "date"),
    [
        pytest.param(None, (1980, 1, 1, 0, 0, 0), id="none"),
        pytest.param(0, (1980, 1, 1, 0, 0, 0), id="before the format's first year"),
        pytest.param(1_700_000_001, (2023, 11, 14, 22, 13, 20), id="odd seconds, in UTC"),
        pytest.param(10**12, (2107, 12, 31, 23, 59, 58), id="after the format's last year"),
    ],
)
def test_date_is_the_one_that_was_asked_for(
    tmp_path: Path, tree: Tree, epoch_s: int | None, date: tuple[int, ...]
) -> None:
    path = write_archive(tree, tmp_path / "x.zip", epoch_s=epoch_s).path
    with zipfile.ZipFile(path) as archive:
        assert {info.date_time for info in archive.infolist()} == {date}


def sized(owner: str, path: str, size_bytes: int) -> TreeFile:
    return replace(made_file(path, owner, b""), size_bytes=size_bytes, sha256=Sha256("0" * 64))


class TestBudget:
    """What a platform does not take is not written."""

    @pytest.fixture
    def full(self) -> Tree:
        owners = [sized(f"p{number:02}", f"p{number:02}.so", 1_000_000 * (number + 1)) for number in range(20)]
        rest = LAMBDA_BYTES - sum(file.size_bytes for file in owners)
        return Tree(files=(*owners, sized("torch", "torch.so", rest)), wheels=())

    def test_all_that_is_allowed_passes(self, full: Tree) -> None:
        require_budget(full, ARCHIVE_LAYOUTS["aws-lambda"].most_bytes)

    def test_one_byte_more_fails_with_the_ten_largest(self, full: Tree, tmp_path: Path) -> None:
        more = replace(full, files=(*full.files, sized("last", "last.py", 1)))
        with pytest.raises(BudgetExceededError) as caught:
            write_archive(more, tmp_path / "x.zip", most_bytes=ARCHIVE_LAYOUTS["aws-lambda"].most_bytes)
        error = caught.value
        assert (error.size_bytes, error.most_bytes) == (LAMBDA_BYTES + 1, LAMBDA_BYTES)
        assert [owner.owner for owner in error.largest] == ["torch", *(f"p{number:02}" for number in range(19, 10, -1))]
        assert "262,144,001 bytes, 1 more than the 262,144,000" in str(error)
        assert list(tmp_path.iterdir()) == []

    def test_platform_without_a_limit_takes_all(self, full: Tree) -> None:
        require_budget(replace(full, files=full.files * 2), ARCHIVE_LAYOUTS["plain"].most_bytes)

    @pytest.mark.parametrize(
        ("most_bytes", "told"),
        [pytest.param(70, "which is enough", id="enough"), pytest.param(20, "do without demo", id="not enough")],
    )
    def test_error_tells_what_slim_would_save(self, tmp_path: Path, most_bytes: int, told: str) -> None:
        tree = laid_out(wheel_of(tmp_path, "demo", {"demo/a.py": "#" * 60, "demo/tests/a.py": "#" * 40}))
        small = replace(tree, files=tuple(file for file in tree.files if "dist-info" not in file.path))
        with pytest.raises(BudgetExceededError) as caught:
            require_budget(small, most_bytes)
        assert caught.value.slim_bytes == 40
        assert told in caught.value.hint

    def test_shares_are_counted_by_owner(self, tmp_path: Path) -> None:
        files = {"demo/a.py": "#" * 100, "demo/tests/a.py": "#" * 40, "demo/b.pyi": "#" * 2}
        tree = laid_out(wheel_of(tmp_path, "demo", files), wheel_of(tmp_path, "other", {"o.py": ""}))
        small = replace(tree, files=tuple(file for file in tree.files if "dist-info" not in file.path))
        demo, other = measure(small)
        assert (demo.owner, demo.files, demo.size_bytes, demo.slim_bytes) == ("demo", 3, 142, 42)
        assert 0 < demo.packed_bytes < 142
        assert (other.owner, other.files, other.size_bytes) == ("other", 1, 0)


class TestCheck:
    """An archive is what the lock says, bit for bit."""

    def test_what_was_written_passes(self, tmp_path: Path, tree: Tree) -> None:
        check_archive(tree, write_archive(tree, tmp_path / "x.zip").path)

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda body: body[:-1], id="cut off"),
            pytest.param(lambda body: body + b"\0", id="longer"),
            pytest.param(lambda _: b"", id="empty"),
        ],
    )
    def test_other_bytes_fail(self, tmp_path: Path, tree: Tree, change: Callable[[bytes], bytes]) -> None:
        path = write_archive(tree, tmp_path / "x.zip").path
        path.write_bytes(change(path.read_bytes()))
        with pytest.raises(ArchiveDiffersError):
            check_archive(tree, path)

    def test_missing_archive_fails(self, tmp_path: Path, tree: Tree) -> None:
        with pytest.raises(ArchiveDiffersError) as caught:
            check_archive(tree, tmp_path / "x.zip")
        assert caught.value.exit_code == 1

    def test_differences_are_named(self, tmp_path: Path, tree: Tree) -> None:
        files = {**FILES, "demo/__init__.py": "x = 2\n", "demo/gone.py": ""}
        (tmp_path / "new").mkdir()
        path = write_archive(tree, tmp_path / "x.zip").path
        new = laid_out(wheel_of(tmp_path / "new", "demo", files), wheel_of(tmp_path, "other"))
        with pytest.raises(ArchiveDiffersError) as caught:
            check_archive(new, path)
        assert caught.value.differences == Differences(
            missing=("demo/gone.py",), changed=("demo-1.0.dist-info/RECORD", "demo/__init__.py")
        )

    def test_another_date_is_another_archive(self, tmp_path: Path, tree: Tree) -> None:
        path = write_archive(tree, tmp_path / "x.zip").path
        with pytest.raises(ArchiveDiffersError) as caught:
            check_archive(tree, path, epoch_s=1_700_000_000)
        assert caught.value.differences == Differences()


def test_failure_keeps_the_old_archive(tmp_path: Path, tree: Tree) -> None:
    source = tmp_path / "main.py"
    source.write_bytes(b"one")
    arranged = arrange(tree, collect_sources([source]), ARCHIVE_LAYOUTS["plain"], LINUX)
    source.write_bytes(b"two")
    path = tmp_path / "x.zip"
    path.write_bytes(b"old")
    with pytest.raises(SourceChangedError):
        write_archive(arranged, path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")] == []


class TestLargeArchives:
    """Past 65,535 members or 4 GiB the long records count."""

    def test_many_members(self) -> None:
        files = [made_file(f"m{number:05}", "demo", b"") for number in range(65_536)]
        body = b"".join(iter_zip(files, ZipDate.of(None)))
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert len(archive.namelist()) == 65_536
        assert len(read_directory(io.BytesIO(body), "x.zip", max_members=70_000)) == 65_536

    @pytest.mark.parametrize(
        ("size", "packed", "start"),
        [
            pytest.param(5 * 2**30, 3, 7, id="a large file"),
            pytest.param(5, 3, 5 * 2**30, id="a file far back"),
            pytest.param(2**32 - 1, 2**32 - 1, 2**32 - 1, id="just at the border"),
            pytest.param(2**32 - 2, 2**32 - 2, 2**32 - 2, id="just before it"),
        ],
    )
    def test_long_values_are_read_back(self, size: int, packed: int, start: int) -> None:
        header = ZipHeader(
            name=b"demo",
            is_utf8=False,
            method=0,
            crc=1,
            packed_bytes=packed,
            size_bytes=size,
            mode=0o100644,
            date=ZipDate.of(None),
        )
        central = header.central(start)
        with zipfile.ZipFile(io.BytesIO(central + end_records(1, start=0, size=len(central)))) as archive:
            (info,) = archive.infolist()
        assert (info.file_size, info.compress_size, info.header_offset) == (size, packed, start)
        assert len(header.local()) == 30 + 4 + (20 if max(size, packed) >= 2**32 - 1 else 0)


def test_target_names_the_folder_of_its_python(tree: Tree) -> None:
    target = Target.parse("cp39-manylinux2014_x86_64")
    arranged = arrange(tree, [], ARCHIVE_LAYOUTS["aws-layer"], target)
    assert all(file.path.startswith("python/lib/python3.9/site-packages/") for file in arranged.files)


def test_what_a_killed_run_left_is_taken_over(tmp_path: Path, tree: Tree) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".x.zip.part").write_bytes(b"half an archive" * 9999)
    check_archive(tree, write_archive(tree, out / "x.zip").path)
    assert [path.name for path in out.iterdir()] == ["x.zip"]


def test_second_run_at_the_same_time_is_told_to_wait(tmp_path: Path, tree: Tree) -> None:
    holder = claim_file(tmp_path / ".x.zip.part")
    assert holder is not None
    with holder, pytest.raises(FolderBusyError):
        write_archive(tree, tmp_path / "x.zip")


def test_large_members_do_not_lie_in_memory(tmp_path: Path) -> None:
    tree = laid_out(wheel_of(tmp_path, "demo", {"zeros.bin": b"\0" * 64_000_000}))
    tracemalloc.start()
    try:
        write_archive(tree, tmp_path / "x.zip")
        vendored(tree, tmp_path / "vendor")
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 8_000_000

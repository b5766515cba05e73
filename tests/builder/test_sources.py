"""Sdists and folders, read without running or unpacking anything."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_tar_gz, make_zip
from wheelpin.builder import NoSuchSourceError, SourceRefusedError, open_folder, open_sdist, sdist_archive
from wheelpin.builder.sources import copy_project, iter_project_files

SDIST = make_sdist("old-demo", "1.0", files={"src/demo.py": "1\n"})


def put(folder: Path, name: str, body: bytes) -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


def packed(members: dict[str, bytes]) -> bytes:
    return make_tar_gz(members.items())


def test_sdist_tells_its_project_its_backend_and_its_metadata(tmp_path: Path) -> None:
    found = open_sdist(put(tmp_path, SDIST.filename, SDIST.body))
    assert (found.project, found.sha256, found.metadata) == ("old-demo", SDIST.sha256, SDIST.metadata)
    assert found.pyproject is not None
    assert "setuptools.build_meta" in found.pyproject
    assert (found.label, found.is_folder) == (SDIST.filename, False)


@pytest.mark.parametrize(
    ("filename", "project"),
    [
        pytest.param("Foo.Bar-1.0.tar.gz", "foo-bar", id="not normalised"),
        pytest.param("foo-bar-1.0rc1.tar.gz", "foo-bar", id="a hyphen in the name"),
        pytest.param("foo.tar.gz", None, id="no version"),
    ],
)
def test_project_is_read_from_the_name(tmp_path: Path, filename: str, project: str | None) -> None:
    assert open_sdist(put(tmp_path, filename, SDIST.body)).project == project


def test_zip_is_an_sdist_too(tmp_path: Path) -> None:
    body = make_zip([("demo-1.0/setup.py", b""), ("demo-1.0/PKG-INFO", b"Name: demo\n"), ("demo-1.0/a/PKG-INFO", b"x")])
    found = open_sdist(put(tmp_path, "demo-1.0.zip", body))
    assert (found.metadata, found.pyproject) == (b"Name: demo\n", None)


@pytest.mark.parametrize(
    ("filename", "body", "reason"),
    [
        pytest.param("demo-1.0.tar.gz", b"nothing", "cannot be read", id="no archive"),
        pytest.param("demo-1.0.zip", b"nothing", "cannot be read", id="no zip"),
        pytest.param("demo-1.0.tar.gz", SDIST.body[:-40], "cannot be read", id="cut short"),
        pytest.param("demo-1.0.tar.Z", b"", "name ends in", id="an ending of old"),
        pytest.param("demo-1.0.tar.gz", packed({"d/pyproject.toml": b"\xff"}), "not UTF-8", id="no text"),
        pytest.param("demo-1.0.tar.gz", packed({"d/PKG-INFO": b" " * 8_500_000}), "bytes", id="a huge PKG-INFO"),
    ],
)
def test_hostile_sdist_is_refused(tmp_path: Path, filename: str, body: bytes, reason: str) -> None:
    with pytest.raises(SourceRefusedError, match=reason):
        open_sdist(put(tmp_path, filename, body))


def test_bomb_is_not_unpacked_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdist_archive, "_MOST_UNPACKED_BYTES", 100_000)
    body = packed({"d/zeros": b"\0" * 1_000_000})
    with pytest.raises(SourceRefusedError, match="unpacks to more"):
        open_sdist(put(tmp_path, "demo-1.0.tar.gz", body))


def test_too_many_members_and_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "demo-1.0.tar.gz", packed({f"d/{number}": b"" for number in range(9)}))
    monkeypatch.setattr(sdist_archive, "_MOST_MEMBERS", 3)
    with pytest.raises(SourceRefusedError, match="members"):
        open_sdist(path)
    monkeypatch.setattr(sdist_archive, "MOST_PACKED_BYTES", 3)
    with pytest.raises(SourceRefusedError, match="bytes"):
        open_sdist(path)


@pytest.mark.parametrize("ending", [".tar.bz2", ".tar.xz"])
def test_other_compressions_are_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"demo-1.0{ending}"
    with tarfile.open(path, "w:bz2" if ending == ".tar.bz2" else "w:xz") as archive:
        info = tarfile.TarInfo("demo-1.0/PKG-INFO")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"ab"))
    assert open_sdist(path).metadata == b"ab"


def test_plain_tar_within_gzip_without_members_is_an_sdist_of_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, "demo-1.0.tar.gz", gzip.compress(b"\0" * 10240))
    assert (open_sdist(path).pyproject, open_sdist(path).metadata) == (None, None)


def folder_with(tmp_path: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"name = 'demo'  # {name}\n")
    return tmp_path / "project"


def test_leftovers_of_other_builds_are_no_part_of_a_project(tmp_path: Path) -> None:
    leftovers = ("demo/_fast.so", "build/lib.linux/x.py", "demo.egg-info/a", ".venv/b", "demo/__pycache__/c.pyc")
    folder = folder_with(tmp_path, "pyproject.toml", "demo/a.py", "build/config.py", *leftovers)
    names = [path.relative_to(folder).as_posix() for path in iter_project_files(folder)]
    assert names == ["build/config.py", "demo/a.py", "pyproject.toml"]
    copy_project(folder, tmp_path / "copy")
    assert sorted(path.name for path in (tmp_path / "copy").rglob("*") if path.is_file()) == [
        "a.py",
        "config.py",
        "pyproject.toml",
    ]


def test_digest_of_a_folder_is_that_of_what_a_build_sees(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "pyproject.toml", "demo/a.py")
    first = open_folder(folder)
    assert (first.project, first.is_folder) == ("demo", True)
    folder_with(tmp_path, "demo/a.so")
    assert open_folder(folder).sha256 == first.sha256
    folder_with(tmp_path, "demo/b.py")
    assert open_folder(folder).sha256 != first.sha256


def test_links_are_part_of_a_project(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "setup.py")
    (folder / "link").symlink_to("nowhere")
    assert open_folder(folder).pyproject is None


def test_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSuchSourceError):
        open_folder(tmp_path)

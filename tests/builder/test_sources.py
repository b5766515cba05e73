"""Sdists and folders, read without running or unpacking anything."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_tar_gz, make_zip
from wheelpin.builder import NoSuchSourceError, SourceRefusedError, open_folder, open_sdist, sdist_archive
from wheelpin.folders.project_files import copy_project, iter_project_files

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


def names_in(folder: Path, outputs: Path | None = None) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in iter_project_files(folder, outputs)}


@pytest.mark.parametrize(
    "leftover",
    [
        pytest.param("demo/_fast.cpython-36m-x86_64-linux-gnu.so", id="a module of one Python"),
        pytest.param("demo/_fast.abi3.so", id="a module of the stable ABI"),
        pytest.param("demo/_fast.cp312-win_amd64.pyd", id="a module for Windows"),
        pytest.param("demo/_slow.so", id="a module of Python 2 beside its source"),
        pytest.param("demo/slow.o", id="an object"),
        pytest.param("demo/__pycache__/c.cpython-312.pyc", id="bytecode"),
        pytest.param("build/lib/demo/a.py", id="what a build made"),
        pytest.param("packages/demo/build/temp.linux-x86_64-3.6/a.x", id="what the build of a part made"),
        pytest.param("demo.egg-info/PKG-INFO", id="metadata of a build"),
        pytest.param("dist/demo-1.0.tar.gz", id="distributions"),
        pytest.param("locks/wheelhouse/demo-1.0-py3-none-any.whl", id="a wheelhouse"),
        pytest.param("wheels/logs/demo.log", id="logs of builds"),
        pytest.param("demo-1.0-py3-none-any.whl", id="a wheel at the top"),
        pytest.param("made/here/anything.txt", id="what lies where wheels are put"),
        pytest.param("env/lib/a.py", id="a virtual environment"),
    ],
)
def test_leftovers_of_other_builds_are_no_part_of_a_project(tmp_path: Path, leftover: str) -> None:
    folder = folder_with(tmp_path, "pyproject.toml", "demo/a.py", "demo/_slow.pyx", "env/pyvenv.cfg")
    outputs = folder / "made"
    before = open_folder(folder, outputs=outputs)
    folder_with(tmp_path, leftover)
    assert names_in(folder, outputs) == {"pyproject.toml", "demo/a.py", "demo/_slow.pyx"}
    assert open_folder(folder, outputs=outputs).sha256 == before.sha256
    copy_project(folder, tmp_path / "copy", outputs)
    assert {path.name for path in (tmp_path / "copy").rglob("*.*")} == {"pyproject.toml", "a.py", "_slow.pyx"}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("demo/static/dist/app.js", id="scripts that were made for browsers"),
        pytest.param("src/demo/dist/__init__.py", id="a package named dist"),
        pytest.param("dist/__init__.py", id="a package named dist at the top"),
        pytest.param("src/demo/wheelhouse/plan.py", id="a folder named wheelhouse with modules"),
        pytest.param("src/demo/venv/create.py", id="a folder named venv"),
        pytest.param("src/demo/wheels/embedded/__init__.py", id="embedded wheels"),
        pytest.param("demo/build/lib/a.py", id="a package named build.lib"),
        pytest.param("demo/libfoo.so", id="a library that comes along"),
        pytest.param("build/config.py", id="what else lies in build"),
    ],
)
def test_names_alone_make_no_leftovers(tmp_path: Path, source: str) -> None:
    folder = folder_with(tmp_path, "pyproject.toml", source)
    assert names_in(folder) == {"pyproject.toml", source}


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        pytest.param(".git/HEAD", True, id="where the history stands"),
        pytest.param(".git/refs/tags/v1.0", True, id="a tag"),
        pytest.param(".git/index", False, id="what git remembers of the files"),
        pytest.param(".git/refs/remotes/origin/main", False, id="what was fetched"),
        pytest.param(".git/logs/HEAD", False, id="what was done"),
    ],
)
def test_history_counts_by_what_a_version_can_depend_on(tmp_path: Path, name: str, matters: bool) -> None:
    folder = folder_with(tmp_path, "pyproject.toml")
    before = open_folder(folder)
    folder_with(tmp_path, name)
    assert names_in(folder) == {"pyproject.toml", name}
    assert (open_folder(folder).sha256 != before.sha256) is matters


def test_digest_of_a_folder_is_that_of_what_a_build_sees(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "pyproject.toml", "demo/a.py")
    first = open_folder(folder)
    assert first.is_folder
    folder_with(tmp_path, "demo/b.py")
    assert open_folder(folder).sha256 != first.sha256


@pytest.mark.parametrize(
    ("files", "project"),
    [
        pytest.param({"pyproject.toml": '[project]\nname = "My.Demo"\n'}, "my-demo", id="PEP 621"),
        pytest.param({"pyproject.toml": '[tool.poetry]\nname = "demo"\n'}, "demo", id="poetry"),
        pytest.param(
            {"pyproject.toml": '[[tool.source]]\nname = "other"\n[project]\nname = "demo"\n'}, "demo", id="other names"
        ),
        pytest.param({"pyproject.toml": "", "setup.cfg": "[metadata]\nname = demo\n"}, "demo", id="setup.cfg"),
        pytest.param({"setup.py": "import setuptools\nsetuptools.setup(name='demo')\n"}, "demo", id="setup.py"),
        pytest.param({"setup.py": "setup(name=NAME)\n"}, None, id="a name that only running tells"),
        pytest.param({"setup.py": "print 'Python 2'\n"}, None, id="a setup.py of Python 2"),
        pytest.param({"setup.cfg": "metadata\n"}, None, id="a broken setup.cfg"),
        pytest.param({"pyproject.toml": '[project]\nname = "-"\n'}, None, id="no name of a project"),
        pytest.param({"pyproject.toml": "["}, None, id="no TOML"),
    ],
)
def test_project_of_a_folder_is_read_where_it_is_said(
    tmp_path: Path, files: dict[str, str], project: str | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert open_folder(tmp_path).project == project


def test_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_with(tmp_path, "pyproject.toml", "demo/a.py")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(NoSuchSourceError, match=r"pyproject\.toml: Permission denied"):
        open_folder(folder)


def test_links_are_part_of_a_project(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "setup.py")
    (folder / "link").symlink_to("nowhere")
    assert open_folder(folder).pyproject is None


def test_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSuchSourceError):
        open_folder(tmp_path)

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from wheelpin.bundle.sources import SourceRefusedError, collect_sources


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def names(*places: Path, leave_out: Sequence[Path] = ()) -> list[str]:
    return [file.path for file in collect_sources(places, leave_out=leave_out)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        pytest.param({"main.py": "", "app/a.py": ""}, ["app/a.py", "main.py"], id="everything in a folder"),
        pytest.param({".git/x": "", "__pycache__/a.pyc": "", "a.py": ""}, ["a.py"], id="nothing of git and Python"),
        pytest.param(
            {".gitignore": "*.log\nout/\n", "a.log": "", "out/x": "", "a.py": ""}, ["a.py"], id="no ignored files"
        ),
        pytest.param({".gitignore": "/a.py\n", "a.py": "", "b/a.py": ""}, ["b/a.py"], id="anchored patterns"),
        pytest.param(
            {".gitignore": "*.log\n", "b/.gitignore": "!keep.log\n", "b/keep.log": "", "b/x.log": ""},
            ["b/keep.log"],
            id="what an inner ignore file lets in",
        ),
        pytest.param(
            {".gitignore": "*.bin\n", ".wheelpinignore": "!model.bin\ntests/\n", "model.bin": "", "tests/t.py": ""},
            ["model.bin"],
            id="what wheelpin's own ignore file lets in and keeps out",
        ),
        pytest.param({".env": "", ".hidden/a": ""}, [".env", ".hidden/a"], id="hidden files"),
    ],
)
def test_folder_gives(folder: Path, files: Mapping[str, str], taken: list[str]) -> None:
    assert names(written(folder, files)) == taken


def test_single_file_goes_to_the_root(folder: Path) -> None:
    assert names(written(folder, {"deep/main.py": ""}) / "deep" / "main.py") == ["main.py"]


def test_archive_to_be_written_is_not_a_source(folder: Path) -> None:
    written(folder, {"main.py": "", "x.zip": ""})
    assert names(folder, leave_out=[folder / "x.zip"]) == ["main.py"]


def test_programs_are_told_by_their_first_bytes(folder: Path) -> None:
    written(folder, {"run": "#!/bin/sh\n", "tool": "\x7fELF", "a.py": "import b\n", "b": ""})
    for path in folder.iterdir():
        path.chmod(0o777 if path.name == "a.py" else 0o600)
    modes = {file.path: file.mode for file in collect_sources([folder])}
    assert modes == {"run": 0o755, "tool": 0o755, "a.py": 0o644, "b": 0o644}


def test_link_within_the_folder_counts_as_its_file(folder: Path) -> None:
    written(folder, {"real.py": "real"})
    (folder / "link.py").symlink_to("real.py")
    first, second = collect_sources([folder])
    assert (first.path, first.sha256) == ("link.py", second.sha256)


@pytest.mark.parametrize("kind", ["outside", "folder", "nowhere", "pipe", "device name", "not Unicode", "missing"])
def test_what_cannot_be_bundled_is_refused_by_name(folder: Path, kind: str) -> None:
    bad = folder / "bad"
    match kind:
        case "outside":
            written(folder.parent, {"secret": "x"})
            bad.symlink_to(folder.parent / "secret")
        case "folder":
            (folder / "real").mkdir()
            bad.symlink_to(folder / "real")
        case "nowhere":
            bad.symlink_to(folder / "gone")
        case "pipe":
            os.mkfifo(bad)
        case "device name":
            (folder / "nul.bad").touch()
        case "not Unicode":
            Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff")).touch()
        case _:
            folder = bad
    with pytest.raises(SourceRefusedError) as caught:
        collect_sources([folder])
    assert "bad" in caught.value.path or "gone" in caught.value.path
    assert str(caught.value).isprintable()


def test_refused_file_may_be_ignored(folder: Path) -> None:
    written(folder, {"main.py": "", ".wheelpinignore": "bad\n"})
    (folder / "bad").symlink_to("/")
    assert names(folder) == ["main.py"]

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from packaging.utils import NormalizedName

from tests.builders import make_wheel
from tests.reporters import RecordingReporter
from wheelpin.index.entries import PageAddress
from wheelpin.index.simple_html import parse_html_page
from wheelpin.index.simple_json import parse_json_page
from wheelpin.values import IndexUrl
from wheelpin.wheelhouse import write_static_index

OLD = make_wheel("Flask", "1.10", requires_python=">=3.6,<4")
NEW = make_wheel("flask", "2.0", requires=["click"])
CLICK = make_wheel("click", "8.0")
BASE = "https://index.example/wheels/"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for file in (OLD, NEW, CLICK):
        (tmp_path / file.filename).write_bytes(file.body)
    return tmp_path


def tree(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_pages_and_metadata_lie_beside_the_wheels(house: Path) -> None:
    root = write_static_index(house, RecordingReporter())
    assert root == house / "simple"
    pages = {str(path.relative_to(root)) for path in root.rglob("*.*")}
    assert pages == {f"{folder}index.{ending}" for folder in ("", "flask/", "click/") for ending in ("html", "json")}
    assert (house / f"{NEW.filename}.metadata").read_bytes() == NEW.metadata


def test_writing_twice_changes_nothing(house: Path) -> None:
    write_static_index(house, RecordingReporter())
    before = tree(house)
    write_static_index(house, RecordingReporter())
    assert tree(house) == before


def test_json_page_says_all_that_is_known(house: Path) -> None:
    root = write_static_index(house, RecordingReporter())
    page = json.loads((root / "flask" / "index.json").read_text(encoding="utf-8"))
    assert page["versions"] == ["1.10", "2.0"]
    assert page["files"][0] == {
        "filename": OLD.filename,
        "url": f"../../{OLD.filename}",
        "hashes": {"sha256": OLD.sha256},
        "requires-python": ">=3.6,<4",
        "size": len(OLD.body),
        "yanked": False,
        "core-metadata": {"sha256": OLD.metadata_sha256},
        "dist-info-metadata": {"sha256": OLD.metadata_sha256},
    }


def test_project_without_wheels_disappears_and_foreign_files_stay(house: Path) -> None:
    root = write_static_index(house, RecordingReporter())
    (root / "mine").mkdir()
    (root / "mine" / "index.html").write_bytes(b"mine")
    (house / CLICK.filename).unlink()
    write_static_index(house, RecordingReporter())
    assert sorted(path.name for path in root.iterdir()) == ["flask", "index.html", "index.json", "mine"]


def test_what_is_no_wheel_is_left_out_and_said(house: Path) -> None:
    (house / "broken-1.0-py3-none-any.whl").write_bytes(b"no zip")
    (house / "noname.whl").write_bytes(b"")
    reporter = RecordingReporter()
    root = write_static_index(house, reporter)
    assert "broken" not in (root / "index.html").read_text(encoding="utf-8")
    assert len(reporter.warnings) == 2


def test_pip_installs_from_the_folder(house: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = write_static_index(house, RecordingReporter())
    destination = tmp_path_factory.mktemp("downloaded")
    command = [sys.executable, "-m", "pip", "--isolated", "download", "--quiet", "--no-cache-dir"]
    options = ["--disable-pip-version-check", "--index-url", root.as_uri(), "--dest", str(destination), "flask"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    assert {path.name for path in destination.iterdir()} == {NEW.filename, CLICK.filename}


def test_both_forms_list_the_same_files(house: Path) -> None:
    root = write_static_index(house, RecordingReporter())
    address = PageAddress(
        project=NormalizedName("flask"), index=IndexUrl("https://index.example/simple/"), url=f"{BASE}simple/flask/"
    )
    from_json = parse_json_page((root / "flask" / "index.json").read_bytes(), address)
    from_html = parse_html_page((root / "flask" / "index.html").read_bytes(), address)
    assert [file.url for file in from_json.files] == [BASE + OLD.filename, BASE + NEW.filename]
    without_sizes = [msgspec.structs.replace(file, size_bytes=None) for file in from_json.files]
    assert without_sizes == list(from_html.files)

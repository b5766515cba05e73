from pathlib import Path

import pytest

from tests.builder.workshops import index_file, supply
from tests.builders import make_sdist, make_wheel
from wheelpin.builder import NoSuchSourceError, SourceRefusedError, fetch_sdist, find_sdist
from wheelpin.files import IndexFile
from wheelpin.requirements import parse_requirement
from wheelpin.values import COMMAND_LINE, Sha256
from wheelpin.wheelhouse import DigestMismatchError

OLD, NEW, BETA = make_sdist("demo", "1.0"), make_sdist("demo", "2.0"), make_sdist("demo", "3.0rc1")


def test_sdist_is_fetched_once_and_read(tmp_path: Path) -> None:
    offered = supply(tmp_path, OLD)
    first = fetch_sdist(index_file(OLD), tmp_path / "a", offered)
    assert (first.sha256, first.said) == (OLD.sha256, f"https://files.example/{OLD.filename}")
    offered.transport.files.clear()  # type: ignore[attr-defined]
    assert fetch_sdist(index_file(OLD), tmp_path / "b", offered).path.read_bytes() == OLD.body


def test_sdist_of_this_machine_is_known_by_its_name(tmp_path: Path) -> None:
    offered = supply(tmp_path)
    url = (tmp_path / OLD.filename).as_uri()
    offered.transport.files[url] = OLD.body  # type: ignore[attr-defined]
    found = fetch_sdist(IndexFile(filename=OLD.filename, url=url), tmp_path / "a", offered)
    assert (found.said, found.sha256) == (OLD.filename, OLD.sha256)


def test_other_bytes_than_the_index_promised_are_refused(tmp_path: Path) -> None:
    wrong = IndexFile(filename=OLD.filename, url=index_file(OLD).url, sha256=Sha256("0" * 64))
    with pytest.raises(DigestMismatchError):
        fetch_sdist(wrong, tmp_path / "a", supply(tmp_path, OLD))
    assert list((tmp_path / "a").iterdir()) == []


def test_more_bytes_than_the_index_promised_are_not_read_to_the_end(tmp_path: Path) -> None:
    long = IndexFile(filename=OLD.filename, url=index_file(OLD).url, sha256=OLD.sha256, size_bytes=10)
    with pytest.raises(SourceRefusedError, match="more bytes"):
        fetch_sdist(long, tmp_path / "a", supply(tmp_path, OLD))


@pytest.mark.parametrize("filename", ["../demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"])
def test_name_that_is_no_sdists_leads_nowhere(tmp_path: Path, filename: str) -> None:
    with pytest.raises(SourceRefusedError):
        fetch_sdist(IndexFile(filename=filename, url="https://files.example/x"), tmp_path, supply(tmp_path))


@pytest.mark.parametrize(
    ("text", "filename"),
    [
        pytest.param("demo", NEW.filename, id="the newest final one"),
        pytest.param("demo==1.0", OLD.filename, id="a version"),
        pytest.param("demo>2.5rc1", BETA.filename, id="a pre-release that is asked for"),
    ],
)
def test_newest_sdist_that_answers_is_found(tmp_path: Path, text: str, filename: str) -> None:
    wheel = make_wheel("demo", "9.0")
    file, siblings = find_sdist(parse_requirement(text, COMMAND_LINE), supply(tmp_path, OLD, NEW, BETA, wheel))
    assert (file.filename, len(siblings)) == (filename, 4)


def test_what_has_no_sdist_is_named(tmp_path: Path) -> None:
    offered = supply(tmp_path, make_wheel("demo"))
    for text in ("demo", "gone"):
        with pytest.raises(NoSuchSourceError):
            find_sdist(parse_requirement(text, COMMAND_LINE), offered)

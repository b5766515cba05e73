from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.utils import canonicalize_name

from tests.builder.workshops import index_file, supply
from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.resolve.fake_index import FakeIndex
from wheelpin.builder import NoSuchSourceError, SourceRefusedError, fetch_sdist, find_sdist
from wheelpin.candidates.cut_off import CutOff
from wheelpin.candidates.rules import Rules
from wheelpin.files import IndexFile, ProjectPage
from wheelpin.requirements import parse_requirement
from wheelpin.values import COMMAND_LINE, IndexUrl, Sha256
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
    file, siblings = find_sdist(parse_requirement(text, COMMAND_LINE), Rules(), supply(tmp_path, OLD, NEW, BETA, wheel))
    assert (file.filename, len(siblings)) == (filename, 4)


def dated(file: BuiltFile, *, day: int, yanked: str | None = None) -> IndexFile:
    return replace(index_file(file), uploaded_at=f"2026-01-{day:02}T00:00:00Z", yanked=yanked)


def found_of(text: str, rules: Rules, folder: Path) -> str:
    files = (dated(OLD, day=10), dated(NEW, day=20, yanked="broken"))
    page = ProjectPage(project=canonicalize_name("demo"), index=IndexUrl("https://index.example/"), files=files)
    offered = replace(supply(folder), index=FakeIndex([page], {}))
    return find_sdist(parse_requirement(text, COMMAND_LINE), rules, offered)[0].filename


def before(day: int) -> Rules:
    return Rules(exclude_newer=CutOff(datetime(2026, 1, day, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("text", "rules", "filename"),
    [
        pytest.param("demo", Rules(), OLD.filename, id="a yanked one is passed over"),
        pytest.param("demo==2.0", Rules(), NEW.filename, id="unless its version is spelled out"),
        pytest.param("demo", before(15), OLD.filename, id="one that is old enough"),
    ],
)
def test_sdist_is_chosen_as_the_rules_say(tmp_path: Path, text: str, rules: Rules, filename: str) -> None:
    assert found_of(text, rules, tmp_path) == filename


@pytest.mark.parametrize(
    ("text", "rules", "said"),
    [
        pytest.param("demo==2.*", Rules(), "2.0 was yanked: broken", id="a prefix spells out no version"),
        pytest.param("demo==2.0", before(15), "2.0 was uploaded on 2026-01-20T00:00:00Z, after", id="a late one"),
        pytest.param("demo<2", before(5), "1.0 was uploaded on 2026-01-10", id="nothing is old enough"),
    ],
)
def test_sdist_that_the_rules_refuse_is_named(tmp_path: Path, text: str, rules: Rules, said: str) -> None:
    with pytest.raises(NoSuchSourceError, match=said):
        found_of(text, rules, tmp_path)


def test_what_has_no_sdist_is_named(tmp_path: Path) -> None:
    offered = supply(tmp_path, make_wheel("demo"))
    for text in ("demo", "gone"):
        with pytest.raises(NoSuchSourceError):
            find_sdist(parse_requirement(text, COMMAND_LINE), Rules(), offered)

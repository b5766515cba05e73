import random

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.resolve.universe import INDEX
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.listing import NO_BUILD_TAG, Listing, WheelNameError, parse_wheel_name
from wheelpin.candidates.takers import Takers
from wheelpin.candidates.versions import parse_version
from wheelpin.files import IndexFile, ProjectPage, SkippedEntry
from wheelpin.target import Target

PROJECT = NormalizedName("foo-bar")
MODERN = Target.parse("cp312-manylinux_2_28_x86_64")
WINDOWS = Target.parse("cp311-win_amd64")


def listing_of(*filenames: str, skipped: tuple[SkippedEntry, ...] = ()) -> Listing:
    files = [IndexFile(filename=name, url=f"https://files.example/{name}") for name in filenames]
    return Listing(ProjectPage(project=PROJECT, index=INDEX, files=files, skipped=skipped))


@pytest.mark.parametrize(
    ("filename", "version", "build", "tag_set"),
    [
        pytest.param("foo_bar-1.0-py3-none-any.whl", "1.0", NO_BUILD_TAG, "py3-none-any", id="five parts"),
        pytest.param("foo_bar-1.0-2-py3-none-any.whl", "1.0", (2, ""), "py3-none-any", id="a build number"),
        pytest.param(
            "foo_bar-1.0-2b_c.d-py3-none-any.whl", "1.0", (2, "b_c.d"), "py3-none-any", id="a build with text"
        ),
        pytest.param("foo_bar-1.0-007-py3-none-any.whl", "1.0", (7, ""), "py3-none-any", id="a build with zeros"),
        pytest.param("Foo.Bar-1.0-py3-none-any.whl", "1.0", NO_BUILD_TAG, "py3-none-any", id="a name of old tools"),
        pytest.param("foo__bar-1.0-py3-none-any.whl", "1.0", NO_BUILD_TAG, "py3-none-any", id="underscores in a row"),
        pytest.param("foo_bar-1!2.0-py3-none-any.whl", "1!2.0", NO_BUILD_TAG, "py3-none-any", id="an epoch"),
        pytest.param(
            "foo_bar-1.0+cu121-py3-none-any.whl", "1.0+cu121", NO_BUILD_TAG, "py3-none-any", id="a local version"
        ),
        pytest.param("foo_bar-1.0+cu_1-py3-none-any.whl", "1.0+cu.1", NO_BUILD_TAG, "py3-none-any", id="a local part"),
        pytest.param(
            "foo_bar-v1.0.RC1-py3-none-any.whl", "1.0rc1", NO_BUILD_TAG, "py3-none-any", id="a spelling of PEP 440"
        ),
        pytest.param(
            "foo_bar-1.0-py2.py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl",
            *("1.0", NO_BUILD_TAG, "py2.py3-none-manylinux1_x86_64.manylinux_2_5_x86_64"),
            id="compressed sets",
        ),
    ],
)
def test_wheel_name_is_taken_apart(filename: str, version: str, build: tuple[int, str], tag_set: str) -> None:
    assert parse_wheel_name(filename, PROJECT) == (Version(version), build, tag_set)


@pytest.mark.parametrize(
    ("filename", "reason"),
    [
        pytest.param("foo_bar.whl", "its name is not that of a wheel", id="no parts at all"),
        pytest.param("foo_bar-1.0-py3-none.whl", "its name is not that of a wheel", id="four parts"),
        pytest.param("py3-none-any.whl", "its name is not that of a wheel", id="tags alone"),
        pytest.param("foo_bar-1.0-1-x-py3-none-any.whl", "its name is not that of a wheel", id="seven parts"),
        pytest.param(
            "foo-bar-1.0-py3-none-any.whl", "its name is that of another project (foo)", id="a hyphen in the name"
        ),
        pytest.param(
            "foo_bar-1.0-b2-py3-none-any.whl",
            "the build tag 'b2' does not start with a digit",
            id="a build without digit",
        ),
        pytest.param(
            "foo_bar-1.0--py3-none-any.whl", "the build tag '' does not start with a digit", id="an empty build"
        ),
        pytest.param(
            "foo_bar-1.0-²-py3-none-any.whl", "the build tag '²' does not start with a digit", id="a digit of no use"
        ),
        pytest.param("foo-1.0-py3-none-any.whl", "its name is that of another project (foo)", id="another project"),
        pytest.param("-1.0-py3-none-any.whl", "its name is that of another project ()", id="no name"),
        pytest.param(
            "foo_bar-2004d-py3-none-any.whl", "its version '2004d' is not valid (PEP 440)", id="an old version"
        ),
        pytest.param(
            "foo_bar-0.1_1-py2-none-any.whl", "its version '0.1_1' is not valid (PEP 440)", id="an underscore"
        ),
        pytest.param("foo_bar--py3-none-any.whl", "its version '' is not valid (PEP 440)", id="no version"),
    ],
)
def test_wheel_name_is_refused(filename: str, reason: str) -> None:
    with pytest.raises(WheelNameError) as refused:
        parse_wheel_name(filename, PROJECT)
    assert str(refused.value) == reason


def test_numbers_of_any_length_are_read_or_refused() -> None:
    endless = "1" * 10_000
    assert parse_version(endless) is None
    assert parse_wheel_name(f"foo_bar-1.0-{endless}-py3-none-any.whl", PROJECT).build[0] == int("1" * 100)


def test_unreadable_names_are_kept_with_their_reasons_beside_what_the_page_skipped() -> None:
    listing = listing_of(
        *("foo_bar-1.0-py3-none-any.whl", "foo_bar-x-py3-none-any.whl", "other-1.0-py3-none-any.whl"),
        *("foo_bar.whl", "foo_bar-1.0.tar.gz"),
        skipped=(SkippedEntry("foo_bar-1.0.exe", "neither a wheel nor an sdist"),),
    )
    assert [wheel.filename for wheel in listing.wheels] == ["foo_bar-1.0-py3-none-any.whl"]
    assert {entry.entry: entry.reason for entry in listing.unreadable} == {
        "foo_bar-x-py3-none-any.whl": "its version 'x' is not valid (PEP 440)",
        "other-1.0-py3-none-any.whl": "its name is that of another project (other)",
        "foo_bar.whl": "its name is not that of a wheel",
        "foo_bar-1.0.exe": "neither a wheel nor an sdist",
    }
    assert listing.versions == {Version("1.0")}


@pytest.mark.parametrize(
    ("filename", "version"),
    [
        pytest.param("foo-bar-1.0.tar.gz", "1.0", id="a hyphen in the name"),
        pytest.param("foo_bar-1.0.tar.gz", "1.0", id="an underscore in the name"),
        pytest.param("Foo.Bar-1.0.zip", "1.0", id="an old format and spelling"),
        pytest.param("foo-bar-1.0-1.tar.bz2", "1.0.post1", id="a hyphen in the version"),
        pytest.param("foo-bar-1.0b2.tgz", "1.0b2", id="a pre-release"),
        pytest.param("foo-bar-baz-1.0.tar.gz", None, id="a longer name"),
        pytest.param("foo-1.0.tar.gz", None, id="a shorter name"),
        pytest.param("foo-bar.tar.gz", None, id="no version"),
        pytest.param("foo-bar-2004d.tar.gz", None, id="no valid version"),
    ],
)
def test_sdist_name_is_taken_apart(filename: str, version: str | None) -> None:
    assert list(listing_of(filename).sdists) == ([] if version is None else [Version(version)])


def test_of_several_sdists_of_a_version_the_usual_format_stands_for_it_in_any_order() -> None:
    names = [f"foo-bar-{version}{ending}" for version in ("1.0", "2.0") for ending in (".zip", ".tar.gz", ".tar.bz2")]
    for seed in range(5):
        found = listing_of(*random.Random(seed).sample(names, len(names))).sdists
        assert {str(version): file.filename for version, file in found.items()} == {
            "1.0": "foo-bar-1.0.tar.gz",
            "2.0": "foo-bar-2.0.tar.gz",
        }
        without = listing_of(*random.Random(seed).sample(["foo-bar-1.0.zip", "foo-bar-1.0.tar.bz2"], 2)).sdists
        assert [file.filename for file in without.values()] == ["foo-bar-1.0.tar.bz2"]


def test_wheels_are_found_by_their_exact_tags() -> None:
    listing = listing_of(
        *("foo_bar-1.0-py3-none-any.whl", "foo_bar-1.0-py2.py3-none-any.whl", "foo_bar-2.0-py3-none-any.whl"),
        *("foo_bar-1.0-1-py3-none-any.whl", "foo_bar-1.0.tar.gz", "foo_bar.whl", "none-any.whl"),
    )
    pure = listing.assortment(MODERN)
    assert set(listing.tag_sets) == {"py3-none-any", "py2.py3-none-any", ""}
    assert pure.tag_sets == {"py3-none-any", "py2.py3-none-any"}
    assert [wheel.place for wheel in pure.wheels(Version("1.0"))] == [1, 0, 3]
    assert [wheel.place for wheel in pure.wheels(Version("2.0.0"))] == [2]
    assert pure.wheels(Version("3.0")) == ()


FILES_OF_TWO = [
    f"foo_bar-{version}-{tags}.whl"
    for version in ("1.0", "1.1", "2.0")
    for tags in ("py3-none-any", "cp312-cp312-manylinux_2_28_x86_64", "cp311-cp311-win_amd64", "cp27-cp27m-win32")
]


def test_targets_that_are_known_share_what_is_read_for_the_first_of_them() -> None:
    page = ProjectPage(project=PROJECT, index=INDEX, files=list(listing_of(*FILES_OF_TWO).page.files))
    catalogue = Catalogue(NoIndex())  # type: ignore[arg-type]
    catalogue.expect([MODERN, WINDOWS])
    listing = catalogue.listing_of(page)
    parse_version.cache_clear()
    shared = listing.assortment(MODERN)
    assert listing.assortment(WINDOWS) is shared
    assert [wheel.place for wheel in shared.wheels(Version("2.0"))] == [10, 9, 8]
    assert parse_version.cache_info().misses == 1


def test_of_many_targets_nobody_is_asked_alone_which_tags_he_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Target, "rank", lambda _, tag_set: asked.append(tag_set))
    takers = Takers([MODERN, WINDOWS])
    assert takers.taken(["py3-none-any", "cp311-cp311-win_amd64", "cp27-cp27m-win32", ""]) == {
        *("py3-none-any", "cp311-cp311-win_amd64")
    }
    assert asked == []


def test_a_target_that_nobody_knew_of_gets_what_it_takes() -> None:
    listing = listing_of(*FILES_OF_TWO)
    first = listing.assortment(MODERN)
    second = listing.assortment(WINDOWS)
    assert "cp311-cp311-win_amd64" in second.tag_sets - first.tag_sets
    assert first.tag_sets < second.tag_sets
    assert listing.assortment(MODERN) is second


class NoIndex:
    def page(self, project: NormalizedName) -> ProjectPage | None:
        return None


def test_catalogue_keeps_one_listing_a_project() -> None:
    catalogue = Catalogue(NoIndex())  # type: ignore[arg-type]
    assert catalogue.listing(PROJECT) is None
    page = ProjectPage(project=PROJECT, index=INDEX, files=())
    first = catalogue.listing_of(page)
    assert catalogue.listing_of(page) is first
    assert catalogue.listing(PROJECT) is first

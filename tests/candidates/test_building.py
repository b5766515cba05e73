"""Sdists that may be built stand behind the wheels."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.candidates.building import BuildingShelf
from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.rules import Rules
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.ports import MetadataUnusableError
from wheelpin.target import Target
from wheelpin.values import IndexUrl, Sha256

TARGET = Target.parse("cp36-manylinux2014_x86_64")
FOO = NormalizedName("foo")


class Refusing:
    """Builds nothing of what it refuses."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.asked: list[str] = []

    def folder(self, url: str, project: NormalizedName, target: Target) -> IndexFile:
        raise NotImplementedError

    def refusal(self, file: IndexFile, project: NormalizedName, target: Target) -> str | None:
        self.asked.append(file.filename)
        return "no engine" if file.filename in self.refused else None

    def metadata(self, file: IndexFile, project: NormalizedName, target: Target) -> CoreMetadata:
        raise MetadataUnusableError(file.filename, "nobody asks here")


def shelf(names: Sequence[str], *, rules: Rules | None = None, builder: Refusing | None = None) -> BuildingShelf:
    files = [
        IndexFile(
            filename=name,
            url=f"https://files.example/{name}",
            sha256=Sha256(f"{place:064}"),
            requires_python=">=3.8" if "-9." in name else None,
            yanked="" if "-8." in name else None,
        )
        for place, name in enumerate(names)
    ]
    page = ProjectPage(project=FOO, index=IndexUrl("https://index.example/"), files=files)
    return BuildingShelf(Listing(page), TARGET, rules or Rules(), builder or Refusing())


def names(found: BuildingShelf, text: str = "", *, preferred: str | None = None) -> list[str]:
    asked = Demand(specifier=SpecifierSet(text), preferred=None if preferred is None else Version(preferred))
    return [candidate.file.filename.removeprefix("foo-") for candidate in found.candidates(asked)]


WHEEL = "foo-{}-py3-none-any.whl"
MIXED = ("foo-1.0.tar.gz", WHEEL.format("1.0"), WHEEL.format("2.0"), "foo-2.0.tar.gz", "foo-3.0.zip", "foo-0.9.tar.gz")


@pytest.mark.parametrize(
    ("specifier", "preferred", "expected"),
    [
        pytest.param("", None, ["2.0-py3-none-any.whl", "1.0-py3-none-any.whl", "3.0.zip", "0.9.tar.gz"], id="behind"),
        pytest.param(">2", None, ["3.0.zip"], id="only sdists are in range"),
        pytest.param("<1", None, ["0.9.tar.gz"], id="the same below"),
        pytest.param(
            "",
            "0.9",
            ["0.9.tar.gz", "2.0-py3-none-any.whl", "1.0-py3-none-any.whl", "3.0.zip"],
            id="what a lock has goes first, built or not",
        ),
    ],
)
def test_wheels_come_newest_first_and_then_sdists(specifier: str, preferred: str | None, expected: list[str]) -> None:
    assert names(shelf(MIXED), specifier, preferred=preferred) == expected


def test_nobody_asks_for_builds_while_wheels_answer() -> None:
    builder = Refusing()
    first = next(shelf(MIXED, builder=builder).candidates(Demand()))
    assert first.file.is_wheel
    assert builder.asked == []


@pytest.mark.parametrize(
    ("rules", "refused", "reason"),
    [
        pytest.param(Rules(), ("foo-1.0.tar.gz",), "no engine", id="the builder refuses"),
        pytest.param(Rules(all_builds_forbidden=True), (), "--only-binary forbids to build it", id="--only-binary"),
        pytest.param(Rules(builds_forbidden=frozenset({FOO})), (), "--only-binary forbids to build it", id="of it"),
        pytest.param(Rules(builds_only=frozenset()), (), "--build never forbids it", id="--build never"),
        pytest.param(
            Rules(builds_only=frozenset({NormalizedName("bar")})),
            (),
            "--build names other projects only",
            id="--build of others",
        ),
    ],
)
def test_sdist_that_may_not_be_built_is_no_candidate(rules: Rules, refused: tuple[str, ...], reason: str) -> None:
    found = shelf(["foo-1.0.tar.gz"], rules=rules, builder=Refusing(*refused))
    assert names(found) == []
    rejection = found.sdist_rejection(Version("1.0"), found.listing.sdists[Version("1.0")], Demand())
    assert rejection is not None
    assert rejection.detail == reason


def test_project_that_is_named_may_be_built() -> None:
    assert names(shelf(["foo-1.0.tar.gz"], rules=Rules(builds_only=frozenset({FOO})))) == ["1.0.tar.gz"]


def test_published_wheels_that_the_user_refuses_are_built() -> None:
    assert names(shelf(MIXED, rules=Rules(wheels_forbidden=frozenset({FOO}))))[:2] == ["3.0.zip", "2.0.tar.gz"]


def test_sdist_for_other_pythons_and_a_yanked_one_are_none() -> None:
    assert names(shelf(["foo-9.0.tar.gz", "foo-8.0.tar.gz", "foo-1.0.tar.gz"])) == ["1.0.tar.gz"]
    assert names(shelf(["foo-8.0.tar.gz"]), "==8.0") == ["8.0.tar.gz"]


def test_what_has_to_be_let_in_may_have_to_be_built() -> None:
    found = shelf(
        ["foo-8.0.tar.gz", "foo-7.0rc1.tar.gz", WHEEL.format("6.0rc1"), WHEEL.format("1.0"), "foo-0.9.tar.gz"]
    )
    assert [str(candidate.version) for candidate in found.kept_back(Demand())] == ["6.0rc1", "8.0", "7.0rc1"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(["foo-2.0rc1.tar.gz", "foo-1.0.tar.gz"], ["1.0.tar.gz"], id="a final sdist is there"),
        pytest.param([WHEEL.format("2.0rc1"), "foo-1.0.tar.gz"], ["1.0.tar.gz"], id="even before a wheel"),
        pytest.param(["foo-2.0rc1.tar.gz"], ["2.0rc1.tar.gz"], id="nothing final"),
        pytest.param(
            [WHEEL.format("1.0rc1"), "foo-2.0rc1.tar.gz"], ["1.0rc1-py3-none-any.whl", "2.0rc1.tar.gz"], id="both"
        ),
    ],
)
def test_pre_releases_come_where_nothing_final_is(files: list[str], expected: list[str]) -> None:
    assert names(shelf(files)) == expected


def test_pre_releases_come_when_they_are_allowed() -> None:
    found = shelf(["foo-2.0rc1.tar.gz", "foo-1.0.tar.gz"], rules=Rules(allow_prereleases=True))
    assert names(found) == ["2.0rc1.tar.gz", "1.0.tar.gz"]


def test_hash_of_an_sdist_is_worked_out_where_one_is_asked_for() -> None:
    name, digest = "foo-1.0.tar.gz", Sha256("a" * 64)
    files = [IndexFile(filename=name, url=f"file:///wheels/{name}")]
    listing = Listing(ProjectPage(project=FOO, index=IndexUrl("wheels"), files=files))
    found = BuildingShelf(listing, TARGET, Rules(), Refusing(), hashed=lambda file: replace(file, sha256=digest))
    assert [each.file.sha256 for each in found.candidates(Demand())] == [None]
    assert [each.file.sha256 for each in found.candidates(Demand(hashes=frozenset({digest})))] == [digest]
    assert list(found.candidates(Demand(hashes=frozenset({Sha256("b" * 64)})))) == []

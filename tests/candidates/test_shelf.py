import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.resolve.universe import INDEX, Release, digest_of
from wheelpin.candidates.cut_off import CutOff
from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.rejection import Reason
from wheelpin.candidates.rules import Rules
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.candidates.versions import parse_version
from wheelpin.files import ProjectPage
from wheelpin.target import Target

MODERN = Target.parse("cp312-manylinux_2_28_x86_64")
OTHER = Target.parse("cp311-manylinux_2_28_x86_64")
PURE = "py3-none-any"
BINARY = "cp312-cp312-manylinux_2_28_x86_64"
OLDER = "cp312-cp312-manylinux_2_17_x86_64"
STABLE = "cp38-abi3-manylinux_2_17_x86_64"


def shelf_of(*releases: Release | str, target: Target = MODERN, rules: Rules | None = None) -> Shelf:
    files = [(Release(v=one) if isinstance(one, str) else one).file("foo") for one in releases]
    page = ProjectPage(project=NormalizedName("foo"), index=INDEX, files=files)
    return Shelf(Listing(page), target, rules or Rules())


def demand(text: str = "", *, hashes: Iterable[str] | None = None, preferred: str | None = None) -> Demand:
    return Demand(
        specifier=SpecifierSet(text),
        hashes=None if hashes is None else frozenset(map(digest_of, hashes)),
        preferred=None if preferred is None else Version(preferred),
    )


def versions(shelf: Shelf, asked: Demand) -> list[str]:
    return [str(candidate.version) for candidate in shelf.candidates(asked)]


def only(shelf: Shelf, asked: Demand) -> Candidate:
    (candidate,) = shelf.candidates(asked)
    return candidate


def reasons(shelf: Shelf, asked: Demand) -> list[tuple[str, str, str]]:
    return [(one.file.filename, one.reason.label, one.detail) for one in shelf.rejections(asked)]


# Order


def test_newest_version_goes_first_and_its_best_tag_stands_for_it() -> None:
    shelf = shelf_of(
        Release(v="1.0", tag=BINARY), Release(v="2.0", tag=PURE), Release(v="2.0", tag=OLDER), Release(v="1.10"), "1.9"
    )
    assert versions(shelf, demand()) == ["2.0", "1.10", "1.9", "1.0"]
    best = next(shelf.candidates(demand()))
    assert best.file.filename == f"foo-2.0-{OLDER}.whl"
    assert [file.filename for file in best.alternatives] == ["foo-2.0-py3-none-any.whl"]
    assert best.rank == MODERN.rank(OLDER)


def test_files_of_one_version_go_by_rank_then_build_then_name() -> None:
    files = [
        Release(v="1.0", tag=BINARY),
        Release(v="1.0", tag=STABLE),
        Release(v="1.0", build="10"),
        Release(v="1.0", build="9b"),
        Release(v="1.0", build="9ab"),
        Release(v="1.0", build="9a"),
        Release(v="1.0", build="9"),
        Release(v="1.0", filename="FOO-1.0-py3-none-any.whl"),
        Release(v="1.0"),
    ]
    expected = [one.filename_of("foo") for one in files]
    for seed in range(20):
        best = only(shelf_of(*random.Random(seed).sample(files, len(files))), demand())
        assert [best.file.filename, *(file.filename for file in best.alternatives)] == expected


def test_a_version_is_spelled_as_its_best_file_spells_it_whatever_the_page_begins_with() -> None:
    files = [Release(v="1.0"), Release(v="1.0.0", tag=BINARY), Release(v="1", tag=OLDER)]
    for seed in range(10):
        shelf = shelf_of(*random.Random(seed).sample(files, len(files)))
        assert str(only(shelf, demand()).version) == "1.0.0"
        assert str(only(shelf, demand(preferred="1.0.0.0")).version) == "1.0.0"


def test_epochs_and_local_versions_have_their_place() -> None:
    shelf = shelf_of("2024.1", "1!0.1", "1.0", "1.0+cpu", "1.0+cu121", "1.0.post1", "1.0.1")
    assert versions(shelf, demand()) == ["1!0.1", "2024.1", "1.0.1", "1.0.post1", "1.0+cu121", "1.0+cpu", "1.0"]
    assert versions(shelf, demand("==1.0")) == ["1.0+cu121", "1.0+cpu", "1.0"]
    assert versions(shelf, demand("==1.0+cpu")) == ["1.0+cpu"]
    assert versions(shelf, demand("===1.0")) == ["1.0"]


def test_files_that_do_not_fit_are_no_candidates_and_no_alternatives() -> None:
    shelf = shelf_of(
        Release(v="2.0", tag="cp312-cp312-manylinux_2_34_x86_64"), Release(v="1.0", tag="cp311-cp311-win32"), "1.0"
    )
    assert only(shelf, demand()).alternatives == ()


def test_asking_again_gives_the_same_objects() -> None:
    shelf = shelf_of("1.0", "2.0")
    assert list(shelf.candidates(demand())) == list(shelf.candidates(demand("<3")))
    assert all(shelf.has(candidate) for candidate in shelf.candidates(demand()))
    assert not any(shelf_of("1.0").has(candidate) for candidate in shelf.candidates(demand()))


def test_a_demand_that_leaves_other_alternatives_makes_another_candidate() -> None:
    shelf = shelf_of(Release(v="1.0", tag=BINARY), "1.0")
    loose, strict = only(shelf, demand()), only(shelf, demand(hashes=[f"foo-1.0-{BINARY}.whl"]))
    assert loose.file == strict.file
    assert len(loose.alternatives) == 1
    assert strict.alternatives == ()
    assert loose is not strict


# Pre-releases (PEP 440)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("", ["2.0", "1.0"], id="none unless asked for"),
        pytest.param(">=1.0", ["2.0", "1.0"], id="none for a specifier without one"),
        pytest.param("!=3.0a1", ["2.0", "1.0"], id="ruling one out asks for none"),
        pytest.param(">=2.0a1", ["3.0a1", "2.1.dev1", "2.0", "2.0a2"], id="a specifier with one asks for all"),
        pytest.param("<3.0a2", ["3.0a1", "2.1.dev1", "2.0", "2.0a2", "1.0"], id="an upper bound with one, too"),
        pytest.param("<3.0", ["2.0", "1.0"], id="before a final release lie final ones"),
        pytest.param("==2.0a2", ["2.0a2"], id="an exact one"),
        pytest.param("==2.1.*", ["2.1.dev1"], id="where nothing final answers"),
        pytest.param(">2.0", ["3.0a1", "2.1.dev1"], id="where nothing final answers, the newest first"),
    ],
)
def test_pre_releases(asked: str, expected: Sequence[str]) -> None:
    assert versions(shelf_of("1.0", "2.0a2", "2.0", "2.1.dev1", "3.0a1"), demand(asked)) == expected


def test_pre_releases_come_like_final_ones_where_the_rules_say_so() -> None:
    shelf = shelf_of("1.0", "2.0a1", rules=Rules(allow_prereleases=True))
    assert versions(shelf, demand()) == ["2.0a1", "1.0"]


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(Release(v="2.0", tag="cp312-cp312-win_amd64"), id="for another platform"),
        pytest.param(Release(v="2.0", python=">=3.13"), id="for another Python"),
        pytest.param(Release(v="2.0", yanked=""), id="yanked"),
        pytest.param(Release(v="2.0", is_sdist=True), id="an sdist"),
    ],
)
def test_a_final_release_that_does_not_fit_does_not_hide_pre_releases(final: Release) -> None:
    assert versions(shelf_of("1.0a1", final), demand()) == ["1.0a1"]


# Preferred versions


@pytest.mark.parametrize(
    ("asked", "preferred", "expected"),
    [
        pytest.param("", "2.0", ["2.0", "3.0", "1.0"], id="first, and not twice"),
        pytest.param("", "2.0.0", ["2.0", "3.0", "1.0"], id="in another spelling"),
        pytest.param(">2", "2.0", ["3.0"], id="not outside the range"),
        pytest.param("", "9.0", ["3.0", "2.0", "1.0"], id="not if it is not there"),
        pytest.param("", "4.0a1", ["4.0a1", "3.0", "2.0", "1.0"], id="a pre-release that was taken before is kept"),
        pytest.param(">=4.0", "4.0", ["4.0b1"], id="not where only a pre-release of it fits"),
    ],
)
def test_preferred_version(asked: str, preferred: str, expected: Sequence[str]) -> None:
    # PEP 440 does not count 4.0b1 as >=4.0, so that the last row asks by the pre-release itself.
    asked = ">=4.0b1" if asked == ">=4.0" else asked
    shelf = shelf_of("1.0", "2.0", "3.0", "4.0a1", "4.0b1")
    assert versions(shelf, demand(asked, preferred=preferred)) == expected


def test_a_preferred_pre_release_does_not_hide_the_others_where_nothing_final_fits() -> None:
    assert versions(shelf_of("1.0a1", "1.0a2", "1.0a3"), demand(preferred="1.0a2")) == ["1.0a2", "1.0a3", "1.0a1"]


def test_a_preferred_version_that_may_not_be_chosen_is_not() -> None:
    shelf = shelf_of("1.0", Release(v="2.0", yanked=""))
    assert versions(shelf, demand(preferred="2.0")) == ["1.0"]


# Yanked files (PEP 592)


@pytest.mark.parametrize(
    ("asked", "is_exact"),
    [
        pytest.param("==1.0", True, id="two equals signs"),
        pytest.param("===1.0", True, id="three equals signs"),
        pytest.param("==1.0,>0.5", True, id="among others"),
        pytest.param("==1.*", False, id="a wildcard is a range"),
        pytest.param("~=1.0", False, id="a compatible release is a range"),
        pytest.param(">=1.0,<=1.0", False, id="a range of one version is a range"),
        pytest.param("", False, id="nothing said"),
    ],
)
def test_a_yanked_file_is_for_an_exact_demand(asked: str, is_exact: bool) -> None:
    shelf = shelf_of(Release(v="1.0", yanked="oops"))
    assert demand(asked).is_exact is is_exact
    assert versions(shelf, demand(asked)) == ["1.0"] * is_exact
    assert reasons(shelf, demand(asked)) == [("foo-1.0-py3-none-any.whl", "yanked", "was yanked: oops")] * (
        not is_exact
    )


def test_of_a_half_yanked_release_the_other_half_is_taken_by_everybody() -> None:
    shelf = shelf_of(Release(v="1.0", tag=BINARY, yanked=""), "1.0")
    for asked in ("", "==1.0"):
        found = only(shelf, demand(asked))
        assert found.file.filename == "foo-1.0-py3-none-any.whl"
        assert found.alternatives == ()


def test_a_yanked_file_whose_siblings_do_not_fit_is_taken_by_an_exact_demand() -> None:
    shelf = shelf_of(Release(v="1.0", tag=BINARY, yanked=""), Release(v="1.0", tag="py3-none-win_amd64"))
    assert only(shelf, demand("==1.0")).file.yanked == ""
    assert versions(shelf, demand()) == []


# What has to be let in


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("", ["3.0rc1", "2.0", "1.0a1"], id="yanked files and pre-releases"),
        pytest.param("<3.0.dev0", ["2.0"], id="pre-releases that a specifier asks for are let in"),
        pytest.param("==2.0", [], id="a yanked file that is asked for is let in"),
        pytest.param(">=2", ["2.0"], id="pre-releases are let in where nothing final is left"),
        pytest.param("==1.5", [], id="nothing that is kept back is in range"),
    ],
)
def test_what_another_demand_would_let_in(asked: str, expected: Sequence[str]) -> None:
    shelf = shelf_of(
        "1.0a1", "1.5", Release(v="2.0", yanked="broken"), "3.0rc1", Release(v="4.0rc1", tag="cp312-cp312-win_amd64")
    )
    assert [str(candidate.version) for candidate in shelf.kept_back(demand(asked))] == expected


# Requires-Python


@pytest.mark.parametrize(
    ("requires_python", "full_version", "is_taken", "hinges"),
    [
        pytest.param(">=3.6.1", "3.6.0", False, False, id="a later patch is needed"),
        pytest.param(">=3.6.1", "3.6.1", True, False, id="the patch that is needed"),
        pytest.param(">=3.6.1", None, True, True, id="the assumed patch is late enough"),
        pytest.param("<3.6.1", None, False, True, id="the assumed patch is too late"),
        pytest.param("!=3.6.0", None, True, True, id="the assumed patch is not the one ruled out"),
        pytest.param("!=3.6.0", "3.6.0", False, False, id="the patch is the one ruled out"),
        pytest.param("<=3.6", None, False, True, id="a bare minor as upper bound means its first patch"),
        pytest.param("<=3.6", "3.6.0", True, False, id="and that one passes"),
        pytest.param("<=3.14", None, True, False, id="the bound of another minor"),
        pytest.param(">=3.6,", None, True, False, id="a comma too much"),
        pytest.param(">=3.5.*", None, True, False, id="a wildcard too much"),
        pytest.param("", None, True, False, id="nothing said"),
        pytest.param(">=3.7", None, False, False, id="a later minor is needed"),
    ],
)
def test_requires_python(requires_python: str, full_version: str | None, is_taken: bool, hinges: bool) -> None:
    target = Target.parse("cp36-manylinux1_x86_64", python_full_version=full_version)
    shelf = shelf_of(Release(v="1.0", python=requires_python), target=target)
    assert bool(versions(shelf, demand())) is is_taken
    for rejection in shelf.rejections(demand()):
        assert rejection.reason is Reason.REQUIRES_PYTHON
        assert rejection.hinges_on_patch is hinges
        expected = f"requires Python {requires_python}, the target has {target.python_full_version}"
        assert rejection.detail == expected


def test_a_requires_python_that_nobody_can_read_refuses_the_file_alone() -> None:
    shelf = shelf_of("1.0", Release(v="2.0", python="three or later"))
    assert versions(shelf, demand()) == ["1.0"]
    expected = "its Requires-Python 'three or later' cannot be read"
    assert reasons(shelf, demand()) == [("foo-2.0-py3-none-any.whl", "requires-python", expected)]


# Upload times (PEP 700)


@pytest.mark.parametrize(
    ("uploaded", "detail"),
    [
        pytest.param("2020-12-31T23:59:59.999999Z", None, id="just before"),
        pytest.param("2021-01-01T00:00:00Z", "was uploaded on {0}, after --exclude-newer", id="at that moment"),
        pytest.param("2021-01-01T00:00:01Z", "was uploaded on {0}, after --exclude-newer", id="after"),
        pytest.param("2021-01-01T01:30:00+02:00", None, id="before, in another time zone"),
        pytest.param("2020-12-31T23:59:59", None, id="without a time zone it is UTC"),
        pytest.param("2021-01-01", "was uploaded on {0}, after --exclude-newer", id="a day begins at midnight"),
        pytest.param("yesterday", "its upload time {0!r} cannot be read", id="garbled"),
        pytest.param("", "its upload time {0!r} cannot be read", id="empty"),
        pytest.param(None, "the index does not say when it was uploaded, which --exclude-newer needs", id="not said"),
    ],
)
def test_uploads_after_a_moment_are_left_out(uploaded: str | None, detail: str | None) -> None:
    limit = datetime(2021, 1, 1, 2, 0, tzinfo=timezone(timedelta(hours=2)))
    assert limit == datetime(2021, 1, 1, tzinfo=UTC)
    shelf = shelf_of(Release(v="1.0", uploaded=uploaded), rules=Rules(exclude_newer=CutOff(limit)))
    told = [detail for _, reason, detail in reasons(shelf, demand()) if reason == "uploaded-late"]
    assert told == ([] if detail is None else [detail.format(uploaded)])
    assert versions(shelf, demand()) == ["1.0"] * (detail is None)


# Hashes and --no-binary


def test_only_files_with_an_allowed_hash() -> None:
    shelf = shelf_of("1.0", "2.0", Release(v="3.0", has_hash=False))
    asked = demand(hashes=["foo-1.0-py3-none-any.whl"])
    assert versions(shelf, asked) == ["1.0"]
    unknown = "the index gives no sha256 of it to hold against those that are allowed"
    assert reasons(shelf, asked) == [
        ("foo-3.0-py3-none-any.whl", "hash", unknown),
        ("foo-2.0-py3-none-any.whl", "hash", "its sha256 is none of those that the requirement allows"),
    ]
    assert versions(shelf, demand(hashes=[])) == []


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(Rules(wheels_forbidden=frozenset({NormalizedName("foo")})), id="for this project"),
        pytest.param(Rules(all_wheels_forbidden=True), id="for all"),
    ],
)
def test_no_binary_forbids_the_wheels(rules: Rules) -> None:
    shelf = shelf_of("1.0", rules=rules)
    expected = ("foo-1.0-py3-none-any.whl", "forbidden", "--no-binary asks for a build of this project")
    assert reasons(shelf, demand()) == [expected]
    assert versions(shelf, demand()) == []


def test_no_binary_for_another_project_says_nothing() -> None:
    rules = Rules(wheels_forbidden=frozenset({NormalizedName("bar")}))
    assert versions(shelf_of("1.0", rules=rules), demand()) == ["1.0"]


# Rejections


def test_reasons_are_told_nearest_miss_first_then_newest_then_by_name() -> None:
    limit = datetime(2021, 1, 1, tzinfo=UTC)
    late = "2022-01-01T00:00:00Z"
    shelf = shelf_of(
        Release(v="1.0", tag="cp312-cp312-win_amd64", uploaded=late),
        Release(v="1.1", tag="cp311-cp311-manylinux_2_17_x86_64"),
        Release(v="1.2", tag="cp312-cp312-manylinux_2_34_x86_64", yanked=""),
        Release(v="1.2", tag="cp312-cp312-manylinux_2_31_x86_64"),
        Release(v="1.3", tag="cp312-cp312-manylinux_2_17_aarch64"),
        Release(v="1.4", tag="cp312-cp312t-manylinux_2_17_x86_64"),
        Release(v="1.5", python=">=3.13", uploaded=late, yanked=""),
        Release(v="1.6", uploaded=late, yanked=""),
        Release(v="1.7", uploaded="2020-01-01T00:00:00Z", has_hash=False),
        Release(v="1.8", uploaded="2020-01-01T00:00:00Z", yanked=""),
        Release(v="1.9", tag="py2-none-any"),
        Release(v="2.0", filename="foo-2.0-x-y-z!.whl"),
        rules=Rules(exclude_newer=CutOff(limit)),
    )
    told = [
        (str(one.version), one.reason) for one in shelf.rejections(demand("<2.1", hashes=["foo-1.8-py3-none-any.whl"]))
    ]
    assert told == [
        ("1.8", Reason.YANKED),
        ("1.7", Reason.HASH),
        ("1.6", Reason.UPLOADED_LATE),
        ("1.5", Reason.REQUIRES_PYTHON),
        ("1.2", Reason.LIBC),
        ("1.2", Reason.LIBC),
        ("1.4", Reason.ABI),
        ("1.3", Reason.ARCHITECTURE),
        ("1.0", Reason.PLATFORM),
        ("1.9", Reason.INTERPRETER),
        ("1.1", Reason.INTERPRETER),
        ("2.0", Reason.TAGS),
    ]
    names = [one.file.filename for one in shelf.rejections(demand("==1.2"))]
    assert names == sorted(names)


def test_rejections_are_those_in_range() -> None:
    shelf = shelf_of(*(Release(v=version, tag="py2-none-any") for version in ("1.0", "2.0a1", "2.0")), "1.5")
    assert [str(one.version) for one in shelf.rejections(demand(">1.2"))] == ["2.0", "2.0a1"]


def test_every_reason_has_a_label_that_machines_can_rely_on() -> None:
    assert [reason.label for reason in Reason] == [
        *("tags", "interpreter", "platform", "architecture", "abi", "libc"),
        *("forbidden", "requires-python", "uploaded-late", "hash", "yanked", "metadata"),
    ]


# One version alone


SPELLINGS = (
    *("1.2", "1.2.0", "1.2.0.0", "v1.2", "V1.2", "01.2", "1.02", "0!1.2", "1.2rc1", "1.2.RC1", "1.2.0c1", "1.2.post1"),
    *("1.2+cu118", "1.2.0+cu.118", "1.2.1", "1.20", "11.2", "1!1.2", "1!1.2.0", "1.2.dev0", "2.0", "2", "0.1.2"),
)


def test_wheels_of_one_version_are_found_however_they_are_spelled() -> None:
    releases = [Release(v=text, tag=tag) for text in SPELLINGS for tag in (PURE, BINARY, "cp311-cp311-win_amd64")]
    whole = shelf_of(*releases)
    found = [candidate.version for candidate in whole.candidates(demand(">=0.dev0"))]
    assert len(found) == len(set(map(Version, SPELLINGS)))
    for version in (*found, Version("3.0")):
        both = [
            [(rank, wheel.filename, str(wheel.version)) for rank, wheel in shelf.fitting(version)]
            for shelf in (whole, shelf_of(*releases))
        ]
        assert both[0] == both[1]
        assert bool(both[0]) is (version in found)


def test_a_preferred_version_is_chosen_without_looking_at_all_others() -> None:
    shelf = shelf_of(*(f"1.{minor}" for minor in range(500)))
    parse_version.cache_clear()
    assert str(next(shelf.candidates(demand(preferred="1.77"))).version) == "1.77"
    assert parse_version.cache_info().misses == 1
    # What was looked for once is not looked for again, for the same target.
    page = shelf.listing.page
    (noted,) = page.entries.found.values()
    noted.clear()
    assert Shelf(Listing(page), MODERN, Rules()).fitting(Version("1.77")) == ()
    assert len(Shelf(Listing(page), OTHER, Rules()).fitting(Version("1.77"))) == 1


def test_a_search_notes_so_many_versions_and_no_more() -> None:
    shelf = shelf_of(*(f"1.{minor}" for minor in range(100)))
    assert len(versions(shelf, demand())) == 100
    assert len(shelf.listing.page.entries.found) == 64

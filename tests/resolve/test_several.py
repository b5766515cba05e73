from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import Ahead, FakeIndex, serving
from tests.resolve.universe import Release, Universe, metadata_of, pages_of, release, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.takers import Takers
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.requirements.pep508 import parse_pep508
from wheelpin.resolve.conflict import NothingFitsError
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.several import Failure, resolve_all
from wheelpin.resolve.task import Resolution, Task
from wheelpin.resolve.view import UndecidedRequirementError
from wheelpin.target import Target

INTEL = "cp312-manylinux_2_28_x86_64"
ARM = "cp312-manylinux_2_28_aarch64"
OLD = "cp36-manylinux1_x86_64"
ON_INTEL = "cp312-cp312-manylinux_2_17_x86_64"
ON_ARM = "cp312-cp312-manylinux_2_17_aarch64"


def tasks(
    *asked: str, targets: Sequence[str] = (INTEL, ARM), prefers: Mapping[str, Mapping[str, str]] | None = None
) -> list[Task]:
    return [
        Task(
            target=Target.parse(target),
            requirements=requirements(*asked),
            preferences={
                NormalizedName(name): Version(version) for name, version in (prefers or {}).get(target, {}).items()
            },
        )
        for target in targets
    ]


def resolved(
    universe: Universe, asked: Sequence[Task], *, align: bool = False, ahead: Ahead = Ahead.NEVER
) -> list[Resolution]:
    with serving(pages_of(universe), metadata_of(universe), ahead=ahead) as index:
        outcomes = resolve_all(asked, Catalogue(index), RecordingReporter(), align=align)
    assert all(isinstance(outcome, Resolution) for outcome in outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, Resolution)]


def pins(found: Resolution) -> dict[str, str]:
    return {str(pin.project): str(pin.version) for pin in found.pins}


# One run for all targets


@pytest.mark.parametrize("ahead", Ahead, ids=lambda ahead: ahead.value)
def test_wheels_of_one_version_may_disagree_and_each_target_hears_its_own(ahead: Ahead) -> None:
    universe: Universe = {
        "a": [Release(v="1.0", tag=ON_INTEL, needs=["b"]), Release(v="1.0", tag=ON_ARM, needs=["c<2"])],
        "b": ["1.0"],
        "c": ["1.0", "2.0"],
    }
    intel, arm = resolved(universe, tasks("a"), ahead=ahead)
    assert pins(intel) == {"a": "1.0", "b": "1.0"}
    assert pins(arm) == {"a": "1.0", "c": "1.0"}


def test_answers_come_in_the_order_of_the_tasks_and_a_failure_stops_no_other() -> None:
    universe: Universe = {"a": [Release(v="1.0", tag=ON_ARM)]}
    with serving(pages_of(universe), metadata_of(universe)) as index:
        intel, arm = resolve_all(tasks("a"), Catalogue(index), RecordingReporter(), align=True)
    assert isinstance(intel, Failure)
    assert intel.task.target.name == INTEL
    assert isinstance(intel.error, NothingFitsError)
    assert isinstance(arm, Resolution)
    assert pins(arm) == {"a": "1.0"}


def test_what_nobody_can_decide_ends_the_run() -> None:
    universe: Universe = {"a": [release("1.0", "b; platform_release >= '5'")], "b": ["1.0"]}
    with serving(pages_of(universe), metadata_of(universe)) as index, pytest.raises(UndecidedRequirementError):
        resolve_all(tasks("a"), Catalogue(index), RecordingReporter(), align=False)


def test_one_listing_a_project_serves_all_targets() -> None:
    universe: Universe = {"a": [release("1.0", "b", "c")], "b": ["1.0"], "c": ["1.0"]}
    with serving(pages_of(universe), metadata_of(universe)) as index:
        catalogue = Catalogue(index)
        resolve_all(tasks("a", targets=(INTEL, ARM, "cp313-win_amd64")), catalogue, RecordingReporter(), align=True)
        assert index.pages_read == {"a": 1, "b": 1, "c": 1}
        assert index.metadata_read.keys() == metadata_of(universe).keys()


def test_what_is_asked_of_a_project_is_joined_once_for_all_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    universe: Universe = {"a": [release("1.0", "b>=1", "b<3")], "b": ["1.0", "2.0"]}
    joined: list[str] = []
    join = SpecifierSet.__and__

    def counting(first: SpecifierSet, second: SpecifierSet) -> SpecifierSet:
        joined.append(f"{first} {second}")
        return join(first, second)

    monkeypatch.setattr(SpecifierSet, "__and__", counting)
    resolved(universe, tasks("a", targets=(INTEL, ARM, "cp313-win_amd64")), ahead=Ahead.AT_ONCE)
    assert joined == [">=1 <3"]


def test_a_page_is_arranged_once_for_all_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    arranged = Counter[str]()

    class Counting(Listing):
        def __init__(self, page: ProjectPage, takers: Takers | None = None) -> None:
            arranged[page.project] += 1
            super().__init__(page, takers)

    monkeypatch.setattr("wheelpin.candidates.catalogue.Listing", Counting)
    universe: Universe = {"a": [release("1.0", "b>=1", "b<3")], "b": ["1.0", "2.0"]}
    resolved(universe, tasks("a", targets=(INTEL, ARM, "cp313-win_amd64")), ahead=Ahead.AT_ONCE)
    assert arranged == {"a": 1, "b": 1}


def test_a_requirement_is_parsed_once_for_all_targets_and_searches() -> None:
    needs = [f"parsed-once-{place}>=1.{place}" for place in range(5)]
    universe: Universe = {"a": [release("1.0", *needs)], **{f"parsed-once-{place}": ["2"] for place in range(5)}}
    asked = tasks("a", targets=(INTEL, ARM, "cp313-win_amd64"))
    before = parse_pep508.cache_info().misses
    resolved(universe, asked, align=True)
    assert parse_pep508.cache_info().misses - before == len(needs)


class Late(FakeIndex):
    """Has the metadata of *late* for who waits for it only, and notes what had been told when somebody did."""

    def __init__(self, universe: Universe, reporter: "Telling", *, late: str) -> None:
        super().__init__(pages_of(universe), metadata_of(universe), ahead=Ahead.AT_ONCE)
        self._late, self._reporter = late, reporter
        self.told_before: list[Counter[str]] = []

    def when_metadata(self, file: IndexFile, then: Callable[[CoreMetadata], None]) -> None:
        if not file.filename.startswith(self._late):
            super().when_metadata(file, then)

    def metadata(self, file: IndexFile) -> CoreMetadata:
        if file.filename.startswith(self._late):
            self.told_before.append(Counter(self._reporter.told))
        return super().metadata(file)


class Telling(RecordingReporter):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def progress(self, text: str) -> None:
        self.told.append(text)


def test_while_one_search_waits_the_others_come_as_far_as_it_did() -> None:
    universe: Universe = {
        "a": [release("1.0", "b", "late")],
        "b": [release("1.0", "c; platform_machine == 'aarch64'")],
        "c": ["1.0"],
        "late": ["1.0"],
    }
    reporter = Telling()
    index = Late(universe, reporter, late="late-")
    first, *others = resolve_all(
        tasks("a", targets=(INTEL, ARM, "cp313-win_amd64")), Catalogue(index), reporter, align=False
    )
    assert index.told_before[0] == {"resolving: a 1.0": 3, "resolving: b 1.0": 3}
    assert all(isinstance(found, Resolution) for found in (first, *others))


def test_of_several_errors_that_end_the_run_that_of_the_first_target_is_told() -> None:
    universe: Universe = {
        "a": [Release(v="1.0", tag=ON_INTEL, needs=["late"]), Release(v="1.0", tag=ON_ARM, needs=["b"])],
        "b": [release("1.0", "x; platform_version == '2'")],
        "late": [release("1.0", "x; platform_release == '1'")],
        "x": ["1.0"],
    }
    index = Late(universe, Telling(), late="late-")
    with pytest.raises(UndecidedRequirementError, match="platform_release"):
        resolve_all(tasks("a"), Catalogue(index), Telling(), align=False)


@pytest.mark.parametrize("ahead", Ahead, ids=lambda ahead: ahead.value)
def test_a_plain_resolution_reads_no_metadata_but_that_of_its_pins(ahead: Ahead) -> None:
    universe: Universe = {
        "a": [release("1.0", "gone"), release("2.0", "b>=1", "c[x]")],
        "b": ["1.0", "2.0", "3.0a1", Release(v="4.0", yanked="")],
        "c": [
            Release(v="1.0", extras=["x"], needs=["d; extra == 'x'", "e; extra == 'y'"]),
            Release(v="2.0", tag="py2-none-any"),
        ],
        "d": ["1.0", "1.1"],
        "e": ["1.0"],
    }
    with serving(pages_of(universe), metadata_of(universe), ahead=ahead) as index:
        (task,) = tasks("a", targets=(INTEL,))
        found = Search(task, Catalogue(index), RecordingReporter()).run()
        index.settle()
        assert sorted(index.metadata_read) == sorted(pin.file.filename for pin in found.pins)
        assert index.pages_read.keys() == {"a", "b", "c", "d"}


# The same versions on all targets


def aligned(universe: Universe, asked: Sequence[Task]) -> tuple[list[dict[str, str]], list[str]]:
    found = resolved(universe, asked, align=True)
    return [pins(one) for one in found], [warning for one in found for warning in one.warnings]


BOTH = [Release(v="1.0", tag=ON_INTEL), Release(v="1.0", tag=ON_ARM)]


def test_without_align_each_target_gets_its_newest() -> None:
    universe: Universe = {"a": [*BOTH, Release(v="2.0", tag=ON_INTEL)]}
    assert [pins(one) for one in resolved(universe, tasks("a"))] == [{"a": "2.0"}, {"a": "1.0"}]


def test_align_takes_the_newest_that_all_can_take() -> None:
    universe: Universe = {"a": ["0.5", *BOTH, Release(v="2.0", tag=ON_INTEL), Release(v="1.5", tag=ON_ARM)]}
    assert aligned(universe, tasks("a")) == ([{"a": "1.0"}, {"a": "1.0"}], [])


def test_align_leaves_alone_what_only_one_target_needs() -> None:
    universe: Universe = {"a": [release("1.0", "b; platform_machine == 'x86_64'")], "b": ["1.0", "2.0"]}
    assert aligned(universe, tasks("a")) == ([{"a": "1.0", "b": "2.0"}, {"a": "1.0"}], [])


def test_align_follows_to_what_the_aligned_versions_need() -> None:
    universe: Universe = {
        "a": [Release(v="1.0", needs=["b<2"]), Release(v="2.0", tag=ON_INTEL, needs=["b>=2"])],
        "b": ["1.0", "2.0"],
    }
    assert aligned(universe, tasks("a")) == ([{"a": "1.0", "b": "1.0"}] * 2, [])


def test_align_steps_down_where_the_newest_common_version_needs_what_one_target_lacks() -> None:
    universe: Universe = {
        "a": [
            "1.0",
            "2.0",
            release("3.0", "b; platform_machine == 'aarch64'"),
            release("4.0", "b; platform_machine == 'aarch64'"),
        ],
        "b": [Release(v="1.0", tag=ON_INTEL)],
    }
    assert aligned(universe, tasks("a")) == ([{"a": "2.0"}, {"a": "2.0"}], [])


def test_what_cannot_be_aligned_is_said_and_keeps_its_newest() -> None:
    universe: Universe = {
        "a": [
            release("1.0", "gone; platform_machine == 'aarch64'"),
            Release(v="2.0", tag=ON_ARM),
            *(Release(v=version, tag=ON_INTEL) for version in ("3.0", "4.0")),
        ]
    }
    found, warnings = aligned(universe, tasks("a"))
    assert found == [{"a": "4.0"}, {"a": "2.0"}]
    assert warnings == ["a could not be aligned: the targets have 2.0, 4.0"] * 2


def test_align_keeps_what_the_locks_already_agree_on() -> None:
    universe: Universe = {"a": ["1.0", "2.0", "3.0"]}
    prefers = {INTEL: {"a": "2.0"}, ARM: {"a": "2.0"}}
    assert aligned(universe, tasks("a", prefers=prefers)) == ([{"a": "2.0"}, {"a": "2.0"}], [])


def test_align_of_aligned_locks_changes_nothing() -> None:
    universe: Universe = {"a": ["0.5", *BOTH, Release(v="2.0", tag=ON_INTEL)], "b": ["1.0", "2.0"]}
    asked = tasks("a", "b")
    first, _ = aligned(universe, asked)
    again = [
        replace(task, preferences={NormalizedName(name): Version(version) for name, version in found.items()})
        for task, found in zip(asked, first, strict=True)
    ]
    assert aligned(universe, again)[0] == first


def test_three_targets_agree_in_the_end() -> None:
    universe: Universe = {
        "a": [
            Release(v="1.0", python=">=3.6"),
            Release(v="2.0", python=">=3.7"),
            Release(v="3.0", tag=ON_ARM),
        ],
        "b": [release("1.0"), Release(v="2.0", python=">=3.7", needs=["a>=2"])],
    }
    found, warnings = aligned(universe, tasks("a", "b", targets=(INTEL, ARM, OLD)))
    assert found == [{"a": "1.0", "b": "1.0"}] * 3
    assert warnings == []


# What is told on request


def test_every_skipped_file_of_the_pins_is_told_with_the_reason() -> None:
    universe: Universe = {
        "a": [
            Release(v="3.0", unusable="it is empty"),
            release("2.0", "b"),
            Release(v="2.5", tag="py2-none-any"),
            Release(v="9", filename="a-x-py3-none-any.whl"),
        ],
        "b": ["1.0"],
    }
    reporter = RecordingReporter()
    with serving(pages_of(universe), metadata_of(universe)) as index:
        resolve_all(tasks("a", targets=(INTEL,)), Catalogue(index), reporter, align=False)
    assert reporter.details == [
        "a: a-x-py3-none-any.whl is skipped: its version 'x' is not valid (PEP 440)",
        "a: a-2.5-py2-none-any.whl is skipped: needs Python 2, the target is 3.12",
        "a: a-3.0-py3-none-any.whl is dropped: the metadata of a-3.0-py3-none-any.whl cannot be used: it is empty",
    ]


def test_nothing_is_told_to_who_does_not_want_it() -> None:
    class Terse(RecordingReporter):
        wants_details = False

    reporter = Terse()
    universe: Universe = {"a": ["1.0", Release(v="2.0", tag="py2-none-any")]}
    with serving(pages_of(universe), metadata_of(universe)) as index:
        resolve_all(tasks("a", targets=(INTEL,)), Catalogue(index), reporter, align=False)
    assert reporter.details == []

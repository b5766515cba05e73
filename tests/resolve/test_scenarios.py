"""Every case file, with and without fetching ahead: the answer must be the same."""

from collections.abc import Mapping

import pytest

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import Ahead, FakeIndex, serving
from tests.resolve.scenarios import Conflict, Demanded, NothingFits, Scenario, Undecided, read_scenarios
from tests.resolve.universe import metadata_of, pages_of
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.resolve.conflict import ConflictError, NothingFitsError
from wheelpin.resolve.explanation import Demander, Explanation
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.task import Resolution, ResolvedPin
from wheelpin.resolve.view import UndecidedRequirementError

SCENARIOS = [pytest.param(case, id=f"{file}: {case.id}") for file, case in read_scenarios()]


@pytest.mark.parametrize("ahead", Ahead, ids=lambda ahead: ahead.value)
@pytest.mark.parametrize("case", SCENARIOS)
def test_scenario(case: Scenario, ahead: Ahead) -> None:
    with serving(
        pages_of(case.index, quarantined=case.quarantined), metadata_of(case.index), ahead=ahead, seed=7
    ) as index:
        match case.fails:
            case NothingFits() as expected:
                with pytest.raises(NothingFitsError) as nothing:
                    resolve(case, index)
                check_explanation(nothing.value.explanation, expected)
            case Conflict(clashes=clashes):
                with pytest.raises(ConflictError) as conflict:
                    resolve(case, index)
                found = {str(clash.project): demanded(clash.demanders) for clash in conflict.value.clashes}
                assert sorted_by_demander(found) == sorted_by_demander(clashes)
            case Undecided() as expected_doubt:
                with pytest.raises(UndecidedRequirementError) as undecided:
                    resolve(case, index)
                assert str(undecided.value.requirement) == expected_doubt.requirement
                assert undecided.value.asker == expected_doubt.asker
                assert undecided.value.cause.variable == expected_doubt.variable
                assert expected_doubt.variable in undecided.value.hint
            case None:
                check_resolution(resolve(case, index), case)
    if ahead is Ahead.NEVER and case.reads is not None:
        assert sorted(index.metadata_read) == sorted(case.reads)


def resolve(case: Scenario, index: FakeIndex) -> Resolution:
    return Search(case.task(), Catalogue(index), RecordingReporter()).run()


def check_resolution(found: Resolution, case: Scenario) -> None:
    pins = {pin.project: pin for pin in found.pins}
    assert [spelled(pin) for pin in found.pins] == case.pins
    assert {project: pins[project].file.filename for project in map(str, case.files)} == case.files  # type: ignore[index]
    assert {project: pins[project].file.sha256 for project in case.hashes} == case.hashes  # type: ignore[index]
    assert {project: [asker.name for asker in pins[project].via] for project in case.via} == case.via  # type: ignore[index]
    assert {project: list(pins[project].requires) for project in case.requires} == case.requires  # type: ignore[index]
    assert list(found.warnings) == case.warnings


def check_explanation(found: Explanation, expected: NothingFits) -> None:
    assert found.project == expected.project
    assert found.outcome.value == expected.outcome
    assert found.chosen is None
    assert found.runners_up == ()
    if expected.demanders is not None:
        assert demanded(found.demanders) == expected.demanders
    if expected.rejections is not None:
        rejections = [[one.file.filename, one.reason.label, one.detail] for one in found.rejections]
        told = [len(row) for row in expected.rejections]
        assert [row[:length] for row, length in zip(rejections, told, strict=True)] == expected.rejections
    if expected.in_range is not None:
        assert [str(version) for version in found.versions_in_range] == expected.in_range
    if expected.newest is not None:
        assert str(found.newest_version) == expected.newest
    lowest = found.lowest_target
    assert (None if lowest is None else (lowest.spelling, lowest.file.filename)) == expected.lowest_target
    fitting = found.newest_fitting
    assert (None if fitting is None else fitting.file.filename) == expected.newest_fitting
    assert (None if found.sdist is None else found.sdist.filename) == expected.sdist
    assert found.status_reason == expected.status_reason
    assert [(entry.entry, entry.reason) for entry in found.unreadable] == expected.unreadable


def demanded(demanders: tuple[Demander, ...]) -> list[Demanded]:
    return [Demanded(asked=one.asked, chain=list(one.chain)) for one in demanders]


def sorted_by_demander(clashes: Mapping[str, list[Demanded]]) -> Mapping[str, list[Demanded]]:
    """Forget the order of those who clash: it is that of the search."""
    return {
        project: sorted(demanders, key=lambda one: (one.chain, one.asked)) for project, demanders in clashes.items()
    }


def spelled(pin: ResolvedPin) -> str:
    extras = f"[{','.join(pin.extras)}]" if pin.extras else ""
    return f"{pin.project}{extras} {pin.version}"

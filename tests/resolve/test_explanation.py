"""What `explain` has to say of one requirement, without resolving what it needs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from packaging.utils import NormalizedName

from tests.resolve.fake_index import FakeIndex, serving
from tests.resolve.universe import Release, Universe, metadata_of, name, pages_of, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.files import ProjectPage
from wheelpin.resolve.conflict import NothingFitsError, explain_project
from wheelpin.resolve.explanation import Behind, Explanation, Outcome
from wheelpin.resolve.task import Task
from wheelpin.resolve.view import TargetView
from wheelpin.target import Target

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
BINARY = "cp312-cp312-manylinux_2_28_x86_64"
STABLE = "cp38-abi3-manylinux_2_17_x86_64"


def explained(universe: Universe, asked: str, *constraints: str) -> Explanation:
    (requirement,) = requirements(asked)
    task = Task(
        target=TARGET,
        requirements=(requirement,),
        constraints=requirements(*constraints, source="constraints.txt"),
    )
    with serving(pages_of(universe), metadata_of(universe)) as index:
        found = explain_project(requirement.name, requirement, TargetView(task, Catalogue(index)))
        assert index.metadata_read == {}
    return found


def runners_up(found: Explanation) -> list[tuple[str, Behind]]:
    return [(one.file.filename, one.behind) for one in found.runners_up]


def test_the_chosen_file_and_every_other_that_fits_with_what_it_lacks() -> None:
    found = explained(
        {
            "a": [
                Release(v="1.0", tag=BINARY),
                Release(v="2.0"),
                Release(v="2.0", tag=STABLE),
                Release(v="2.0", tag=BINARY, build="1"),
                Release(v="2.0", tag=BINARY, build="2"),
                Release(v="2.0", tag=BINARY, build="2", filename=f"A-2.0-2-{BINARY}.whl"),
                Release(v="2.1", tag="cp312-cp312-manylinux_2_34_x86_64"),
            ]
        },
        "a>=1",
    )
    assert found.outcome is Outcome.FITS
    assert found.chosen is not None
    assert found.chosen.file.filename == f"A-2.0-2-{BINARY}.whl"
    assert found.chosen.rank == TARGET.rank(BINARY)
    assert runners_up(found) == [
        (f"a-2.0-2-{BINARY}.whl", Behind.NAME),
        (f"a-2.0-1-{BINARY}.whl", Behind.BUILD),
        (f"a-2.0-{STABLE}.whl", Behind.RANK),
        ("a-2.0-py3-none-any.whl", Behind.RANK),
        (f"a-1.0-{BINARY}.whl", Behind.VERSION),
    ]
    assert [one.rank for one in found.runners_up] == [
        TARGET.rank(tag) for tag in (BINARY, BINARY, STABLE, "py3-none-any", BINARY)
    ]
    assert [str(version) for version in found.versions_in_range] == ["2.1", "2.0", "1.0"]
    assert found.newest_fitting is found.chosen


def test_a_lower_libc_is_told_even_where_an_older_version_fits() -> None:
    found = explained(
        {
            "a": [
                "1.0",
                Release(v="2.0", tag="cp312-cp312-manylinux_2_39_x86_64"),
                Release(v="2.0", tag="cp312-cp312-manylinux_2_34_x86_64.manylinux_2_31_x86_64"),
            ]
        },
        "a",
    )
    assert found.lowest_target is not None
    assert found.lowest_target.spelling == "cp312-manylinux_2_31_x86_64"
    assert found.lowest_target.file.filename == "a-2.0-cp312-cp312-manylinux_2_34_x86_64.manylinux_2_31_x86_64.whl"


def test_constraints_count_and_are_named() -> None:
    found = explained({"a": ["1.0", "2.0"]}, "a", "a<2", "b<1")
    assert found.chosen is not None
    assert str(found.chosen.version) == "1.0"
    assert [(one.asked, one.chain) for one in found.demanders] == [
        ("a", ("requirements.in, line 1",)),
        ("a<2", ("constraint in constraints.txt, line 1",)),
    ]
    assert str(found.newest_version) == "2.0"


@pytest.mark.parametrize(
    ("versions", "asked", "newest"),
    [
        pytest.param(["1.0", "2.0rc1"], "a", "1.0", id="a final one"),
        pytest.param(["1.0", "2.0rc1"], "a>=1.0a1", "2.0rc1", id="where pre-releases are asked for"),
        pytest.param(["1.0rc1", "2.0rc1"], "a", "2.0rc1", id="where there are no others"),
    ],
)
def test_newest_version_is_one_that_people_take(versions: list[str], asked: str, newest: str) -> None:
    assert str(explained({"a": [*versions]}, asked).newest_version) == newest


def test_an_address_is_looked_at_by_itself() -> None:
    found = explained({"a": ["2.0"]}, f"a @ https://mirror.example/a-1.0-{BINARY}.whl")
    assert found.outcome is Outcome.FITS
    assert found.index is None
    assert [str(version) for version in found.versions_in_range] == ["1.0"]


def test_a_page_that_is_not_there() -> None:
    found = explained({}, "a")
    assert found.outcome is Outcome.NO_SUCH_PROJECT
    assert str(NothingFitsError(found)) == "no index has a project named a"


def test_half_yanked_releases_are_told_file_by_file() -> None:
    found = explained({"a": [Release(v="1.0", tag=BINARY, yanked="broken"), "1.0"]}, "a")
    assert found.chosen is not None
    assert found.chosen.file.filename == "a-1.0-py3-none-any.whl"
    assert [(one.file.filename, one.reason.label) for one in found.rejections] == [(f"a-1.0-{BINARY}.whl", "yanked")]


class MeetingIndex(FakeIndex):
    """Lets askers go on once all of them are there."""

    def __init__(self, universe: Universe, askers: int) -> None:
        super().__init__(pages_of(universe), metadata_of(universe))
        self._meeting = threading.Barrier(askers, timeout=60)

    def page(self, project: NormalizedName) -> ProjectPage | None:
        self._meeting.wait()
        return super().page(project)


def test_threads_that_ask_together_get_one_shelf_and_one_candidate() -> None:
    view = TargetView(Task(target=TARGET, requirements=()), Catalogue(MeetingIndex({"a": ["1.0", "2.0"]}, 8)))

    def ask() -> tuple[Shelf | None, list[Candidate]]:
        shelf = view.shelf(name("a"))
        assert shelf is not None
        return shelf, list(shelf.candidates(view.demand(name("a"), ())))

    with ThreadPoolExecutor(8) as threads:
        answers = [future.result() for future in [threads.submit(ask) for _ in range(8)]]
    assert all(answer == answers[0] for answer in answers)

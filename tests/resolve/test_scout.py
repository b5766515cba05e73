"""What is fetched ahead, where answers come in the order in which they were asked for."""

from collections import Counter
from collections.abc import Iterator

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import Ahead, FakeIndex
from tests.resolve.universe import Universe, metadata_of, pages_of, release, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.demand import Demand
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.resolve.asks import ProjectAsk
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.task import Task
from wheelpin.resolve.view import TargetView
from wheelpin.target import Target

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
UNIVERSE: Universe = {
    "left": [release("1", "beta>=1")],
    "right": [release("1", "beta<2")],
    "beta": [release("2", "delta"), release("1", "gamma")],
    "gamma": ["1"],
    "delta": ["1"],
}


class InOrder(FakeIndex):
    """Answers nothing before it is told to settle, and then in order."""

    def _deliver_some(self) -> None:
        pass


def fetched_for(*asked: str) -> FakeIndex:
    task = Task(target=TARGET, requirements=requirements(*asked))
    index = InOrder(pages_of(UNIVERSE), metadata_of(UNIVERSE), ahead=Ahead.LATER)
    view = TargetView(task, Catalogue(index))
    Scout(index, view).follow(view.root_asks())
    index.settle()
    return index


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        pytest.param(["left", "right"], {"beta-1"}, id="both asked before the page came"),
        pytest.param(["right", "beta>=1"], {"beta-2", "beta-1"}, id="the second asked before the metadata came"),
    ],
)
def test_what_somebody_else_excludes_is_not_followed(asked: list[str], read: set[str]) -> None:
    index = fetched_for(*asked)
    assert {name.removesuffix("-py3-none-any.whl") for name in index.metadata_read if name.startswith("beta")} == read
    assert "gamma" in index.pages_read
    assert "delta" not in index.pages_read


def test_asks_that_exclude_each_other_are_followed_each_for_itself() -> None:
    index = fetched_for("beta>=2", "beta<2")
    assert {"gamma", "delta"} <= index.pages_read.keys()


def test_a_search_to_and_fro_is_followed_ask_by_ask() -> None:
    index = fetched_for(*(f"beta>=1.0.{number}" for number in range(20)), "beta<2")
    assert {"gamma", "delta"} <= index.pages_read.keys()


def test_many_asks_that_are_answered_by_what_was_read_are_not_followed() -> None:
    universe: Universe = {"beta": [release(str(number)) for number in range(50)]}
    task = Task(target=TARGET, requirements=())
    index = FakeIndex(pages_of(universe), metadata_of(universe), ahead=Ahead.AT_ONCE)
    view = TargetView(task, Catalogue(index))
    scout = Scout(index, view)
    for number in range(40):
        scout.follow(ProjectAsk(asked) for asked in requirements(f"beta>={number}"))
    assert index.pages_read == {"beta": 16}
    scout.follow(ProjectAsk(asked) for asked in requirements("beta<7"))
    assert sorted(index.metadata_read) == ["beta-49-py3-none-any.whl", "beta-6-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("pinned", "index_of", "read"),
    [
        pytest.param(["alpha", "beta"], FakeIndex, ["gamma", "alpha", "beta"], id="new projects are followed first"),
        pytest.param(["alpha", "beta"], InOrder, ["gamma"], id="and their pages waited for"),
        pytest.param([], InOrder, [], id="nothing is waited for where all are new"),
        pytest.param(["alpha", "beta", "gamma"], InOrder, [], id="and where none is"),
    ],
)
def test_what_no_lock_had_before_goes_first(pinned: list[str], index_of: type[FakeIndex], read: list[str]) -> None:
    universe: Universe = {"alpha": [release("1", "beta")], "beta": ["1"], "gamma": ["1"]}
    task = Task(
        target=Target.parse("cp312-manylinux_2_28_x86_64"),
        requirements=requirements("alpha", "gamma"),
        preferences={NormalizedName(name): Version("1") for name in pinned},
    )
    ahead = Ahead.LATER if index_of is InOrder else Ahead.AT_ONCE
    index = index_of(pages_of(universe), metadata_of(universe), ahead=ahead)
    Search(task, Catalogue(index), RecordingReporter())
    assert list(index.pages_read) == read


def test_what_comes_next_of_a_project_that_is_tried_again_and_again_is_told_once() -> None:
    universe: Universe = {
        "left": [release(str(number), f"core>={number}") for number in range(1, 101)],
        "core": [str(number) for number in range(1, 101)],
    }
    task = Task(target=TARGET, requirements=requirements("left", "core<2"))
    index = FakeIndex(pages_of(universe), metadata_of(universe))
    expected: list[str] = []
    index.when_metadata = lambda file, then: expected.append(file.filename)  # type: ignore[method-assign]
    found = Search(task, Catalogue(index), RecordingReporter()).run()
    assert [str(pin.version) for pin in found.pins] == ["1", "1"]
    assert len(expected) == len(set(expected)) == 97


def test_a_project_is_looked_through_again_only_for_an_ask_that_changes_what_is_likely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, candidates = Counter[str](), Shelf.candidates

    def counting(shelf: Shelf, demand: Demand) -> Iterator[Candidate]:
        looks[shelf.listing.project] += 1
        return candidates(shelf, demand)

    monkeypatch.setattr(Shelf, "candidates", counting)
    universe: Universe = {
        "left": [release("1", "beta>=1", "beta>=0.1", "beta!=5", "beta[x]>=0.5")],
        "right": [release("1", "beta<3")],
        "late": [release("1", "beta>=1.5a1")],
        "beta": ["1", "2", "3"],
    }
    task = Task(target=TARGET, requirements=requirements("left"))
    index = FakeIndex(pages_of(universe), metadata_of(universe), ahead=Ahead.AT_ONCE)
    view = TargetView(task, Catalogue(index))
    scout = Scout(index, view)
    scout.follow(view.root_asks())
    assert looks == {"left": 1, "beta": 1}
    scout.follow(ProjectAsk(asked) for asked in requirements("right"))
    assert looks == {"left": 1, "right": 1, "beta": 2}
    # It names a pre-release, which lets others in.
    scout.follow(ProjectAsk(asked) for asked in requirements("late"))
    assert looks["beta"] == 3
    assert [name for name in index.metadata_read if name.startswith("beta")] == [
        *("beta-3-py3-none-any.whl", "beta-2-py3-none-any.whl")
    ]

"""What is fetched ahead, where answers come in the order in which they were asked for."""

import pytest

from tests.resolve.fake_index import Ahead, FakeIndex
from tests.resolve.universe import Universe, metadata_of, pages_of, release, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.task import Task
from wheelpin.resolve.view import TargetView
from wheelpin.target import Target

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
    task = Task(target=Target.parse("cp312-manylinux_2_28_x86_64"), requirements=requirements(*asked))
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

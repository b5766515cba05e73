"""A project whose address somebody names: whoever asks for it before or after, the answer is one."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import Ahead, serving
from tests.resolve.universe import Release, Universe, metadata_of, pages_of, release, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.resolve.conflict import ConflictError, NothingFitsError
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.task import Task
from wheelpin.target import Target

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
ADDRESS = "app @ https://mirror.example/app-1.5-py3-none-any.whl"
OTHER = "app @ https://other.example/app-1.5-py3-none-any.whl"
BEHIND_ADDRESS: Universe = {"app": [release("1.5", "lib")]}
LIB: Universe = {"lib": ["1", "2"]}


def pins(universe: Universe, asked: tuple[str, ...], ahead: Ahead = Ahead.NEVER) -> list[str]:
    task = Task(target=TARGET, requirements=requirements(*asked))
    metadata = {**metadata_of(universe), **metadata_of(BEHIND_ADDRESS)}
    with serving(pages_of({**LIB, **universe}), {**metadata_of(LIB), **metadata}, ahead=ahead) as index:
        found = Search(task, Catalogue(index), RecordingReporter()).run()
    return [f"{pin.project} {pin.version}" for pin in found.pins]


@pytest.mark.parametrize("ahead", [Ahead.NEVER, Ahead.AT_ONCE], ids=lambda ahead: ahead.value)
@pytest.mark.parametrize(
    ("universe", "asked", "expected"),
    [
        pytest.param({}, ["app", ADDRESS], ["app 1.5"], id="the user asks for both"),
        pytest.param({"a": [release("1", "app", ADDRESS)]}, ["a"], ["a 1", "app 1.5"], id="one file needs both"),
        pytest.param(
            {"a": [release("1", "app")], "b": [release("1", ADDRESS)]},
            ["a", "b"],
            ["a 1", "app 1.5", "b 1"],
            id="two files need one each",
        ),
        pytest.param(
            {"a": [release("1", ADDRESS)]}, ["app", "a"], ["a 1", "app 1.5"], id="the user asks, and a file has it"
        ),
        pytest.param(
            {"a": [release("1", "between")], "between": [release("1", ADDRESS)], "b": [release("1", "app>=1.5")]},
            ["a", "b"],
            ["a 1", "app 1.5", "b 1", "between 1"],
            id="the address is found far below",
        ),
        pytest.param(
            {"a": [release("1"), release("2", "app")], "b": [release("1", ADDRESS)]},
            ["a", "b"],
            ["a 2", "app 1.5", "b 1"],
            id="nobody steps back to a version that does without",
        ),
        pytest.param(
            {"app": ["1"], "a": [release("1", "app>1")], "b": [release("1", ADDRESS)]},
            ["a", "b"],
            ["a 1", "app 1.5", "b 1"],
            id="what the index has does not do",
        ),
        pytest.param(
            {"app": ["1", "2"], "a": [release("1", "app")], "b": [release("1", ADDRESS)]},
            ["a", "b"],
            ["a 1", "app 1.5", "b 1"],
            id="what the index has would do",
        ),
        pytest.param(
            {"a": [release("1", "app")], "b": [release("1"), release("2", ADDRESS, "c"), release("3", "c")], "c": []},
            ["a", "b>1"],
            None,
            id="an address comes with what cannot be had",
        ),
        pytest.param(
            {"app": [Release(v="1", yanked="")], "a": [release("1", "app")], "b": ["2", release("1", ADDRESS)]},
            ["a", "b"],
            ["a 1", "app 1.5", "b 1"],
            id="only an older version has it, and what the index has is kept back",
        ),
        pytest.param(
            {"a": [release("1", "app<1.5")], "b": [release("1", ADDRESS)]},
            ["a", "b"],
            None,
            id="the address does not do",
        ),
        pytest.param(
            {"a": [release("1", "app", OTHER)], "b": [release("1", ADDRESS)]}, ["a", "b"], None, id="two addresses"
        ),
        pytest.param({"a": [release("1", "app")], "b": ["1"]}, ["a", "b", "app"], None, id="nobody has an address"),
    ],
)
def test_the_order_does_not_matter(
    universe: Universe, asked: list[str], expected: list[str] | None, ahead: Ahead
) -> None:
    for order in permutations(asked):
        turned = {
            project: [one if isinstance(one, str) else replace(one, needs=one.needs[::-1]) for one in releases]
            for project, releases in universe.items()
        }
        for world in (universe, turned):
            if expected is None:
                with pytest.raises((NothingFitsError, ConflictError)):
                    pins(world, order, ahead)
            else:
                found = pins(world, order, ahead)
                assert [pin for pin in found if pin != "lib 2"] == expected
                assert "lib 2" in found


def test_a_search_that_fails_says_what_it_said_before_it_looked_for_addresses() -> None:
    universe: Universe = {"a": [release("1", "missing")], "b": [release("1", "lib; platform_release == '5'")]}
    with pytest.raises(NothingFitsError, match="no index has a project named missing") as failure:
        pins(universe, ("a", "b"))
    assert [one.asked for one in failure.value.explanation.demanders] == ["missing"]

"""Yanked files and pre-releases that somebody's ask lets in, however late the search comes upon that ask."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import Ahead, FakeIndex, serving
from tests.resolve.universe import Release, Universe, metadata_of, pages_of, release, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.files import CoreMetadata, IndexFile
from wheelpin.resolve.conflict import ConflictError, NothingFitsError
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.task import Task
from wheelpin.target import Target

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
BYSTANDERS: Universe = {f"bystander{place}": [str(version) for version in range(1, 21)] for place in range(20)}


class NotBuilding:
    """Would build everything, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.built: list[str] = []

    def folder(self, url: str, project: str, target: Target) -> IndexFile:
        raise NotImplementedError

    def refusal(self, file: IndexFile, project: str, target: Target) -> str | None:
        return None

    def metadata(self, file: IndexFile, project: str, target: Target) -> CoreMetadata:
        self.built.append(file.filename)
        return CoreMetadata(name=project, version="0")


def yanked(version: str, *needs: str) -> Release:
    return Release(v=version, needs=list(needs), yanked="")


def search(asked: Sequence[str], index: FakeIndex, constraints: Sequence[str] = ()) -> list[str]:
    task = Task(target=TARGET, requirements=requirements(*asked), constraints=requirements(*constraints))
    found = Search(task, Catalogue(index), RecordingReporter()).run()
    return [f"{pin.project} {pin.version}" for pin in found.pins]


@pytest.mark.parametrize("ahead", [Ahead.NEVER, Ahead.AT_ONCE], ids=lambda ahead: ahead.value)
@pytest.mark.parametrize(
    ("universe", "asked", "expected"),
    [
        pytest.param(
            {"a": [yanked("1")], "b": [release("1", "a==1")]},
            ["a", "b"],
            ["a 1", "b 1"],
            id="yanked: a project pins it",
        ),
        pytest.param(
            {"a": [yanked("1")], "b": [release("1", "a<=1", "a==1")]},
            ["b"],
            ["a 1", "b 1"],
            id="yanked: one project asks for it twice",
        ),
        pytest.param(
            {"a": [yanked("1")], "b": [release("1", "a==1")], "c": [release("1", "a<2", "b<2")]},
            ["c"],
            ["a 1", "b 1", "c 1"],
            id="yanked: who pins it comes with who does not",
        ),
        pytest.param(
            {"a": [yanked("1")], "b": [release("1", "c")], "c": [release("1", "a==1"), release("2")]},
            ["a", "b"],
            ["a 1", "b 1", "c 1"],
            id="yanked: only an older version pins it",
        ),
        pytest.param(
            {"a": [yanked("1")], "b": [release("1", "c"), release("2")], "c": [release("1", "a==1")]},
            ["a", "b"],
            ["a 1", "b 1", "c 1"],
            id="yanked: only an older version leads to who pins it",
        ),
        pytest.param(
            {
                "a": [yanked("1")],
                "b": [release("1", "a==1"), release("2", "a==1", "d==2"), release("3")],
                "c": [release("1", "a", "d==1")],
                "d": ["1", "2"],
            },
            ["b", "c"],
            ["a 1", "b 1", "c 1", "d 1"],
            id="yanked: not every version that pins it will do",
        ),
        pytest.param(
            {
                "a": [yanked("1"), release("2", "missing")],
                "b": [release("1", "c"), release("2", "a!=1")],
                "c": [release("1", "a==1")],
            },
            ["a", "b"],
            ["a 1", "b 1", "c 1"],
            id="yanked: who refuses it steps back for who pins it",
        ),
        pytest.param(
            {"a": [yanked("1", "b==1")], "b": [yanked("1", "c==1")], "c": [yanked("1")], "d": [release("1", "a==1")]},
            ["c", "b", "a", "d"],
            ["a 1", "b 1", "c 1", "d 1"],
            id="yanked: one lets the next one in",
        ),
        pytest.param(
            {"a": [yanked("1"), release("2", "missing")], "b": [release("1", "a==1"), release("2", "a")]},
            ["a", "b"],
            ["a 1", "b 1"],
            id="yanked: what is not will not do",
        ),
        pytest.param(
            {
                "a": [yanked("1")],
                "b": [Release(v="1", needs=["a==1; extra == 'x'"], extras=["x"])],
                "c": [release("1", "b[x]")],
            },
            ["a", "b", "c"],
            ["a 1", "b 1", "c 1"],
            id="yanked: pinned with an extra",
        ),
        pytest.param(
            {"a": [yanked("1")], "b": [release("1", "a==1", "missing"), release("2")]},
            ["a", "b"],
            None,
            id="yanked: who pins it cannot be had",
        ),
        pytest.param({"a": [yanked("1")], "b": [release("1", "a<=1")]}, ["a", "b"], None, id="yanked: nobody pins it"),
        pytest.param(
            {"a": [release("2", "missing"), release("3b1")], "b": [release("1", "a>=2a1")]},
            ["a>=2", "b"],
            ["a 3b1", "b 1"],
            id="pre-release: a project names one",
        ),
        pytest.param(
            {"a": [release("1b1"), release("3", "b!=2")], "b": [release("2", "c!=2")], "c": [release("1b1", "a<2")]},
            ["a!=2", "b"],
            ["a 1b1", "b 2", "c 1b1"],
            id="pre-release: a project takes none of the final releases",
        ),
        pytest.param(
            {
                "a": ["1b1", release("2", "missing"), release("3", "missing")],
                "b": [release("1", "a!=2", "c")],
                "c": [release("1", "a!=3")],
            },
            ["a", "b"],
            ["a 1b1", "b 1", "c 1"],
            id="pre-release: two together take none of the final releases",
        ),
        pytest.param(
            {"a": [release("2", "missing"), yanked("3b1")], "b": [release("1", "a==3b1")]},
            ["a", "b"],
            ["a 3b1", "b 1"],
            id="pre-release: yanked as well",
        ),
        pytest.param(
            {"a": ["1b1", release("2", "missing")], "b": [release("1", "a<3")]},
            ["a", "b"],
            None,
            id="pre-release: nobody asks for one",
        ),
        pytest.param(
            {"a": [release("1", "missing"), release("2b1", "b")], "b": [release("1", "a==2b1")]},
            ["a"],
            None,
            id="pre-release: only its own needs would let it in",
        ),
    ],
)
def test_whoever_lets_it_in_the_order_does_not_matter(
    universe: Universe, asked: list[str], expected: list[str] | None, ahead: Ahead
) -> None:
    for order in permutations(asked):
        with serving(pages_of(universe), metadata_of(universe), ahead=ahead) as index:
            if expected is None:
                with pytest.raises((NothingFitsError, ConflictError)):
                    search(order, index)
            else:
                assert search(order, index) == expected


def test_what_is_read_to_find_who_may_let_a_file_in_has_an_end() -> None:
    universe: Universe = {**BYSTANDERS, "a": [yanked("1")], "b": [release("1", "a")]}
    with serving(pages_of(universe), metadata_of(universe)) as index, pytest.raises(NothingFitsError):
        search([*BYSTANDERS, "a", "b"], index)
    assert len(index.metadata_read) == len(BYSTANDERS) + len("ab") + 64


def test_nothing_more_is_read_where_nothing_in_range_is_kept_back() -> None:
    universe: Universe = {**BYSTANDERS, "a": ["1", yanked("2"), "3b1"], "b": [release("1", "a")]}
    with serving(pages_of(universe), metadata_of(universe)) as index, pytest.raises(NothingFitsError):
        search([*BYSTANDERS, "a<1", "b"], index)
    assert len(index.metadata_read) <= len(BYSTANDERS) + len("ab")


def test_nothing_is_built_to_find_who_may_let_a_file_in() -> None:
    universe: Universe = {"a": [yanked("1")], "b": ["2", Release(v="1", is_sdist=True)]}
    builder = NotBuilding()
    task = Task(target=TARGET, requirements=requirements("a", "b"), builder=builder)
    with serving(pages_of(universe), metadata_of(universe)) as index, pytest.raises(NothingFitsError):
        Search(task, Catalogue(index), RecordingReporter()).run()
    assert builder.built == []


def test_what_fails_while_others_may_let_a_file_in_is_not_what_is_told() -> None:
    universe: Universe = {
        "a": [yanked("1", "c; platform_release == '5'")],
        "b": [release("1", "a==1"), "2"],
        "c": [release("1")],
    }
    with (
        serving(pages_of(universe), metadata_of(universe)) as index,
        pytest.raises(NothingFitsError, match="a has no wheel") as failure,
    ):
        search(["a", "b"], index)
    assert [one.asked for one in failure.value.explanation.demanders] == ["a"]


def test_what_cannot_be_looked_at_lets_nothing_in() -> None:
    folder = f"c @ file:///src/c/#sha256={'0' * 64}"
    universe: Universe = {"a": [yanked("1")], "b": [release("1", "a==1")]}
    with serving(pages_of(universe), metadata_of(universe)) as index:
        for asked, constraints in ((["a", "b", folder], []), (["a", "b", "c"], [folder])):
            with pytest.raises(NothingFitsError, match="a has no wheel"):
                search(asked, index, constraints)


def test_an_address_that_is_named_even_later_is_taken() -> None:
    address = "app @ https://mirror.example/app-1-py3-none-any.whl"
    universe: Universe = {
        "a": [yanked("1")],
        "b": [release("1", "a==1")],
        "c": ["1", release("2", "app")],
        "d": [release("1", address), *(release(str(version), "missing") for version in range(2, 100))],
    }
    metadata = {**metadata_of(universe), **metadata_of({"app": ["1"]})}
    with serving(pages_of(universe), metadata) as index:
        assert search(["a", "b", "c", "d"], index) == ["a 1", "app 1", "b 1", "c 2", "d 1"]

"""Thousands of random worlds of many shapes against an oracle that tries everything.

``WHEELPIN_TEST_WORLDS=20000`` tries that many of each shape.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version
from resolvelib import BaseReporter, ResolutionImpossible, Resolver

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import Ahead, FakeIndex, serving
from tests.resolve.random_worlds import SHAPES, TARGET, Maker, Oracle, Shape, World
from tests.resolve.test_against_brute_force import facts
from tests.resolve.universe import Release, metadata_of, pages_of
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.resolve.conflict import ConflictError, NothingFitsError
from wheelpin.resolve.provider import Provider
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.several import resolve_all
from wheelpin.resolve.task import Resolution
from wheelpin.resolve.view import TargetView
from wheelpin.target import Target

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from wheelpin.resolve.asks import Ask, Choice

WORLDS = int(os.environ.get("WHEELPIN_TEST_WORLDS", "200"))
MOST_MISSED = {"addressed": 0.01}
"""How many of the worlds of a shape may have an answer that is not found: an address that only a file names which the
search has no other reason to read."""

shapes = pytest.mark.parametrize("shape", SHAPES)


def resolve(world: World, index: FakeIndex) -> Resolution | ConflictError | NothingFitsError:
    try:
        return Search(world.task(), Catalogue(index), RecordingReporter()).run()
    except (ConflictError, NothingFitsError) as error:
        return error


def chosen_in(found: Resolution, world: World) -> dict[str, Release]:
    return {
        str(pin.project): next(one for one in world.releases[pin.project] if Version(one.v) == pin.version)
        for pin in found.pins
    }


@shapes
def test_an_answer_is_right_and_found_wherever_there_is_one(shape: str) -> None:
    missed = []
    for seed in range(WORLDS):
        world = Maker(SHAPES[shape], seed).world()
        oracle = Oracle(world)
        with serving(pages_of(world.universe), metadata_of(world.releases)) as index:
            found = resolve(world, index)
        if isinstance(found, Resolution):
            chosen = chosen_in(found, world)
            reached = oracle.reached(chosen)
            assert reached is not None, f"{shape} {seed}"
            assert reached.keys() == chosen.keys(), f"{shape} {seed}"
        elif oracle.has_answer():
            missed.append(seed)
    assert len(missed) <= WORLDS * MOST_MISSED.get(shape, 0), f"{shape} {missed}"


@shapes
def test_preferring_an_answer_gives_it_again(shape: str) -> None:
    for seed in range(WORLDS // 4):
        world = Maker(SHAPES[shape], seed).world()
        with serving(pages_of(world.universe), metadata_of(world.releases)) as index:
            if not isinstance(found := resolve(world, index), Resolution):
                continue
            pins = {str(pin.project): str(pin.version) for pin in found.pins}
            again = World(
                universe=world.universe,
                asked=world.asked,
                constraints=world.constraints,
                overrides=world.overrides,
                preferences=pins,
                allow_prereleases=world.allow_prereleases,
            )
            second = resolve(again, index)
        assert isinstance(second, Resolution), f"{shape} {seed}"
        assert {str(pin.project): str(pin.version) for pin in second.pins} == pins, f"{shape} {seed}"


@shapes
def test_every_one_of_several_targets_gets_a_right_answer_aligned_or_not(shape: str) -> None:
    targets = [TARGET, Target.parse("cp39-manylinux_2_17_aarch64")]
    for seed in range(WORLDS // 8):
        world = Maker(SHAPES[shape], seed).world()
        tasks = [world.task(target) for target in targets]
        with serving(pages_of(world.universe), metadata_of(world.releases)) as index:
            for align in (False, True):
                outcomes = resolve_all(tasks, Catalogue(index), RecordingReporter(), align=align)
                for found in outcomes:
                    if isinstance(found, Resolution):
                        assert Oracle(world).reached(chosen_in(found, world)) is not None, f"{shape} {seed}"
                # Nothing in these worlds tells the targets apart.
                first, second = (getattr(found, "pins", None) for found in outcomes)
                assert first == second, f"{shape} {seed}"


APART = Shape(
    projects=6, versions=4, needs=2, specifiers=("", "", "", ">=2", "<4", "!=3"), extras=0.3, prereleases=0.1, apart=0.3
)
FIVE = [
    Target.parse(spelling)
    for spelling in (
        *("cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_34_x86_64", "cp311-manylinux_2_28_aarch64"),
        *("cp312-manylinux_2_28_x86_64", "cp312-manylinux_2_28_aarch64"),
    )
]


@pytest.mark.parametrize("ahead", Ahead, ids=lambda ahead: ahead.value)
def test_each_of_several_targets_gets_what_it_gets_alone(ahead: Ahead) -> None:
    def outcomes(world: World, targets: Sequence[Target], seed: int) -> list[object]:
        tasks = [world.task(target) for target in targets]
        with serving(pages_of(world.universe), metadata_of(world.releases), ahead=ahead, seed=seed) as index:
            found = resolve_all(tasks, Catalogue(index), RecordingReporter(), align=False)
        return [facts(one if isinstance(one, Resolution) else one.error) for one in found]

    seen = set[int]()
    for seed in range(WORLDS // 4):
        world = Maker(APART, seed).world()
        alone = [found for target in FIVE for found in outcomes(world, [target], seed)]
        assert outcomes(world, FIVE, seed) == alone, f"{seed}"
        pins = [tuple((pin.project, pin.file.filename) for pin in getattr(found, "pins", ())) for found in alone]
        seen.add(len(set(pins)))
    # Some worlds tell the targets apart, others do not.
    assert {1, 2, 3} <= seen


def test_resolvelib_itself_chooses_the_same_with_these_hooks_where_no_conflict_leads_it_astray() -> None:
    compared = 0
    for seed in range(WORLDS):
        world = Maker(Shape(projects=8, specifiers=("",), extras=0.3, unusable=0.1), seed).world()
        with serving(pages_of(world.universe), metadata_of(world.releases)) as index:
            found = resolve(world, index)
            view = TargetView(world.task(), Catalogue(index))
            reporter: BaseReporter[Ask, Choice, NormalizedName] = BaseReporter()
            try:
                theirs = Resolver(Provider(view, Scout(index, view)), reporter).resolve(view.root_asks())
            except (ResolutionImpossible, RecursionError):
                continue
        assert isinstance(found, Resolution), seed
        assert {pin.project: (pin.version, frozenset(pin.extras)) for pin in found.pins} == {
            project: (choice.candidate.version, choice.extras) for project, choice in theirs.mapping.items()
        }, seed
        compared += 1
    assert compared > WORLDS / 2

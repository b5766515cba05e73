"""Small random universes, where trying everything tells what is right."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement as Pep508
from packaging.version import Version

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import Ahead, serving
from tests.resolve.universe import Release, metadata_of, pages_of, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.errors import ResolutionError
from wheelpin.resolve.conflict import ConflictError, NothingFitsError
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.task import Resolution, Task
from wheelpin.target import Target

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
PROJECTS = ("a", "b", "c", "d", "e")
EXTRA = "x"

Chosen = Mapping[str, Release]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A universe and what is asked of it."""

    universe: Mapping[str, Sequence[Release]]
    asked: tuple[str, ...]


def needs(projects: Sequence[str]) -> st.SearchStrategy[str]:
    specifier = st.sampled_from(["", "", "<2", ">=2", "<3", ">=3", "==1", "==2", "!=2", "!=3"])
    extra = st.sampled_from(["", "", "", "[x]"])
    return st.builds(lambda name, extra, spec: f"{name}{extra}{spec}", st.sampled_from(projects), extra, specifier)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    projects = PROJECTS[: draw(st.integers(2, len(PROJECTS)))]
    marker = st.sampled_from(["", "", '; extra == "x"'])

    need = st.builds(lambda need, marker: need + marker, needs([*projects, *projects, "missing"]), marker)

    def releases() -> list[Release]:
        return [
            Release(
                v=version,
                needs=draw(st.lists(need, max_size=3)),
                extras=[EXTRA],
                unusable=draw(st.sampled_from([None] * 9 + ["it is broken"])),
            )
            for version in sorted(draw(st.sets(st.sampled_from(["1", "2", "3"]), min_size=1)))
        ]

    universe = {project: releases() for project in projects}
    asked = draw(st.lists(needs(projects), min_size=1, max_size=3))
    return World(universe=universe, asked=tuple(asked))


def reached(world: World, chosen: Chosen) -> Mapping[str, frozenset[str]] | None:
    """Return the projects that are needed with their extras, or None if *chosen* breaks a requirement on the way."""
    extras: dict[str, frozenset[str]] = {}
    waiting = [Pep508(text) for text in world.asked]
    while waiting:
        need = waiting.pop()
        release = chosen.get(need.name)
        if release is None or release.unusable or not need.specifier.contains(release.v):
            return None
        before = extras.get(need.name)
        after = (before or frozenset()) | need.extras
        if after != before:
            extras[need.name] = after
            waiting += (Pep508(text) for text in needs_of(release, after))
    return extras


def needs_of(release: Release, extras: frozenset[str]) -> Iterator[str]:
    for text in release.needs:
        need, _, marker = text.partition(";")
        if not marker or EXTRA in extras:
            yield need


def has_answer(world: World) -> bool:
    names = list(world.universe)
    for releases in itertools.product(*world.universe.values()):
        if reached(world, dict(zip(names, releases, strict=True))) is not None:
            return True
    return False


def resolve(world: World, *, ahead: Ahead, seed: int = 0) -> Resolution | ResolutionError:
    pages = pages_of(world.universe)
    if seed:
        shuffle = random.Random(seed)
        pages = [page.replaced(files=shuffle.sample(page.files, len(page.files))) for page in pages]
    task = Task(target=TARGET, requirements=requirements(*world.asked))
    with serving(pages, metadata_of(world.universe), ahead=ahead, seed=seed) as index:
        try:
            return Search(task, Catalogue(index), RecordingReporter()).run()
        except ResolutionError as error:
            return error


def facts(found: Resolution | ResolutionError) -> object:
    match found:
        case NothingFitsError(explanation=why):
            fitting = None if why.newest_fitting is None else why.newest_fitting.file
            return (why.project, why.outcome, why.demanders, why.rejections, why.versions_in_range, fitting)
        case ConflictError(clashes=clashes):
            return clashes
        case _:
            return found


@settings(max_examples=300, deadline=None)
@given(worlds())
def test_an_answer_is_found_if_and_only_if_there_is_one(world: World) -> None:
    assert isinstance(resolve(world, ahead=Ahead.NEVER), Resolution) is has_answer(world)


@settings(max_examples=300, deadline=None)
@given(worlds())
def test_an_answer_is_whole_and_says_who_asked(world: World) -> None:
    found = resolve(world, ahead=Ahead.NEVER)
    if not isinstance(found, Resolution):
        return
    chosen = {
        str(pin.project): next(one for one in world.universe[pin.project] if Version(one.v) == pin.version)
        for pin in found.pins
    }
    closure = reached(world, chosen)
    assert closure is not None
    assert closure.keys() == chosen.keys()
    for pin in found.pins:
        needed = {Pep508(text).name for text in needs_of(chosen[pin.project], closure[pin.project])}
        assert set(pin.requires) == needed - {pin.project}
        by_projects = {asker.name for asker in pin.via if asker.is_project}
        assert by_projects == {other.project for other in found.pins if pin.project in other.requires}
        is_asked = any(Pep508(text).name == pin.project for text in world.asked)
        assert [asker.name for asker in pin.via if not asker.is_project] == ["requirements.in"] * is_asked


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(1, 10_000))
def test_neither_what_is_fetched_ahead_nor_the_order_of_a_page_changes_the_answer(world: World, seed: int) -> None:
    alone = facts(resolve(world, ahead=Ahead.NEVER))
    assert facts(resolve(world, ahead=Ahead.AT_ONCE)) == alone
    assert facts(resolve(world, ahead=Ahead.LATER, seed=seed)) == alone


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_threads_do_not_change_the_answer(world: World) -> None:
    assert facts(resolve(world, ahead=Ahead.ON_THREADS)) == facts(resolve(world, ahead=Ahead.NEVER))


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_a_second_lock_that_prefers_the_first_changes_nothing(world: World) -> None:
    first = resolve(world, ahead=Ahead.NEVER)
    if not isinstance(first, Resolution):
        return
    task = Task(
        target=TARGET,
        requirements=requirements(*world.asked),
        preferences={pin.project: pin.version for pin in first.pins},
    )
    with serving(pages_of(world.universe), metadata_of(world.universe)) as index:
        second = Search(task, Catalogue(index), RecordingReporter()).run()
    assert second.pins == first.pins

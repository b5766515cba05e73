"""Searches that could take for ever: what counts is how often something is chosen, and how many files are read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import pytest
from resolvelib import ResolutionTooDeep

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import serving
from tests.resolve.universe import Release, Universe, metadata_of, pages_of, release, requirements
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.resolve.conflict import ConflictError, NothingFitsError
from wheelpin.resolve.explanation import Outcome
from wheelpin.resolve.provider import Progress, Provider
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.resolver import LearningResolver
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.task import Resolution, Task
from wheelpin.resolve.view import TargetView
from wheelpin.target import Target


class CountingReporter(RecordingReporter):
    def __init__(self) -> None:
        super().__init__()
        self.choices = 0

    def progress(self, text: str) -> None:
        self.choices += 1


def search(universe: Universe, asked: Sequence[str], *, most_choices: int, most_reads: int) -> Resolution:
    reporter = CountingReporter()
    task = Task(target=Target.parse("cp312-manylinux_2_28_x86_64"), requirements=requirements(*asked))
    with serving(pages_of(universe), metadata_of(universe)) as index:
        try:
            return Search(task, Catalogue(index), reporter).run()
        finally:
            assert reporter.choices <= most_choices
            assert len(index.metadata_read) <= most_reads


def versions(count: int) -> Iterator[str]:
    return map(str, range(1, count + 1))


def pins(found: Resolution) -> dict[str, str]:
    return {str(pin.project): str(pin.version) for pin in found.pins}


BYSTANDERS: dict[str, list[Release | str]] = {f"bystander{place}": list(versions(10)) for place in range(20)}
CLASHING: dict[str, list[Release | str]] = {
    "a": [release(version, f"c=={version}") for version in versions(10)],
    "b": [release(version, f"c=={int(version) + 10}") for version in versions(10)],
    "c": list(versions(20)),
}


def test_an_upper_bound_found_late_does_not_lead_to_a_release_from_before_the_bound() -> None:
    universe: dict[str, list[Release | str]] = {
        "lib": list(versions(30)),
        "app": ["1", *(release(version, "lib<20") for version in versions(30))],
    }
    assert pins(search(universe, ["lib", "app"], most_choices=4, most_reads=4)) == {"app": "30", "lib": "19"}


@pytest.mark.parametrize(
    "place", [pytest.param(0, id="before"), pytest.param(1, id="between"), pytest.param(2, id="after")]
)
def test_bystanders_are_not_tried_in_every_version(place: int) -> None:
    asked = ["a", "b"]
    asked[place:place] = BYSTANDERS
    with pytest.raises(ConflictError) as conflict:
        search({**BYSTANDERS, **CLASHING}, asked, most_choices=1000, most_reads=65)
    assert [clash.project for clash in conflict.value.clashes] == ["c"]


def test_bystanders_of_who_lets_a_file_in_are_not_tried_in_every_version() -> None:
    universe: dict[str, list[Release | str]] = {
        **BYSTANDERS,
        "lib": [Release(v="1", needs=["core==1"], yanked="")],
        "app": [release("1", "lib==1", "core==2"), "2", "3"],
        "core": ["1", "2"],
    }
    with pytest.raises(NothingFitsError):
        search(universe, ["lib", *BYSTANDERS, "app"], most_choices=100, most_reads=100)


def test_two_projects_in_step_with_a_third_that_is_behind() -> None:
    universe: dict[str, list[Release | str]] = {
        **BYSTANDERS,
        "sdk": [release(version, f"core=={version}") for version in versions(200)],
        "core": list(versions(200)),
        "plugin": [release("1", "core==50")],
    }
    found = pins(search(universe, ["sdk", *BYSTANDERS, "plugin"], most_choices=60, most_reads=180))
    assert (found["sdk"], found["core"], found["plugin"]) == ("50", "50", "1")
    assert found["bystander0"] == "10"


def test_two_that_do_not_know_of_each_other_and_are_both_held_back_are_not_tried_in_pairs() -> None:
    stuck = [release(version, "core<2" if int(version) < 3 else f"core>=2.{version}") for version in versions(100)]
    universe: dict[str, list[Release | str]] = {
        "left": list(stuck),
        "right": list(stuck),
        "core": ["1", *(f"2.{version}" for version in versions(100))],
        "base": [release("1", "plugin")],
        "plugin": [release("1", "core<2")],
    }
    found = pins(search(universe, ["left", "right", "base"], most_choices=12, most_reads=205))
    assert (found["left"], found["right"], found["core"]) == ("2", "2", "1")


def test_who_gave_way_to_an_asker_gives_way_again_where_that_one_is_chosen_later() -> None:
    universe: dict[str, list[Release | str]] = {
        "lib": list(versions(3)),
        "app": [release(version, "lib<3") for version in versions(30)],
        "end": [release("1", "app<29")],
    }
    found = pins(search(universe, ["lib", "app", "end"], most_choices=8, most_reads=5))
    assert found == {"lib": "2", "app": "28", "end": "1"}


def test_who_made_trouble_and_is_chosen_early_for_it_still_gives_way_to_a_bound_found_late() -> None:
    universe: dict[str, list[Release | str]] = {
        "rival": ["1", release("2", "link==2")],
        "lib": [release(version, "link==1") for version in versions(30)],
        "link": ["1", "2"],
        "app": ["1", *(release(version, "lib<20") for version in versions(30))],
    }
    found = pins(search(universe, ["rival", "lib", "app"], most_choices=15, most_reads=40))
    assert found == {"rival": "1", "lib": "19", "link": "1", "app": "30"}


def test_one_asker_comes_too_late_for_two() -> None:
    universe: Universe = {"a": ["1", "2"], "b": ["1", "2"], "end": [release("1", "a<2", "b<2")]}
    found = pins(search(universe, ["a", "b", "end"], most_choices=5, most_reads=5))
    assert found == {"a": "1", "b": "1", "end": "1"}


def test_a_search_ends_after_so_many_rounds() -> None:
    universe: Universe = {"a": [release("1", "b")], "b": ["1"]}
    task = Task(target=Target.parse("cp312-manylinux_2_28_x86_64"), requirements=requirements("a"))
    with serving(pages_of(universe), metadata_of(universe)) as index:
        view = TargetView(task, Catalogue(index))
        resolver = LearningResolver(Provider(view, Scout(index, view)), Progress(RecordingReporter()), most_rounds=2)
        with pytest.raises(ResolutionTooDeep):
            resolver.resolve(view.root_asks())


@pytest.mark.parametrize(("guests", "rooms", "most_choices"), [(4, 3, 50), (5, 4, 200), (6, 5, 900)])
def test_more_guests_than_rooms(guests: int, rooms: int, most_choices: int) -> None:
    """All are alike, and only what was learned keeps the search from trying them in every order."""
    universe: dict[str, list[Release | str]] = {
        f"guest{guest}": [release(room, f"room{room}=={guest + 1}") for room in versions(rooms)]
        for guest in range(guests)
    }
    universe |= {f"room{room}": list(versions(guests)) for room in versions(rooms)}
    with pytest.raises(ConflictError) as conflict:
        search(universe, [f"guest{guest}" for guest in range(guests)], most_choices=most_choices, most_reads=200)
    (clash,) = conflict.value.clashes
    assert clash.project.startswith("room")


def test_projects_that_exclude_each_other_pairwise_by_what_each_of_their_versions_needs() -> None:
    universe: dict[str, list[Release | str]] = {}
    for one in range(4):
        links = [f"link{min(one, other)}{max(one, other)}=={1 + (one > other)}" for other in range(4) if other != one]
        universe[f"app{one}"] = [release(version, f"lib{one}") for version in versions(5)]
        universe[f"lib{one}"] = [release(version, *links) for version in versions(5)]
        universe |= {f"link{one}{other}": ["1", "2"] for other in range(one + 1, 4)}
    with pytest.raises(ConflictError) as conflict:
        search(universe, [f"app{one}" for one in range(4)], most_choices=25, most_reads=36)
    (clash,) = conflict.value.clashes
    assert [demander.chain for demander in clash.demanders] == [
        ("lib0 5", "app0 5", "requirements.in, line 1"),
        ("lib1 5", "app1 5", "requirements.in, line 2"),
    ]


def test_many_that_must_all_step_down_for_one_that_is_asked_for_last() -> None:
    universe: dict[str, list[Release | str]] = {
        **{f"q{place}": [release(version, f"z>={version}") for version in versions(15)] for place in range(15)},
        "z": list(versions(15)),
        "end": [release("1", "z<3")],
    }
    found = pins(search(universe, [*(f"q{place}" for place in range(15)), "end"], most_choices=50, most_reads=250))
    assert set(found.values()) == {"1", "2"}
    assert found["q0"] == found["z"] == "2"


def test_a_ladder_that_must_step_down_together() -> None:
    universe: dict[str, list[Release | str]] = {
        **{
            f"q{place}": [release(version, f"q{place + 1}=={version}") for version in versions(12)]
            for place in range(12)
        },
        "q12": list(versions(12)),
        "end": [release("1", "q12==3")],
    }
    found = pins(search(universe, ["q0", "end"], most_choices=200, most_reads=150))
    assert {version for project, version in found.items() if project != "end"} == {"3"}


def test_a_chain_of_hundreds_is_walked_once() -> None:
    universe: dict[str, list[Release | str]] = {
        **{f"p{place}": [release("1", f"p{place + 1}")] for place in range(500)},
        "p500": [release("2", "z>=2"), release("1", "z")],
        "z": ["1", "2"],
    }
    found = pins(search(universe, ["p0", "z<2"], most_choices=510, most_reads=510))
    assert (found["p500"], found["z"], len(found)) == ("1", "1", 502)


def test_a_project_deep_down_without_a_wheel_is_found_once_and_named_with_its_chain() -> None:
    universe: dict[str, list[Release | str]] = {
        **{f"p{place}": [release(version, f"p{place + 1}") for version in versions(50)] for place in range(4)},
        "p4": [Release(v="1", tag="py2-none-any")],
    }
    with pytest.raises(NothingFitsError) as nothing:
        search(universe, ["p0"], most_choices=10, most_reads=200)
    found = nothing.value.explanation
    assert (found.project, found.outcome) == ("p4", Outcome.NO_WHEEL_FITS)
    assert [demander.chain for demander in found.demanders] == [
        ("p3 50", "p2 50", "p1 50", "p0 50", "requirements.in, line 1")
    ]


def test_a_demand_deep_down_that_the_user_excludes_is_found_once_and_named_with_its_chain() -> None:
    universe: dict[str, list[Release | str]] = {
        **{f"p{place}": [release(version, f"p{place + 1}") for version in versions(5)] for place in range(20)},
        "p20": [release("1", "z>=2")],
        "z": ["1", "2"],
    }
    with pytest.raises(ConflictError) as conflict:
        search(universe, ["p0", "z<2"], most_choices=200, most_reads=103)
    (clash,) = conflict.value.clashes
    assert clash.project == "z"
    assert {demander.asked: demander.chain[-1] for demander in clash.demanders} == {
        "z<2": "requirements.in, line 2",
        "z>=2": "requirements.in, line 1",
    }


def test_every_version_of_an_asker_needs_something_else_that_is_not_there() -> None:
    universe: dict[str, list[Release | str]] = {
        "a": [release("1", "b"), release("2", "gone"), Release(v="3", unusable="it is empty")],
        "b": [release("1", "lost"), release("2", "lost")],
    }
    with pytest.raises(NothingFitsError) as nothing:
        search(universe, ["a"], most_choices=5, most_reads=5)
    assert nothing.value.explanation.outcome is Outcome.NO_SUCH_PROJECT


class Counting:
    """Counts how often each of a provider's hooks is called."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.questions: Counter[str] = Counter()

    def __getattr__(self, hook: str) -> object:
        self.questions[hook] += 1
        return getattr(self._provider, hook)


def questions_for(count: int) -> Counter[str]:
    """Count the questions for so many projects, each of which needs its five next neighbours."""
    universe: dict[str, list[Release | str]] = {
        f"p{place}": [release("1", *(f"p{next_one}>=1" for next_one in range(place + 1, min(place + 6, count))))]
        for place in range(count)
    }
    task = Task(target=Target.parse("cp312-manylinux_2_28_x86_64"), requirements=requirements("p0"))
    with serving(pages_of(universe), metadata_of(universe)) as index:
        view = TargetView(task, Catalogue(index))
        counting = Counting(Provider(view, Scout(index, view)))
        LearningResolver(cast("Provider", counting), Progress(RecordingReporter())).resolve(view.root_asks())
    return counting.questions


def test_twice_the_projects_are_twice_the_work() -> None:
    few, many = questions_for(100), questions_for(200)
    assert few["get_dependencies"] == few["find_matches"] == 100
    assert {question: many[question] / few[question] for question in few} == pytest.approx(
        dict.fromkeys(few, 2), abs=0.1
    )

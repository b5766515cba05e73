"""Several targets in one run: one catalogue, all fetched ahead together, on request the same versions on all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.candidates.catalogue import Catalogue
from wheelpin.errors import ResolutionError
from wheelpin.ports import Reporter
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.task import Resolution, Task

_MOST_PASSES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A target that has no answer, and why."""

    task: Task
    error: ResolutionError


Outcome = Resolution | Failure


def resolve_all(tasks: Sequence[Task], catalogue: Catalogue, reporter: Reporter, *, align: bool) -> list[Outcome]:
    """Resolve every task, in order; a target without an answer is a `Failure` and does not stop the others.

    With *align*, prefer for each project the newest version that all targets which have it can take.
    Raise `UndecidedRequirementError` and `IndexUnavailableError`, which concern the whole run.
    """
    searches = [Search(task, catalogue, reporter) for task in tasks]
    outcomes = [_run(search) for search in searches]
    if align:
        common: dict[NormalizedName, Version] = {}
        for _ in range(_MOST_PASSES):
            shared = {**common, **_common_versions(searches, outcomes)}
            if shared == common:
                break
            common = shared
            searches = [
                Search(replace(task, preferences={**task.preferences, **common}), catalogue, reporter) for task in tasks
            ]
            outcomes = [_run(search) for search in searches]
        outcomes = _with_misalignments(outcomes)
    for search in searches:
        search.tell_details()
    return outcomes


def _run(search: Search) -> Outcome:
    try:
        return search.run()
    except ResolutionError as error:
        return Failure(task=search.task, error=error)


def _common_versions(searches: Sequence[Search], outcomes: Sequence[Outcome]) -> dict[NormalizedName, Version]:
    """Return, for each project that differs between targets, the newest version that all of them allow."""
    common: dict[NormalizedName, Version] = {}
    for project, versions in _versions(outcomes).items():
        if len(set(versions.values())) > 1:
            allowed = [searches[place].versions_allowed(project) for place in versions]
            if shared := frozenset.intersection(*allowed):
                common[project] = max(shared)
    return common


def _versions(outcomes: Sequence[Outcome]) -> dict[NormalizedName, dict[int, Version]]:
    """Return the chosen versions by project and by the place of the outcome."""
    found: dict[NormalizedName, dict[int, Version]] = {}
    for place, outcome in enumerate(outcomes):
        if isinstance(outcome, Resolution):
            for pin in outcome.pins:
                found.setdefault(pin.project, {})[place] = pin.version
    return found


def _with_misalignments(outcomes: list[Outcome]) -> list[Outcome]:
    """Add to each resolution a warning for every project that could not be aligned."""
    apart = {
        project: sorted(set(versions.values()))
        for project, versions in _versions(outcomes).items()
        if len(set(versions.values())) > 1
    }
    return [
        replace(
            outcome,
            warnings=(
                *outcome.warnings,
                *(
                    f"{pin.project} could not be aligned: the targets have {', '.join(map(str, apart[pin.project]))}"
                    for pin in outcome.pins
                    if pin.project in apart
                ),
            ),
        )
        if isinstance(outcome, Resolution)
        else outcome
        for outcome in outcomes
    ]

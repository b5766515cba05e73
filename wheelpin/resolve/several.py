"""Several targets in one run: one catalogue, all fetched ahead together, on request the same versions on all."""

from collections import deque
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.candidates.catalogue import Catalogue
from wheelpin.errors import ResolutionError, WheelpinError
from wheelpin.ports import Reporter
from wheelpin.resolve.resolution import Search
from wheelpin.resolve.task import Resolution, Task

_MOST_PASSES = 8


class Failure(Struct, frozen=True, kw_only=True):
    """A target that has no answer, and why."""

    task: Task
    error: ResolutionError


Outcome = Resolution | Failure


def resolve_all(tasks: Sequence[Task], catalogue: Catalogue, reporter: Reporter, *, align: bool) -> list[Outcome]:
    """Resolve every task, in order; a target without an answer is a `Failure` and does not stop the others.

    With *align*, prefer for each project the newest version that all targets which have it can take.
    Raise `UndecidedRequirementError` and `IndexUnavailableError`, which concern the whole run.
    """
    catalogue.expect(task.target for task in tasks)
    searches = [Search(task, catalogue, reporter) for task in tasks]
    outcomes = _run(searches)
    if align:
        common: dict[NormalizedName, Version] = {}
        for _ in range(_MOST_PASSES):
            if not (lower := _common_versions(searches, outcomes, above=common)):
                break
            common |= lower
            searches, outcomes = _run_preferring(common, tasks, catalogue, reporter)
        # Nobody should step down for what cannot be aligned after all.
        if in_vain := common.keys() & _apart(outcomes).keys():
            kept = {project: version for project, version in common.items() if project not in in_vain}
            searches, outcomes = _run_preferring(kept, tasks, catalogue, reporter)
        outcomes = _with_misalignments(outcomes)
    for search in searches:
        search.tell_details()
    return outcomes


def _run_preferring(
    versions: Mapping[NormalizedName, Version], tasks: Sequence[Task], catalogue: Catalogue, reporter: Reporter
) -> tuple[list[Search], list[Outcome]]:
    preferring = [replace(task, preferences={**task.preferences, **versions}) for task in tasks]
    searches = [Search(task, catalogue, reporter) for task in preferring]
    return searches, _run(searches)


class _Course:
    """A search on its way, step by step."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._end: Resolution | WheelpinError | None = None

    @property
    def is_over(self) -> bool:
        return self._end is not None

    def step(self) -> None:
        """Go one step further, waiting where that has to be."""
        try:
            self._end = self._search.step()
        except WheelpinError as error:
            self._end = error

    @property
    def is_at_hand(self) -> bool:
        try:
            return self._search.is_at_hand
        except WheelpinError:  # the next step meets it again, and its error counts then
            return True

    def go_on(self) -> None:
        """Go as far as that is possible without waiting."""
        while not self.is_over and self.is_at_hand:
            self.step()

    def outcome(self) -> Outcome:
        """Return how it ended; raise what concerns the whole run."""
        match self._end:
            case Resolution():
                return self._end
            case ResolutionError():
                return Failure(task=self._search.task, error=self._end)
            case _:
                assert self._end is not None
                raise self._end


def _run(searches: Sequence[Search]) -> list[Outcome]:
    """Run searches, in order; as long as one waits for an answer, those behind it go as far as they can without."""
    waiting = deque(map(_Course, searches))
    outcomes: list[Outcome] = []
    while waiting:
        course = waiting.popleft()
        while not course.is_over:
            if waiting and not course.is_at_hand:
                for other in waiting:
                    other.go_on()
            course.step()
        outcomes.append(course.outcome())
    return outcomes


def _common_versions(
    searches: Sequence[Search], outcomes: Sequence[Outcome], *, above: Mapping[NormalizedName, Version]
) -> dict[NormalizedName, Version]:
    """Return, for each project that differs between targets, the newest version that all of them allow.

    Versions in *above* and newer ones have been tried and did not do.
    """
    common: dict[NormalizedName, Version] = {}
    for project, versions in _apart(outcomes).items():
        shared = frozenset.intersection(*(searches[place].versions_allowed(project) for place in versions))
        untried = [version for version in shared if project not in above or version < above[project]]
        if untried:
            common[project] = max(untried)
    return common


def _apart(outcomes: Sequence[Outcome]) -> dict[NormalizedName, dict[int, Version]]:
    """Return the chosen versions of the projects that have more than one."""
    return {project: versions for project, versions in _versions(outcomes).items() if len(set(versions.values())) > 1}


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
    apart = {project: sorted(set(versions.values())) for project, versions in _apart(outcomes).items()}
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

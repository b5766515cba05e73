"""The resolver's hooks: how asks and choices meet, in the order that finds an answer soonest."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from packaging.utils import NormalizedName
from resolvelib import AbstractProvider, BaseReporter

from wheelpin.candidates.demand import Demand
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.ports import Reporter
from wheelpin.resolve.asks import Ask, Choice, ImpossibleAsk
from wheelpin.resolve.facts import Information
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.trail import Preference
from wheelpin.resolve.view import TargetView

_TRIES_IN_A_PLAIN_SEARCH = 2
_MOST_READ_AHEAD = 64


class Provider(AbstractProvider[Ask, Choice, NormalizedName]):
    """Answers a resolver from a `TargetView`; every new ask also goes to the scout."""

    def __init__(self, view: TargetView, scout: Scout) -> None:
        self._view = view
        self._scout = scout
        self._answers: dict[tuple[int, int], _Answers] = {}
        self._latest: dict[NormalizedName, _Answers] = {}
        self._tries: Counter[NormalizedName] = Counter()
        self._settled: dict[Ask, bool] = {}
        self._first_asked: dict[NormalizedName, int] = {}
        self._trouble: Counter[NormalizedName] = Counter()
        self._postponed: dict[NormalizedName, int] = {}
        self._postponements = 0
        self._waiting_for: dict[NormalizedName, dict[NormalizedName, None]] = {}

    def identify(self, requirement_or_candidate: Ask | Choice) -> NormalizedName:
        """Return the project that is asked for or chosen."""
        return requirement_or_candidate.project

    def get_preference(
        self,
        identifier: NormalizedName,
        resolutions: Mapping[NormalizedName, Choice],
        candidates: Mapping[NormalizedName, Iterator[Choice]],
        information: Mapping[NormalizedName, Iterator[Information]],
        backtrack_causes: Sequence[Information],
    ) -> Preference:
        """Order what to choose next: the postponed last, trouble first, then the settled, else as they were asked for.

        What changes it is *information*, `promote` and `postpone`, nothing else.
        """
        is_loose = not any(self._is_settled(info.requirement) for info in information[identifier])
        order = self._first_asked.setdefault(identifier, len(self._first_asked))
        # What is settled need not wait: nobody's ask leads it to another version.
        turn = self._postponed.get(identifier, 0) if is_loose else 0
        return (turn, -self._trouble[identifier], is_loose, order)

    def promote(self, project: NormalizedName) -> None:
        """Remember which project was left without a choice, so that it is chosen early from now on.

        Those that took its choices away are not promoted: they would stay before it, and each would be tried in
        every version while the one that matters waits.
        """
        self._trouble[project] += 1

    def postpone(self, project: NormalizedName, behind: NormalizedName) -> Iterable[NormalizedName]:
        """Let a project wait for all others from now on, since it was chosen before *behind* had asked for it.

        Return it and those that wait for it in turn, which stay behind it.
        """
        self._waiting_for.setdefault(behind, {})[project] = None
        moved = {project: None}
        for one in (queue := [project]):
            self._postponements += 1
            self._postponed[one] = self._postponements
            queue += (other for other in self._waiting_for.get(one, ()) if other not in moved)
            moved |= dict.fromkeys(queue)
        return moved

    def find_matches(
        self,
        identifier: NormalizedName,
        requirements: Mapping[NormalizedName, Iterator[Ask]],
        incompatibilities: Mapping[NormalizedName, Iterator[Choice]],
    ) -> Iterable[Choice] | Callable[[], Iterable[Choice]]:
        """Return the choices that every ask accepts, best first, worked out only as far as they are looked at."""
        asked = []
        for ask in requirements[identifier]:
            if isinstance(ask, ImpossibleAsk):
                return ()
            asked.append(ask.requirement)
        url = self._view.direct_url(identifier, asked)
        if (shelf := self._view.shelf(identifier, url)) is None:
            return ()
        demand = self._view.demand(identifier, asked)
        # View and catalogue keep them: no other object gets the same identity, and a demand's hash takes long.
        key = (id(shelf), id(demand))
        if key not in self._answers:
            self._answers[key] = _Answers(shelf, demand)
        answers = self._latest[identifier] = self._answers[key]
        extras = frozenset().union(*(requirement.extras for requirement in asked))
        # With another set of extras the same file is another choice: it has other dependencies.
        excluded = {choice.candidate for choice in incompatibilities[identifier] if choice.extras <= extras}
        limits = (*asked, *self._view.constraints_on(identifier))
        urls = [requirement for requirement in limits if requirement.url is not None]

        def matches() -> Iterator[Choice]:
            for candidate in answers:
                if candidate not in excluded and all(self._view.accepts(one, candidate) for one in urls):
                    yield Choice(candidate, extras)

        return matches

    def is_satisfied_by(self, requirement: Ask, candidate: Choice) -> bool:
        """Tell whether *candidate* answers the ask."""
        if isinstance(requirement, ImpossibleAsk):
            return False
        asked = requirement.requirement
        return asked.extras <= candidate.extras and self._view.accepts(asked, candidate.candidate)

    def get_dependencies(self, candidate: Choice) -> Iterable[Ask]:
        """Return what a choice asks for in turn, and send the scout ahead on it."""
        self._read_ahead(candidate)
        asks = self._view.dependencies(candidate)
        for ask in asks:
            if isinstance(ask, ImpossibleAsk):
                # Told here and not where it is found out: what the scout has seen by now is a matter of timing.
                self._view.fallen[candidate.candidate] = ask.reason
        self._scout.follow(asks)
        return asks

    def _is_settled(self, ask: Ask) -> bool:
        if (known := self._settled.get(ask)) is None:
            known = self._settled[ask] = _leaves_no_choice(ask)
        return known

    def _read_ahead(self, choice: Choice) -> None:
        """Fetch for a project that is tried again and again what will be tried next, more with each try."""
        tries = self._tries[choice.project] = self._tries[choice.project] + 1
        if tries > _TRIES_IN_A_PLAIN_SEARCH and (answers := self._latest.get(choice.project)) is not None:
            self._scout.expect(answers.ahead_of(choice.candidate, min(tries, _MOST_READ_AHEAD)))


class Progress(BaseReporter[Ask, Choice, NormalizedName]):
    """Passes on what a resolver tells while it works."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._askers: dict[NormalizedName, dict[int, Information]] = {}

    def askers_of(self, project: NormalizedName) -> Iterable[Information]:
        """Return everybody who asked for a project during the search, first asker first."""
        return self._askers.get(project, {}).values()

    def adding_requirement(self, requirement: Ask, parent: Choice | None) -> None:
        """Keep who asked, for explaining a failure."""
        asked = self._askers.setdefault(requirement.project, {})
        asked.setdefault(id(requirement), Information(requirement, parent))

    def pinning(self, candidate: Choice) -> None:
        """Show what was pinned last."""
        self._reporter.progress(f"resolving: {candidate}")


class _Answers:
    """The candidates for a demand, kept as far as they were looked at."""

    def __init__(self, shelf: Shelf, demand: Demand) -> None:
        self._seen: dict[Candidate, int] = {}
        self._order: list[Candidate] = []
        self._rest = shelf.candidates(demand)
        self._told = 0

    def __iter__(self) -> Iterator[Candidate]:
        return self._from(0)

    def ahead_of(self, candidate: Candidate, most: int) -> Iterator[Candidate]:
        """Yield those among the *most* after one that was looked at which were not yielded here before."""
        place = self._seen.get(candidate, -1)
        start, end = max(place + 1, min(self._told, len(self._order))), place + 1 + most
        if place < 0 or start >= end:
            return iter(())
        self._told = end
        return islice(self._from(start), end - start)

    def _from(self, place: int) -> Iterator[Candidate]:
        while True:
            if place == len(self._order):
                following = next(self._rest, None)
                if following is None:
                    return
                self._seen[following] = place
                self._order.append(following)
            yield self._order[place]
            place += 1


def _leaves_no_choice(ask: Ask) -> bool:
    """Tell whether an ask names one file, or one version."""
    if isinstance(ask, ImpossibleAsk):
        return True
    asked = ask.requirement
    return asked.url is not None or Demand(specifier=asked.specifier).is_exact

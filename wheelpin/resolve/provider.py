"""The resolver's hooks: how asks and choices meet, in the order that finds an answer soonest."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from resolvelib import AbstractProvider, BaseReporter
from resolvelib.structs import RequirementInformation

from wheelpin.candidates.demand import Demand
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.ports import Reporter
from wheelpin.resolve.asks import Ask, Choice, Identifier, ImpossibleAsk, ProjectAsk, SameFileAsk
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.view import TargetView

Information = RequirementInformation[Ask, Choice]
Preference = tuple[bool, bool, bool, int, int]


class Provider(AbstractProvider[Ask, Choice, Identifier]):
    """Answers resolvelib from a `TargetView`; every new ask also goes to the scout."""

    def __init__(self, view: TargetView, scout: Scout) -> None:
        self._view = view
        self._scout = scout
        self._answers: dict[tuple[int, Demand], _Answers] = {}
        self._first_asked: dict[Identifier, int] = {}
        self._trouble: Counter[Identifier] = Counter()

    def identify(self, requirement_or_candidate: Ask | Choice) -> Identifier:
        """Return what is asked for or chosen."""
        return requirement_or_candidate.identifier

    def get_preference(
        self,
        identifier: Identifier,
        resolutions: Mapping[Identifier, Choice],
        candidates: Mapping[Identifier, Iterator[Choice]],
        information: Mapping[Identifier, Iterator[Information]],
        backtrack_causes: Sequence[Information],
    ) -> Preference:
        """Order what to pin next: settled things first, then what made trouble, then by who was asked for first."""
        asks = [info.requirement for info in information[identifier]]
        is_loose = not any(_is_settled(ask) for ask in asks)
        # An extra waits for its project's own pin, which then leaves it a single choice.
        is_early_extra = identifier.extra is not None and Identifier(identifier.project) not in resolutions
        order = self._first_asked.setdefault(identifier, len(self._first_asked))
        trouble = self._trouble[identifier]
        return (is_early_extra, is_loose, trouble == 0, -trouble, order)

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[Identifier],
        resolutions: Mapping[Identifier, Choice],
        candidates: Mapping[Identifier, Iterator[Choice]],
        information: Mapping[Identifier, Iterator[Information]],
        backtrack_causes: Sequence[Information],
    ) -> Iterable[Identifier]:
        """After a conflict, look at its parties first: they decide whether the search goes on."""
        if not backtrack_causes:
            return identifiers
        waiting = list(identifiers)
        parties = {info.requirement.identifier for info in backtrack_causes}
        parties |= {info.parent.identifier for info in backtrack_causes if info.parent is not None}
        return [identifier for identifier in waiting if identifier in parties] or waiting

    def find_matches(
        self,
        identifier: Identifier,
        requirements: Mapping[Identifier, Iterator[Ask]],
        incompatibilities: Mapping[Identifier, Iterator[Choice]],
    ) -> Iterable[Choice] | Callable[[], Iterable[Choice]]:
        """Return the choices that every ask accepts, best first, worked out only as far as they are looked at."""
        projects: list[ProjectAsk] = []
        same_file: Candidate | None = None
        for ask in requirements[identifier]:
            match ask:
                case ImpossibleAsk():
                    return ()
                case SameFileAsk(candidate=candidate):
                    if same_file is not None and same_file is not candidate:
                        return ()
                    same_file = candidate
                case ProjectAsk():
                    projects.append(ask)
        excluded = {choice.candidate for choice in incompatibilities[identifier]}
        if same_file is not None:
            fits = same_file not in excluded and all(self._view.accepts(ask.requirement, same_file) for ask in projects)
            return (Choice(same_file, identifier.extra),) if fits else ()
        asked = [ask.requirement for ask in projects]
        url = self._view.direct_url(identifier.project, asked)
        if (shelf := self._view.shelf(identifier.project, url)) is None:
            return ()
        demand = self._view.demand(identifier.project, asked)
        key = (id(shelf), demand)
        if key not in self._answers:
            self._answers[key] = _Answers(shelf, demand)
        answers = self._answers[key]
        if url is not None:
            accepted = [
                candidate for candidate in answers if all(self._view.accepts(need, candidate) for need in asked)
            ]
            return tuple(Choice(c, identifier.extra) for c in accepted if c not in excluded)
        return lambda: (Choice(c, identifier.extra) for c in answers if c not in excluded)

    def is_satisfied_by(self, requirement: Ask, candidate: Choice) -> bool:
        """Tell whether *candidate* answers the ask."""
        match requirement:
            case ProjectAsk():
                return self._view.accepts(requirement.requirement, candidate.candidate)
            case SameFileAsk():
                return requirement.candidate is candidate.candidate
            case ImpossibleAsk():
                return False

    def get_dependencies(self, candidate: Choice) -> Iterator[Ask]:
        """Yield what a choice asks for in turn, and send the scout ahead on it."""
        for ask in self._view.dependencies(candidate):
            self._scout.follow((ask,))
            yield ask

    def count_trouble(self, causes: Iterable[Information]) -> None:
        """Remember who took part in a conflict, so that such projects are pinned early from now on."""
        parties = {info.requirement.identifier for info in causes}
        parties |= {info.parent.identifier for info in causes if info.parent is not None}
        self._trouble.update(parties)


class Progress(BaseReporter[Ask, Choice, Identifier]):
    """Passes on what resolvelib tells while it works."""

    def __init__(self, provider: Provider, reporter: Reporter) -> None:
        self._provider = provider
        self._reporter = reporter
        self.askers: dict[Identifier, list[Information]] = {}
        """Everybody who asked for an identifier during the search, first asker first."""

    def adding_requirement(self, requirement: Ask, parent: Choice | None) -> None:
        """Keep who asked, for explaining a failure."""
        known = self.askers.setdefault(requirement.identifier, [])
        if all(info.requirement is not requirement for info in known):
            known.append(RequirementInformation(requirement, parent))

    def pinning(self, candidate: Choice) -> None:
        """Show what was pinned last."""
        self._reporter.progress(f"resolving: {candidate}")

    def resolving_conflicts(self, causes: Iterable[Information]) -> None:
        """Count the parties of a conflict."""
        self._provider.count_trouble(causes)


class _Answers:
    """The candidates for a demand, kept as far as they were looked at."""

    def __init__(self, shelf: Shelf, demand: Demand) -> None:
        self._seen: list[Candidate] = []
        self._rest = shelf.candidates(demand)

    def __iter__(self) -> Iterator[Candidate]:
        place = 0
        while True:
            if place == len(self._seen):
                following = next(self._rest, None)
                if following is None:
                    return
                self._seen.append(following)
            yield self._seen[place]
            place += 1


def _is_settled(ask: Ask) -> bool:
    """Tell whether an ask leaves little to choose: one file, or one version."""
    match ask:
        case ProjectAsk(requirement=requirement):
            return requirement.url is not None or Demand(specifier=requirement.specifier).is_exact
        case SameFileAsk() | ImpossibleAsk():
            return True

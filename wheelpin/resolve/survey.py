"""Who could ask for what: read where a search failed, for asks that would have let in what it did without."""

from collections.abc import Collection, Iterable, Iterator
from heapq import heappop, heappush
from itertools import chain, count
from typing import TYPE_CHECKING

from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.errors import WheelpinError
from wheelpin.requirements.model import Requirement
from wheelpin.resolve.asks import Ask, Choice, ProjectAsk
from wheelpin.resolve.facts import meaning
from wheelpin.resolve.openings import Openings
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.view import TargetView

if TYPE_CHECKING:
    from wheelpin.candidates.demand import Demand
    from wheelpin.candidates.shelf import Shelf
    from wheelpin.resolve.asked import Asked

_MOST_READ = 64
"""Files that are read for this and are nobody's best choice: a failure has to be told some time."""


class Survey:
    """What is asked for by files that a search looked at, and by those that it may have come to."""

    def __init__(self, view: TargetView, scout: Scout) -> None:
        self._view = view
        self._scout = scout
        self._asks: dict[NormalizedName, dict[object, Requirement]] = {}
        self._askers: dict[NormalizedName, set[NormalizedName]] = {}
        self._met: set[Choice] = set()
        self._left = 0
        self._queue: list[tuple[int, int, Choice, Iterator[Choice]]] = []
        """What to follow next: how many better choices were passed over on the way to it comes first."""
        self._numbers = count()

    def openings(
        self, asks: Iterable[Ask], looked_at: Collection[Choice], doubted: "Collection[Asked]"
    ) -> Openings | None:
        """Return what may be let in, None if that is nothing for any of what is *doubted*."""
        projects = {asked.project for asked in doubted}
        kept_back = Openings(versions={project: frozenset(self._kept_back(project)) for project in projects})
        self._left = _MOST_READ if any(map(kept_back.may_add_to, doubted)) else 0
        self._met.update(looked_at)
        self._ask(asks)
        for choice in looked_at:
            self._follow(choice, 0)
        while self._queue:
            place, _, choice, choices = heappop(self._queue)
            self._follow(choice, place)
            self._push(place + 1, choices)
        let_in = {project: versions for project in projects if (versions := self._let_in(project))}
        addressed = frozenset(
            project for project, known in self._asks.items() if any(asked.url is not None for asked in known.values())
        )
        found = Openings(addressed=addressed, versions=let_in)
        if not any(map(found.may_add_to, doubted)):
            return None
        rest = sorted(self._asks.keys() - projects)
        others = {project: versions for project in rest if (versions := self._let_in(project))}
        askers = {project: frozenset(askers) for project, askers in self._askers.items()}
        return replace(found, versions={**let_in, **others}, askers=askers)

    def _ask(self, asks: Iterable[Ask], *, asker: NormalizedName | None = None, place: int = 0) -> None:
        for ask in asks:
            if not isinstance(ask, ProjectAsk):
                continue
            if asker is not None:
                self._askers.setdefault(ask.project, set()).add(asker)
            known = self._asks.setdefault(ask.project, {})
            if (key := meaning(ask)) not in known:
                known[key] = ask.requirement
                self._push(place, self._choices(ask.requirement))

    def _push(self, place: int, choices: Iterator[Choice]) -> None:
        """Let the next of *choices* be followed, the first of which has a *place* in the order of who is likely."""
        try:
            for at, choice in enumerate(choices, start=place):
                if at > 0 and not self._left:
                    return
                # Nothing is built for this.
                if choice not in self._met and choice.candidate.file.is_wheel:
                    self._met.add(choice)
                    self._left -= at > 0
                    self._scout.expect((choice.candidate,))
                    heappush(self._queue, (at, next(self._numbers), choice, choices))
                    return
        except WheelpinError:  # the search has its own reason to fail
            return

    def _choices(self, asked: Requirement) -> Iterator[Choice]:
        """Yield what answers *asked*, whether it is let in or not, likely ones first."""
        shelf = self._view.shelf(asked.name, self._view.direct_url(asked.name, (asked,)))
        if shelf is not None:
            demand = self._view.demand(asked.name, (asked,))
            for candidate in chain(shelf.candidates(demand), shelf.kept_back(demand)):
                yield Choice(candidate, asked.extras)

    def _follow(self, choice: Choice, place: int) -> None:
        try:
            asks = self._view.dependencies(choice)
        except WheelpinError:
            return
        self._ask(asks, asker=choice.project, place=place)

    def _shelf(self, project: NormalizedName) -> "Shelf | None":
        try:
            return self._view.shelf(project, self._view.direct_url(project, ()))
        except WheelpinError:
            return None

    def _kept_back(self, project: NormalizedName) -> Iterator[Version]:
        """Yield the versions of a project that have to be let in."""
        if (shelf := self._shelf(project)) is not None:
            for candidate in shelf.kept_back(self._view.demand(project, ())):
                yield candidate.version

    def _let_in(self, project: NormalizedName) -> frozenset[Version]:
        """Return those of them that known asks let in: what not even all who take it do together, none of them does."""
        shelf = self._shelf(project)
        ranges = [asked for asked in self._asks.get(project, {}).values() if asked.url is None]
        if shelf is None or not ranges:
            return frozenset()
        found = set[Version]()
        let_in: dict[Demand, frozenset[Version]] = {}
        for version in self._kept_back(project):
            takers = [asked for asked in ranges if asked.specifier.contains(version, prereleases=True)]
            demand = self._view.demand(project, takers)
            if demand not in let_in:
                let_in[demand] = frozenset(one.version for one in shelf.candidates(demand))
            if version in let_in[demand]:
                found.add(version)
        return frozenset(found)

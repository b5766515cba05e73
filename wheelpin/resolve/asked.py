"""Everything that is asked of one project at once, with the choices that answer it; worked out once each."""

from collections.abc import Callable, Iterable, Iterator

from packaging.utils import NormalizedName

from wheelpin.resolve.asks import Ask, Choice
from wheelpin.resolve.facts import Asking, extras_of

Answer = Callable[[NormalizedName, Iterable[Ask]], Iterable[Choice]]
"""Finds the choices for a project that several asks leave, best first."""


class Asked:
    """A set of askings for one project."""

    def __init__(self, questions: "Questions", project: NormalizedName, askings: frozenset[Asking]) -> None:
        self.project = project
        self.askings = askings
        self.extras = frozenset[NormalizedName]().union(*(extras_of(asking.ask) for asking in askings))
        self._questions = questions
        self._and: dict[Asking, Asked] = {}
        self._seen: list[Choice] = []
        self._rest: Iterator[Choice] | None = None

    def with_(self, asking: Asking) -> "Asked":
        """Return this with one asking more."""
        if (more := self._and.get(asking)) is None:
            more = self._and[asking] = self._questions.of(self.project, self.askings | {asking})
        return more

    def without(self, asking: Asking) -> "Asked":
        """Return this with one asking less."""
        return self._questions.of(self.project, self.askings - {asking})

    @property
    def has_choice(self) -> bool:
        """Tell whether any choice answers all of it."""
        return bool(self._seen) or next(iter(self), None) is not None

    def __iter__(self) -> Iterator[Choice]:
        """Yield the choices that answer all of it, best first, found as far as they are looked at."""
        if self._rest is None:
            self._rest = iter(self._questions.answer(self.project, [asking.ask for asking in self.askings]))
        place = 0
        while True:
            if place == len(self._seen):
                if (following := next(self._rest, None)) is None:
                    return
                self._seen.append(following)
            yield self._seen[place]
            place += 1


class Questions:
    """Every `Asked` there was, one object each."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self._known: dict[tuple[NormalizedName, frozenset[Asking]], Asked] = {}

    def of(self, project: NormalizedName, askings: Iterable[Asking]) -> Asked:
        """Return what *askings* ask of a project; none of them ask nothing of it."""
        key = (project, frozenset(askings))
        if (known := self._known.get(key)) is None:
            known = self._known[key] = Asked(self, *key)
        return known

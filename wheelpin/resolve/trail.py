"""What is chosen so far, step by step, and what is asked because of it: the state of a search."""

from collections.abc import Callable, Mapping, Set
from heapq import heappop, heappush

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.resolve.asked import Asked
from wheelpin.resolve.asks import Ask, Choice
from wheelpin.resolve.facts import NEVER, Asking, Fact, Information

Preference = tuple[int, int, bool, int]
"""What sorts lower is chosen earlier."""


class Step(Struct):
    """One choice with all that it changes."""

    choice: Choice
    chosen: Fact
    """The fact that it is chosen."""
    askings: Mapping[Asking, Ask]
    """What is asked from here on and was not before, in the words of the choice."""
    asked: dict[NormalizedName, Asked] = field(default_factory=dict)
    """All that is asked of the projects concerned from here on."""
    late: dict[Choice, frozenset[Asking]] = field(default_factory=dict)
    """Choices that do not answer what is asked of their projects from here on, and what that is."""
    before: dict[NormalizedName, Asked | None] = field(default_factory=dict)
    chosen_before: Choice | None = None
    """The same candidate with fewer extras."""


class Trail:
    """Steps that can be taken back from the last one on; the first has level 1, what the user asks has 0."""

    def __init__(self, preference: Callable[[Asked], Preference]) -> None:
        self.asked: dict[NormalizedName, Asked] = {}
        self.choices: dict[NormalizedName, Choice] = {}
        self._levels: dict[NormalizedName, int] = {}
        self._steps: list[Step] = []
        self._preference = preference
        self._waiting: dict[NormalizedName, Preference] = {}
        self._agenda: list[tuple[Preference, NormalizedName]] = []

    def next(self) -> NormalizedName | None:
        """Return the project that is to be chosen now, or None if all are."""
        while self._agenda:
            preference, project = self._agenda[0]
            if self._waiting.get(project) == preference:
                return project
            heappop(self._agenda)
        return None

    @property
    def level(self) -> int:
        """The level of the last step."""
        return len(self._steps)

    @property
    def waiting(self) -> Set[NormalizedName]:
        """The projects that are still to be chosen, or to be chosen again with more extras."""
        return self._waiting.keys()

    def level_of(self, project: NormalizedName) -> int:
        """Return the level at which the candidate of a project was chosen."""
        return self._levels[project]

    def begin(self, askings: Mapping[Asking, Ask], asked: Mapping[NormalizedName, Asked]) -> None:
        """Start from what the user asks."""
        self._ask(askings, None)
        for project, all_asked in asked.items():
            self.asked[project] = all_asked
            self.review(project)

    def take(self, step: Step) -> None:
        """Go one step further."""
        self._steps.append(step)
        step.chosen.level = self.level
        self._ask(step.askings, step.choice)
        project = step.choice.project
        step.chosen_before = self.choices.get(project)
        self.choices[project] = step.choice
        self._levels.setdefault(project, self.level)
        self._waiting.pop(project, None)
        for project, asked in step.asked.items():
            step.before[project] = self.asked.get(project)
            self.asked[project] = asked
            self.review(project)

    def _ask(self, askings: Mapping[Asking, Ask], parent: Choice | None) -> None:
        for asking, ask in askings.items():
            asking.level = self.level
            asking.information = Information(ask, parent)

    def back_to(self, level: int) -> None:
        """Take back every step above *level*."""
        touched: dict[NormalizedName, None] = {}
        while self.level > level:
            step = self._steps.pop()
            self._take_back(step)
            touched |= dict.fromkeys((step.choice.project, *step.before))
        for project in touched:
            self.review(project)

    def _take_back(self, step: Step) -> None:
        for fact in (step.chosen, *step.askings):
            fact.level = NEVER
        for project, before in step.before.items():
            if before is None:
                del self.asked[project]
            else:
                self.asked[project] = before
        project = step.choice.project
        if step.chosen_before is None:
            del self.choices[project], self._levels[project]
        else:
            self.choices[project] = step.chosen_before

    def review(self, project: NormalizedName) -> None:
        """Put a project where it belongs on the agenda: nowhere, if nobody asks for it or it has all that is asked."""
        asked, pinned = self.asked.get(project), self.choices.get(project)
        if asked is None or (pinned is not None and asked.extras <= pinned.extras):
            self._waiting.pop(project, None)
            return
        preference = self._preference(asked)
        if self._waiting.get(project) != preference:
            self._waiting[project] = preference
            heappush(self._agenda, (preference, project))

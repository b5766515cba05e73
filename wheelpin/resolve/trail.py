"""What is chosen so far, step by step, and what is asked because of it: the state of a search."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from packaging.utils import NormalizedName

from wheelpin.resolve.asked import Asked
from wheelpin.resolve.asks import Ask, Choice
from wheelpin.resolve.facts import NEVER, Asking, Fact, Information

Preference = tuple[bool, int, int, int]
"""What sorts lower is chosen earlier."""


@dataclass(slots=True)
class Step:
    """One choice with all that it changes."""

    choice: Choice | None
    """None for what the user asks."""
    chosen: Fact | None = None
    """The fact that it is chosen."""
    askings: dict[Asking, Ask] = field(default_factory=dict)
    """What is asked from here on and was not before."""
    asked: dict[NormalizedName, Asked] = field(default_factory=dict)
    """What is asked of projects from here on."""
    late: dict[Choice, frozenset[Asking]] = field(default_factory=dict)
    """Choices that do not answer what is asked of their projects from here on, and what that is."""
    before: dict[NormalizedName, Asked | None] = field(default_factory=dict)
    chosen_before: Choice | None = None
    """The same candidate with fewer extras."""


class Trail:
    """Steps that can be taken back from the last one on; a step's level is its place, the user's asks have 0."""

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

    def level_of(self, project: NormalizedName) -> int:
        """Return the level at which the candidate of a project was chosen."""
        return self._levels[project]

    def take(self, step: Step) -> None:
        """Go one step further."""
        level = len(self._steps)
        self._steps.append(step)
        if step.chosen is not None:
            step.chosen.level = level
        for asking, ask in step.askings.items():
            asking.level = level
            asking.information = Information(ask, step.choice)
        if (choice := step.choice) is not None:
            project = choice.project
            step.chosen_before = self.choices.get(project)
            self.choices[project] = choice
            self._levels.setdefault(project, level)
            self._waiting.pop(project, None)
        for project, asked in step.asked.items():
            step.before[project] = self.asked.get(project)
            self.asked[project] = asked
            self.review(project)

    def back_to(self, level: int) -> None:
        """Take back every step above *level*."""
        touched: dict[NormalizedName, None] = {}
        while len(self._steps) > level + 1:
            step = self._steps.pop()
            self._take_back(step)
            touched |= dict.fromkeys(step.before)
            if step.choice is not None:
                touched[step.choice.project] = None
        for project in touched:
            self.review(project)

    def _take_back(self, step: Step) -> None:
        if step.chosen is not None:
            step.chosen.level = NEVER
        for asking in step.askings:
            asking.level = NEVER
        for project, before in step.before.items():
            if before is None:
                del self.asked[project]
            else:
                self.asked[project] = before
        if (choice := step.choice) is not None:
            if step.chosen_before is None:
                del self.choices[choice.project], self._levels[choice.project]
            else:
                self.choices[choice.project] = step.chosen_before

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

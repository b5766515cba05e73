"""Resolve a task: the one place where the solver runs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct, field
from packaging.utils import NormalizedName
from packaging.version import Version
from resolvelib.resolvers import ResolutionImpossible, ResolutionTooDeep

from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.shelf import Candidate
from wheelpin.candidates.versions import parse_version
from wheelpin.errors import ResolutionError, WheelpinError
from wheelpin.ports import Reporter
from wheelpin.requirements import parse_requires_python
from wheelpin.requirements.model import Requirement
from wheelpin.resolve.asks import Ask, Choice, ProjectAsk
from wheelpin.resolve.attempts import search
from wheelpin.resolve.provider import Progress
from wheelpin.resolve.resolver import MOST_ROUNDS
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.task import Asker, Resolution, ResolvedPin, Task
from wheelpin.resolve.view import TargetView

if TYPE_CHECKING:
    from wheelpin.resolve.asked import Asked


class SearchTooLongError(ResolutionError):
    """The solver gave up before it had tried everything."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target

    def __str__(self) -> str:
        return f"the search for {self.target} was given up after {MOST_ROUNDS} rounds"

    hint = "narrow the search: pin or constrain the projects with many versions"


class Search:
    """The search for one task's answer; made, it already fetches ahead."""

    def __init__(self, task: Task, catalogue: Catalogue, reporter: Reporter) -> None:
        self.task = task
        self._reporter = reporter
        self._view = TargetView(task, catalogue)
        self._scout = Scout(catalogue.index, self._view)
        self._asks = self._view.root_asks()
        self._progress = Progress(reporter)
        self._rounds = search(self._asks, self._view, self._scout, self._progress, self._explain)
        self._next: Asked | None = None
        self._answer: _Answer | None = None
        self._send_ahead(catalogue)

    def _send_ahead(self, catalogue: Catalogue) -> None:
        """Let the scout follow all asks: first those of which no lock said anything, as far as their pages.

        The others are at hand, or asked for already. To follow them takes the interpreter from the thread that brings
        what everybody waits for; once it has asked for what comes next, nobody minds.
        """
        new = [ask for ask in self._asks if isinstance(ask, ProjectAsk) and ask.project not in self.task.preferences]
        if 0 < len(new) < len(self._asks):
            self._scout.follow(new)
            for ask in new:
                if ask.requirement.url is None:
                    with suppress(WheelpinError):  # met again by who needs it
                        catalogue.listing(ask.project)
        self._scout.follow(self._asks)

    def run(self) -> Resolution:
        """Choose one file a project for the task's target; raise what `step` raises."""
        while (found := self.step()) is None:
            pass
        return found

    def step(self) -> Resolution | None:
        """Go one step further, waiting for what it needs to know; return the answer at the end.

        Raise `NothingFitsError` or `ConflictError`, `UndecidedRequirementError` and `IndexUnavailableError`.
        """
        try:
            self._next = next(self._rounds)
        except StopIteration as end:
            chosen: Mapping[NormalizedName, Choice] = end.value
        except ResolutionTooDeep:
            raise SearchTooLongError(self.task.target.name) from None
        else:
            return None
        self._answer = _Answer(candidates={project: choice.candidate for project, choice in chosen.items()})
        self._answer.walk(self._asks, self._view)
        return _resolution(self._answer, self._view)

    def _explain(self, failure: ResolutionImpossible[Ask, Choice]) -> ResolutionError:
        from wheelpin.resolve.conflict import read_failure  # noqa: PLC0415 - only a failure has to be explained

        return read_failure(failure.causes, self._progress.askers_of, self._view)

    @property
    def is_at_hand(self) -> bool:
        """Tell whether all that the next step needs to know is there; no where that is not known."""
        if self._next is None:
            return self._view.is_at_hand(self._asks)
        view, likely = self._view, next(iter(self._next), None)
        return likely is None or (view.has_read(likely) and view.is_at_hand(view.dependencies(likely)))

    def versions_allowed(self, project: NormalizedName) -> frozenset[Version]:
        """Return the versions of a pinned project that every ask of the last answer would also take."""
        if self._answer is None:
            return frozenset()
        asked = self._answer.asked[project]
        shelf = self._view.shelf(project, self._view.direct_url(project, asked))
        if shelf is None:
            return frozenset()
        return frozenset(found.version for found in shelf.candidates(self._view.demand(project, asked)))

    def tell_details(self) -> None:
        """Tell the reporter of every file skipped for the projects in the last answer, and why."""
        if self._answer is not None and self._reporter.wants_details:
            for line in _details(self._answer, self._view):
                self._reporter.detail(line)


class _Answer(Struct, kw_only=True):
    """What the solver chose, and as much of it as the user's asks lead to."""

    candidates: dict[NormalizedName, Candidate]
    choices: dict[NormalizedName, Choice] = field(default_factory=dict)
    asked: dict[NormalizedName, list[Requirement]] = field(default_factory=dict)
    askers: dict[NormalizedName, set[Asker]] = field(default_factory=dict)
    requires: dict[NormalizedName, set[NormalizedName]] = field(default_factory=dict)

    def walk(self, asks: Iterable[Ask], view: TargetView) -> None:
        """Walk from the user's asks through the chosen files: what nobody asks for any more is left out."""
        waiting: list[tuple[Ask, Choice | None]] = [(ask, None) for ask in asks]
        while waiting:
            ask, parent = waiting.pop()
            if not isinstance(ask, ProjectAsk):
                continue
            asked = ask.requirement
            self._note(asked, parent)
            known = self.choices.get(asked.name)
            extras = asked.extras if known is None else asked.extras | known.extras
            if known is None or known.extras != extras:
                choice = self.choices[asked.name] = Choice(self.candidates[asked.name], extras)
                waiting.extend((below, choice) for below in view.dependencies(choice))

    def _note(self, asked: Requirement, parent: Choice | None) -> None:
        self.asked.setdefault(asked.name, []).append(asked)
        if parent is None:
            self.askers.setdefault(asked.name, set()).add(Asker(name=asked.origin.source, is_project=False))
        elif parent.project != asked.name:
            self.askers.setdefault(asked.name, set()).add(Asker(name=parent.project, is_project=True))
            self.requires.setdefault(parent.project, set()).add(asked.name)


def _resolution(answer: _Answer, view: TargetView) -> Resolution:
    pins = tuple(
        ResolvedPin(
            project=project,
            version=choice.candidate.version,
            file=view.files[choice.candidate],
            index=view.shelf_of(choice.candidate).listing.page.index or None,
            extras=tuple(sorted(choice.extras)),
            via=tuple(sorted(answer.askers.get(project, ()), key=lambda asker: (asker.is_project, asker.name))),
            requires=tuple(sorted(answer.requires.get(project, ()))),
        )
        for project, choice in sorted(answer.choices.items())
    )
    warnings = [*view.task.target.warnings, *view.root_notes, *_choice_warnings(answer, view)]
    return Resolution(target=view.task.target, pins=pins, warnings=tuple(dict.fromkeys(warnings)))


def _choice_warnings(answer: _Answer, view: TargetView) -> Iterator[str]:
    for _, choice in sorted(answer.choices.items()):
        yield from view.notes.get(choice, ())
        yield from _file_warnings(choice.candidate, view)


def _file_warnings(candidate: Candidate, view: TargetView) -> Iterator[str]:
    name = f"{candidate.project} {candidate.version}"
    file = view.files[candidate]
    if file.yanked is not None:
        said = f": {file.yanked}" if file.yanked else ""
        yield f"{name} was yanked{said}; it is taken because exactly this version is asked for"
    listing = view.shelf_of(candidate).listing
    for other in listing.page.shadowed:
        newest = parse_version(other.newest_version) if other.newest_version is not None else None
        # Whatever is newest here is no older than what was chosen: mostly nobody has to look for it.
        if newest is not None and newest > candidate.version and newest > max(listing.versions):
            yield f"{name} comes from {listing.page.index}, which is asked first; {other.index} lists {newest}"
    if file is not candidate.file:
        yield f"{name}: {candidate.file.filename} has no usable metadata, {file.filename} is taken instead"
    requires_python = file.requires_python or view.metadata[candidate].requires_python
    if requires_python is not None:
        target = view.target_of(candidate.project)
        if target.accepts_python(parse_requires_python(requires_python)).hinges_on_patch:
            yield (
                f"{name} requires Python {requires_python}: it is taken because Python "
                f"{target.python_full_version} is assumed; --python-full-version says which one it is"
            )


def _details(answer: _Answer, view: TargetView) -> Iterator[str]:
    """Tell of every file that was skipped for the projects in the answer, and of candidates that fell."""
    for project, choice in sorted(answer.choices.items()):
        shelf = view.shelf_of(choice.candidate)
        for entry in shelf.listing.unreadable:
            yield f"{project}: {entry.entry} is skipped: {entry.reason}"
        for rejection in shelf.rejections(view.demand(project, ())):
            yield f"{project}: {rejection.file.filename} is skipped: {rejection.detail}"
    for fallen, why in view.fallen.items():
        yield f"{fallen.project}: {fallen.file.filename} is dropped: {why}"

"""Resolve a task: the one place where the solver runs."""

from collections.abc import Iterable, Iterator

from packaging.utils import NormalizedName
from packaging.version import Version
from resolvelib import ResolutionImpossible, ResolutionTooDeep, Resolver
from resolvelib.resolvers import Result

from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.listing import parse_version
from wheelpin.candidates.shelf import Candidate
from wheelpin.errors import ResolutionError
from wheelpin.ports import Reporter
from wheelpin.requirements import parse_requires_python
from wheelpin.resolve.asks import Ask, Choice, Identifier, ProjectAsk
from wheelpin.resolve.conflict import read_failure
from wheelpin.resolve.provider import Progress, Provider
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.task import Asker, Resolution, ResolvedPin, Task
from wheelpin.resolve.view import TargetView

_MOST_ROUNDS = 200_000

Found = Result[Ask, Choice, Identifier]


class SearchTooLongError(ResolutionError):
    """The solver gave up before it had tried everything."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target

    def __str__(self) -> str:
        return f"the search for {self.target} was given up after {_MOST_ROUNDS} rounds"

    hint = "narrow the search: pin or constrain the projects with many versions"


class Search:
    """The search for one task's answer; made, it already fetches ahead."""

    def __init__(self, task: Task, catalogue: Catalogue, reporter: Reporter) -> None:
        self.task = task
        self._reporter = reporter
        self._view = TargetView(task, catalogue)
        self._scout = Scout(catalogue.index, self._view)
        self._asks = tuple(self._view.root_asks())
        self._found: Found | None = None
        self._scout.follow(self._asks)

    def run(self) -> Resolution:
        """Choose one file a project for the task's target.

        Raise `NothingFitsError` or `ConflictError`, `UndecidedRequirementError` and `IndexUnavailableError`.
        """
        provider = Provider(self._view, self._scout)
        progress = Progress(provider, self._reporter)
        try:
            self._found = Resolver(provider, progress).resolve(self._asks, max_rounds=_MOST_ROUNDS)
        except ResolutionImpossible as failure:
            raise read_failure(failure.causes, progress.askers, self._view) from None
        except ResolutionTooDeep:
            raise SearchTooLongError(self.task.target.name) from None
        return _read_result(self._found, self._view)

    def versions_allowed(self, project: NormalizedName) -> frozenset[Version]:
        """Return the versions of a pinned project that every ask of the last answer would also take."""
        if self._found is None:
            return frozenset()
        asked = [
            ask.requirement
            for identifier, criterion in self._found.criteria.items()
            if identifier.project == project
            for ask in criterion.iter_requirement()
            if isinstance(ask, ProjectAsk)
        ]
        shelf = self._view.shelf(project, self._view.direct_url(project, asked))
        if shelf is None:
            return frozenset()
        return frozenset(found.version for found in shelf.candidates(self._view.demand(project, asked)))

    def tell_details(self) -> None:
        """Tell the reporter of every file skipped for the projects in the last answer, and why."""
        if self._found is not None and self._reporter.wants_details:
            for line in _details(self._found, self._view):
                self._reporter.detail(line)


def _read_result(found: Found, view: TargetView) -> Resolution:
    extras: dict[NormalizedName, list[NormalizedName]] = {}
    for project, extra in found.mapping:
        if extra is not None:
            extras.setdefault(project, []).append(extra)
    chosen = sorted(
        (choice for choice in found.mapping.values() if choice.extra is None),
        key=lambda choice: choice.candidate.project,
    )
    askers = {choice.candidate.project: _askers(choice.candidate.project, found) for choice in chosen}
    requires: dict[str, set[NormalizedName]] = {}
    for project, names in askers.items():
        for asker in names:
            if asker.is_project:
                requires.setdefault(asker.name, set()).add(project)
    pins = tuple(
        ResolvedPin(
            project=choice.candidate.project,
            version=choice.candidate.version,
            file=view.files[choice.candidate],
            index=view.shelf_of(choice.candidate).listing.page.index or None,
            extras=tuple(sorted(extras.get(choice.candidate.project, ()))),
            via=askers[choice.candidate.project],
            requires=tuple(sorted(requires.get(choice.candidate.project, ()))),
        )
        for choice in chosen
    )
    warnings = [*view.task.target.warnings, *_choice_warnings(found.mapping.values(), view)]
    return Resolution(target=view.task.target, pins=pins, warnings=tuple(dict.fromkeys(warnings)))


def _askers(project: NormalizedName, found: Found) -> tuple[Asker, ...]:
    askers: set[tuple[bool, str]] = set()
    for identifier, criterion in found.criteria.items():
        if identifier.project != project or identifier not in found.mapping:
            continue
        for info in criterion.information:
            if info.parent is None:
                if isinstance(info.requirement, ProjectAsk):
                    askers.add((False, info.requirement.requirement.origin.source))
            elif info.parent.candidate.project != project and found.mapping.get(info.parent.identifier) == info.parent:
                askers.add((True, info.parent.candidate.project))
    return tuple(Asker(name=name, is_project=is_project) for is_project, name in sorted(askers))


def _choice_warnings(choices: Iterable[Choice], view: TargetView) -> Iterator[str]:
    for choice in sorted(choices, key=lambda choice: str(choice.identifier)):
        yield from view.notes.get(choice, ())
        if choice.extra is None:
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
        if newest is not None and newest > max(listing.versions):
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


def _details(found: Found, view: TargetView) -> Iterator[str]:
    """Tell of every file that was skipped for the projects in the answer, and of candidates that fell."""
    for project in sorted({choice.candidate.project for choice in found.mapping.values()}):
        candidate = found.mapping[Identifier(project)].candidate
        shelf = view.shelf_of(candidate)
        for entry in shelf.listing.unreadable:
            yield f"{project}: {entry.entry} is skipped: {entry.reason}"
        for rejection in shelf.rejections(view.demand(project, ())):
            yield f"{project}: {rejection.file.filename} is skipped: {rejection.detail}"
    for fallen, why in view.fallen.items():
        yield f"{fallen.project}: {fallen.file.filename} is dropped: {why}"

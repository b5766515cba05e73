"""What a failed search means: nothing fits, or demands exclude each other, with the chains of who asked."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import NormalizedName

from wheelpin.candidates.shelf import Candidate
from wheelpin.errors import ResolutionError
from wheelpin.requirements.model import Requirement
from wheelpin.resolve.asks import ImpossibleAsk, ProjectAsk
from wheelpin.resolve.explanation import Demander, Explanation, Outcome, Question, explain
from wheelpin.resolve.facts import Information
from wheelpin.resolve.view import TargetView, applicable
from wheelpin.target import Target

AskersOf = Callable[[NormalizedName], Iterable[Information]]
"""Everybody who asked for a project during the search, first asker first: it makes the chains."""


class NothingFitsError(ResolutionError):
    """A project has no file that may be chosen for the target."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(explanation)
        self.explanation = explanation

    def __str__(self) -> str:
        found = self.explanation
        target = found.target.name
        match found.outcome:
            case Outcome.NO_SUCH_PROJECT:
                return f"no index has a project named {found.project}"
            case Outcome.QUARANTINED:
                return f"{found.project} is quarantined: {found.index} offers none of its files"
            case Outcome.NO_FILES:
                return f"{found.project} has no files on {found.index}"
            case Outcome.NO_VERSION_IN_RANGE:
                return f"{found.project} has no version in the range asked for"
            case _ if found.newest_fitting is not None:
                return f"{found.project} has no wheel for {target} in the range asked for"
            case _:
                return f"{found.project} has no wheel for {target}"


class Clash(Struct, frozen=True, kw_only=True):
    """One project, and demands on it that no single version meets."""

    project: NormalizedName
    demanders: tuple[Demander, ...]


class ConflictError(ResolutionError):
    """Demands on one or more projects exclude each other on the target."""

    def __init__(self, target: Target, clashes: tuple[Clash, ...]) -> None:
        super().__init__(target, clashes)
        self.target, self.clashes = target, clashes

    def __str__(self) -> str:
        names = ", ".join(clash.project for clash in self.clashes)
        return f"the demands on {names} exclude each other for {self.target.name}"


def read_failure(causes: Iterable[Information], askers_of: AskersOf, view: TargetView) -> ResolutionError:
    """Turn what the solver stopped at into facts for the user."""
    by_project = _by_project(causes, askers_of, view)
    clashes: list[Clash] = []
    for project, infos in by_project.items():
        for requirement, info in infos:
            if not _candidates(requirement, view):
                return NothingFitsError(
                    _explanation(project, [requirement], (_demander(requirement, info, askers_of),), view)
                )
        demanders = [_demander(requirement, info, askers_of) for requirement, info in infos]
        clashes.append(Clash(project=project, demanders=(*demanders, *_constraint_demanders(project, view))))
    return ConflictError(view.task.target, tuple(clashes))


def explain_project(project: NormalizedName, requirement: Requirement, view: TargetView) -> Explanation:
    """Explain one requirement of the user's without resolving what it needs; raise `UndecidedRequirementError`."""
    demander = Demander(asked=str(requirement), chain=(str(requirement.origin),))
    is_needed = any(applicable(view.task, [requirement]))
    found = _explanation(project, [requirement], (demander,), view)
    if is_needed:
        return found
    return Explanation(
        project=project,
        target=found.target,
        demanders=found.demanders,
        outcome=Outcome.NOT_NEEDED,
        index=found.index,
        versions_in_range=found.versions_in_range,
        newest_version=found.newest_version,
    )


def _by_project(
    causes: Iterable[Information], askers_of: AskersOf, view: TargetView
) -> Mapping[NormalizedName, list[tuple[Requirement, Information]]]:
    """Group causes by the project that is asked for.

    For a dropped candidate, those count who asked for it.
    """
    found: dict[NormalizedName, dict[tuple[str, str], tuple[Requirement, Information]]] = {}
    waiting = list(causes)
    seen: set[int] = set()
    while waiting:
        info = waiting.pop(0)
        if id(info) in seen:
            continue
        seen.add(id(info))
        match info.requirement:
            case ProjectAsk(requirement=requirement):
                key = (str(requirement), str(requirement.origin))
                found.setdefault(requirement.name, {})[key] = (requirement, info)
            case ImpossibleAsk() if info.parent is not None:
                waiting.extend(askers_of(info.parent.project))
            case _:
                pass
    return {project: list(infos.values()) for project, infos in found.items()}


def _candidates(requirement: Requirement, view: TargetView) -> list[Candidate]:
    """Return what answers *requirement* and the constraints, without what fell over its metadata."""
    shelf = view.shelf(requirement.name, view.direct_url(requirement.name, [requirement]))
    if shelf is None:
        return []
    demand = view.demand(requirement.name, [requirement])
    return [candidate for candidate in shelf.candidates(demand) if candidate not in view.fallen]


def _explanation(
    project: NormalizedName,
    requirements: list[Requirement],
    demanders: tuple[Demander, ...],
    view: TargetView,
) -> Explanation:
    fallen: list[tuple[Candidate, str]] = [
        (candidate, why) for candidate, why in view.fallen.items() if candidate.project == project
    ]
    question = Question(
        project=project,
        target=view.target_of(project),
        demand=view.demand(project, requirements),
        demanders=(*demanders, *_constraint_demanders(project, view)),
    )
    found = explain(view.shelf(project, view.direct_url(project, requirements)), question, fallen=fallen)
    if found.outcome is Outcome.NO_SUCH_PROJECT:
        return replace(found, places=view.catalogue.index.places(project))
    return found


def _constraint_demanders(project: NormalizedName, view: TargetView) -> tuple[Demander, ...]:
    return tuple(
        Demander(asked=str(constraint), chain=(f"constraint in {constraint.origin}",))
        for constraint in view.constraints_on(project)
    )


def _demander(requirement: Requirement, info: Information, askers_of: AskersOf) -> Demander:
    chain: list[str] = []
    seen: set[NormalizedName] = set()
    while (parent := info.parent) is not None and parent.project not in seen:
        seen.add(parent.project)
        chain.append(str(parent))
        info = next(iter(askers_of(parent.project)), info)
    if info.parent is None and isinstance(info.requirement, ProjectAsk):
        chain.append(str(info.requirement.requirement.origin))
    return Demander(asked=str(requirement), chain=tuple(chain))

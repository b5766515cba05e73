"""What the user asks of one target, markers and overrides settled: what a lock has to answer."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import urldefrag

from packaging.utils import NormalizedName

from wheelpin.candidates.demand import Demand
from wheelpin.requirements.model import Requirement
from wheelpin.resolve.task import Task
from wheelpin.resolve.view import applicable, by_project, common_hashes, narrowed_targets, sha256_of
from wheelpin.target import Target
from wheelpin.values import COMMAND_LINE, Origin

_NOT_FILES = frozenset({COMMAND_LINE.source, "standard input"})
_DIGITS_OF_DIGEST = 8

Fact = tuple[str, str]


class Question:
    """A task's own asks and limits, without what their answers need in turn.

    Raise `UndecidedRequirementError`, and `NarrowingError` or `TargetSyntaxError` for inline tags.
    """

    def __init__(self, task: Task, *, index_lines: tuple[str, ...] = ()) -> None:
        """*index_lines* are what files say of indexes: they shape the answer as requirements do."""
        self.target = task.target
        self._index_lines = index_lines
        self._overrides = {project: said[-1] for project, said in by_project(task, task.overrides).items()}
        self._constraints = by_project(task, task.constraints)
        self._narrowed = narrowed_targets(task)
        self._tags = by_project(task, (asked for asked in task.requirements if asked.tags))
        self._asks: dict[NormalizedName, list[Requirement]] = {}
        for asked in applicable(task, task.requirements):
            wanted = self._overrides.get(asked.name, asked)
            self._asks.setdefault(wanted.name, []).append(wanted)

    @property
    def projects(self) -> Collection[NormalizedName]:
        """The projects that the user asks for, in the order of the inputs."""
        return self._asks.keys()

    def asks_for(self, project: NormalizedName) -> tuple[Requirement, ...]:
        """Return the user's asks for *project*, an override in place of each where there is one."""
        return tuple(self._asks.get(project, ()))

    def limits_on(self, project: NormalizedName) -> tuple[Requirement, ...]:
        """Return all that the user says of a project's version or file, asked for or not."""
        override = self._overrides.get(project)
        said = self.asks_for(project) or (() if override is None else (override,))
        return (*said, *self._constraints.get(project, ()))

    def target_of(self, project: NormalizedName) -> Target:
        """Return the target that *project* is chosen for: the task's, or the narrower one of inline tags."""
        return self._narrowed.get(project, self.target)

    def extras_of(self, project: NormalizedName) -> tuple[NormalizedName, ...]:
        """Return the extras that the user asks for, sorted."""
        return tuple(sorted(frozenset[NormalizedName]().union(*(asked.extras for asked in self.asks_for(project)))))

    def tags_of(self, project: NormalizedName) -> tuple[str, ...]:
        """Return the inline tags that count for *project*."""
        return next((asked.tags for asked in reversed(self._tags.get(project, ()))), ())

    def askers_of(self, project: NormalizedName) -> frozenset[str]:
        """Return where the user asks for *project*, as a lock names it."""
        return frozenset(said_in(asked.origin) for asked in self.asks_for(project))

    def is_exact(self, project: NormalizedName) -> bool:
        """Tell whether the user spells out one version, which lets a yanked file in."""
        return any(Demand(specifier=asked.specifier).is_exact for asked in self.limits_on(project))

    def facts(
        self,
        pinned: Collection[NormalizedName],
        *,
        yanked: Collection[NormalizedName],
        spell_address: Callable[[str], str],
        more: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> tuple[Fact, ...]:
        """Return what shapes the choice among the files of *pinned* projects and cannot be seen on the pins.

        Sorted by kind; what is not there has no kind. *yanked* are pins that an index has withdrawn, and
        *spell_address* makes a ``file:`` address independent of the machine; *more* are lines of further kinds.
        """
        projects = sorted(pinned)
        digested = {
            "addresses": self._addresses(projects, spell_address),
            "hashes": self._hashes(projects),
            "indexes": self._index_lines,
            "overrides": self._overriding(projects, spell_address),
            "tags": self._narrowing(projects),
            "target": self._target_beyond_its_spelling(),
            **more,
        }
        named = {"exact": filter(self.is_exact, sorted(yanked)), "yanked": sorted(yanked)}
        facts = {kind: _digest_of(lines) for kind, lines in digested.items()}
        facts |= {kind: ",".join(names) for kind, names in named.items()}
        return tuple(sorted((kind, value) for kind, value in facts.items() if value))

    def _hashes(self, projects: Iterable[NormalizedName]) -> Iterator[str]:
        for project in projects:
            if hashes := common_hashes(self.limits_on(project)):
                yield f"{project} {' '.join(sorted(hashes))}"

    def _addresses(self, projects: Iterable[NormalizedName], spell: Callable[[str], str]) -> Iterator[str]:
        for project in projects:
            urls = {asked.url for asked in self.limits_on(project) if asked.url is not None}
            yield from sorted(f"{project} {spell(urldefrag(url).url)} {sha256_of(url)}" for url in urls)

    def _overriding(self, projects: Iterable[NormalizedName], spell: Callable[[str], str]) -> Iterator[str]:
        for project in projects:
            if (wanted := self._overrides.get(project)) is not None:
                place = spell(urldefrag(wanted.url).url) if wanted.url is not None else ""
                yield f"{project} {','.join(sorted(wanted.extras))} {wanted.specifier} {place}"

    def _narrowing(self, projects: Iterable[NormalizedName]) -> Iterator[str]:
        """Yield the tags of projects that several lines narrow; those of one line stand under its pin."""
        for project in projects:
            said = [",".join(asked.tags) for asked in self._tags.get(project, ())]
            if len(said) > 1:
                yield f"{project} {' '.join(said)}"

    def _target_beyond_its_spelling(self) -> Iterator[str]:
        target = self.target
        yield from (f"{variable}={value}" for variable, value in target.marker_values)
        yield from (f"denied {tag}" for tag in sorted(target.denied_platforms))
        yield from target.listed_tags or ()


def said_in(origin: Origin) -> str:
    """Spell in a lock's words where the user asked for something."""
    return origin.source if origin.source in _NOT_FILES else f"-r {origin.source}"


def yanked_when_locked(facts: Mapping[str, str]) -> frozenset[NormalizedName]:
    """Return the projects whose files had been withdrawn already when they were chosen."""
    return frozenset(NormalizedName(name) for name in facts.get("yanked", "").split(",") if name)


def _digest_of(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS_OF_DIGEST] if text else ""

"""Random worlds of many shapes with an oracle that tries everything, written without a look at the resolver."""

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.requirements import Requirement as Pep508
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tests.resolve.universe import Release, name, requirements
from wheelpin.candidates.rules import Rules
from wheelpin.resolve.task import Task
from wheelpin.target import Target

EXTRAS = ("x", "y")
TARGET = Target.parse("cp312-manylinux_2_28_x86_64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a world may have, as a dial for each oddity from 0 to 1."""

    projects: int = 4
    versions: int = 3
    needs: int = 3
    """Most requirements of a release."""
    specifiers: tuple[str, ...] = ("", "", "<2", ">=2", "<3", ">=3", "==1", "==2", "!=2", "~=2.0", "<=1", ">1")
    extras: float = 0.0
    unusable: float = 0.0
    yanked: float = 0.0
    prereleases: float = 0.0
    missing: float = 0.0
    """How often something is needed that there is not."""
    constraints: float = 0.0
    overrides: float = 0.0
    preferences: float = 0.0
    allow_prereleases: float = 0.0
    addresses: float = 0.0
    apart: float = 0.0
    """How often a need or a file is for some targets only; the oracle knows nothing of that."""


_MARKERS = (
    *('python_version < "3.12"', 'python_version >= "3.12"', 'platform_machine == "x86_64"', "sys_platform == 'linux'"),
    *('python_full_version < "3.12.2" and platform_machine != "x86_64"', 'sys_platform == "win32"'),
)
_TAGS = (
    *("cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_28_aarch64", "cp311-cp311-manylinux_2_34_x86_64"),
    *("cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64", "py2.py3-none-any"),
)
_PYTHONS = (">=3.12", "<3.12", ">=3.8", ">=3.11.9,!=3.12.1")

SHAPES = {
    "plain": Shape(),
    "dense": Shape(projects=5, versions=3, needs=4, specifiers=("==1", "==2", "==3", "!=1", "!=2", "!=3")),
    "chained": Shape(projects=6, versions=2, needs=2, specifiers=("", "==1", "==2")),
    "extras": Shape(projects=4, extras=0.5, missing=0.1),
    "broken": Shape(unusable=0.25, missing=0.2),
    "yanked": Shape(versions=4, yanked=0.4),
    "pre-releases": Shape(
        versions=4, prereleases=0.5, specifiers=("", "", "<2", ">=2", ">=2a1", "==3b1", "<3", ">1", "!=2")
    ),
    "both": Shape(
        versions=4,
        yanked=0.5,
        prereleases=0.4,
        extras=0.2,
        specifiers=("", "", "<3", ">=2", ">=2a1", "==3b1", "==2", "==1", ">1", "!=2"),
    ),
    "addressed": Shape(needs=2, addresses=0.3, missing=0.1, extras=0.2),
    "limited": Shape(constraints=0.6, overrides=0.4, extras=0.3),
    "preferred": Shape(preferences=0.7, extras=0.3, allow_prereleases=0.3, prereleases=0.3),
    "everything": Shape(
        versions=4,
        extras=0.4,
        unusable=0.1,
        yanked=0.15,
        prereleases=0.15,
        missing=0.05,
        constraints=0.3,
        overrides=0.2,
        preferences=0.3,
        allow_prereleases=0.2,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A universe and what is asked of it."""

    universe: Mapping[str, Sequence[Release]]
    asked: tuple[str, ...]
    behind_addresses: Mapping[str, Release] = field(default_factory=dict)
    """What is no index's, by project; `address_of` tells where."""
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    preferences: Mapping[str, str] = field(default_factory=dict)
    allow_prereleases: bool = False

    @property
    def releases(self) -> Mapping[str, Sequence[Release]]:
        """All that there is of each project, on the index or behind an address."""
        return {
            project: [*releases, *([self.behind_addresses[project]] if project in self.behind_addresses else [])]
            for project, releases in self.universe.items()
        }

    def task(self, target: Target = TARGET) -> Task:
        """Return what is asked as the resolver wants it."""
        return Task(
            target=target,
            requirements=requirements(*self.asked),
            constraints=requirements(*self.constraints, source="constraints.txt"),
            overrides=requirements(*self.overrides, source="overrides.txt"),
            preferences={name(project): Version(version) for project, version in self.preferences.items()},
            rules=Rules(allow_prereleases=self.allow_prereleases),
        )


def address_of(project: str) -> str:
    """Return the address that somebody may name for a project: of a version that no index has."""
    return f"https://mirror.example/{project}-2.5-py3-none-any.whl"


class Maker:
    """Makes one world of a shape; equal seeds make equal worlds."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape = shape
        self._random = random.Random(seed)

    def world(self) -> World:
        """Make it."""
        shape, choose = self._shape, self._random
        projects = [chr(ord("a") + place) for place in range(choose.randint(2, shape.projects))]
        universe = {project: self._releases(projects) for project in projects}
        behind = {project: self._release("2.5", "py3-none-any", projects) for project in projects if shape.addresses}
        return World(
            universe=universe,
            behind_addresses=behind,
            asked=tuple(self._need(projects) for _ in range(choose.randint(1, 3))),
            constraints=tuple(self._limits(projects, shape.constraints)),
            overrides=tuple(self._limits(projects, shape.overrides)),
            preferences={
                project: choose.choice(universe[project]).v for project in projects if self._happens(shape.preferences)
            },
            allow_prereleases=self._happens(shape.allow_prereleases),
        )

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def _releases(self, projects: Sequence[str]) -> list[Release]:
        shape, choose = self._shape, self._random
        found: list[Release] = []
        for number in range(1, choose.randint(1, shape.versions) + 1):
            stage = choose.choice(("a1", "b1")) if self._happens(shape.prereleases) else ""
            found += [self._release(f"{number}{stage}", tag, projects) for tag in self._tags()]
        return found

    def _release(self, version: str, tag: str, projects: Sequence[str]) -> Release:
        shape, choose = self._shape, self._random
        return Release(
            v=version,
            needs=[self._need_below(projects) for _ in range(choose.randint(0, shape.needs))],
            extras=list(EXTRAS),
            yanked="" if self._happens(shape.yanked) else None,
            unusable="it is broken" if self._happens(shape.unusable) else None,
            tag=tag,
            python=choose.choice(_PYTHONS) if self._is_apart() else None,
        )

    def _tags(self) -> Sequence[str]:
        """Choose for how many wheels there are of a version, and for whom."""
        return self._random.sample(_TAGS, self._random.randint(1, 3)) if self._is_apart() else ("py3-none-any",)

    def _is_apart(self) -> bool:
        # Without a throw where nothing is: the worlds of the other shapes stay what they are.
        return self._shape.apart > 0 and self._happens(self._shape.apart)

    def _need_below(self, projects: Sequence[str]) -> str:
        need = "missing" if self._happens(self._shape.missing) else self._need(projects)
        if self._is_apart():
            return f"{need}; {self._random.choice(_MARKERS)}"
        return f'{need}; extra == "{self._random.choice(EXTRAS)}"' if self._happens(self._shape.extras) else need

    def _need(self, projects: Sequence[str]) -> str:
        extra = f"[{self._random.choice(EXTRAS)}]" if self._happens(self._shape.extras) else ""
        project = self._random.choice(projects)
        # Without a throw where nothing has an address, as below.
        if self._shape.addresses > 0 and self._happens(self._shape.addresses):
            return f"{project}{extra} @ {address_of(project)} "
        return f"{project}{extra}{self._random.choice(self._shape.specifiers)}"

    def _limits(self, projects: Sequence[str], chance: float) -> Iterator[str]:
        for project in projects:
            if self._happens(chance):
                yield f"{project}{self._random.choice([one for one in self._shape.specifiers if one])}"


class Oracle:
    """Tells of a world what answers it has, by trying all."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._overrides = {Pep508(text).name: Pep508(text) for text in world.overrides}
        self._constraints = [Pep508(text) for text in world.constraints]

    def has_answer(self) -> bool:
        """Tell whether there is any."""
        releases = {project: found for project, found in self._world.releases.items() if found}
        tried = itertools.product(*releases.values())
        return any(self.reached(dict(zip(releases, some, strict=True))) is not None for some in tried)

    def reached(self, chosen: Mapping[str, Release]) -> Mapping[str, frozenset[str]] | None:
        """Return what is needed of *chosen*, with extras; None if something is against it.

        Nothing lets itself in: what is asked for because a release was chosen does not count for whether it may be.
        """
        asked: dict[str, list[Pep508]] = {}
        followed: dict[str, frozenset[str]] = {}
        new = [self._overridden(Pep508(text), "") for text in self._world.asked]
        while new:
            for need in new:
                asked.setdefault(need.name, []).append(need)
            if any(project not in chosen or chosen[project].unusable for project in asked):
                return None
            new = []
            for project, needs in asked.items():
                extras = frozenset[str]().union(*(need.extras for need in needs))
                if followed.get(project) != extras and chosen[project] in self._open(project, needs):
                    followed[project] = extras
                    new += (self._overridden(need, project) for need in needs_of(chosen[project], extras))
        is_whole = all(
            project in followed and chosen[project] in self._open(project, asked[project]) for project in asked
        )
        return followed if is_whole else None

    def _overridden(self, need: Pep508, asker: str) -> Pep508:
        if (instead := self._overrides.get(need.name)) is None:
            return need
        found = Pep508(str(instead))
        if need.name == asker:
            # ``pkg[all]`` that needs ``pkg[a,b]`` only spells its extras that way.
            found.extras = need.extras
        return found

    def _open(self, project: str, asked: Iterable[Pep508]) -> Iterable[Release]:
        """Return the releases that may be chosen where all of *asked* is asked for (PEP 440, PEP 508, PEP 592)."""
        if any(need.url for need in asked):
            behind = self._world.behind_addresses[project]
            return [behind] if all(need.specifier.contains(behind.v) for need in asked) else []
        specifier = SpecifierSet()
        for need in (*asked, *(one for one in self._constraints if one.name == project)):
            specifier &= need.specifier
        is_exact = any(one.operator == "==" and "*" not in one.version for one in specifier)
        found = [
            release
            for release in self._world.universe[project]
            if specifier.contains(release.v, prereleases=True) and (release.yanked is None or is_exact)
        ]
        if self._world.allow_prereleases or specifier.prereleases:
            return found
        preferred = self._world.preferences.get(project)
        final = [release for release in found if not Version(release.v).is_prerelease]
        return [release for release in found if release in final or release.v == preferred or not final]


def needs_of(release: Release, extras: frozenset[str]) -> Iterator[Pep508]:
    """Yield what a release needs with some extras."""
    for text in release.needs:
        need, _, marker = text.partition(";")
        if not marker or marker.split('"')[1] in extras:
            yield Pep508(need)

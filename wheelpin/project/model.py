"""What a project's file says: inputs, named targets, indexes, rules, recipes."""

from collections.abc import Mapping

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.project.recipe import Recipe
from wheelpin.project.table import Table
from wheelpin.values import LOCKFILES, LockFormat


class ProjectInputs(Struct, frozen=True, kw_only=True):
    """What is to be locked: paths start at the file's folder."""

    requirements: tuple[str, ...] | None = None
    """Files; None stands for the dependencies of the pyproject.toml there."""
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()


class NamedTarget(Struct, frozen=True, kw_only=True):
    """One target of the file, and what is said for it alone."""

    name: str | None
    """Fit for a file's name; None where the target's own will do."""
    tags: str
    """Tags in any spelling, a preset's name or the path of a captured target."""
    python_full_version: str | None = None
    markers: Mapping[str, str] = field(default_factory=dict)
    inputs: ProjectInputs
    """The file's, with what the target says in its stead."""
    lockfile: str | None = None
    """The path of its lock, instead of a file in the folder of locks."""
    formats: tuple[LockFormat, ...]
    keys: tuple[str, ...]
    """Where the table says it, for messages."""


class ProjectIndexes(Struct, frozen=True, kw_only=True):
    """Where to look and up to when, with pip's words; None and empty mean "not said"."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool | None = None
    project_indexes: Mapping[NormalizedName, str] = field(default_factory=dict)
    exclude_newer: str | None = None


class Project(Struct, frozen=True, kw_only=True):
    """A project's file, read."""

    table: Table
    """As it was written, for messages."""
    inputs: ProjectInputs = field(default_factory=ProjectInputs)
    targets: tuple[NamedTarget, ...] = ()
    lockfiles: str = LOCKFILES
    """The folder of the locks."""
    formats: tuple[LockFormat, ...] = (LockFormat.REQUIREMENTS,)
    indexes: ProjectIndexes = field(default_factory=ProjectIndexes)
    prereleases: bool = False
    align: bool = False
    only_binary: frozenset[str] = frozenset()
    """Projects that are never built from an sdist; ``:all:`` stands for every project."""
    no_binary: frozenset[str] = frozenset()
    """Projects whose wheels are not taken; the same."""
    recipes: Mapping[NormalizedName, Recipe] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The file's name in messages."""
        return self.table.file.name

"""What a resolution is asked, and what it answers."""

from collections.abc import Mapping

from msgspec import Struct, field
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.candidates.rules import Rules
from wheelpin.files import IndexFile
from wheelpin.ports import Builder
from wheelpin.requirements.model import Requirement
from wheelpin.target import Target
from wheelpin.values import IndexUrl


class Task(Struct, frozen=True, kw_only=True):
    """Requirements for one target."""

    target: Target
    requirements: tuple[Requirement, ...]
    constraints: tuple[Requirement, ...] = ()
    overrides: tuple[Requirement, ...] = ()
    """Each replaces whatever anybody asks of its project."""
    rules: Rules = field(default_factory=Rules)
    preferences: Mapping[NormalizedName, Version] = field(default_factory=dict)
    """Versions to keep where they still answer: of an existing lock, or of another target."""
    builder: Builder | None = None
    """Makes wheels where none fits; None where only published ones count."""


class Asker(Struct, frozen=True, kw_only=True):
    """Who asked for a project: a line of the user's, or another pin."""

    name: str
    """The origin as text, or the project that requires it."""
    is_project: bool


class ResolvedPin(Struct, frozen=True, kw_only=True):
    """A project, the version and the file chosen, and who asked for it."""

    project: NormalizedName
    version: Version
    file: IndexFile
    index: IndexUrl | None
    """None for a direct reference."""
    extras: tuple[NormalizedName, ...]
    via: tuple[Asker, ...]
    requires: tuple[NormalizedName, ...]
    """The projects that it needs on this target, sorted."""


class Resolution(Struct, frozen=True, kw_only=True):
    """The pins for one target, sorted by project, and what the user should know of them."""

    target: Target
    pins: tuple[ResolvedPin, ...]
    warnings: tuple[str, ...] = ()

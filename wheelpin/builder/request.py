"""What a build is asked for, and what it gives."""

from pathlib import Path

from msgspec import Struct

from wheelpin.builder.provenance import BuildRecord
from wheelpin.builder.sources import Source
from wheelpin.files import IndexFile
from wheelpin.project import Recipe
from wheelpin.target import Target
from wheelpin.values import Sha256


class BuildRequest(Struct, frozen=True, kw_only=True):
    """What to build, for what, and how."""

    source: Source
    target: Target
    recipe: Recipe
    patches: tuple[bytes, ...] = ()
    """The contents of the recipe's patches."""
    siblings: tuple[IndexFile, ...] = ()
    """All that the project published, as far as an index was asked."""
    waiting: tuple[str, ...] = ()
    """The builds that need this one's wheel as a tool, the outermost first."""

    @property
    def subject(self) -> str:
        """What to call the build in messages."""
        why = f" (to build {self.waiting[-1]} with)" if self.waiting else ""
        return f"{self.source.label}{why} for {self.target.name}"


class BuiltWheel(Struct, frozen=True, kw_only=True):
    """A wheel that lies in its folder, proven, its provenance beside it."""

    path: Path
    record: BuildRecord
    is_kept: bool
    """An earlier run built it."""

    @property
    def sha256(self) -> Sha256:
        """The wheel's digest."""
        return Sha256(self.record.sha256)

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of it."""
        return self.record.notes

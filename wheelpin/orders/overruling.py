"""What a command says over a project's file."""

from pathlib import Path

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.orders.model import BuildOrder, RefreshCommand
from wheelpin.project.model import ProjectInputs
from wheelpin.settings import ExplicitOptions
from wheelpin.values import LockFormat


class Overruling(Struct, frozen=True, kw_only=True):
    """Options of the command line or of a caller; empty and None mean "not said". Paths start where it runs."""

    targets: tuple[str, ...] = ()
    """Names of the file's targets, and targets as one spells them anywhere."""
    python_full_version: str | None = None
    marker_values: tuple[tuple[str, str], ...] = ()
    inputs: ProjectInputs = field(default_factory=ProjectInputs)
    options: ExplicitOptions = field(default_factory=ExplicitOptions)
    formats: tuple[LockFormat, ...] = ()
    lock_file: Path | None = None
    lock_folder: Path | None = None
    prereleases: bool = False
    align: bool = False
    upgrade: bool = False
    upgraded: frozenset[NormalizedName] = frozenset()
    building: BuildOrder = field(default_factory=BuildOrder)
    refresh: RefreshCommand = field(default_factory=RefreshCommand)
    """The words that lead here, targets apart."""

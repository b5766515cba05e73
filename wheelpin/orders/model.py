"""An order: inputs and targets that are locked together, and where their locks go."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.errors import InputError
from wheelpin.requirements import FormatControl, Sources
from wheelpin.settings import ExplicitOptions
from wheelpin.target import Target
from wheelpin.values import LockFormat

if TYPE_CHECKING:
    from wheelpin.project.recipe import Recipe

STANDARD_OUTPUT = Path("-")


class PylockNameError(InputError):
    """A pylock.toml would have a name by which no installer knows it (PEP 751)."""

    hint = "name it pylock.toml, or pylock.NAME.toml with a NAME without dots"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is no name for a pylock.toml"


class LockIsInputError(InputError):
    """A lock would be written over a file that it is made of."""

    hint = "name another file for the lock"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is one of the files that the lock is made of, and would be overwritten"


class Output(Struct, frozen=True, kw_only=True):
    """One file of a target's lock; ``-`` is standard output."""

    path: Path
    lock_format: LockFormat


def check_place(output: Output, inputs: Collection[str] = ()) -> None:
    """Make sure that a lock replaces none of its *inputs*, which are absolute, and has a name that installers know.

    Raise `LockIsInputError` and `PylockNameError`.
    """
    if output.path == STANDARD_OUTPUT:
        return
    if os.path.abspath(output.path) in inputs:  # noqa: PTH100 - resolves `..` and asks the system nothing
        raise LockIsInputError(output.path.as_posix())
    if output.lock_format is not LockFormat.PYLOCK:
        return
    from packaging.pylock import is_valid_pylock_path  # noqa: PLC0415 - most locks have other forms

    if not is_valid_pylock_path(output.path):
        raise PylockNameError(output.path.as_posix())


class Outputs(Struct, frozen=True, kw_only=True):
    """Where the locks of an order go, and in which forms."""

    formats: tuple[LockFormat, ...]
    folder: Path
    file: Path | None = None
    """The one target's lock, instead of a file in *folder*; a pylock.toml may be for several."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """The same by target name."""

    def of(self, target: Target) -> tuple[Output, ...]:
        """Return the files for a target, one a form."""
        found: dict[Path, LockFormat] = {}
        named = self.file or self.files.get(target.name)
        for lock_format in self.formats:
            path = named or self.folder / lock_format.file_name(target.name)
            if path in found:
                path = path.with_name(f"{path.stem}.{lock_format.value}{path.suffix}")
            found[path] = lock_format
        return tuple(Output(path=path, lock_format=lock_format) for path, lock_format in found.items())


class RefreshCommand(Struct, frozen=True, kw_only=True):
    """The words of the command that makes a lock anew, in the folder where the order's paths start."""

    inputs: tuple[str, ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    """By target name what ``--target`` is to say; empty where the inputs say it."""
    options: tuple[str, ...] = ()

    def spell(self, targets: Collection[Target]) -> str:
        """Spell the command for *targets* alone."""
        import shlex  # noqa: PLC0415 - no request waits for it

        names = {target.name for target in targets}
        said = [word for name, text in self.targets.items() if name in names for word in ("--target", text)]
        return shlex.join(["wheelpin", "lock", *self.inputs, *said, *self.options])


class BuildOrder(Struct, frozen=True, kw_only=True):
    """How wheels that nobody published come into a lock."""

    only: frozenset[NormalizedName] | None = None
    """Build nothing but these; None builds whatever is missing, and empty builds nothing."""
    engine: str | None = None
    """``docker`` or ``podman``; None for the one that is there."""
    time_limit_s: int | None = None
    """How long the container of a build may run; None for the usual time."""
    wheelhouse: Path | None = None
    """The folder of built wheels; None for one beside the lock."""
    wheelhouse_url: str | None = None
    """Where the user publishes that folder; None pins the wheels by their paths."""
    recipes: "Mapping[NormalizedName, Recipe]" = field(default_factory=dict)
    recipe_folder: Path | None = None
    """Where the recipes' patches lie."""


class LockOrder(Struct, frozen=True, kw_only=True):
    """All that one command asks, or a project's file for the targets that have the same inputs."""

    folder: Path
    """Absolute; where relative paths of the inputs start, and those in the locks."""
    sources: Sources
    override_files: tuple[str, ...] = ()
    described_inputs: tuple[str, ...] = ()
    """The inputs in the user's words, for the locks' headers."""
    targets: tuple[Target, ...]
    """Empty where the inputs name the target."""
    python_full_version: str | None = None
    """Beside a target that the inputs name."""
    marker_values: tuple[tuple[str, str], ...] = ()
    """The same."""
    options: ExplicitOptions = field(default_factory=ExplicitOptions)
    format_control: FormatControl = field(default_factory=FormatControl)
    """Beside what requirements files say."""
    prereleases: bool = False
    align: bool = False
    upgrade: bool = False
    """Keep no pin of an existing lock."""
    upgraded: frozenset[NormalizedName] = frozenset()
    """Keep no pin of these."""
    building: BuildOrder = field(default_factory=BuildOrder)
    outputs: Outputs
    refresh: RefreshCommand | None
    """None where no command leads there."""
    rests_on: tuple[str, ...] = ()
    """Paths of files that the order rests on beside its sources, there or not."""


def described(sources: Sources, override_files: tuple[str, ...]) -> tuple[str, ...]:
    """Spell the inputs one by one, in the user's words."""
    return (
        *sources.requirements,
        *(f"-r {posix(name)}" for name in sources.requirement_files),
        *(f"-c {posix(name)}" for name in sources.constraint_files),
        *(f"--override {posix(name)}" for name in override_files),
        *(f"--extra {name}" for name in sources.extras),
        *(["--all-extras"] if sources.all_extras else []),
        *(f"--group {name}" for name in sources.groups),
    )


def posix(path: str) -> str:
    """Spell a path for any system."""
    return path.replace("\\", "/") if os.sep == "\\" else path

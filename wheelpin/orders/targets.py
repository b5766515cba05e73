"""From what somebody wrote about targets to targets."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.errors import InputError
from wheelpin.requirements import Inputs
from wheelpin.target import Target
from wheelpin.texts import read_text
from wheelpin.values import COMMAND_LINE, Origin


class TargetMissingError(InputError):
    """Nobody said where the wheels will run."""

    hint = "say where with --target, for example --target cp312-manylinux_2_28_x86_64; `wheelpin target list` has names"

    def __str__(self) -> str:
        return "no target: the machine that wheelpin runs on is never taken for one"


class SameTargetNameError(InputError):
    """Two different targets would have the same name, and so the same lock."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"two different targets are named {self.name}"


class TargetText(Struct, frozen=True, kw_only=True):
    """A target as somebody wrote it: tags, a preset's name or a file, and what was said beside it."""

    text: str
    python_full_version: str | None = None
    marker_values: tuple[tuple[str, str], ...] = ()
    origin: Origin = COMMAND_LINE


def read_target(said: TargetText, folder: Path) -> Target:
    """Read a target; the path of a file starts at *folder*. Raise a branch of `InputError`."""
    version, markers = said.python_full_version, dict(said.marker_values)
    if not _names_file(said.text, folder):
        return Target.parse(said.text, python_full_version=version, marker_values=markers, origin=said.origin)
    from wheelpin.target.capture import parse_target_file  # noqa: PLC0415 - most targets are spelled

    path = Path(said.text)
    target = parse_target_file(read_text(folder / path, path.as_posix()), path.stem, Origin(path.as_posix()))
    return target.stating(python_full_version=version, marker_values=markers, origin=said.origin)


def each_once(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Return each target once; raise `SameTargetNameError` where two would have one lock."""
    by_name: dict[str, Target] = {}
    for target in targets:
        if by_name.setdefault(target.name, target) != target:
            raise SameTargetNameError(target.name)
    return tuple(by_name.values())


def spelled(said: TargetText, target: Target, folder: Path) -> str:
    """Spell what leads to *target*: tags in their canonical form."""
    return said.text if _names_file(said.text, folder) else target.name


def target_of_inputs(inputs: Inputs, beside: TargetText, folder: Path) -> Target:
    """Read the target of the files' directive, else that of inline tags; *beside* says what stands beside it."""
    if inputs.target is None:
        return _from_inline_tags(inputs, beside, folder)
    return read_target(
        replace(
            beside,
            text=inputs.target,
            python_full_version=beside.python_full_version or inputs.python_full_version,
            origin=inputs.directive_origin or COMMAND_LINE,
        ),
        folder,
    )


def _names_file(text: str, folder: Path) -> bool:
    return text.endswith(".json") or (path := Path(text)).parent != Path() or (folder / path).is_file()


def _from_inline_tags(inputs: Inputs, beside: TargetText, folder: Path) -> Target:
    """Make a target of the tags beside requirements, where all have them and mean the same."""
    if not inputs.requirements or not all(requirement.tags for requirement in inputs.requirements):
        raise TargetMissingError
    found = {
        target.name: target
        for need in inputs.requirements
        for target in [read_target(replace(beside, text="-".join(need.tags), origin=need.origin), folder)]
    }
    if len(found) > 1:
        raise TargetMissingError
    (only,) = found.values()
    return only

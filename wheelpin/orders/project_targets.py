"""The targets that a project's file names, and those that a command names instead."""

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.errors import InputError
from wheelpin.orders.finding import FoundProject
from wheelpin.orders.overruling import Overruling
from wheelpin.orders.targets import TargetText, read_target, spelled
from wheelpin.project.model import NamedTarget
from wheelpin.target import Target, TargetSyntaxError
from wheelpin.values import Origin


class WantedTarget(Struct, frozen=True):
    """A target to be locked, and what the file says for it."""

    said: NamedTarget
    target: Target
    word: str
    """What ``--target`` has to say to lead there, paths as they were written."""
    path: Path
    """Where its file would lie if it is one."""
    is_named: bool
    """Whether the project's file names it."""


def wanted_targets(found: FoundProject, over: Overruling, folder: Path) -> tuple[WantedTarget, ...]:
    """Return the targets that *over* names, all of the file where it names none; raise a branch of `InputError`.

    Paths of target files that *over* names start at *folder*.
    """
    if not over.targets:
        return tuple(_of_file(found, over, said) for said in found.project.targets)
    named = {said.name: said for said in found.project.targets}
    return tuple(
        _of_file(found, over, named[word]) if word in named else _spelled(found, over, word, folder)
        for word in over.targets
    )


def _of_file(found: FoundProject, over: Overruling, said: NamedTarget) -> WantedTarget:
    text = TargetText(
        text=said.tags,
        python_full_version=over.python_full_version or said.python_full_version,
        marker_values=tuple({**said.markers, **dict(over.marker_values)}.items()),
        origin=Origin(found.project.file),
    )
    try:
        target = read_target(text, found.folder)
    except InputError:
        # Only now is the line worth looking for.
        target = read_target(replace(text, origin=found.project.table.origin_of(*said.keys)), found.folder)
    path = found.folder / said.tags
    if said.name is None:
        return WantedTarget(said, target, spelled(text, target, found.folder), path, True)
    return WantedTarget(said, replace(target, name=said.name), said.name, path, True)


def _spelled(found: FoundProject, over: Overruling, word: str, folder: Path) -> WantedTarget:
    project = found.project
    text = TargetText(text=word, python_full_version=over.python_full_version, marker_values=over.marker_values)
    try:
        target = read_target(text, folder)
    except TargetSyntaxError as error:
        raise _with_names(error, found) from None
    said = NamedTarget(name=None, tags=word, inputs=project.inputs, formats=project.formats, keys=("targets",))
    return WantedTarget(said, target, spelled(text, target, folder), folder / word, False)


def _with_names(error: TargetSyntaxError, found: FoundProject) -> TargetSyntaxError:
    """Return *error* with the names that could have been meant."""
    names = ", ".join(said.name for said in found.project.targets if said.name is not None)
    if not names:
        return error
    hints = filter(None, (f"{found.project.file} names {names}", error.hint))
    return TargetSyntaxError(error.text, error.problem, origin=error.origin, hint="; ".join(hints))

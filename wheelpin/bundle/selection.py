"""The wheels that a lock names, looked through, and the tree that they make."""

from collections.abc import Callable, Iterable

from wheelpin.bundle.layout import Layout, Placement
from wheelpin.bundle.tree import Tree, TreeFile
from wheelpin.bundle.wheel import Member, Strictness, Wheel, open_wheel
from wheelpin.errors import InputError, ResolutionError
from wheelpin.folders.kept_files import state_of
from wheelpin.target import Misfit, Target
from wheelpin.wheelhouse import Housed

Begin = Callable[[Wheel, tuple[TreeFile, ...]], None]
"""What may be done with the files of one wheel before those of all are known."""


class WheelMisfitError(ResolutionError):
    """A lock names a wheel that the target cannot load."""

    def __init__(self, filename: str, target: str, misfit: Misfit) -> None:
        super().__init__(filename, target, misfit)
        self.filename, self.target, self.misfit = filename, target, misfit
        self.hint = "lock anew for this target"

    def __str__(self) -> str:
        return f"{self.filename} does not fit {self.target}: {self.misfit.detail}"


class WheelChangedError(InputError):
    """A wheel is not the file any more whose digest was checked."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename)
        self.filename = filename
        self.hint = "run again when nothing writes there"

    def __str__(self) -> str:
        return f"{self.filename} changed while it was being read"


def tree_of_wheels(
    housed: Iterable[Housed],
    target: Target,
    *,
    layout: Layout | None = None,
    strictness: Strictness | None = None,
    begin: Begin | None = None,
) -> Tree:
    """Lay out wheels whose digests are known to hold for *target*, by default as its system calls for.

    *begin* gets every wheel as soon as it has been looked through. Raise `WheelMisfitError`, `WheelChangedError`,
    `WheelRefusedError` for a hostile archive, and what `lay_out` raises.
    """
    placement = Placement(layout or Layout.of(target), read_member)
    for each in housed:
        wheel = _opened(each, target, strictness)
        files = placement.add(wheel)
        if begin is not None:
            begin(wheel, files)
    return placement.tree()


def _opened(each: Housed, target: Target, strictness: Strictness | None) -> Wheel:
    wheel = open_wheel(each.path, strictness)
    # What is read of it from here on is held against the RECORD that has been read now.
    if each.state is not None and state_of(each.path.stat()) != each.state:
        raise WheelChangedError(wheel.filename)
    if (misfit := target.misfit(wheel.tag_set)) is not None:
        raise WheelMisfitError(wheel.filename, target.name, misfit)
    return wheel


def read_member(wheel: Wheel, member: Member) -> bytes:
    """Return the content of a small member, as `lay_out` asks for it."""
    with wheel.path.open("rb") as stream:
        return b"".join(wheel.iter_content(member, stream))

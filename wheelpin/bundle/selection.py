"""The wheels that a lock names, looked through, and the tree that they make."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from wheelpin.bundle.layout import Layout, lay_out
from wheelpin.bundle.tree import Tree
from wheelpin.bundle.wheel import Member, Strictness, Wheel, open_wheel
from wheelpin.errors import ResolutionError
from wheelpin.target import Misfit, Target
from wheelpin.wheelhouse import Housed

_THREADS = 2


class WheelMisfitError(ResolutionError):
    """A lock names a wheel that the target cannot load."""

    def __init__(self, filename: str, target: str, misfit: Misfit) -> None:
        super().__init__(filename, target, misfit)
        self.filename, self.target, self.misfit = filename, target, misfit
        self.hint = "lock anew for this target"

    def __str__(self) -> str:
        return f"{self.filename} does not fit {self.target}: {self.misfit.detail}"


def tree_of_wheels(
    housed: Iterable[Housed],
    target: Target,
    *,
    layout: Layout | None = None,
    strictness: Strictness | None = None,
) -> Tree:
    """Lay out wheels whose digests are known to hold for *target*, by default as its system calls for.

    Raise `WheelMisfitError`, `WheelRefusedError` for a hostile archive, and what `lay_out` raises.
    """

    def opened(each: Housed) -> Wheel:
        found = open_wheel(each.path, strictness)
        if (misfit := target.misfit(found.tag_set)) is not None:
            raise WheelMisfitError(found.filename, target.name, misfit)
        return found

    with ThreadPoolExecutor(_THREADS) as threads:
        wheels = tuple(threads.map(opened, housed))
    return lay_out(wheels, layout or Layout.of(target), read_member)


def read_member(wheel: Wheel, member: Member) -> bytes:
    """Return the content of a small member, as `lay_out` asks for it."""
    with wheel.path.open("rb") as stream:
        return b"".join(wheel.iter_content(member, stream))

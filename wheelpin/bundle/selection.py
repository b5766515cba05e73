"""The wheels that a lock names, checked and looked through, and the tree that they make."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wheelpin.bundle.layout import Layout, lay_out
from wheelpin.bundle.tree import Tree
from wheelpin.bundle.wheel import Member, Strictness, Wheel, open_wheel
from wheelpin.errors import InputError, ResolutionError
from wheelpin.target import Misfit, Target
from wheelpin.wheelhouse import LockSource, WantedWheel, locate, sha256_of

_THREADS = 2


class WheelNotThereError(InputError):
    """A wheelhouse lacks a file that the lock names, or has another one under its name."""

    def __init__(self, wheel: WantedWheel, folder: str, *, is_other: bool) -> None:
        super().__init__(wheel, folder, is_other)
        self.wheel, self.folder, self.is_other = wheel, folder, is_other
        self.hint = f"fetch it: wheelpin download {wheel.wanted_by} -d {folder}"

    def __str__(self) -> str:
        what = "has other bytes than the lock says" if self.is_other else "is not there"
        return f"{self.wheel.filename} {what} in {self.folder}"


class WheelMisfitError(ResolutionError):
    """A lock names a wheel that the target cannot load."""

    def __init__(self, filename: str, target: str, misfit: Misfit) -> None:
        super().__init__(filename, target, misfit)
        self.filename, self.target, self.misfit = filename, target, misfit
        self.hint = "lock anew for this target"

    def __str__(self) -> str:
        return f"{self.filename} does not fit {self.target}: {self.misfit.detail}"


def open_locked_wheels(
    source: LockSource, wheelhouse: Path, target: Target, strictness: Strictness | None = None
) -> tuple[Wheel, ...]:
    """Return the wheels of the lock's pins; each has the locked digest, fits *target*, and is no hostile archive.

    Raise `WheelNotThereError`, `WheelMisfitError`, `WheelRefusedError`, or `NoSuchWheelError` for pins without a file.
    """
    wanted = list(locate([source], wheelhouse, None))

    def opened(wheel: WantedWheel) -> Wheel:
        path = wheelhouse / wheel.filename
        if (digest := sha256_of(path)) != wheel.sha256:
            raise WheelNotThereError(wheel, str(wheelhouse), is_other=digest is not None)
        found = open_wheel(path, strictness)
        if (misfit := target.misfit(found.tag_set)) is not None:
            raise WheelMisfitError(wheel.filename, target.name, misfit)
        return found

    with ThreadPoolExecutor(_THREADS) as threads:
        return tuple(threads.map(opened, wanted))


def tree_of_lock(
    source: LockSource,
    wheelhouse: Path,
    target: Target,
    *,
    layout: Layout | None = None,
    strictness: Strictness | None = None,
) -> Tree:
    """Lay out the lock's wheels for *target*, by default as its system calls for.

    Raise what `open_locked_wheels` and `lay_out` raise.
    """
    wheels = open_locked_wheels(source, wheelhouse, target, strictness)
    return lay_out(wheels, layout or Layout.of(target), read_member)


def read_member(wheel: Wheel, member: Member) -> bytes:
    """Return the content of a small member, as `lay_out` asks for it."""
    with wheel.path.open("rb") as stream:
        return b"".join(wheel.iter_content(member, stream))

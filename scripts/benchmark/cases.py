"""What is locked for whom, and in which state the caches are."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from benchmark.worlds import layered_roots


@dataclass(frozen=True, slots=True)
class Target:
    """A CPython and a glibc, in every tool's words."""

    python: str = "3.12"
    glibc: str = "2_28"
    machine: str = "x86_64"

    @property
    def interpreter(self) -> str:
        return f"cp{self.python.replace('.', '')}"

    @property
    def name(self) -> str:
        # As wheelpin spells it in the names of its files.
        floor = "2014" if self.glibc == "2_17" else f"_{self.glibc}"
        return f"{self.interpreter}-manylinux{floor}_{self.machine}"


LAMBDA = Target()


class Kind(Enum):
    """What the tool finds when it starts."""

    COLD = "cold"
    """Nothing."""
    WARM = "warm"
    """Its cache of the same lock, all of it fresh."""
    STALE = "stale"
    """Its cache of the same lock, every page past its time and unchanged on the index."""
    LOCK = "lock at hand"
    """The lock itself and an empty cache, as in CI."""
    ADDED = "one added"
    """Its fresh cache and the lock, and one requirement more than both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    world: str
    requirements: tuple[str, ...]
    added: str
    """The requirement that `Kind.ADDED` adds."""
    targets: tuple[Target, ...] = (LAMBDA,)


_MEDIUM = ("fastapi[standard]", "sqlalchemy", "boto3", "pandas")
_LARGE = ("apache-airflow[amazon,celery,postgres,ssh,http]==3.2.2",)
_GOOGLE = ("apache-airflow[amazon,celery,google,postgres,ssh,http]==3.2.2",)
_TWELVE = tuple(
    Target(python, glibc, machine)
    for python in ("3.11", "3.12", "3.13", "3.14")
    for glibc, machine in (("2_28", "x86_64"), ("2_28", "aarch64"), ("2_34", "x86_64"))
)
_SIXTY_FOUR = tuple(
    Target(python, glibc, machine)
    for machine in ("x86_64", "aarch64")
    for glibc in ("2_28", "2_37", "2_31", "2_32", "2_33", "2_34", "2_35", "2_36")
    for python in ("3.12", "3.11", "3.13", "3.14")
)

RECORDED = (
    Case(name="small", world="recorded", requirements=("flask",), added="requests"),
    Case(name="medium", world="recorded", requirements=_MEDIUM, added="flask"),
    Case(name="large", world="recorded", requirements=_LARGE, added="flask"),
    Case(name="google", world="recorded", requirements=_GOOGLE, added="flask"),
    Case(name="twelve", world="recorded", requirements=_MEDIUM, added="flask", targets=_TWELVE),
)


def _layered(size: int) -> Case:
    roots = layered_roots(size)
    return Case(name=f"layered-{size}", world=f"layered-{size}", requirements=roots[1:], added=roots[0])


def _targets(count: int) -> Case:
    roots = layered_roots(50)
    requirements, added, targets = roots[1:], roots[0], _SIXTY_FOUR[:count]
    return Case(name=f"targets-{count}", world="layered-50", requirements=requirements, added=added, targets=targets)


def _backtracking(size: int) -> Case:
    name = f"backtracking-{size}"
    return Case(name=name, world=name, requirements=("left", "base"), added="other")


def _tangled(size: int) -> Case:
    name = f"tangled-{size}"
    return Case(name=name, world=name, requirements=("left", "right", "base"), added="other")


_SWEEPS: dict[str, Callable[[int], Case]] = {
    "layered": _layered,
    "targets": _targets,
    "backtracking": _backtracking,
    "tangled": _tangled,
}
DEFAULT_NAMES = ("small", "medium", "large", "google", "twelve", "backtracking-1000")


def case_named(name: str) -> Case:
    """Return a recorded case, or a generated one as ``layered-N``, ``targets-N``, ``backtracking-N`` or ``tangled-N``.

    Raises ValueError for any other name.
    """
    for case in RECORDED:
        if case.name == name:
            return case
    kind, _, size = name.rpartition("-")
    if kind in _SWEEPS and size.isdecimal():
        return _SWEEPS[kind](int(size))
    raise ValueError(name)

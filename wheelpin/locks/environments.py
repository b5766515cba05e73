"""A target as a marker (PEP 508): what of it the installer of a pylock.toml can see, and what it cannot."""

from packaging.specifiers import SpecifierSet

from wheelpin.locks.errors import TargetsAlikeError
from wheelpin.locks.model import LockedTarget
from wheelpin.target import Target

_VARIABLES = ("python_version", "platform_python_implementation", "sys_platform", "platform_machine")
_NARROW_MACHINES = frozenset({"i686", "armv7l", "x86"})
"""What an interpreter of 32 bits on a kernel of 64 does not call its machine."""


def target_of(locked: LockedTarget) -> Target:
    """Return the target that its spelling stands for."""
    version = locked.python_full_version
    return Target.parse(locked.spelling, python_full_version=None if version is None else str(version))


def environment_of(target: Target) -> str:
    """Spell the environments of *target* as a marker, as narrow as markers can."""
    return " and ".join(f"{variable} == '{value}'" for variable, value in _seen_of(target).items())


def python_of(target: Target) -> SpecifierSet:
    """Return the Pythons of *target*: its patch may be replaced, its minor not."""
    return SpecifierSet(f"=={target.interpreter.minor}.*")


def require_distinct(targets: tuple[Target, ...]) -> None:
    """Make sure that markers tell every two of *targets* apart; raise `TargetsAlikeError`."""
    for place, target in enumerate(targets):
        for other in targets[:place]:
            seen, others = _seen_of(target), _seen_of(other)
            if not any(seen[variable] != others[variable] for variable in seen.keys() & others.keys()):
                raise TargetsAlikeError(other.name, target.name)


def _seen_of(target: Target) -> dict[str, str]:
    values = {variable: target.markers[variable] for variable in _VARIABLES}
    if values["platform_machine"] in _NARROW_MACHINES:
        del values["platform_machine"]
    return values

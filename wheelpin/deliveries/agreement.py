"""Hold what wheels say of themselves against the lock, which may rest on what an index said of them (PEP 658)."""

from collections.abc import Iterable, Iterator, Mapping

from packaging.utils import NormalizedName

from wheelpin.bundle import Wheel
from wheelpin.errors import IntegrityError
from wheelpin.locks import Lock, Pin
from wheelpin.requirements import RequirementSyntaxError, parse_requires_python
from wheelpin.requirements.lenient import parse_metadata_requirement
from wheelpin.requirements.model import Requirement
from wheelpin.target import Target, UnknownMarkerError
from wheelpin.values import Origin


class MetadataDisagreesError(IntegrityError):
    """A wheel's own metadata is not what its lock was made by."""

    def __init__(self, filename: str, lock: str, problem: str) -> None:
        super().__init__(filename, lock, problem)
        self.filename, self.lock, self.problem = filename, lock, problem
        self.hint = "the index told other metadata than the wheel has: lock anew with --refresh, or leave that index"

    def __str__(self) -> str:
        return f"{self.filename} {self.problem}, which {self.lock} does not know of"


def require_agreement(lock: Lock, name: str, wheels: Iterable[Wheel], target: Target) -> None:
    """Raise `MetadataDisagreesError` if a wheel asks for what *lock*, called *name*, does not pin.

    Names and versions are compared when wheels are opened. Only a lock that wheelpin made for this very target, whose
    pins nobody edited and no override changed, has to hold all that wheels ask for.
    """
    if not _is_complete(lock, target):
        return
    pins = {pin.project: pin for pin in lock.pins}
    for wheel in wheels:
        for problem in _iter_problems(wheel, pins, target):
            raise MetadataDisagreesError(wheel.filename, name, problem)


def _is_complete(lock: Lock, target: Target) -> bool:
    if (made_for := lock.target) is None or (proof := lock.proof) is None:
        return False
    is_same = (made_for.spelling, made_for.python_full_version) == (target.spelling, target.python_full_version)
    return is_same and proof.is_intact and {"overrides", "target"}.isdisjoint(dict(proof.facts))


def _iter_problems(wheel: Wheel, pins: Mapping[NormalizedName, Pin], target: Target) -> Iterator[str]:
    wanted = wheel.metadata.requires_python
    if wanted is not None and not _accepts(target, wanted):
        yield f"is for Python {wanted}"
    for requirement in _iter_requirements(wheel, pins.get(wheel.project), target):
        pin = pins.get(requirement.name)
        if pin is None or not requirement.specifier.contains(pin.version, prereleases=True):
            yield f"requires {requirement}"


def _accepts(target: Target, requires_python: str) -> bool:
    try:
        return target.accepts_python(parse_requires_python(requires_python)).holds
    except RequirementSyntaxError:
        return True  # what no tool can read keeps nobody away


def _iter_requirements(wheel: Wheel, pin: Pin | None, target: Target) -> Iterator[Requirement]:
    """Yield what the wheel requires on the target, as far as it can be told from the pin alone."""
    extras = pin.extras if pin is not None else ()
    for text in wheel.metadata.requires_dist:
        try:
            requirement, _ = parse_metadata_requirement(text, Origin(wheel.filename))
            if target.applies(requirement.marker, extras).holds:
                yield requirement
        except (RequirementSyntaxError, UnknownMarkerError):
            continue  # the lock was made in spite of it

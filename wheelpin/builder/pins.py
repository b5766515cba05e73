"""A build's own requirements: resolved by wheelpin for the image's Python, fetched and laid into a folder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.builder.errors import BuildRequirementsError
from wheelpin.builder.workshop import Workshop
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.errors import InputError
from wheelpin.requirements import parse_requirement
from wheelpin.resolve.several import Failure, resolve_all
from wheelpin.resolve.task import ResolvedPin, Task
from wheelpin.target import Target
from wheelpin.values import Origin, Sha256
from wheelpin.wheelhouse import WantedWheel, plan
from wheelpin.wheelhouse import run as fetch

PIP = "pip"
"""Every build brings its own, of a release that is fit for the image's Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPins:
    """Wheels that answer a build's requirements, sorted by project."""

    pins: tuple[ResolvedPin, ...]

    @property
    def spelled(self) -> tuple[str, ...]:
        """``setuptools==59.6.0`` and so on."""
        return tuple(f"{pin.project}=={pin.version}" for pin in self.pins)

    @property
    def identities(self) -> tuple[str, ...]:
        """The same by their bytes."""
        return tuple(f"{pin.file.filename} {pin.file.sha256}" for pin in self.pins)

    def version_of(self, project: str) -> Version:
        """Return the version of a project that is among them."""
        return self._pin(project).version

    def filename_of(self, project: str) -> str:
        """Return the wheel's name of a project that is among them."""
        return self._pin(project).file.filename

    def _pin(self, project: str) -> ResolvedPin:
        return next(pin for pin in self.pins if pin.project == NormalizedName(project))


def pin_requirements(texts: Iterable[str], target: Target, workshop: Workshop, *, subject: str) -> BuildPins:
    """Choose a wheel for everything that *texts* (PEP 508) need on *target*; raise `BuildRequirementsError`."""
    origin = Origin(f"the build of {subject}")
    try:
        wanted = tuple(parse_requirement(text, origin) for text in dict.fromkeys(texts))
    except InputError as error:
        raise BuildRequirementsError(subject, str(error)) from error
    index = workshop.supply.index
    assert index is not None
    task = Task(target=target, requirements=wanted, rules=workshop.rules)
    (outcome,) = resolve_all([task], Catalogue(index), workshop.reporter, align=False)
    if isinstance(outcome, Failure):
        hint = "name other versions in the recipe's build-requires, or another image"
        raise BuildRequirementsError(subject, str(outcome.error), hint=hint) from outcome.error
    return BuildPins(pins=outcome.pins)


def lay_in(pins: Sequence[ResolvedPin], folder: Path, workshop: Workshop) -> None:
    """Fetch the wheels of *pins* into *folder*, each checked; what lies there stays."""
    index = workshop.supply.index
    assert index is not None
    wanted = []
    for pin in pins:
        file = pin.file if pin.file.sha256 is not None else index.hashed(pin.file)
        wanted.append(
            WantedWheel(
                project=pin.project,
                filename=file.filename,
                sha256=Sha256(file.sha256 or ""),
                wanted_by="build requirements",
                url=file.url,
                size_bytes=file.size_bytes,
            )
        )
    fetch(plan(wanted, {}), folder, workshop.supply)

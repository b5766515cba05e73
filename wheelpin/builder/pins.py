"""A build's own requirements: resolved by wheelpin for the image's Python, fetched and laid into a folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from packaging.version import Version

from wheelpin.builder.errors import BuildRequirementsError
from wheelpin.builder.kept import adopt
from wheelpin.builder.tools import ToolBuilder
from wheelpin.builder.workshop import Workshop
from wheelpin.candidates.catalogue import Catalogue
from wheelpin.errors import InputError, ResolutionError
from wheelpin.files import IndexFile
from wheelpin.ports import Index
from wheelpin.requirements import parse_requirement
from wheelpin.resolve.conflict import NothingFitsError
from wheelpin.resolve.explanation import Explanation
from wheelpin.resolve.several import Failure, resolve_all
from wheelpin.resolve.task import ResolvedPin, Task
from wheelpin.target import Target
from wheelpin.values import Origin, Sha256
from wheelpin.wheelhouse import WantedWheel, plan
from wheelpin.wheelhouse import run as fetch

PIP = "pip"
"""Every build brings its own, of a release that is fit for the image's Python."""


class BuildPins(Struct, frozen=True, kw_only=True):
    """What answers a build's requirements, sorted by project; what has no wheel is pinned by its sdist."""

    pins: tuple[ResolvedPin, ...]

    @property
    def spelled(self) -> tuple[str, ...]:
        """For provenance: ``setuptools==59.6.0``, and ``docopt@docopt-0.6.2.tar.gz#sha256=…`` for what was built."""
        return tuple(map(_spelled, self.pins))

    @property
    def names(self) -> tuple[str, ...]:
        """For an installer: ``setuptools==59.6.0`` and so on."""
        return tuple(f"{pin.project}=={pin.version}" for pin in self.pins)

    @property
    def identities(self) -> tuple[str, ...]:
        """The same by their bytes."""
        return tuple(f"{pin.file.filename} {pin.file.sha256}" for pin in self.pins)

    def version_of(self, project: str) -> Version | None:
        """Return the version of a project, None if it is not among them."""
        return next((pin.version for pin in self.pins if pin.project == project), None)

    @property
    def pip_wheel(self) -> str:
        """The name of pip's wheel."""
        return next(pin.file.filename for pin in self.pins if pin.project == PIP)


def _spelled(pin: ResolvedPin) -> str:
    if pin.file.is_sdist:
        return f"{pin.project}@{pin.file.filename}#sha256={pin.file.sha256}"
    return f"{pin.project}=={pin.version}"


def pin_requirements(
    texts: Iterable[str], target: Target, workshop: Workshop, tools: ToolBuilder, *, subject: str
) -> BuildPins:
    """Choose a file for everything that *texts* (PEP 508) need on *target*: a wheel, or else an sdist for *tools*.

    Raise `BuildRequirementsError`, and what building raises where only a build tells what a tool needs.
    """
    origin = Origin(f"the build of {subject}")
    try:
        wanted = tuple(parse_requirement(text, origin) for text in dict.fromkeys(texts))
    except InputError as error:
        raise BuildRequirementsError(subject, str(error)) from error
    index = workshop.supply.index
    assert index is not None
    task = Task(target=target, requirements=wanted, rules=workshop.rules, builder=tools)
    (outcome,) = resolve_all([task], Catalogue(index), workshop.reporter, align=False)
    if isinstance(outcome, Failure):
        hint = "name other versions in the recipe's build-requires, or another image"
        raise BuildRequirementsError(subject, _reason(outcome.error), hint=hint) from outcome.error
    return BuildPins(pins=tuple(_hashed(pin, index) if pin.file.is_sdist else pin for pin in outcome.pins))


def _reason(error: ResolutionError) -> str:
    match error:
        case NothingFitsError(explanation=Explanation(sdist=IndexFile(filename=name), build_refusal=str(refusal))):
            return f"{error}, and {name} is not built: {refusal}"
        case _:
            return str(error)


def _hashed(pin: ResolvedPin, index: Index) -> ResolvedPin:
    return pin if pin.file.sha256 is not None else replace(pin, file=index.hashed(pin.file))


def lay_in(pins: Sequence[ResolvedPin], folder: Path, workshop: Workshop, tools: ToolBuilder) -> None:
    """Put the wheels of *pins* into *folder*, fetched and checked or built; what lies there stays."""
    index = workshop.supply.index
    assert index is not None
    wanted = []
    for pin in pins:
        if pin.file.is_sdist:
            adopt(tools.wheel(pin.file, pin.project), folder)
            continue
        file = _hashed(pin, index).file
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

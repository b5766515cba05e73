"""A pylock.toml of any tool to a `Lock` for one target (PEP 751): its tags and markers choose, nothing else does."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace
from packaging.markers import Marker
from packaging.pylock import Package, PackageArchive, PackageWheel, Pylock, PylockValidationError
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.candidates.listing import WheelName, WheelNameError, parse_wheel_name
from wheelpin.errors import InputError, ResolutionError
from wheelpin.locks.errors import LockSyntaxError
from wheelpin.locks.model import Lock, LockedFile, LockedTarget, Pin
from wheelpin.locks.times import spell_time
from wheelpin.requirements.pylock_file import PylockFileError, load_pylock, origins_of_packages
from wheelpin.target import Target
from wheelpin.values import IndexUrl, Origin, Sha256

Warn = Callable[[str], None]


def _say_nothing(_: str) -> None:
    """Hear a warning that nobody wants."""


_MEMBERSHIP = re.compile(
    r"""(?P<quote>["'])(?P<name>[^"']*)(?P=quote) (?P<operator>not in|in) (?P<among>extras|dependency_groups)\b"""
)
_TRUE, _FALSE = '"" == ""', '"" != ""'
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HINT = "lock for this target: wheelpin lock, or the tool that wrote the file"


class LockNotForTargetError(ResolutionError):
    """A lock of another tool has no answer for the target."""

    def __init__(self, origin: Origin, target: str, problem: str, hint: str = _HINT) -> None:
        super().__init__(origin, target, problem, hint)
        self.origin, self.target, self.problem, self.hint = origin, target, problem, hint

    def __str__(self) -> str:
        return f"{self.origin}: {self.problem}"


class NotOfferedError(InputError):
    """A lock has no packages for an extra or a group that was asked for."""

    def __init__(self, origin: Origin, kind: str, name: str, offered: tuple[str, ...]) -> None:
        super().__init__(origin, kind, name, offered)
        self.origin, self.kind, self.name, self.offered = origin, kind, name, offered
        self.hint = f"it offers {', '.join(offered)}" if offered else "leave the option out"

    def __str__(self) -> str:
        return f"{self.origin} offers no {self.kind} {self.name!r}"


class Selection(Struct, frozen=True, kw_only=True):
    """What of a lock's optional packages is wanted, beside its default groups."""

    extras: frozenset[NormalizedName] = frozenset()
    groups: frozenset[NormalizedName] = frozenset()

    def check(self, origin: Origin, *, extras: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
        """Raise `NotOfferedError` for what is not among the *extras* and *groups* that a lock offers."""
        for kind, wanted, offered in (("extra", self.extras, extras), ("group", self.groups, groups)):
            known = tuple(sorted(offered))
            for name in sorted(wanted - set(map(canonicalize_name, known))):
                raise NotOfferedError(origin, kind, name, known)


DEFAULTS = Selection()


class NotAWheelError(InputError):
    """A lock names a checkout, a folder or an archive of sources where only a wheel can be laid out."""

    def __init__(self, origin: Origin, project: NormalizedName, what: str) -> None:
        super().__init__(origin, project, what)
        self.origin, self.project, self.what = origin, project, what
        self.hint = "build it to a wheel for the target, and lock that"

    def __str__(self) -> str:
        return f"{self.origin}: {self.project} is locked as {self.what}, which would have to be built"


def parse_pylock_for(
    text: str, origin: Origin, target: Target, *, selection: Selection = DEFAULTS, warn: Warn = _say_nothing
) -> Lock:
    """Choose one wheel for each package that applies to *target*, its default groups and what *selection* adds.

    *warn* is told where another patch of the target's Python could have had another answer. Paths stay relative to
    the file. Raise `PylockFileError`, `NotOfferedError`, `LockNotForTargetError` where the target is none of those it
    was made for, `NotAWheelError`, `LockSyntaxError`, and `UnknownMarkerError`.
    """
    pylock = load_pylock(text, origin.source)
    selection.check(origin, extras=pylock.extras or (), groups=pylock.dependency_groups or ())
    groups = selection.groups.union(map(canonicalize_name, pylock.default_groups or ()))
    chooser = _Chooser(target, replace(selection, groups=groups), warn)
    _require_environment(pylock, target, origin)
    found: dict[NormalizedName, tuple[Package, Origin]] = {}
    for package, place in zip(pylock.packages, origins_of_packages(pylock, text, origin.source), strict=True):
        if not chooser.applies(package, place):
            continue
        if (other := found.get(package.name)) is not None:
            problem = f"{package.name} is locked for {target.name} here and in {other[1]}"
            raise LockSyntaxError(place, problem, "the markers of one of them are wrong: lock anew")
        found[package.name] = package, place
    pins = tuple(chooser.pin(package, place) for package, place in found.values())
    return Lock(target=LockedTarget.of(target), pins=pins)


def _require_environment(pylock: Pylock, target: Target, origin: Origin) -> None:
    if pylock.requires_python is not None and not target.accepts_python(pylock.requires_python).holds:
        wanted = f"it is for Python {pylock.requires_python}, and {target.name} has {target.python_full_version}"
        raise LockNotForTargetError(origin, target.name, wanted)
    if pylock.environments and not any(target.applies(marker).holds for marker in pylock.environments):
        raise LockNotForTargetError(origin, target.name, f"none of the environments that it is for is {target.name}")


class _Chooser:
    """Decides by one target."""

    def __init__(self, target: Target, selection: Selection, warn: Warn) -> None:
        self._target = target
        self._warn = warn
        self._chosen: Mapping[str, Collection[str]] = {
            "extras": selection.extras,
            "dependency_groups": selection.groups,
        }

    def applies(self, package: Package, origin: Origin) -> bool:
        """Judge a package's marker, which may ask for extras and groups, too."""
        if package.marker is None:
            return True
        verdict = self._target.applies(Marker(_MEMBERSHIP.sub(self._settled, str(package.marker))))
        if verdict.hinges_on_patch:
            self._warn(
                f"{origin}: whether {package.name} is needed hinges on Python's patch: "
                f"{self._target.python_full_version} is assumed; --python-full-version says which one it is"
            )
        return verdict.holds

    def _settled(self, match: re.Match[str]) -> str:
        is_chosen = canonicalize_name(match["name"]) in self._chosen[match["among"]]
        return _TRUE if is_chosen is (match["operator"] == "in") else _FALSE

    def pin(self, package: Package, origin: Origin) -> Pin:
        """Pin the wheel that the target likes best."""
        requires = package.requires_python
        if requires is not None and not self._target.accepts_python(requires).holds:
            problem = f"{package.name} is for Python {requires}, and the target has {self._target.python_full_version}"
            raise LockNotForTargetError(origin, self._target.name, problem)
        name, wheel = self._best(package, origin)
        return Pin(
            project=package.name,
            version=name.version,
            file=_locked_file(wheel, package, origin),
            requires_python=None if requires is None else str(requires),
        )

    def _best(self, package: Package, origin: Origin) -> tuple[WheelName, PackageWheel]:
        wheels = list(_iter_wheels(package, origin))
        ranked = [
            ((rank, -name.build[0], name.build[1], wheel.filename), (name, wheel))
            for name, wheel in wheels
            if (rank := self._target.rank(name.tag_set)) is not None
        ]
        if ranked:
            return min(ranked, key=lambda each: each[0])[1]
        if not wheels:
            raise NotAWheelError(origin, package.name, "an sdist only")
        misfits = [(misfit, wheel) for name, wheel in wheels if (misfit := self._target.misfit(name.tag_set))]
        nearest, wheel = max(misfits, key=lambda each: each[0].part)
        problem = (
            f"no wheel of {package.name} fits {self._target.name}; the nearest, {wheel.filename}: {nearest.detail}"
        )
        raise LockNotForTargetError(origin, self._target.name, problem)


def _iter_wheels(package: Package, origin: Origin) -> Iterator[tuple[WheelName, PackageWheel]]:
    if package.vcs is not None:
        raise NotAWheelError(origin, package.name, "a checkout")
    if package.directory is not None:
        raise NotAWheelError(origin, package.name, "a folder")
    wheels = package.wheels or ()
    if package.archive is not None:
        wheels = (_as_wheel(package.archive, package, origin),)
    for wheel in wheels:
        try:
            yield parse_wheel_name(wheel.filename, package.name), wheel
        except WheelNameError as error:
            raise PylockFileError(str(origin), f"{package.name}: {error}") from error
        except PylockValidationError as error:
            raise PylockFileError(str(origin), f"{package.name}: a wheel has no name") from error


def _as_wheel(archive: PackageArchive, package: Package, origin: Origin) -> PackageWheel:
    """Read an archive as the wheel that it may be."""
    place = archive.url or archive.path or ""
    if not place.partition("#")[0].partition("?")[0].endswith(".whl"):
        raise NotAWheelError(origin, package.name, "an archive of sources")
    return PackageWheel(
        url=archive.url,
        path=archive.path,
        size=archive.size,
        hashes=archive.hashes,
    )


def _locked_file(wheel: PackageWheel, package: Package, origin: Origin) -> LockedFile:
    digest = wheel.hashes.get("sha256", "").lower()
    if _SHA256.fullmatch(digest) is None:
        raise LockSyntaxError(origin, f"{wheel.filename} has no sha256", "lock anew with a tool that writes sha256")
    # A file that lies beside the lock need not be asked for elsewhere.
    url = wheel.url if wheel.path is None else None
    return LockedFile(
        filename=wheel.filename,
        sha256=Sha256(digest),
        url=None if url is None else url.partition("#")[0],
        path=wheel.path,
        size_bytes=wheel.size,
        uploaded_at=None if wheel.upload_time is None else spell_time(wheel.upload_time),
        index=None if package.index is None else IndexUrl(package.index),
    )

"""A pylock.toml of any tool as input (PEP 751): its packages become exact requirements with hashes."""

import re
import tomllib
from collections.abc import Iterator

from msgspec.structs import replace
from packaging.pylock import Package, PackageArchive, PackageWheel, Pylock, PylockValidationError

from wheelpin.errors import InputError
from wheelpin.requirements.addresses import address_of_path
from wheelpin.requirements.model import PythonDemand, Requirement
from wheelpin.requirements.parse import parse_requirement
from wheelpin.requirements.syntax import UnsupportedRequirementError
from wheelpin.values import Origin, Sha256

_PACKAGE = re.compile(r"^[ \t]*\[\[[ \t]*packages[ \t]*\]\]", re.MULTILINE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class PylockFileError(InputError):
    """A pylock.toml does not follow PEP 751."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        """Name the file and the reason."""
        return f"{self.name}: {self.reason}"


def parse_pylock(text: str, name: str) -> tuple[tuple[Requirement, ...], PythonDemand | None]:
    """Return the packages as requirements, and the lock's own ``requires-python``.

    Relative paths stay relative. Raise `PylockFileError`, or `UnsupportedRequirementError` for a folder or checkout.
    """
    lock = load_pylock(text, name)
    demand = lock.requires_python and PythonDemand(
        specifier=lock.requires_python, origin=Origin(f"{name}, requires-python")
    )
    origins = origins_of_packages(lock, text, name)
    return tuple(map(_requirement, lock.packages, origins)), demand or None


def load_pylock(text: str, name: str) -> Pylock:
    """Read and validate a pylock.toml; raise `PylockFileError`."""
    try:
        return Pylock.from_dict(tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise PylockFileError(name, f"no valid TOML: {error}") from error
    except PylockValidationError as error:
        raise PylockFileError(name, f"no valid lock (PEP 751): {error}") from error


def origins_of_packages(lock: Pylock, text: str, name: str) -> tuple[Origin, ...]:
    """Return where each package of *lock* begins in its *text*, without lines where they cannot be told."""
    lines = [text.count("\n", 0, found.end()) + 1 for found in _PACKAGE.finditer(text)]
    numbers = lines if len(lines) == len(lock.packages) else [None] * len(lock.packages)
    return tuple(Origin(name, number) for number in numbers)


def _requirement(package: Package, origin: Origin) -> Requirement:
    if (single := _single_file(package)) is not None:
        address = single.url or address_of_path(single.path or "")
        digest = f"#sha256={single.hashes['sha256']}" if "sha256" in single.hashes else ""
        requirement = parse_requirement(f"{package.name} @ {address}{digest}", origin)
    elif package.version is not None and (package.wheels or package.sdist):
        requirement = parse_requirement(f"{package.name}=={package.version}", origin)
        requirement = replace(requirement, hashes=frozenset(_iter_sha256(package, origin)))
    else:
        raise UnsupportedRequirementError(
            package.name, "is locked as a folder or checkout", origin, "build it to a wheel and name that"
        )
    return replace(requirement, marker=package.marker)


def _single_file(package: Package) -> PackageArchive | PackageWheel | None:
    """Return the file that no index would have: an archive, or the only wheel if it is named by its path."""
    if package.archive is not None:
        return package.archive
    wheels = package.wheels or ()
    return wheels[0] if len(wheels) == 1 and wheels[0].url is None else None


def _iter_sha256(package: Package, origin: Origin) -> Iterator[Sha256]:
    hashes = [wheel.hashes for wheel in package.wheels or ()]
    if package.sdist is not None:
        hashes.append(package.sdist.hashes)
    for by_algorithm in hashes:
        if (digest := by_algorithm.get("sha256")) is not None:
            if not _SHA256.fullmatch(digest):
                raise PylockFileError(str(origin), f"{package.name} has a sha256 that is not 64 hexadecimal digits")
            yield Sha256(digest)

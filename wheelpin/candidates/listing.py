"""A project's page arranged for choosing: wheels by name parts, read once and shared by all targets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from wheelpin.files import IndexFile, ProjectPage, SkippedEntry

BuildTag = tuple[int, str]
"""A wheel's build tag as it sorts: (number, rest); ``(-1, "")`` where there is none."""

NO_BUILD_TAG: BuildTag = (-1, "")
_BUILD_TAG = re.compile(r"(\d+)(.*)", re.ASCII | re.DOTALL)
_SDIST_ENDING = re.compile(r"\.(tar\.gz|zip|tar\.bz2|tgz|tar\.xz|tar\.Z)$")


@lru_cache(maxsize=65536)
def parse_version(text: str) -> Version | None:
    """Read a PEP 440 version, or return None: old releases have names that are none."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Wheel:
    """One wheel of a page with its name taken apart (binary distribution format)."""

    file: IndexFile
    version: Version
    build: BuildTag
    tag_set: str
    """``py2.py3-none-any``: three compressed sets."""


def read_wheel(file: IndexFile, project: NormalizedName) -> Wheel | str:
    """Take a wheel's file name apart; return what is wrong with it if it is none for *project*."""
    parts = file.filename.removesuffix(".whl").split("-")
    match parts:
        case [name, version_text, python, abi, platform]:
            build = NO_BUILD_TAG
        case [name, version_text, build_text, python, abi, platform]:
            if (found := _BUILD_TAG.fullmatch(build_text)) is None:
                return f"the build tag {build_text!r} does not start with a digit"
            build = (int(found[1]), found[2])
        case _:
            return "its name is not that of a wheel"
    if name != project and canonicalize_name(name) != project:
        return f"its name is that of another project ({name})"
    if (version := parse_version(version_text)) is None:
        return f"its version {version_text!r} is not valid (PEP 440)"
    return Wheel(file, version, build, f"{python}-{abi}-{platform}")


class Listing:
    """A project's files by kind; what is wrong with a name is kept as a reason, never raised."""

    def __init__(self, page: ProjectPage) -> None:
        self.page = page

    @property
    def project(self) -> NormalizedName:
        """The project's normalised name."""
        return self.page.project

    @cached_property
    def _read(self) -> tuple[tuple[Wheel, ...], tuple[SkippedEntry, ...]]:
        wheels: list[Wheel] = []
        skipped: list[SkippedEntry] = []
        for file in self.page.files:
            if file.is_wheel:
                match read_wheel(file, self.project):
                    case Wheel() as wheel:
                        wheels.append(wheel)
                    case str(reason):
                        skipped.append(SkippedEntry(file.filename, reason))
        return tuple(wheels), tuple(skipped)

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """All wheels whose names can be read, in the page's order."""
        return self._read[0]

    @property
    def unreadable(self) -> tuple[SkippedEntry, ...]:
        """Wheels whose names cannot be read, and why; then what the page itself could not list."""
        return self._read[1] + self.page.skipped

    @cached_property
    def versions(self) -> frozenset[Version]:
        """Every version with a wheel or an sdist."""
        return frozenset(wheel.version for wheel in self.wheels) | self.sdists.keys()

    @cached_property
    def sdists(self) -> Mapping[Version, IndexFile]:
        """The newest format's sdist of each version."""
        found: dict[Version, IndexFile] = {}
        for file in self.page.files:
            if file.is_sdist and (version := self._sdist_version(file)) is not None:
                kept = found.get(version)
                if kept is None or file.filename.endswith(".tar.gz"):
                    found[version] = file
        return found

    def _sdist_version(self, file: IndexFile) -> Version | None:
        # An old sdist's project name may hold hyphens, so the name is matched from the left, part by part.
        parts = _SDIST_ENDING.sub("", file.filename).split("-")
        for split in range(1, len(parts)):
            if canonicalize_name("-".join(parts[:split])) == self.project:
                return parse_version("-".join(parts[split:]))
        return None

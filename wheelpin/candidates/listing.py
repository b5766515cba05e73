"""A project's page arranged for choosing: wheels by name parts, read once and shared by all targets."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from wheelpin.candidates.newest_first import NewestFirst
from wheelpin.candidates.takers import Takers
from wheelpin.candidates.versions import Order, order_of, order_of_text, parse_version
from wheelpin.files import Entries, IndexFile, ProjectPage, SkippedEntry
from wheelpin.target import Target

BuildTag = tuple[int, str]
"""A wheel's build tag as it sorts: (number, rest); ``(-1, "")`` where there is none."""

NO_BUILD_TAG: BuildTag = (-1, "")
_BUILD_TAG = re.compile(r"(\d{1,100})(.*)", re.ASCII | re.DOTALL)
_SDIST_ENDING = re.compile(r"\.(tar\.gz|zip|tar\.bz2|tgz|tar\.xz|tar\.Z)$")


class Wheel:
    """One wheel of a page with its name taken apart (binary distribution format); its entry is read when needed."""

    __slots__ = ("_entries", "_file", "build", "filename", "place", "tag_set", "version")

    def __init__(self, entries: Entries, place: int, filename: str, name: "WheelName") -> None:
        self._entries, self.place = entries, place
        self._file: IndexFile | str | None = None
        self.filename = filename
        self.version, self.build, self.tag_set = name

    def read(self) -> IndexFile | str:
        """Return the file that the page lists, or what is wrong with its entry."""
        if self._file is None:
            try:
                self._file = self._entries.read(self.place, self.filename)
            except ValueError as error:
                self._file = str(error)
        return self._file

    @property
    def file(self) -> IndexFile:
        """The file that the page lists; raise `ValueError` if its entry cannot be one."""
        if isinstance(found := self.read(), str):
            raise ValueError(found)
        return found


class WheelName(NamedTuple):
    """What a wheel's name says, its project apart."""

    version: Version
    build: BuildTag
    tag_set: str
    """``py2.py3-none-any``: three compressed sets."""


class WheelNameError(ValueError):
    """A file name has a wheel's ending and is no wheel's name; the message says why."""


def tags_of(filename: str) -> str:
    """Return the three last parts of a wheel's name, ``""`` if it has too few."""
    parts = filename.rsplit("-", 3)
    return filename[len(parts[0]) + 1 : -4] if len(parts) == _PARTS_BEFORE_AND_TAGS else ""


_PARTS_BEFORE_AND_TAGS = 4


def parse_wheel_name(filename: str, project: NormalizedName) -> WheelName:
    """Take a wheel's file name apart; raise `WheelNameError` if it is none for *project*."""
    if not (tag_set := tags_of(filename)):
        raise WheelNameError(_NO_WHEEL)
    version, build = _parse_head(filename[: -len(tag_set) - len("-.whl")], project)
    return WheelName(version, build, tag_set)


_NO_WHEEL = "its name is not that of a wheel"
_normalized = lru_cache(maxsize=4096)(canonicalize_name)


def _parse_head(head: str, project: NormalizedName) -> tuple[Version, BuildTag]:
    """Read what stands before the tags; raise `WheelNameError`."""
    match head.split("-"):
        case [name, version_text]:
            build = NO_BUILD_TAG
        case [name, version_text, build_text]:
            if (found := _BUILD_TAG.fullmatch(build_text)) is None:
                raise WheelNameError(f"the build tag {build_text!r} does not start with a digit")
            build = (int(found[1]), found[2])
        case _:
            raise WheelNameError(_NO_WHEEL)
    if name != project and _normalized(name) != project:
        raise WheelNameError(f"its name is that of another project ({name})")
    if (version := parse_version(version_text)) is None:
        raise WheelNameError(f"its version {version_text!r} is not valid (PEP 440)")
    return version, build


def _spellings(version: Version) -> re.Pattern[str]:
    """Return what is found in every wheel's name that has *version*, however PEP 440 lets it be spelled."""
    release = list(version.release)
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    epoch = f"0*{version.epoch}!" if version.epoch else "(?:0+!)?"
    # What follows the release is spelled in many ways, and is compared when the name is taken apart.
    return re.compile(rf"-[vV]?{epoch}" + r"\.".join(f"0*{number}" for number in release) + r"(?:\.0+)*(?![0-9])")


class Listing:
    """A project's files by kind; what is wrong with one is kept as a reason, never raised.

    Names are grouped by their tags first. Only those that some target takes are taken apart and read from the
    page: a page has thousands of names, a target wants a few of them.
    """

    def __init__(self, page: ProjectPage, takers: Takers | None = None) -> None:
        """*takers* are known to look at it sooner or later; others may, too."""
        self.page = page
        self._takers = takers or Takers()
        self._taken_apart: dict[int, Wheel | SkippedEntry] = {}
        self._served: tuple[frozenset[str], Assortment] = frozenset(), Assortment(self, {})

    @property
    def project(self) -> NormalizedName:
        """The project's normalised name."""
        return self.page.project

    @cached_property
    def _places(self) -> Mapping[str, list[int]]:
        """The places of wheels on the page by tag set; names without tags stand under ``""``."""
        # Two steps, because this loop runs over every name of a page: what follows the second hyphen is nearly
        # always the tags, and there are few of those.
        by_tail: defaultdict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self.page.names()):
            if name.endswith(".whl"):
                by_tail[name.split("-", 2)[-1]].append(place)
        found: dict[str, list[int]] = {}
        for tail, places in by_tail.items():
            found.setdefault(tags_of(f"-{tail}"), []).extend(places)
        return found

    @property
    def tag_sets(self) -> Iterable[str]:
        """The different tag sets of the page's wheels."""
        return self._places.keys()

    def assortment(self, target: Target) -> "Assortment":
        """Return the wheels that some target takes, *target* among them; the same for all once all have asked."""
        served, assortment = self._served
        if target.tags_digest in served:
            return assortment
        known, taken = self._takers.digests, self._takers.taken(self.tag_sets)
        if target.tags_digest not in known:
            taken |= {tag_set for tag_set in self.tag_sets if target.rank(tag_set) is not None}
        if not taken <= assortment.tag_sets:
            names = self.page.names()
            places = {tag_set: self._places[tag_set] for tag_set in sorted(taken | assortment.tag_sets)}
            found = {tag_set: [(place, names[place]) for place in at] for tag_set, at in places.items()}
            assortment = Assortment(self, found)
        # Both at once: another thread may do the same for other targets, and would then do it again.
        self._served = served | known | {target.tags_digest}, assortment
        return assortment

    def wheels_of(self, version: Version) -> Iterator[Wheel]:
        """Yield the wheels of one version, looking at no other names; an entry may turn out unreadable."""
        for place, filename in self.page.matching(_spellings(version)):
            if filename.endswith(".whl"):
                wheel = self.take_apart(place, filename)
                if isinstance(wheel, Wheel) and wheel.version == version:
                    yield wheel

    def take_apart(self, place: int, filename: str) -> Wheel | SkippedEntry:
        """Return the wheel at *place*, the same each time, or why its name is none; its entry is not read yet."""
        found = self._taken_apart.get(place)
        if found is None:
            try:
                found = Wheel(self.page.entries, place, filename, parse_wheel_name(filename, self.project))
            except WheelNameError as error:
                found = SkippedEntry(filename, str(error))
            # Another thread may have been faster, and a wheel is one object.
            found = self._taken_apart.setdefault(place, found)
        return found

    @cached_property
    def _all(self) -> Sequence[Wheel | SkippedEntry]:
        names = self.page.names()
        return [self.take_apart(place, names[place]) for places in self._places.values() for place in places]

    @cached_property
    def wheels(self) -> tuple[Wheel, ...]:
        """All wheels whose names and entries can be read, tag set by tag set."""
        return tuple(one for one in self._all if isinstance(one, Wheel) and not isinstance(one.read(), str))

    @cached_property
    def unreadable(self) -> tuple[SkippedEntry, ...]:
        """Wheels whose names cannot be read, and why; then what the page itself could not list."""
        return (*(one for one in self._all if isinstance(one, SkippedEntry)), *self.page.skipped)

    @cached_property
    def versions(self) -> frozenset[Version]:
        """Every version with a wheel or an sdist."""
        return frozenset(wheel.version for wheel in self.wheels) | self.sdists.keys()

    @cached_property
    def sdists(self) -> Mapping[Version, IndexFile]:
        """The sdist of each version, ``.tar.gz`` before the older formats."""
        found: dict[Version, IndexFile] = {}
        # The page's order means nothing, so it does not choose among equals.
        for file in sorted(self.page.files, key=lambda file: file.filename):
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


class Assortment:
    """The wheels of a listing with certain tag sets, by version; each version is looked into when it is asked for."""

    def __init__(self, listing: Listing, named: Mapping[str, Sequence[tuple[int, str]]]) -> None:
        """Take place and name of all wheels of each tag set; they may turn out to be no wheels' names."""
        self.tag_sets = named.keys()
        self._listing = listing
        by_text: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for found in named.values():
            for at in found:
                by_text[at[1].split("-", 2)[1]].append(at)
        texts: dict[Order, str] = {}
        self._named: dict[Order, list[tuple[int, str]]] = {}
        for text, found in by_text.items():
            if (order := order_of_text(text)) is not None:
                # 1.0 and 1.0.0 are one version.
                texts.setdefault(order, text)
                self._named.setdefault(order, []).extend(found)
        self._wheels: dict[Version, tuple[Wheel, ...]] = {}
        self.versions = NewestFirst(texts[order] for order in sorted(texts, reverse=True))

    def wheels(self, version: Version) -> tuple[Wheel, ...]:
        """Return the wheels of *version*."""
        if (known := self._wheels.get(version)) is None:
            taken_apart = [self._listing.take_apart(*at) for at in self._named.get(order_of(version), ())]
            known = self._wheels[version] = tuple(one for one in taken_apart if isinstance(one, Wheel))
            for wheel in known:
                # All at once, because the page may be packed away before the next target asks.
                wheel.read()
        return known

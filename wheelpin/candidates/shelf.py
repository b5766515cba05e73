"""One project's files as one target sees them: what fits, best first, and why the rest does not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Assortment, Listing, Wheel
from wheelpin.candidates.newest_first import NewestFirst
from wheelpin.candidates.rejection import Reason, Rejection
from wheelpin.candidates.rules import Rules
from wheelpin.files import IndexFile
from wheelpin.requirements import RequirementSyntaxError, parse_requires_python
from wheelpin.target import Part, Target

if TYPE_CHECKING:
    from wheelpin.values import Sha256

_MOST_NOTED = 64
"""So many versions of a project are noted for other runs; a search that needs more has other worries."""

_TAG_REASONS: Mapping[Part, Reason] = {
    Part.SHAPE: Reason.TAGS,
    Part.INTERPRETER: Reason.INTERPRETER,
    Part.PLATFORM: Reason.PLATFORM,
    Part.ARCHITECTURE: Reason.ARCHITECTURE,
    Part.ABI: Reason.ABI,
    Part.LIBC: Reason.LIBC,
}


class Candidate(Struct, frozen=True, eq=False):
    """One version of a project with the files that may be chosen for a target: one object for each such choice."""

    project: NormalizedName
    version: Version
    file: IndexFile
    rank: int
    """Place of the file's best tag in the target's list; 0 is best."""
    alternatives: tuple[IndexFile, ...] = ()
    """Files of the same version that fit as well but are ranked lower, best first."""


def as_listed(file: IndexFile) -> IndexFile:
    """Return *file* as its page has it, with a sha256 or without."""
    return file


class Shelf:
    """The files of one listing for one target under one set of rules.

    Wheels are ordered by version (newest first), then rank, then build tag (highest first), then name.
    """

    def __init__(
        self, listing: Listing, target: Target, rules: Rules, *, hashed: Callable[[IndexFile], IndexFile] = as_listed
    ) -> None:
        """*hashed* gives a file that its page has no sha256 of one, if it can: asked where a demand has hashes."""
        self.listing = listing
        self.target = target
        self.rules = rules
        self._hashed = hashed
        self._chosen: dict[tuple[Version, frozenset[Sha256] | None, bool], Candidate | None] = {}
        self._candidates: dict[tuple[IndexFile, ...], Candidate] = {}
        self._fitting: dict[Version, tuple[tuple[int, Wheel], ...]] = {}
        self._assortment: Assortment | None = None

    def fitting(self, version: Version) -> tuple[tuple[int, Wheel], ...]:
        """Return the wheels of *version* whose tags the target takes, with their ranks, best first.

        As long as nobody asks for all versions, their names are not looked at for this.
        """
        if (known := self._fitting.get(version)) is None:
            noted, key = self.listing.page.entries.found, f"{version} {self.target.tags_digest}"
            found = noted.get(key)
            wheels = self._wheels(version) if found is None else self._taken_apart(found)
            ranked = [(rank, wheel) for wheel in wheels if (rank := self.target.rank(wheel.tag_set)) is not None]
            known = self._fitting[version] = tuple(sorted(ranked, key=_preference))
            # For the runs to come; many versions pass by that other targets only have wheels of.
            if found is None and len(noted) < _MOST_NOTED and (known or self._assortment is None):
                noted[key] = {wheel.place: wheel.filename for _, wheel in known}
        return known

    def _wheels(self, version: Version) -> Iterable[Wheel]:
        """Return the wheels of *version* that may fit."""
        return self.listing.wheels_of(version) if self._assortment is None else self._assortment.wheels(version)

    def _taken_apart(self, found: Mapping[int, str]) -> Iterator[Wheel]:
        """Yield the wheels among what an earlier run noted with the page."""
        for at in found.items():
            if isinstance(wheel := self.listing.take_apart(*at), Wheel):
                yield wheel

    def candidates(self, demand: Demand) -> Iterator[Candidate]:
        """Yield what answers *demand*, best first: one candidate a version.

        Pre-releases come only where a specifier names one, the rules allow them, or nothing final fits (PEP 440).
        """
        allow_prereleases = self.rules.allow_prereleases or demand.names_prerelease
        found = False
        preferred = demand.preferred
        if preferred is not None and demand.specifier.contains(preferred, prereleases=True):
            candidate = self._candidate(preferred, demand)
            if candidate is not None:
                found = not preferred.is_prerelease
                yield candidate
        held_back: list[Version] = []
        for version in self._newest_first.in_range(demand.specifier):
            if version == preferred:
                continue
            if version.is_prerelease and not allow_prereleases:
                held_back.append(version)
            elif (candidate := self._candidate(version, demand)) is not None:
                found = True
                yield candidate
        if not found:
            for version in held_back:
                if (candidate := self._candidate(version, demand)) is not None:
                    yield candidate

    def kept_back(self, demand: Demand) -> Iterator[Candidate]:
        """Yield what is in the range of *demand* and would take a further demand: yanked files and pre-releases."""
        let_in = {candidate.version for candidate in self.candidates(demand)}
        for version in self._in_range(demand.specifier):
            if version not in let_in:
                exact = Demand(specifier=SpecifierSet(f"=={version}"), hashes=demand.hashes)
                if (candidate := self._only(version, exact)) is not None:
                    yield candidate

    def _in_range(self, specifier: SpecifierSet) -> Iterator[Version]:
        yield from self._newest_first.in_range(specifier)

    def _only(self, version: Version, demand: Demand) -> Candidate | None:
        """Return the candidate of one version for a *demand* that spells it out."""
        return self._candidate(version, demand)

    @property
    def _newest_first(self) -> NewestFirst:
        """All versions that some target has a wheel of, this one or another."""
        if self._assortment is None:
            self._assortment = self.listing.assortment(self.target)
        return self._assortment.versions

    def _candidate(self, version: Version, demand: Demand) -> Candidate | None:
        key = (version, demand.hashes, demand.is_exact)
        if key not in self._chosen:
            self._chosen[key] = self._choose(version, demand)
        return self._chosen[key]

    def _choose(self, version: Version, demand: Demand) -> Candidate | None:
        ranked = self.fitting(version)
        fitting = [(rank, wheel) for rank, wheel in ranked if not isinstance(wheel.read(), str)]
        taken = [(rank, wheel) for rank, wheel in fitting if self.file_rejection(wheel, demand) is None]
        # A release can be yanked file by file: a pin takes a yanked one only when no other file of it fits.
        unyanked = [(rank, wheel) for rank, wheel in taken if wheel.file.yanked is None]
        if not (order := unyanked or taken):
            return None
        # Other demands may leave the same file other alternatives: that is another candidate.
        best, *others = files = tuple(self._told_apart(wheel.file, demand) for _, wheel in order)
        # The best wheel's spelling of the version stands for it, not that of the first on the page.
        candidate = Candidate(self.listing.project, ranked[0][1].version, best, order[0][0], tuple(others))
        return self._candidates.setdefault(files, candidate)

    def _told_apart(self, file: IndexFile, demand: Demand) -> IndexFile:
        """Return *file*, with a sha256 if *demand* tells files apart by that."""
        return file if demand.hashes is None or file.sha256 is not None else self._hashed(file)

    def has(self, candidate: Candidate) -> bool:
        """Tell whether *candidate* came from here."""
        return self._candidates.get((candidate.file, *candidate.alternatives)) is candidate

    def rejection(self, wheel: Wheel, demand: Demand) -> Rejection | None:
        """Return the first thing that speaks against *wheel* for this target, or None if it may be chosen."""
        if (misfit := self.target.misfit(wheel.tag_set)) is not None:
            reason = _TAG_REASONS[misfit.part]
            return Rejection(file=wheel.file, version=wheel.version, reason=reason, detail=misfit.detail)
        return self.file_rejection(wheel, demand)

    def file_rejection(self, wheel: Wheel, demand: Demand) -> Rejection | None:
        """Return the first thing that speaks against *wheel* whatever its tags, or None."""
        if self.rules.forbid_wheels_of(self.listing.project):
            detail = "--no-binary asks for a build of this project"
            return Rejection(file=wheel.file, version=wheel.version, reason=Reason.FORBIDDEN, detail=detail)
        return self.rejection_of(wheel.file, wheel.version, demand)

    def rejection_of(self, file: IndexFile, version: Version, demand: Demand) -> Rejection | None:
        """Return the first thing that speaks against a file of any kind, or None."""

        def no(reason: Reason, detail: str, *, hinges: bool = False) -> Rejection:
            return Rejection(file=file, version=version, reason=reason, detail=detail, hinges_on_patch=hinges)

        if (spoken := file.requires_python) is not None:
            try:
                verdict = self.target.accepts_python(parse_requires_python(spoken))
            except RequirementSyntaxError:
                return no(Reason.REQUIRES_PYTHON, f"its Requires-Python {spoken!r} cannot be read")
            if not verdict.holds:
                detail = f"requires Python {spoken}, the target has {self.target.python_full_version}"
                return no(Reason.REQUIRES_PYTHON, detail, hinges=verdict.hinges_on_patch)
        if (limit := self.rules.exclude_newer) is not None and (late := lateness(file, limit.moment)) is not None:
            return no(Reason.UPLOADED_LATE, late)
        if demand.hashes is not None and (digest := self._told_apart(file, demand).sha256) not in demand.hashes:
            if digest is None:
                return no(Reason.HASH, "the index gives no sha256 of it to hold against those that are allowed")
            return no(Reason.HASH, "its sha256 is none of those that the requirement allows")
        if file.yanked is not None and not demand.is_exact:
            said = f": {file.yanked}" if file.yanked else ""
            return no(Reason.YANKED, f"was yanked{said}")
        return None

    def sdist_rejection(self, version: Version, file: IndexFile, demand: Demand) -> Rejection | None:
        """Return the first thing that speaks against building *file*; None where nobody thinks of that."""
        return None

    def rejections(self, demand: Demand) -> Iterator[Rejection]:
        """Yield why each wheel in the demanded range cannot be chosen, nearest miss first."""
        found = [
            rejection
            for wheel in self.listing.wheels
            if demand.specifier.contains(wheel.version, prereleases=True)
            and (rejection := self.rejection(wheel, demand)) is not None
        ]
        found.sort(key=lambda rejection: rejection.file.filename)
        found.sort(key=lambda rejection: (rejection.reason, rejection.version), reverse=True)
        yield from found


def _preference(ranked: tuple[int, Wheel]) -> tuple[int, int, tuple[int, ...], str]:
    rank, wheel = ranked
    number, rest = wheel.build
    # Build tags sort upwards but the highest is wanted first, so number and text are turned round.
    return rank, -number, (*(-ord(letter) for letter in rest), 0), wheel.filename


def lateness(file: IndexFile, limit: datetime) -> str | None:
    """Return why ``--exclude-newer`` leaves *file* out at *limit*, or None (the upload time is that of PEP 700).

    A file of this machine counts as uploaded only where its page says when.
    """
    if file.uploaded_at is None:
        if file.url.startswith("file:"):
            return None  # nobody uploaded it
        return "the index does not say when it was uploaded, which --exclude-newer needs"
    try:
        uploaded_at = datetime.fromisoformat(file.uploaded_at)
    except ValueError:
        return f"its upload time {file.uploaded_at!r} cannot be read"
    if uploaded_at.tzinfo is None:
        uploaded_at = uploaded_at.replace(tzinfo=UTC)
    return f"was uploaded on {file.uploaded_at}, after --exclude-newer" if uploaded_at >= limit else None

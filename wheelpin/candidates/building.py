"""A shelf behind whose wheels stand the sdists that may be built for the target."""

from collections.abc import Callable, Iterator
from functools import cached_property

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.newest_first import NewestFirst
from wheelpin.candidates.rejection import Reason, Rejection
from wheelpin.candidates.rules import Rules
from wheelpin.candidates.shelf import Candidate, Shelf, as_listed
from wheelpin.files import IndexFile
from wheelpin.ports import Builder
from wheelpin.target import Target

SDIST_RANK = 1_000_000
"""Behind every tag of every target."""


class BuildingShelf(Shelf):
    """All wheels come first, newest first; then the sdists of versions without a fitting wheel, newest first.

    Whether anything can be built is asked only when the wheels are exhausted.
    """

    def __init__(
        self,
        listing: Listing,
        target: Target,
        rules: Rules,
        builder: Builder,
        *,
        hashed: Callable[[IndexFile], IndexFile] = as_listed,
    ) -> None:
        super().__init__(listing, target, rules, hashed=hashed)
        self._builder = builder

    def candidates(self, demand: Demand) -> Iterator[Candidate]:
        """Yield what answers *demand*, best first: one candidate a version, built ones last.

        The version that is preferred comes first, even if it has to be built. Final releases go before
        pre-releases, whichever has a wheel.
        """
        allow_prereleases = self.rules.allow_prereleases or demand.names_prerelease
        given = set[Version]()
        preferred = demand.preferred
        if (first := self._preferred_sdist(demand)) is not None:
            given.add(first.version)
            yield first
        held_back: list[Candidate] = []
        for candidate in super().candidates(demand):
            is_wanted = not candidate.version.is_prerelease or allow_prereleases or candidate.version == preferred
            if is_wanted:
                given.add(candidate.version)
                yield candidate
            else:
                held_back.append(candidate)
        in_range = self._newest_sdists.in_range(demand.specifier)
        found = (self._sdist(version, demand) for version in in_range if version not in given)
        sdists = [candidate for candidate in found if candidate is not None]
        for candidate in sdists:
            if allow_prereleases or not candidate.version.is_prerelease:
                given.add(candidate.version)
                yield candidate
        if not any(not version.is_prerelease for version in given):
            yield from held_back
            known = {candidate.version for candidate in held_back} | given
            yield from (candidate for candidate in sdists if candidate.version not in known)

    def _in_range(self, specifier: SpecifierSet) -> Iterator[Version]:
        yield from dict.fromkeys((*super()._in_range(specifier), *self._newest_sdists.in_range(specifier)))

    def _only(self, version: Version, demand: Demand) -> Candidate | None:
        return super()._only(version, demand) or self._sdist(version, demand)

    @cached_property
    def _newest_sdists(self) -> NewestFirst:
        return NewestFirst(sorted(self.listing.sdists, reverse=True))

    def _preferred_sdist(self, demand: Demand) -> Candidate | None:
        """Return the preferred version's sdist, if that version is demanded and has to be built."""
        preferred = demand.preferred
        if preferred is None or self.fitting(preferred) or not demand.specifier.contains(preferred, prereleases=True):
            return None
        return self._sdist(preferred, demand)

    def _sdist(self, version: Version, demand: Demand) -> Candidate | None:
        """Return the sdist of *version* as a candidate, None if there is none that can be built for *demand*."""
        file = self.listing.sdists.get(version)
        if file is None or self.sdist_rejection(version, file, demand) is not None:
            return None
        file = self._told_apart(file, demand)
        candidate = Candidate(self.listing.project, version, file, SDIST_RANK)
        return self._candidates.setdefault((file,), candidate)

    def sdist_rejection(self, version: Version, file: IndexFile, demand: Demand) -> Rejection | None:
        """Return the first thing that speaks against building *file*, or None."""
        if (rejection := self.rejection_of(file, version, demand)) is not None:
            return rejection
        project = self.listing.project
        refusal = self.rules.build_refusal(project) or self._builder.refusal(file, project, self.target)
        if refusal is None:
            return None
        return Rejection(file=file, version=version, reason=Reason.FORBIDDEN, detail=refusal)

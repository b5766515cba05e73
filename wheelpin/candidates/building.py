"""A shelf behind whose wheels stand the sdists that may be built for the target."""

from collections.abc import Iterator

from packaging.version import Version

from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.rejection import Reason, Rejection
from wheelpin.candidates.rules import Rules
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.files import IndexFile
from wheelpin.ports import Builder
from wheelpin.target import Target

SDIST_RANK = 1_000_000
"""Behind every tag of every target."""


class BuildingShelf(Shelf):
    """All wheels come first, newest first; then the sdists of versions without a fitting wheel, newest first.

    Whether anything can be built is asked only when the wheels are exhausted.
    """

    def __init__(self, listing: Listing, target: Target, rules: Rules, builder: Builder) -> None:
        super().__init__(listing, target, rules)
        self._builder = builder

    def candidates(self, demand: Demand) -> Iterator[Candidate]:
        """Yield what answers *demand*, best first: one candidate a version, built ones last.

        The version that is preferred comes first, even if it has to be built. Final releases go before
        pre-releases, whichever has a wheel.
        """
        allow_prereleases = self.rules.allow_prereleases or bool(demand.specifier.prereleases)
        given = set[Version]()
        preferred = demand.preferred
        if preferred is not None and not self.fitting(preferred):
            for candidate in self._sdists(demand, {preferred}):
                given.add(candidate.version)
                yield candidate
        held_back: list[Candidate] = []
        for candidate in super().candidates(demand):
            is_wanted = not candidate.version.is_prerelease or allow_prereleases or candidate.version == preferred
            if is_wanted:
                given.add(candidate.version)
                yield candidate
            else:
                held_back.append(candidate)
        sdists = list(self._sdists(demand, self.listing.sdists.keys() - given))
        for candidate in sdists:
            if allow_prereleases or not candidate.version.is_prerelease:
                given.add(candidate.version)
                yield candidate
        if not any(not version.is_prerelease for version in given):
            yield from held_back
            known = {candidate.version for candidate in held_back} | given
            yield from (candidate for candidate in sdists if candidate.version not in known)

    def _sdists(self, demand: Demand, versions: "set[Version]") -> Iterator[Candidate]:
        """Yield the sdists of *versions* that answer *demand* and can be built, newest first."""
        contains = demand.specifier.contains
        for version in sorted(versions, reverse=True):
            file = self.listing.sdists.get(version)
            if file is None or not contains(version, prereleases=True):
                continue
            if self.sdist_rejection(version, file, demand) is None:
                candidate = Candidate(self.listing.project, version, file, SDIST_RANK)
                yield self._candidates.setdefault((file,), candidate)

    def sdist_rejection(self, version: Version, file: IndexFile, demand: Demand) -> Rejection | None:
        """Return the first thing that speaks against building *file*, or None."""
        if (rejection := self.rejection_of(file, version, demand)) is not None:
            return rejection
        project = self.listing.project
        refusal = self.rules.build_refusal(project) or self._builder.refusal(file, project, self.target)
        if refusal is None:
            return None
        return Rejection(file=file, version=version, reason=Reason.FORBIDDEN, detail=refusal)

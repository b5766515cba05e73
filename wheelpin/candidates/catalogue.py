"""All listings of a run and all that is asked of them, read once and shared by every target."""

from collections.abc import Collection, Iterable

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.takers import Takers
from wheelpin.files import ProjectPage
from wheelpin.ports import Index
from wheelpin.target import Target
from wheelpin.values import Sha256

_Asked = tuple[frozenset[int], frozenset[Sha256] | None, Version | None]


class Catalogue:
    """Listings by project over an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._listings: dict[NormalizedName, Listing] = {}
        self._takers = Takers()
        self._demands: dict[_Asked, tuple[Demand, Collection[SpecifierSet]]] = {}

    def expect(self, targets: Iterable[Target]) -> None:
        """Know of targets that will ask for listings, so that these are arranged for all of them at once."""
        self._takers.add(targets)

    def listing(self, project: NormalizedName) -> Listing | None:
        """Return the project's listing, or None if no index has it; raise `IndexUnavailableError`."""
        found = self._listings.get(project)
        if found is None and (page := self.index.page(project)) is not None:
            found = self.listing_of(page)
        return found

    def listing_of(self, page: ProjectPage) -> Listing:
        """Return the listing of a page that has just arrived, on whichever thread it did."""
        found = self._listings.get(page.project)
        # Another thread may be faster, and a project has one listing.
        return found or self._listings.setdefault(page.project, Listing(page, self._takers))

    def demand(
        self, specifiers: Collection[SpecifierSet], hashes: frozenset[Sha256] | None, preferred: Version | None
    ) -> Demand:
        """Return what all *specifiers* ask for together, the same each time as long as they are the same objects."""
        # By identity: hashing a specifier takes longer than all else here, and those of one spelling are one object.
        key = (frozenset(map(id, specifiers)), hashes, preferred)
        if (known := self._demands.get(key)) is None:
            combined, *others = specifiers or (SpecifierSet(),)
            for specifier in others:
                combined &= specifier
            demand = Demand(specifier=combined, hashes=hashes, preferred=preferred)
            # The specifiers have to live as long as their identities count.
            known = self._demands[key] = (demand, specifiers)
        return known[0]

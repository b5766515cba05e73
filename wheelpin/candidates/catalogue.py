"""All listings of a run, read once and shared by every target."""

from collections.abc import Iterable

from packaging.utils import NormalizedName

from wheelpin.candidates.listing import Listing
from wheelpin.candidates.takers import Takers
from wheelpin.files import ProjectPage
from wheelpin.ports import Index
from wheelpin.target import Target


class Catalogue:
    """Listings by project over an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._listings: dict[NormalizedName, Listing] = {}
        self._takers = Takers()

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
        return self._listings.setdefault(page.project, Listing(page, self._takers))

"""Fetch ahead of the solver: what a newest-first walk of the requirements will need, as soon as it is known."""

from collections.abc import Iterable
from functools import partial

from wheelpin.errors import WheelpinError
from wheelpin.files import ProjectPage
from wheelpin.ports import Index
from wheelpin.resolve.asks import Ask, Choice, Identifier, ProjectAsk
from wheelpin.resolve.view import TargetView


class Scout:
    """Walks from asks to pages to likely metadata to asks, without waiting for the solver.

    It only warms the index: what it meets on the way, errors included, is met again by the solver, which reports.
    """

    def __init__(self, index: Index, view: TargetView) -> None:
        self._index = index
        self._view = view
        self._followed: set[tuple[Identifier, str]] = set()
        self._read: set[Choice] = set()

    def follow(self, asks: Iterable[Ask]) -> None:
        """Start on *asks*; the rest happens on whichever threads the answers arrive on."""
        for ask in asks:
            if not isinstance(ask, ProjectAsk):
                continue
            key = (ask.identifier, str(ask.requirement.specifier))
            if key in self._followed or ask.requirement.url is not None:
                continue
            self._followed.add(key)
            self._index.when_page(ask.identifier.project, partial(self._page_arrived, ask))

    def _page_arrived(self, ask: ProjectAsk, page: ProjectPage) -> None:
        """Ask for the metadata of the file that *ask* would most likely get."""
        project, extra = ask.identifier
        self._view.catalogue.listing_of(page)
        try:
            shelf = self._view.shelf(project)
            demand = self._view.demand(project, (ask.requirement,))
            likely = next(shelf.candidates(demand), None) if shelf is not None else None
        except WheelpinError:
            return
        if likely is not None and (choice := Choice(likely, extra)) not in self._read:
            self._read.add(choice)
            self._index.when_metadata(likely.file, lambda _: self._metadata_arrived(choice))

    def _metadata_arrived(self, choice: Choice) -> None:
        try:
            self.follow(tuple(self._view.dependencies(choice)))
        except WheelpinError:
            return

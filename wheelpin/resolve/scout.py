"""Fetch ahead of the solver: what a newest-first walk of the requirements will need, as soon as it is known."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from wheelpin.candidates.shelf import Candidate
from wheelpin.errors import WheelpinError
from wheelpin.files import ProjectPage
from wheelpin.ports import Index
from wheelpin.requirements.model import Requirement
from wheelpin.resolve.asks import Ask, Choice, ProjectAsk
from wheelpin.resolve.view import TargetView

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

_MOST_ASKS = 16
"""More different asks for one project come from a search that tries many versions of those who ask."""


class Scout:
    """Walks from asks to pages to likely metadata to asks, without waiting for the solver.

    It only warms the index: what it meets on the way, errors included, is met again by the solver, which reports.
    """

    def __init__(self, index: Index, view: TargetView) -> None:
        self._index = index
        self._view = view
        self._followed: set[tuple[NormalizedName, int, frozenset[NormalizedName]]] = set()
        self._asked: dict[NormalizedName, list[Requirement]] = {}
        self._read: dict[NormalizedName, list[Choice]] = {}
        self._foreseen_of: dict[NormalizedName, Candidate] = {}
        self._expected: set[Candidate] = set()

    def follow(self, asks: Iterable[Ask]) -> None:
        """Start on *asks*; the rest happens on whichever threads the answers arrive on."""
        for ask in asks:
            if not isinstance(ask, ProjectAsk):
                continue
            asked = ask.requirement
            # Specifiers of one spelling are one object, and what is in `_asked` keeps its identity.
            key = (asked.name, id(asked.specifier), asked.extras)
            if key in self._followed or asked.url is not None:
                continue
            self._followed.add(key)
            known = self._asked.setdefault(asked.name, [])
            known.append(asked)
            if len(known) <= _MOST_ASKS or not self._is_foreseen(asked):
                self._index.when_page(asked.name, partial(self._page_arrived, asked))

    def _is_foreseen(self, asked: Requirement) -> bool:
        """Tell whether a file that answers *asked* has been read already, for somebody else."""
        return any(
            asked.extras <= choice.extras and self._view.accepts(asked, choice.candidate)
            for choice in self._read.get(asked.name, ())
        )

    def expect(self, candidates: Iterable[Candidate]) -> None:
        """Start fetching the metadata of *candidates*, which the solver will try."""
        for candidate in candidates:
            if candidate not in self._expected and candidate.file.is_wheel:
                self._expected.add(candidate)
                self._index.when_metadata(candidate.file, lambda _: None)

    def _page_arrived(self, asked: Requirement, page: ProjectPage) -> None:
        """Ask for the metadata of the file that *asked* would most likely get."""
        self._view.catalogue.listing_of(page)
        known = self._known(asked)
        try:
            likely = self._foreseen(asked, known) or self._likely(asked.name, (asked,))
        except WheelpinError:
            return
        if likely is None or not likely.file.is_wheel:
            return
        choice, read = Choice(likely, asked.extras), self._read.setdefault(asked.name, [])
        if choice not in read:
            read.append(choice)
            self._index.when_metadata(likely.file, lambda _: self._metadata_arrived(asked, choice, known))

    def _foreseen(self, asked: Requirement, known: tuple[Requirement, ...]) -> Candidate | None:
        """Return what *known* lead to; as long as *asked* takes it, too, that is what they led to without it."""
        before = self._foreseen_of.get(asked.name) if len(known) > 1 else None
        if before is not None and not asked.specifier.prereleases and self._view.accepts(asked, before):
            return before
        found = self._likely(asked.name, known)
        if found is not None:
            self._foreseen_of[asked.name] = found
        return found

    def _known(self, asked: Requirement) -> tuple[Requirement, ...]:
        """Return what is known to be asked of a project at this moment; *asked* alone if the search goes to and fro."""
        known = self._asked[asked.name]
        return tuple(known) if len(known) <= _MOST_ASKS else (asked,)

    def _likely(self, project: "NormalizedName", asked: Iterable[Requirement]) -> Candidate | None:
        shelf = self._view.shelf(project)
        return next(shelf.candidates(self._view.demand(project, tuple(asked))), None) if shelf is not None else None

    def _metadata_arrived(self, asked: Requirement, choice: Choice, known: tuple[Requirement, ...]) -> None:
        try:
            # Others may have asked since all that was *known*, and then it is not so likely any more.
            if (known_now := self._known(asked)) != known:
                likely = self._likely(choice.project, known_now)
                if likely is not None and likely is not choice.candidate:
                    return
            self.follow(self._view.dependencies(choice))
        except WheelpinError:
            return

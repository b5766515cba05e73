"""Choices that are part of no answer, whatever else is chosen: found once, never tried again."""

from collections.abc import Iterable, Iterator

from packaging.utils import NormalizedName
from resolvelib.resolvers import Criterion
from resolvelib.structs import RequirementInformation

from wheelpin.candidates.shelf import Candidate
from wheelpin.resolve.asks import Ask, Choice

Information = RequirementInformation[Ask, Choice]


class DeadEnds:
    """Remembers choices that only the user's own demands and what they ask for themselves speak against.

    Without this, a project deep down that has no wheel would be come upon anew from every version of every project
    above it.
    """

    def __init__(self) -> None:
        self._causes: dict[Candidate, dict[frozenset[NormalizedName], tuple[Information, ...]]] = {}

    def learn(self, choice: Choice, criterion: Criterion[Ask, Choice]) -> None:
        """Take in that *choice* was rejected because *criterion* has no candidate left."""
        is_alone = all(info.parent is None or info.parent is choice for info in criterion.information)
        if is_alone and all(self.has(other.candidate, other.extras) for other in criterion.incompatibilities):
            self._causes.setdefault(choice.candidate, {})[choice.extras] = tuple(criterion.information)

    def has(self, candidate: Candidate, extras: frozenset[NormalizedName]) -> bool:
        """Tell whether *candidate* with *extras* is a dead end: it is if it is one with fewer."""
        known = self._causes.get(candidate)
        return known is not None and any(fewer <= extras for fewer in known)

    def causes(self, candidates: Iterable[Candidate]) -> Iterator[Information]:
        """Yield what the dead ends among *candidates* came to grief over."""
        for candidate in candidates:
            for information in self._causes.get(candidate, {}).values():
                yield from information

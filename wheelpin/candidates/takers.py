"""The targets of a run as one: what any of them takes is asked once, however many there are."""

from collections.abc import Iterable

from wheelpin.target import Target
from wheelpin.target.tags import TagRanks


class Takers:
    """Targets that look at the same listings."""

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        self._targets: tuple[Target, ...] = ()
        self._ranks: TagRanks | None = None
        self.add(targets)

    def add(self, targets: Iterable[Target]) -> None:
        """Let *targets* count, too."""
        self._targets = tuple(dict.fromkeys((*self._targets, *targets)))
        self._ranks = None

    @property
    def digests(self) -> frozenset[str]:
        """Which lists of tags count."""
        return frozenset(target.tags_digest for target in self._targets)

    def take(self, tag_set: str) -> bool:
        """Tell whether any of them takes the wheels that are tagged so."""
        if len(self._targets) == 1:
            return self._targets[0].rank(tag_set) is not None
        if (ranks := self._ranks) is None:
            tags = dict.fromkeys(tag for target in self._targets for tag in target.tags)
            ranks = self._ranks = TagRanks(tuple(tags))
        return ranks.rank(tag_set) is not None

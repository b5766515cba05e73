"""The targets of a run as one: what any of them takes is asked once, however many there are."""

from collections.abc import Iterable

from wheelpin.target import Target
from wheelpin.target.tags import TagRanks


class Takers:
    """Targets that look at the same listings."""

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        self._targets: tuple[Target, ...] = ()
        self._all_tags: TagRanks | None = None
        self.digests = frozenset[str]()
        """Which lists of tags count."""
        self.add(targets)

    def add(self, targets: Iterable[Target]) -> None:
        """Let *targets* count, too."""
        self._targets = tuple(dict.fromkeys((*self._targets, *targets)))
        self.digests = frozenset(target.tags_digest for target in self._targets)
        self._all_tags = None

    def taken(self, tag_sets: Iterable[str]) -> set[str]:
        """Return those of *tag_sets* that are tags of wheels which any of the targets takes."""
        match self._targets:
            case ():
                return set()
            case (only,):
                rank = only.rank
            case _:
                rank = self._ranks().rank
        return {tag_set for tag_set in tag_sets if rank(tag_set) is not None}

    def _ranks(self) -> TagRanks:
        if (known := self._all_tags) is None:
            tags = dict.fromkeys(tag for target in self._targets for tag in target.tags)
            known = self._all_tags = TagRanks(tuple(tags))
        return known

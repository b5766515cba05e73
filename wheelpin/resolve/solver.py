"""The search itself: resolvelib's, with a hole in it closed."""

from collections.abc import Collection

from packaging.utils import NormalizedName
from resolvelib.resolvers import Criterion, Resolution

from wheelpin.resolve.asks import Ask, Choice


class Solver(Resolution[Ask, Choice, NormalizedName]):
    """Chooses again what somebody spoke against, whatever becomes of who did."""

    def _remove_information_from_criteria(
        self, criteria: dict[NormalizedName, Criterion[Ask, Choice]], parents: Collection[NormalizedName]
    ) -> None:
        super()._remove_information_from_criteria(criteria, parents)
        # What these choices ask for is forgotten from here on. If they were left in their places, and whoever spoke
        # against one went away again, it would stay in the answer without what it needs.
        for project in parents:
            self.state.mapping.pop(project, None)

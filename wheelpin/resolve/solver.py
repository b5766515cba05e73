"""The search itself: resolvelib's, with a hole in it closed."""

from collections.abc import Collection

from packaging.utils import NormalizedName
from resolvelib import AbstractProvider, BaseReporter
from resolvelib.resolvers import Criterion, Resolution

from wheelpin.resolve.asks import Ask, Choice


class Solver(Resolution[Ask, Choice, NormalizedName]):
    """Chooses again what somebody spoke against, whatever becomes of who did.

    Each round asks of every pin whether it still satisfies everybody; a pair that was looked at is not looked at again.
    """

    def __init__(
        self,
        provider: AbstractProvider[Ask, Choice, NormalizedName],
        reporter: BaseReporter[Ask, Choice, NormalizedName],
    ) -> None:
        super().__init__(provider, reporter)
        self._known: dict[tuple[Criterion[Ask, Choice], int], bool] = {}
        self._pins: list[Choice] = []  # kept alive, so that no other pin gets the same identity

    def _is_current_pin_satisfying(self, name: NormalizedName, criterion: Criterion[Ask, Choice]) -> bool:
        if (pin := self.state.mapping.get(name)) is None:
            return False
        key = (criterion, id(pin))
        if (known := self._known.get(key)) is None:
            known = self._known[key] = super()._is_current_pin_satisfying(name, criterion)
            self._pins.append(pin)
        return known

    def _remove_information_from_criteria(
        self, criteria: dict[NormalizedName, Criterion[Ask, Choice]], parents: Collection[NormalizedName]
    ) -> None:
        super()._remove_information_from_criteria(criteria, parents)
        # What these choices ask for is forgotten from here on. If they were left in their places, and whoever spoke
        # against one went away again, it would stay in the answer without what it needs.
        for project in parents:
            self.state.mapping.pop(project, None)

"""The search itself: resolvelib's, with the holes closed through which answers got lost."""

from collections.abc import Collection

from packaging.utils import NormalizedName
from resolvelib import AbstractProvider, BaseReporter
from resolvelib.resolvers import Criterion, Resolution, ResolutionImpossible

from wheelpin.resolve.asks import Ask, Choice
from wheelpin.resolve.dead_ends import Information


class Solver(Resolution[Ask, Choice, NormalizedName]):
    """Jumps back over what seems to have no part in a conflict; if that leads nowhere, goes back step by step.

    Each round asks of every pin whether it still satisfies everybody: what was found of a pair is kept.
    """

    def __init__(
        self,
        provider: AbstractProvider[Ask, Choice, NormalizedName],
        reporter: BaseReporter[Ask, Choice, NormalizedName],
    ) -> None:
        super().__init__(provider, reporter)
        self._satisfied: dict[tuple[int, int], bool] = {}
        # Kept alive, so that no other object gets the same identity.
        self._judged: list[tuple[Criterion[Ask, Choice], Choice]] = []

    def _is_current_pin_satisfying(self, name: NormalizedName, criterion: Criterion[Ask, Choice]) -> bool:
        if (pin := self.state.mapping.get(name)) is None:
            return False
        key = (id(criterion), id(pin))
        if (known := self._satisfied.get(key)) is None:
            known = self._satisfied[key] = super()._is_current_pin_satisfying(name, criterion)
            self._judged.append((criterion, pin))
        return known

    def _remove_information_from_criteria(
        self, criteria: dict[NormalizedName, Criterion[Ask, Choice]], parents: Collection[NormalizedName]
    ) -> None:
        super()._remove_information_from_criteria(criteria, parents)
        # What these choices ask for is forgotten from here on. If they were left in their places, and whoever spoke
        # against one went away again, it would stay in the answer without what it needs.
        for project in parents:
            self.state.mapping.pop(project, None)

    def _attempt_to_pin_criterion(self, name: NormalizedName) -> list[Criterion[Ask, Choice]]:
        criterion = self.state.criteria[name]
        wanted = next(iter(criterion.candidates)).extras
        before = {state.mapping[name] for state in self._states if name in state.mapping}
        # Who chooses again what was spoken against before can go round in circles for ever.
        again = [choice for choice in before if choice.extras == wanted and choice not in criterion.incompatibilities]
        if again and not self._patch_criteria([(name, again)]):
            return [criterion]
        return super()._attempt_to_pin_criterion(name)

    def _rollback_states(self) -> None:
        super()._rollback_states()
        # The last of the restored states holds a choice, but the last one is thrown away when the search goes back,
        # and with it would go the other choices that there are in its place.
        self._push_new_state()

    def _backjump(self, causes: list[Information]) -> bool:
        if self._optimistic_backjumping_ratio:
            return super()._backjump(causes)
        # With causes it would still pass over choices of the projects that are part of the conflict.
        try:
            return super()._backjump([])
        except ResolutionImpossible:
            raise ResolutionImpossible(causes) from None

"""What may hold at a point of the search, and what is known never to hold together."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from packaging.utils import NormalizedName
from resolvelib.resolvers import RequirementInformation

from wheelpin.resolve.asks import Ask, Choice, ImpossibleAsk, ProjectAsk, is_address

Information = RequirementInformation[Ask, Choice]

NEVER = -1
"""The level of a fact that does not hold."""


class Fact:
    """That something is asked for, by whomever, or chosen: it holds from a level of the trail on, or not at all."""

    __slots__ = ("level", "watched")

    def __init__(self) -> None:
        self.level = NEVER
        self.watched: list[Nogood] = []
        """Nogoods that cannot come true as long as this does not hold."""

    @property
    def holds(self) -> bool:
        """Tell whether it is so at present."""
        return self.level != NEVER


class Asking(Fact):
    """That an ask stands: equal asks of several parents are one fact."""

    __slots__ = ("ask", "information", "place")

    def __init__(self, ask: Ask, place: int) -> None:
        super().__init__()
        self.ask = ask
        self.place = place
        """How many were known before: it makes every order the same in every run."""
        self.information: Information = Information(ask, None)
        """Who asked first on the present trail, in whose words."""


class Nogood(Struct, frozen=True, eq=False):
    """Facts that never hold together, whatever else is chosen; with a choice in mind, those besides what it brings."""

    facts: tuple[Fact, ...]
    causes: tuple[Information, ...]
    """The asks that exclude each other in the end, for telling."""

    @property
    def holds(self) -> bool:
        """Tell whether all its facts do."""
        return all(fact.level != NEVER for fact in self.facts)


class Supply(Struct, frozen=True, eq=False):
    """What comes with a choice: the fact that it is chosen, and what it asks for."""

    chosen: Fact
    askings: Mapping[Asking, Ask]
    """Each with the ask in the choice's own words."""

    def __contains__(self, fact: Fact) -> bool:
        return fact is self.chosen or fact in self.askings


class Facts:
    """Every fact there is, one object each."""

    def __init__(self) -> None:
        self._askings: dict[object, Asking] = {}
        self._supplies: dict[Choice, Supply] = {}

    def asking(self, ask: Ask) -> Asking:
        """Return the fact that *ask* stands."""
        return self._askings.setdefault(meaning(ask), Asking(ask, len(self._askings)))

    @property
    def looked_at(self) -> Collection[Choice]:
        """The choices that were looked at."""
        return self._supplies.keys()

    def supply(self, choice: Choice) -> Supply | None:
        """Return what comes with *choice*, if it was looked at before."""
        return self._supplies.get(choice)

    def take_in(self, choice: Choice, asks: Iterable[Ask]) -> Supply:
        """Return what comes with *choice*, which needs *asks*."""
        askings: dict[Asking, Ask] = {}
        # Those with an address first: what else is asked of the project may have no other answer.
        for ask in sorted(asks, key=is_address, reverse=True):
            askings.setdefault(self.asking(ask), ask)
        supply = self._supplies[choice] = Supply(Fact(), askings)
        return supply


def meaning(ask: Ask) -> object:
    """Return what makes two asks the same, whoever asks."""
    match ask:
        case ProjectAsk(requirement=asked):
            return (asked.name, asked.extras, asked.specifier, asked.url, asked.hashes)
        case ImpossibleAsk():
            return ask


def extras_of(ask: Ask) -> frozenset[NormalizedName]:
    """Return the extras that an ask is for."""
    return ask.requirement.extras if isinstance(ask, ProjectAsk) else frozenset()

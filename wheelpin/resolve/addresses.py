"""Addresses that are named late: nothing else lets a file in that was not there before, whoever asks when."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

from packaging.utils import NormalizedName
from resolvelib import ResolutionImpossible

from wheelpin.errors import WheelpinError
from wheelpin.resolve.asked import Asked
from wheelpin.resolve.asks import Ask, Choice, is_address
from wheelpin.resolve.provider import Progress, Provider
from wheelpin.resolve.resolver import LateAddressError, LearningResolver


def search(
    asks: tuple[Ask, ...], new_provider: Callable[[], Provider], progress: Progress
) -> Generator[Asked, None, Mapping[NormalizedName, Choice]]:
    """Return the choice for every project; yield before each round of the search what it is to answer.

    Begin anew where an address was named too late for what went before. Raise `ResolutionImpossible` and
    `ResolutionTooDeep`.
    """
    addressed = frozenset[NormalizedName]()
    failure: ResolutionImpossible[Ask, Choice] | None = None
    while True:
        resolver = LearningResolver(new_provider(), progress, addressed=addressed)
        try:
            yield from resolver.rounds(asks)
        except LateAddressError as late:
            addressed |= {late.project}
        except ResolutionImpossible as impossible:
            failure = failure or impossible
            wanting = resolver.wanting - addressed
            if not wanting or not (named := wanting.intersection(_iter_addressed(asks, new_provider()))):
                raise failure from None
            addressed |= named
        else:
            return resolver.choices


def _iter_addressed(asks: Iterable[Ask], provider: Provider) -> Iterator[NormalizedName]:
    """Yield projects that somebody names an address for, as far as the best choice for each ask leads."""
    followed: set[Choice] = set()
    for ask in (waiting := [*asks]):
        if is_address(ask):
            yield ask.project
        try:
            found = provider.find_matches(ask.project, {ask.project: iter((ask,))}, {ask.project: iter(())})
            choice = next(iter(found() if callable(found) else found), None)
            if choice is not None and choice not in followed:
                followed.add(choice)
                waiting += provider.get_dependencies(choice)
        except WheelpinError:  # the search did not come to it, and has its own reason to fail
            continue

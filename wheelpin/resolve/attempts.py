"""A search from beginning to end: begun anew where a file was let in too late for what went before."""

from collections.abc import Callable, Generator, Mapping

from packaging.utils import NormalizedName
from resolvelib import ResolutionImpossible, ResolutionTooDeep

from wheelpin.errors import ResolutionError, WheelpinError
from wheelpin.resolve.asked import Asked
from wheelpin.resolve.asks import Ask, Choice
from wheelpin.resolve.openings import NO_OPENINGS
from wheelpin.resolve.provider import Progress, Provider
from wheelpin.resolve.resolver import LateAddressError, LearningResolver
from wheelpin.resolve.scout import Scout
from wheelpin.resolve.view import TargetView

Explain = Callable[[ResolutionImpossible[Ask, Choice]], ResolutionError]

_MOST_ROUNDS_AFTER_A_FAILURE = 10_000


def search(
    asks: tuple[Ask, ...], view: TargetView, scout: Scout, progress: Progress, explain: Explain
) -> Generator[Asked, None, Mapping[NormalizedName, Choice]]:
    """Return the choice for every project; yield before each round of the search what it is to answer.

    At first, who asks for a project does not wait for those who may let in a yanked file or a pre-release of it
    later: mostly nobody does. Where that fails, look who might, and search again with that in mind. Raise what
    *explain* makes of the first failure, and `ResolutionTooDeep`.
    """
    openings = NO_OPENINGS
    while True:
        resolver = LearningResolver(Provider(view, scout), progress, openings=openings)
        try:
            yield from resolver.rounds(asks)
        except LateAddressError as late:
            openings = openings.with_address_for(late.project)
        except ResolutionImpossible as failure:
            error = explain(failure)  # before another search adds to what there is to tell
            found = yield from _search_with_openings(asks, view, scout, progress, resolver)
            if found is None:
                raise error from None
            return found
        else:
            return resolver.choices


def _search_with_openings(
    asks: tuple[Ask, ...], view: TargetView, scout: Scout, progress: Progress, failed: LearningResolver
) -> Generator[Asked, None, Mapping[NormalizedName, Choice] | None]:
    """Return the choices that the *failed* search missed, None where it did not or that takes too long to find out."""
    from wheelpin.resolve.survey import Survey  # noqa: PLC0415 - only a failure makes one look

    openings = Survey(view, scout).openings(asks, failed.looked_at, failed.doubted) if failed.doubted else None
    while openings is not None:
        resolver = LearningResolver(
            Provider(view, scout), progress, openings=openings, most_rounds=_MOST_ROUNDS_AFTER_A_FAILURE
        )
        try:
            yield from resolver.rounds(asks)
        except LateAddressError as late:
            openings = openings.with_address_for(late.project)
        except (ResolutionImpossible, ResolutionTooDeep, WheelpinError):  # the first failure is what is told
            return None
        else:
            return resolver.choices
    return None

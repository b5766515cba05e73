"""Errors and explanations as text for people."""

import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence

from wheelpin.cli.console import label
from wheelpin.errors import WheelpinError
from wheelpin.resolve.conflict import Clash, ConflictError, NothingFitsError
from wheelpin.resolve.explanation import Demander, Explanation, Outcome
from wheelpin.workflows import SeveralTargetsError

_MOST_REJECTIONS = 8
"""What an error shows; ``explain`` shows more."""
_MOST_EXPLAINED = 40
"""What ``explain`` shows unless all are asked for: a project may have thousands of files."""
_MOST_RUNNERS_UP = 12


def error_text(error: WheelpinError) -> str:
    """Spell an error: what happened, the facts, then what would help."""
    return "\n".join(_error_lines(error))


def _error_lines(error: WheelpinError) -> Iterator[str]:
    yield f"{label('error', 'red')} {error}"
    match error:
        case NothingFitsError(explanation=explanation):
            yield from _nothing_fits_lines(explanation)
        case ConflictError(clashes=clashes):
            for clash in clashes:
                yield from _clash_lines(clash)
            yield _hint("loosen one of them, or replace them all for a project with --override FILE")
        case SeveralTargetsError(failures=failures):
            for failure in failures:
                yield ""
                yield from _error_lines(failure.error)
        case _:
            if hint := getattr(error, "hint", None):
                yield _hint(hint)


def _hint(text: str) -> str:
    return f"{label('hint', 'cyan')} {text}"


def _clash_lines(clash: Clash) -> Iterator[str]:
    yield f"  {clash.project}:"
    yield from (f"    {line}" for line in _demander_lines(clash.demanders))


def _demander_lines(demanders: Iterable[Demander]) -> Iterator[str]:
    for demander in demanders:
        yield " ← ".join((demander.asked, *demander.chain))


def _nothing_fits_lines(found: Explanation) -> Iterator[str]:
    yield from (f"  {line}" for line in _demander_lines(found.demanders))
    yield from _where_lines(found)
    if found.outcome is Outcome.QUARANTINED and found.status_reason:
        yield f"  {found.status_reason}"
    asked = found.demanders[0].asked if found.demanders else found.project
    more = f"wheelpin explain {shlex.quote(asked)} --target {found.target.name}"
    yield from _at_most(_MOST_REJECTIONS, _rejection_lines(found), more)
    yield from map(_hint, _helps(found))


def _where_lines(found: Explanation) -> Iterator[str]:
    if found.outcome is Outcome.NO_SUCH_PROJECT:
        where = (
            f"in {', '.join(found.places)}" if found.places else "nowhere: there is no index and no find-links place"
        )
        yield f"  looked for {where}"
    if found.outcome is Outcome.NO_VERSION_IN_RANGE and found.newest_version is not None:
        yield f"  the newest version on {found.index} is {found.newest_version}"


def _rejection_lines(found: Explanation) -> list[str]:
    return [f"  {rejection.file.filename}: {rejection.detail}" for rejection in found.rejections]


def _at_most(number: int, lines: Sequence[str], more: str) -> Iterator[str]:
    """Yield the first *number* of *lines*, then how many there are besides, and what shows *more*."""
    yield from lines[:number]
    if len(lines) > number:
        yield f"  … and {len(lines) - number} more: {more}"


def _helps(found: Explanation) -> Iterator[str]:
    fitting = found.newest_fitting
    if fitting is not None and found.outcome is not Outcome.FITS:
        yield f"the newest version that fits is {fitting.version} ({fitting.file.filename})"
    if (lowest := found.lowest_target) is not None:
        yield f"the lowest target that would take {lowest.file.filename} is {lowest.spelling}"
    if found.sdist is not None and found.outcome is Outcome.NO_WHEEL_FITS:
        why = "" if found.build_refusal is None else f"; {found.build_refusal}"
        yield f"an sdist exists, no wheel fits: {found.sdist.filename} would have to be built for the target{why}"
    if found.outcome is Outcome.NO_SUCH_PROJECT:
        yield "check the spelling, and that the right index is asked (--index-url, --extra-index-url, --find-links)"
    if found.outcome is Outcome.NO_VERSION_IN_RANGE and fitting is None:
        yield f"no version of {found.project} at all fits {found.target.name}"


def explanation_text(found: Explanation) -> str:
    """Spell which file a project gets for a target and why, or why none, with the files that came nearest."""
    return "\n".join(_explanation_lines(found, _MOST_EXPLAINED))


def whole_explanation_text(found: Explanation) -> str:
    """Spell the same with every file in range, and all that is no file."""
    return "\n".join(_explanation_lines(found, sys.maxsize))


def _explanation_lines(found: Explanation, most: int) -> Iterator[str]:
    if found.outcome is Outcome.NOT_NEEDED:
        yield f"{found.project} is not needed for {found.target.name}: the marker does not hold there"
        yield from (f"  {line}" for line in _demander_lines(found.demanders))
        return
    if (chosen := found.chosen) is None:
        yield str(NothingFitsError(found))
        yield from (f"  {line}" for line in _demander_lines(found.demanders))
        yield from _where_lines(found)
    else:
        yield f"{found.project} {chosen.version} for {found.target.name}: {chosen.file.filename}"
        yield f"  tag {chosen.rank + 1} of the target's {len(found.target.tags)}, from {found.index or 'its address'}"
        shown = found.runners_up[:_MOST_RUNNERS_UP]
        if shown:
            yield "preferred to:"
        for other in shown:
            yield f"  {other.file.filename}: {other.behind.value}"
        if hidden := len(found.runners_up) - len(shown):
            yield f"  … and {hidden} more files of older versions"
    if found.rejections or found.unreadable:
        yield "cannot be chosen:"
    unreadable = (f"  {entry.entry}: {entry.reason}" for entry in found.unreadable)
    yield from _at_most(most, [*_rejection_lines(found), *unreadable], "wheelpin explain --verbose shows all")
    yield from map(_hint, _helps(found))

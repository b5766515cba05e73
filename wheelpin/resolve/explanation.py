"""Why a project has no file for a target, or why this one: facts for reports, worked out only when wanted."""

from collections.abc import Iterator, Sequence
from enum import Enum

from msgspec import Struct
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Wheel
from wheelpin.candidates.rejection import Reason, Rejection
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.files import IndexFile, SkippedEntry
from wheelpin.target import Target
from wheelpin.values import IndexUrl


class Outcome(Enum):
    """What a look at a project's page found."""

    FITS = "fits"
    NO_SUCH_PROJECT = "no-such-project"
    QUARANTINED = "quarantined"
    NO_FILES = "no-files"
    NO_VERSION_IN_RANGE = "no-version-in-range"
    NO_WHEEL_FITS = "no-wheel-fits"
    NOT_NEEDED = "not-needed"
    """The requirement's own marker does not hold for the target: a lock would not ask for it."""


class Demander(Struct, frozen=True, kw_only=True):
    """One who asks for a project, with what, and for whose sake, nearest first, up to the user's own words."""

    asked: str
    """The requirement as PEP 508 spells it."""
    chain: tuple[str, ...]
    """``("flask 2.0.3", "requirements.in, line 3")``: who asked, who asked for that one, and so on."""


class LowerTarget(Struct, frozen=True, kw_only=True):
    """A target that would take a file that this one refuses for its libc."""

    spelling: str
    file: IndexFile


class Behind(Enum):
    """Why a file that fits stands behind the chosen one."""

    VERSION = "its version is older"
    RANK = "its tag stands lower in the target's order"
    BUILD = "its build tag is lower"
    NAME = "its name sorts later; nothing else tells them apart"


class RunnerUp(Struct, frozen=True, kw_only=True):
    """A file that would be chosen if those before it were not there."""

    file: IndexFile
    rank: int
    behind: Behind


class Explanation(Struct, frozen=True, kw_only=True):
    """A project as one demand on one target meets it."""

    project: NormalizedName
    target: Target
    demanders: tuple[Demander, ...]
    outcome: Outcome
    places: tuple[str, ...] = ()
    """Where a project was looked for that no place has."""
    index: IndexUrl | None = None
    status_reason: str | None = None
    """What the index says of a quarantined project."""
    versions_in_range: tuple[Version, ...] = ()
    """Versions with any file at all that the demand allows, newest first."""
    newest_version: Version | None = None
    """The newest version the index has at all; a pre-release only where these are taken, or nothing else is there."""
    chosen: Candidate | None = None
    runners_up: tuple[RunnerUp, ...] = ()
    """Files that fit too, in the order in which they would have been chosen."""
    rejections: tuple[Rejection, ...] = ()
    """Every wheel in range that cannot be chosen, nearest miss first."""
    unreadable: tuple[SkippedEntry, ...] = ()
    newest_fitting: Candidate | None = None
    """The best file for the target when the demand's range is set aside."""
    lowest_target: LowerTarget | None = None
    """The lowest libc level that would take a file of the newest version in range."""
    sdist: IndexFile | None = None
    """The newest sdist in range."""
    build_refusal: str | None = None
    """Why it is not built, where builds were thought of."""


class Question(Struct, frozen=True, kw_only=True):
    """What is asked of a project, by whom, and for which target."""

    project: NormalizedName
    target: Target
    demand: Demand
    demanders: tuple[Demander, ...] = ()


def explain(shelf: Shelf | None, question: Question, *, fallen: Sequence[tuple[Candidate, str]] = ()) -> Explanation:
    """Work out what became of a question; *fallen* are candidates dropped over their metadata, and why."""
    project, target, demand, demanders = question.project, question.target, question.demand, question.demanders
    if shelf is None:
        return Explanation(project=project, target=target, demanders=demanders, outcome=Outcome.NO_SUCH_PROJECT)
    page = shelf.listing.page
    lost = {candidate.file.filename: why for candidate, why in fallen}
    taken = [candidate for candidate in shelf.candidates(demand) if candidate.file.filename not in lost]
    in_range = _versions_in_range(shelf, demand)
    rejections = (*_fallen_rejections(fallen, demand), *shelf.rejections(demand))
    sdists = [(version, shelf.listing.sdists[version]) for version in in_range if version in shelf.listing.sdists]
    refusals = (shelf.sdist_rejection(version, file, demand) for version, file in sdists[:1])
    fits_at_all = (found for found in shelf.candidates(Demand()) if found.file.filename not in lost)
    return Explanation(
        project=project,
        target=target,
        demanders=demanders,
        outcome=_outcome(shelf, bool(taken), bool(in_range)),
        index=page.index or None,
        status_reason=page.status_reason,
        versions_in_range=in_range,
        newest_version=_newest_version(shelf, demand),
        chosen=taken[0] if taken else None,
        runners_up=tuple(_runners_up(shelf, taken)),
        rejections=rejections,
        unreadable=shelf.listing.unreadable,
        newest_fitting=next(fits_at_all, None),
        lowest_target=_lowest_target(shelf, demand, rejections),
        sdist=next((file for _, file in sdists), None),
        build_refusal=next((refusal.detail for refusal in refusals if refusal is not None), None),
    )


def _outcome(shelf: Shelf, is_taken: bool, has_versions: bool) -> Outcome:
    if is_taken:
        return Outcome.FITS
    if shelf.listing.page.status == "quarantined":
        return Outcome.QUARANTINED
    if not shelf.listing.page.entries.lines:
        return Outcome.NO_FILES
    return Outcome.NO_WHEEL_FITS if has_versions else Outcome.NO_VERSION_IN_RANGE


def _newest_version(shelf: Shelf, demand: Demand) -> Version | None:
    versions = shelf.listing.versions
    finals = {version for version in versions if not version.is_prerelease}
    is_any_taken = shelf.rules.allow_prereleases or demand.names_prerelease
    return max(versions if is_any_taken else finals or versions, default=None)


def _versions_in_range(shelf: Shelf, demand: Demand) -> tuple[Version, ...]:
    contains = demand.specifier.contains
    return tuple(sorted((v for v in shelf.listing.versions if contains(v, prereleases=True)), reverse=True))


def _fallen_rejections(fallen: Sequence[tuple[Candidate, str]], demand: Demand) -> Iterator[Rejection]:
    for candidate, why in sorted(fallen, key=lambda pair: pair[0].version, reverse=True):
        if demand.specifier.contains(candidate.version, prereleases=True):
            yield Rejection(file=candidate.file, version=candidate.version, reason=Reason.METADATA, detail=why)


def _runners_up(shelf: Shelf, taken: Sequence[Candidate]) -> Iterator[RunnerUp]:
    if not taken:
        return
    chosen = taken[0]
    if not chosen.file.is_wheel:
        return
    chosen_wheel = next(wheel for _, wheel in shelf.fitting(chosen.version) if wheel.filename == chosen.file.filename)
    for candidate in taken:
        offered = {candidate.file.filename, *(file.filename for file in candidate.alternatives)}
        for rank, wheel in shelf.fitting(candidate.version):
            if wheel.filename == chosen.file.filename or wheel.filename not in offered:
                continue
            if candidate is not chosen:
                behind = Behind.VERSION
            elif rank != chosen.rank:
                behind = Behind.RANK
            else:
                behind = Behind.BUILD if wheel.build != chosen_wheel.build else Behind.NAME
            yield RunnerUp(file=wheel.file, rank=rank, behind=behind)


def _lowest_target(shelf: Shelf, demand: Demand, rejections: Sequence[Rejection]) -> LowerTarget | None:
    wheels = {wheel.file.filename: wheel for wheel in shelf.listing.wheels}
    missed = [wheels[found.file.filename] for found in rejections if found.reason is Reason.LIBC]
    missed = [wheel for wheel in missed if shelf.file_rejection(wheel, demand) is None]
    if not missed:
        return None
    newest = max(wheel.version for wheel in missed)
    offers = [
        (_libc_order(spelling), wheel.file.filename, spelling, wheel)
        for wheel in missed
        if wheel.version == newest and (spelling := _lowest_for(shelf.target, wheel)) is not None
    ]
    if not offers:
        return None
    _, _, spelling, wheel = min(offers, key=lambda offer: offer[:2])
    return LowerTarget(spelling=spelling, file=wheel.file)


def _lowest_for(target: Target, wheel: Wheel) -> str | None:
    return target.lowest_for(wheel.tag_set)


def _libc_order(spelling: str) -> tuple[int, ...]:
    # manylinux1 < manylinux2010 < manylinux2014 < manylinux_2_N: digits alone order them within one family.
    return tuple(int(part) for part in "".join(c if c.isdigit() else " " for c in spelling).split())

"""The stages joined: from inputs and targets to locks, from a requirement to its explanation."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlsplit

from msgspec import Struct, field
from msgspec.structs import replace
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.rules import Rules
from wheelpin.errors import InputError, IntegrityError, ResolutionError
from wheelpin.files import IndexFile
from wheelpin.locks import Lock, LockedFile, LockedTarget, Pin, Proof
from wheelpin.locks.pin_text import spelled_address
from wheelpin.ports import Builder, Index, Reporter
from wheelpin.requirements import Inputs, PythonDemand, Requirement
from wheelpin.resolve.question import Fact, Question, said_in
from wheelpin.resolve.several import Failure, resolve_all
from wheelpin.resolve.task import Asker, Resolution, ResolvedPin, Task
from wheelpin.resolve.view import TargetView
from wheelpin.settings import Settings
from wheelpin.target import Target
from wheelpin.values import IndexUrl, Origin, Sha256, without_secrets

if TYPE_CHECKING:
    from wheelpin.builder import BuiltWheel
    from wheelpin.resolve.explanation import Explanation


class SeveralTargetsError(ResolutionError):
    """Some of the targets of a run have no answer, so no lock is written."""

    def __init__(self, failures: tuple[Failure, ...], *, targets: int) -> None:
        super().__init__(failures, targets)
        self.failures, self.targets = failures, targets

    def __str__(self) -> str:
        names = ", ".join(failure.task.target.name for failure in self.failures)
        verb = "has" if len(self.failures) == 1 else "have"
        return f"{len(self.failures)} of {self.targets} targets {verb} no answer: {names}"


class TargetPythonError(InputError):
    """A project file refuses the Python of a target."""

    def __init__(self, demand: PythonDemand, target: Target) -> None:
        super().__init__(demand, target)
        self.demand, self.target = demand, target

    def __str__(self) -> str:
        return (
            f"{self.demand.origin}: requires-python is {self.demand.specifier}, "
            f"and {self.target.name} has Python {self.target.python_full_version}"
        )


class LocalFileError(IntegrityError):
    """A file of this machine does not have the hash that somebody gives for it."""

    hint = "restore the file, or name the hash that it has"

    def __init__(self, said: IndexFile, actual: IndexFile) -> None:
        super().__init__(said, actual)
        self.said, self.actual = said, actual

    def __str__(self) -> str:
        return f"{self.said.url} has the sha256 {self.actual.sha256}, and {self.said.sha256} is asked for"


class Upgrade(Struct, frozen=True, kw_only=True):
    """Which pins of an existing lock need not be kept."""

    everything: bool = False
    projects: frozenset[NormalizedName] = frozenset()

    def keeps(self, project: NormalizedName) -> bool:
        """Tell whether the pin of *project* is preferred."""
        return not self.everything and project not in self.projects


class WheelBuilder(Builder, Protocol):
    """A builder that hands over what it made."""

    def wheel(self, file: IndexFile, project: NormalizedName, target: Target) -> "BuiltWheel":
        """Return the wheel of an sdist for *target*; raise `BuildFailedError`."""
        ...

    @property
    def wheelhouse(self) -> Path:
        """The folder that its wheels end up in."""
        ...


class LockJob(Struct, frozen=True, kw_only=True):
    """What to lock, for which targets, under which rules."""

    targets: tuple[Target, ...]
    inputs: Inputs
    overrides: tuple[Requirement, ...] = ()
    rules: Rules = field(default_factory=Rules)
    previous: Mapping[str, Lock] = field(default_factory=dict)
    """Existing locks by target name, whose pins are preferred."""
    upgrade: Upgrade = field(default_factory=Upgrade)
    align: bool = False
    """Prefer the same version of a project on all targets."""
    described_inputs: tuple[str, ...] = ()
    """The inputs in the user's words, for the locks' headers."""
    refresh_commands: Mapping[str, str] = field(default_factory=dict)
    """By target name: the command that makes the lock anew."""
    indexes: tuple[IndexUrl, ...] = ()
    """In the order in which they are asked."""
    index_words: tuple[tuple[str, str], ...] = ()
    """What a project's file says of indexes: words of pip's and their values."""
    folder: Path
    """Where the command runs: paths in locks start here."""
    builder: "WheelBuilder | None" = None
    """Makes what no index has; None where only published wheels count."""
    wheelhouse_url: str | None = None
    """Where the user publishes built wheels; None pins them by their paths."""
    recipe_digest: Callable[[NormalizedName], str | None] = field(default=lambda _: None)
    """Names what the user says on how to build a project; None where that is nothing."""


class Locked(Struct, frozen=True, kw_only=True):
    """The lock for one target, and what the user should know of it."""

    target: Target
    lock: Lock
    warnings: tuple[str, ...]


def lock(job: LockJob, index: Index, reporter: Reporter) -> tuple[Locked, ...]:
    """Pin the inputs for every target of *job*; raise as `lock_all` does."""
    (locked,) = lock_all((job,), Catalogue(index), reporter)
    return locked


def lock_all(jobs: Sequence[LockJob], catalogue: Catalogue, reporter: Reporter) -> tuple[tuple[Locked, ...], ...]:
    """Pin the inputs of every job for its targets, all or none; return the locks of each job.

    Versions are aligned over all jobs if one of them asks for it. Raise `NothingFitsError` or `ConflictError`
    (`SeveralTargetsError` where there are several targets), `InputError` where an input cannot be decided, and
    `IndexUnavailableError`.
    """
    for job in jobs:
        for target in job.targets:
            for demand in job.inputs.python_demands:
                if not target.accepts_python(demand.specifier).holds:
                    raise TargetPythonError(demand, target)
    tasks = [_task(job, target) for job in jobs for target in job.targets]
    outcomes = resolve_all(tasks, catalogue, reporter, align=any(job.align for job in jobs))
    failures = tuple(outcome for outcome in outcomes if isinstance(outcome, Failure))
    if failures:
        raise failures[0].error if len(tasks) == 1 else SeveralTargetsError(failures, targets=len(tasks))
    resolutions = iter([outcome for outcome in outcomes if isinstance(outcome, Resolution)])
    return tuple(tuple(_locked(next(resolutions), job, catalogue.index) for _ in job.targets) for job in jobs)


def explain(requirement: Requirement, job: LockJob, index: Index) -> "tuple[Explanation, ...]":
    """Tell for every target of *job* which file *requirement* gets and why, or why none."""
    from wheelpin.resolve.conflict import explain_project  # noqa: PLC0415 - a lock that succeeds explains nothing

    catalogue = Catalogue(index)
    return tuple(
        explain_project(requirement.name, requirement, TargetView(_task(job, target), catalogue))
        for target in job.targets
    )


def rules_of(inputs: Inputs, settings: Settings, *, prereleases: bool) -> Rules:
    """Join what files and options say on which files may be chosen."""
    forbidden, only_wheels = inputs.format_control.no_binary, inputs.format_control.only_binary
    return Rules(
        allow_prereleases=prereleases or inputs.allow_prereleases,
        exclude_newer=settings.exclude_newer,
        wheels_forbidden=frozenset(map(canonicalize_name, forbidden - {":all:"})),
        all_wheels_forbidden=":all:" in forbidden,
        builds_forbidden=frozenset(map(canonicalize_name, only_wheels - {":all:"})),
        all_builds_forbidden=":all:" in only_wheels,
    )


def _task(job: LockJob, target: Target) -> Task:
    previous = job.previous.get(target.name)
    pins = previous.pins if previous is not None else ()
    return Task(
        target=target,
        requirements=job.inputs.requirements,
        constraints=job.inputs.constraints,
        overrides=job.overrides,
        rules=job.rules,
        preferences={pin.project: pin.version for pin in pins if job.upgrade.keeps(pin.project)},
        builder=job.builder,
    )


def _locked(resolution: Resolution, job: LockJob, index: Index) -> Locked:
    question = question_of(job, resolution.target)
    pins = tuple(_pin(pin, job, index, question) for pin in resolution.pins)
    yanked = [pin.project for pin in resolution.pins if pin.file.yanked is not None]
    lock = lock_of(job, question, pins, Proof(facts=facts_of(job, question, pins, yanked=yanked)))
    empty = () if pins else (f"nothing that is asked for applies to {resolution.target.name}: its lock is empty",)
    return Locked(target=resolution.target, lock=lock, warnings=(*resolution.warnings, *empty))


def question_of(job: LockJob, target: Target) -> Question:
    """Return what *job* asks of one target."""
    return Question(_task(job, target), index_lines=tuple(_index_lines(job)))


def _index_lines(job: LockJob) -> Iterator[str]:
    """Yield what files say of indexes, nothing of it the machine's own."""
    options = job.inputs.options
    said = [*job.index_words]
    said += [("index-url", options.index_url)] if options.index_url is not None else []
    said += [("extra-index-url", url) for url in options.extra_index_urls]
    said += [("find-links", place) for place in options.find_links]
    said += [("no-index", "")] if options.no_index else []
    yield from (f"{word} {_place_of_index(place, job.folder)}" for word, place in said)


def _place_of_index(place: str, folder: Path) -> str:
    if "://" not in place and Path(place).is_absolute():
        return Path(os.path.relpath(place, folder)).as_posix()
    return place_from(folder, place)


def facts_of(
    job: LockJob, question: Question, pins: Iterable[Pin], *, yanked: Collection[NormalizedName]
) -> tuple[Fact, ...]:
    """Return what shapes the choice of *pins* and cannot be seen on them."""
    found = list(pins)
    return question.facts(
        [pin.project for pin in found],
        yanked=yanked,
        spell_address=lambda url: place_from(job.folder, url),
        more={
            "builds": _build_lines(job, found),
            "no-binary": sorted(pin.project for pin in found if job.rules.forbid_wheels_of(pin.project)),
        },
    )


def _build_lines(job: LockJob, pins: Iterable[Pin]) -> Iterator[str]:
    """Yield how built pins are made otherwise than without a word from the user."""
    for pin in pins:
        if isinstance(pin.file, LockedFile) and pin.file.built is not None:
            if (recipe := job.recipe_digest(pin.project)) is not None:
                yield f"{pin.project} {recipe}"
            if job.wheelhouse_url is not None:
                yield f"{pin.project} at {without_secrets(job.wheelhouse_url)}"


def lock_of(job: LockJob, question: Question, pins: tuple[Pin, ...], proof: Proof | None) -> Lock:
    """Put *pins* under the header that *job* gives them."""
    exclude_newer = job.rules.exclude_newer
    return Lock(
        target=LockedTarget.of(question.target),
        pins=pins,
        inputs=job.described_inputs,
        refresh_command=job.refresh_commands.get(question.target.name),
        indexes=_indexes_used(pins, job.indexes),
        exclude_newer=None if exclude_newer is None else str(exclude_newer),
        proof=proof,
    )


def _built_file(pin: ResolvedPin, job: LockJob, question: Question) -> tuple[LockedFile, tuple[str, ...]]:
    """Build what was chosen as an sdist; return the file that is pinned and what the user should know of it."""
    assert job.builder is not None
    built = job.builder.wheel(pin.file, pin.project, question.target_of(pin.project))
    url = None
    if job.wheelhouse_url is not None:
        below = built.path.relative_to(job.builder.wheelhouse).as_posix()
        url = f"{job.wheelhouse_url.rstrip('/')}/{quote(below)}"
    file = LockedFile(
        filename=built.path.name,
        sha256=built.sha256,
        url=url,
        path=path_from(job.folder, built.path.resolve().as_uri()) if url is None else None,
        size_bytes=built.path.stat().st_size,
        built=built.record.provenance,
    )
    return file, built.notes


def _pin(pin: ResolvedPin, job: LockJob, index: Index, question: Question) -> Pin:
    if pin.file.is_sdist:
        made, known = _built_file(pin, job, question)
        return Pin(
            project=pin.project,
            version=pin.version,
            file=made,
            via=tuple(_said_by(asker) for asker in pin.via),
            requires_python=pin.file.requires_python,
            extras=question.extras_of(pin.project),
            tags=question.tags_of(pin.project),
            notes=known,
        )
    file, notes = _file_as_it_is(pin.file, index)
    path = path_from(job.folder, file.url)
    return Pin(
        project=pin.project,
        version=pin.version,
        file=LockedFile(
            filename=file.filename,
            sha256=Sha256(file.sha256 or ""),
            url=file.url if path is None else None,
            path=path,
            size_bytes=file.size_bytes,
            uploaded_at=file.uploaded_at,
            index=pin.index if path is None else None,
        ),
        via=tuple(_said_by(asker) for asker in pin.via),
        requires_python=file.requires_python,
        extras=question.extras_of(pin.project),
        tags=question.tags_of(pin.project),
        notes=notes,
    )


def _file_as_it_is(file: IndexFile, index: Index) -> tuple[IndexFile, tuple[str, ...]]:
    """Return *file* with its sha256, and what the user should know of that; raise `LocalFileError`.

    What lies on this machine is read, whatever was said of it: that costs no download.
    """
    if file.url.startswith("file:"):
        actual = index.hashed(replace(file, sha256=None))
        if file.sha256 not in (None, actual.sha256):
            raise LocalFileError(file, actual)
        return actual, ()
    if file.sha256 is not None:
        return file, ()
    return index.hashed(file), ("the index gave no sha256; it was computed from a download",)


def path_from(folder: Path, url: str) -> str | None:
    """Return the POSIX path from *folder* to a file on this machine, so that a moved checkout works; else None."""
    address = urlsplit(url)
    if address.scheme != "file":
        return None
    from urllib.request import url2pathname  # noqa: PLC0415 - brings an HTTP client along

    path = Path(url2pathname(address.path))
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def place_from(folder: Path, url: str) -> str:
    """Spell where *url* leads, as a lock made in *folder* names it."""
    return path_from(folder, url) or spelled_address(url)


def _said_by(asker: Asker) -> str:
    return asker.name if asker.is_project else said_in(Origin(asker.name))


def _indexes_used(pins: Sequence[Pin], indexes: Sequence[IndexUrl]) -> tuple[IndexUrl, ...]:
    """Return the indexes that the pins come from: others are the machine's own affair."""
    used = {pin.file.index for pin in pins if isinstance(pin.file, LockedFile)}
    return tuple(index for index in indexes if index in used)

"""Prepare orders and lock them: sessions with equal settings are shared, and all that is sure to be asked is begun."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import NormalizedName

from wheelpin.candidates.listing import tags_of
from wheelpin.locks import Lock, LockedFile, LockFormat
from wheelpin.locks.previous import parse_previous
from wheelpin.orders.building import Builders
from wheelpin.orders.inputs import Host, OpenedInputs, read_sources, with_format_control
from wheelpin.orders.lock_texts import check_place
from wheelpin.orders.model import STANDARD_OUTPUT, LockOrder
from wheelpin.orders.publishing import with_publishers
from wheelpin.orders.targets import TargetText, target_of_inputs
from wheelpin.ports import Reporter
from wheelpin.requirements import FormatControl
from wheelpin.session import Session, open_session
from wheelpin.settings import Settings
from wheelpin.target import Target
from wheelpin.texts import read_text
from wheelpin.values import Origin

if TYPE_CHECKING:
    from wheelpin.candidates.catalogue import Catalogue
    from wheelpin.workflows import Locked, LockJob


class PreparedOrder(Struct, frozen=True, kw_only=True):
    """An order with all its files read."""

    order: LockOrder
    opened: OpenedInputs
    targets: tuple[Target, ...]
    previous: Mapping[str, Lock]
    """By target name, what stands where the new lock will."""


class Sessions:
    """The open sessions of a run, one for all settings that ask the same of an index."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._stack = ExitStack()
        self._open: list[tuple[Settings, Session]] = []
        self._catalogues: dict[int, Catalogue] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, settings: Settings) -> Session:
        """Return the session for *settings*, opened at the first call."""
        key = replace(settings, exclude_newer=None)  # files are left out later, when they are chosen from
        for known, session in self._open:
            if known == key:
                return session
        session = self._stack.enter_context(open_session(settings, self._reporter))
        self._open.append((key, session))
        return session

    def catalogue_of(self, session: Session) -> "Catalogue":
        """Return the listings that all orders of *session* share."""
        from wheelpin.candidates.catalogue import Catalogue  # noqa: PLC0415 - loads while pages are on their way

        return self._catalogues.setdefault(id(session), Catalogue(session.index))

    @property
    def opened(self) -> tuple[Session, ...]:
        """All sessions so far."""
        return tuple(session for _, session in self._open)


def prepare(order: LockOrder, host: Host) -> PreparedOrder:
    """Read all files of *order*; raise a branch of `InputError`."""
    opened = read_sources(
        order.sources,
        order.override_files,
        folder=order.folder,
        options=order.options,
        host=host,
    )
    if order.format_control != FormatControl():
        opened = replace(opened, inputs=with_format_control(opened.inputs, order.format_control))
    beside = TargetText(text="", python_full_version=order.python_full_version, marker_values=order.marker_values)
    targets = order.targets or (target_of_inputs(opened.inputs, beside, order.folder),)
    for target in targets:
        for output in order.outputs.of(target):
            check_place(output)
    previous = {} if order.upgrade else _previous(order, targets)
    return PreparedOrder(order=order, opened=opened, targets=targets, previous=previous)


def expect(orders: Iterable[PreparedOrder], sessions: Sessions) -> None:
    """Start asking for what locking *orders* is sure to need."""
    for prepared in orders:
        _expect(prepared, sessions.of(prepared.opened.settings))


def _expect(prepared: PreparedOrder, session: Session) -> None:
    requirements, upgraded = prepared.opened.inputs.requirements, prepared.order.upgraded
    session.expect(need.name for need in requirements if need.url is None and need.marker is None)
    takes = cache(lambda tag_set: any(target.rank(tag_set) is not None for target in prepared.targets))
    session.expect_files(
        dict.fromkeys(  # the locks of several targets have most files in common
            (pin.project, pin.file.filename)
            for lock in prepared.previous.values()
            for pin in lock.pins
            if isinstance(pin.file, LockedFile) and pin.project not in upgraded
        ),
        may_be_taken=lambda filename: takes(tags_of(filename)),
    )


def lock_together(
    orders: Sequence[PreparedOrder], sessions: Sessions, reporter: Reporter, builders: Builders | None = None
) -> "tuple[tuple[Locked, ...], ...]":
    """Lock *orders*, all or none; return the locks of each. Raise what `wheelpin.workflows.lock_all` raises."""
    opened = [sessions.of(each.opened.settings) for each in orders]
    from wheelpin.workflows import lock_all  # noqa: PLC0415 - loads while the first pages are on their way

    found: dict[int, tuple[Locked, ...]] = {}
    for session in sessions.opened:
        if places := [place for place, each in enumerate(opened) if each is session]:
            jobs = [job_of(orders[place]) for place in places]
            if builders is not None:
                jobs = [
                    _building(job, orders[place], builders, session) for job, place in zip(jobs, places, strict=True)
                ]
            found |= zip(places, lock_all(jobs, sessions.catalogue_of(session), reporter), strict=True)
            for place in places:
                if LockFormat.PYLOCK in orders[place].order.outputs.formats:
                    found[place] = with_publishers(found[place], session)
    return tuple(found[place] for place in range(len(orders)))


def _building(job: "LockJob", prepared: PreparedOrder, builders: Builders, session: Session) -> "LockJob":
    """Return *job* with a builder, unless nothing may be built."""
    order = prepared.order
    if order.building.only is not None and not order.building.only:
        return job
    return replace(job, builder=builders.of(order, prepared.targets, session))


def job_of(prepared: PreparedOrder) -> "LockJob":
    """Return what is to be locked."""
    from wheelpin.workflows import LockJob, Upgrade, rules_of  # noqa: PLC0415 - as above

    order, opened, targets = prepared.order, prepared.opened, prepared.targets
    made_together = targets if order.align or order.outputs.file is not None else ()
    return LockJob(
        targets=targets,
        inputs=opened.inputs,
        overrides=opened.overrides,
        rules=replace(
            rules_of(opened.inputs, opened.settings, prereleases=order.prereleases), builds_only=order.building.only
        ),
        wheelhouse_url=order.building.wheelhouse_url,
        recipe_digest=lambda project: _recipe_digest(order, project),
        previous=prepared.previous,
        upgrade=Upgrade(everything=order.upgrade, projects=order.upgraded),
        align=order.align,
        described_inputs=order.described_inputs,
        refresh_commands={
            target.name: order.refresh.spell(made_together or (target,))
            for target in targets
            if order.refresh is not None
        },
        indexes=tuple(location.url for location in opened.settings.indexes),
        index_words=tuple(_index_words(order)),
        folder=order.folder,
    )


def _recipe_digest(order: LockOrder, project: NormalizedName) -> str | None:
    if (recipe := order.building.recipes.get(project)) is None:
        return None
    from wheelpin.builder.provenance import recipe_digest  # noqa: PLC0415 - most locks hold nothing built
    from wheelpin.builder.recipes import read_patches  # noqa: PLC0415

    return recipe_digest(recipe, read_patches(recipe, order.building.recipe_folder or order.folder))


def _index_words(order: LockOrder) -> Iterator[tuple[str, str]]:
    """Yield what a project's file, which no refresh command repeats, says of indexes."""
    for word, entries in sorted(order.options.project_layer.items()):
        if word != "exclude-newer":
            yield from ((word, said.text) for said in entries)
    for project, url in sorted(order.options.project_indexes.items()):
        yield f"project-index {project}", url


def _previous(order: LockOrder, targets: tuple[Target, ...]) -> Mapping[str, Lock]:
    """Read the locks that stand where the new ones will; raise `LockSyntaxError` for one that cannot be read."""
    found: dict[str, Lock] = {}
    for target in targets:
        paths = [output.path for output in order.outputs.of(target)]
        if (path := next((each for each in paths if each != STANDARD_OUTPUT and each.is_file()), None)) is not None:
            lock = parse_previous(read_text(path), Origin(path.as_posix()), target)
            found |= {} if lock is None else {target.name: lock}
    return found

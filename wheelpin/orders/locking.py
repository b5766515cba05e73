"""Lock orders that are prepared; loads while what they are sure to need is on its way."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from packaging.utils import NormalizedName

from wheelpin.orders.building import Builders
from wheelpin.orders.model import LockOrder
from wheelpin.orders.preparing import PreparedOrder, Sessions
from wheelpin.orders.publishing import with_publishers
from wheelpin.ports import Reporter
from wheelpin.session import Session
from wheelpin.values import LockFormat
from wheelpin.workflows import Locked, LockJob, Upgrade, lock_all, rules_of


def lock_together(
    orders: Sequence[PreparedOrder], sessions: Sessions, reporter: Reporter, builders: Builders | None = None
) -> tuple[tuple[Locked, ...], ...]:
    """Lock *orders*, all or none; return the locks of each. Raise what `wheelpin.workflows.lock_all` raises."""
    opened = [sessions.of(each.opened.settings) for each in orders]
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


def _building(job: LockJob, prepared: PreparedOrder, builders: Builders, session: Session) -> LockJob:
    """Return *job* with a builder, unless nothing may be built."""
    order = prepared.order
    if order.building.only is not None and not order.building.only:
        return job
    # Orders share a session whatever their cut-offs are, and a build has to keep to its own order's.
    own = replace(session, settings=prepared.opened.settings)
    return replace(job, builder=builders.of(order, prepared.targets, own))


def job_of(prepared: PreparedOrder) -> LockJob:
    """Return what is to be locked."""
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

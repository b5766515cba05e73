"""From the words of ``wheelpin lock`` and the project's file to orders."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from wheelpin.cli.inputs import describe_inputs, refresh_command, sources_of
from wheelpin.cli.lock_build_options import MissingWords
from wheelpin.cli.lock_words import LockWords
from wheelpin.cli.targets import spellings_of, stated_by
from wheelpin.errors import WheelpinError
from wheelpin.orders.finding import find_project, read_project_in, shown
from wheelpin.orders.inputs import Host
from wheelpin.orders.model import BuildOrder, LockOrder, Outputs
from wheelpin.values import LOCKFILES, LockFormat

if TYPE_CHECKING:
    from wheelpin.orders.overruling import Overruling


class Batch(Struct, frozen=True, kw_only=True):
    """Orders whose locks are written together or not at all."""

    name: str
    """The project's file, or empty."""
    orders: tuple[LockOrder, ...]
    rests_on: tuple[str, ...]
    """Paths of files that led to the orders, there or not."""


def batch_of(words: LockWords, host: Host) -> Batch:
    """Return what the command line asks for, within the project that the working folder belongs to."""
    search = find_project(host.folder)
    if (found := search.found) is None:
        return Batch(name="", orders=(order_of(words),), rests_on=search.looked_at)
    from wheelpin.orders.projects import order_within, orders_of  # noqa: PLC0415 - without a project's file no need

    upgraded = names_to_upgrade(words)
    if words.inputs.are_given and not upgraded:
        plain = order_of(replace(words, targets=replace(words.targets, targets=())))
        orders: tuple[LockOrder, ...] = (order_within(plain, found, overruling(words), host),)
    else:
        orders = orders_of(found, overruling(words), host)
    return Batch(name=found.project.file, orders=orders, rests_on=search.looked_at)


class Refused(Struct, frozen=True, kw_only=True):
    """A project that cannot be locked, and why."""

    name: str
    error: WheelpinError


def batches_below(root: Path, words: LockWords, host: Host) -> tuple[tuple[Batch | Refused, ...], tuple[str, ...]]:
    """Return what every project's file below *root* asks for, and the files and folders that led there.

    Of a project, the targets that ``--target`` names are locked; one that has none of them is left alone.
    """
    from wheelpin.orders.projects import orders_of  # noqa: PLC0415 - as above
    from wheelpin.orders.walking import walk  # noqa: PLC0415

    _check_words_for_many(words)
    walked = walk(host.folder / root)
    batches: list[Batch | Refused] = []
    unmet, has_any = set(words.targets.targets), False
    for folder in walked.folders:
        try:
            if (found := read_project_in(folder, host.folder)) is None:
                continue
            has_any = True
            names = tuple(
                name for name in words.targets.targets if name in {said.name for said in found.project.targets}
            )
            unmet.difference_update(names)
            if names or not words.targets.targets:
                orders = orders_of(found, replace(overruling(words), targets=names), host)
                batches.append(Batch(name=found.project.file, orders=orders, rests_on=()))
        except WheelpinError as error:
            has_any = True
            batches.append(Refused(name=shown(folder, host.folder), error=error))
    if not has_any:
        raise click.UsageError(f"no project's file below {root.as_posix()}: [tool.wheelpin] or wheelpin.toml")
    if unmet:
        raise click.UsageError(f"no project below {root.as_posix()} has a target named {', '.join(sorted(unmet))}")
    return tuple(batches), tuple(walked.looked_at)


def _check_words_for_many(words: LockWords) -> None:
    if words.inputs.are_given and not names_to_upgrade(words):
        raise click.UsageError("--recursive locks what the project files name, and takes no other requirements")
    if words.output.output_file is not None or words.output.output_dir is not None:
        raise click.UsageError("--recursive writes the locks where the project files say, without -o and --output-dir")


def order_of(words: LockWords) -> LockOrder:
    """Return what the words of the command line alone ask for."""
    choice, output = words.choice, words.output.without_defaults()
    kept = (*choice.command_words, *words.missing.command_words, *output.command_words)
    refresh = refresh_command(words.inputs, words.targets, words.index_options, kept)
    return LockOrder(
        folder=Path.cwd(),
        sources=sources_of(words.inputs),
        override_files=words.inputs.override_files,
        described_inputs=describe_inputs(words.inputs),
        targets=stated_by(words.targets),
        python_full_version=words.targets.python_full_version,
        marker_values=words.targets.marker_values,
        options=words.index_options,
        prereleases=choice.pre,
        align=choice.align,
        upgrade=choice.upgrade,
        upgraded=_projects(choice.upgraded),
        building=_building(words.missing),
        outputs=Outputs(
            formats=_formats(words) or (LockFormat.REQUIREMENTS,),
            folder=output.output_dir or Path(LOCKFILES),
            file=output.output_file,
        ),
        refresh=replace(refresh, targets=spellings_of(words.targets)),
        rests_on=words.targets.targets,
    )


def overruling(words: LockWords) -> "Overruling":
    """Return what the words say over a project's file."""
    from wheelpin.orders.overruling import Overruling  # noqa: PLC0415 - as above
    from wheelpin.project.model import ProjectInputs  # noqa: PLC0415

    inputs, choice, output = words.inputs, words.choice, words.output
    upgraded = names_to_upgrade(words)
    return Overruling(
        targets=words.targets.targets,
        python_full_version=words.targets.python_full_version,
        marker_values=words.targets.marker_values,
        inputs=ProjectInputs(
            extras=inputs.extras,
            all_extras=inputs.all_extras,
            constraints=inputs.constraint_files,
            overrides=inputs.override_files,
        ),
        options=words.index_options,
        formats=_formats(words),
        lock_file=output.output_file,
        lock_folder=output.output_dir,
        prereleases=choice.pre,
        align=choice.align,
        upgrade=choice.upgrade and not upgraded,
        upgraded=upgraded | _projects(choice.upgraded),
        building=_building(words.missing),
        refresh=refresh_command(
            inputs if not upgraded else replace(inputs, requirements=()),
            words.targets,
            words.index_options,
            (*choice.command_words, *words.missing.command_words, *output.command_words),
        ),
    )


def names_to_upgrade(words: LockWords) -> frozenset[NormalizedName]:
    """Return the projects of ``--upgrade NAME…``: within a project's file, the names beside it can be nothing else.

    Requirements that are to be locked on their own have a lock of their own, and say where it goes.
    """
    inputs, output = words.inputs, words.output
    if not (words.choice.upgrade and inputs.requirements) or inputs.requirement_files or inputs.groups:
        return frozenset()
    if output.output_file is not None or output.output_dir is not None:
        return frozenset()
    return _projects(inputs.requirements)


def _projects(names: Iterable[str]) -> frozenset[NormalizedName]:
    try:
        return frozenset(canonicalize_name(name, validate=True) for name in names)
    except InvalidName as error:
        raise click.UsageError(f"--upgrade and -P take names of projects: {error}") from None


def _building(words: MissingWords) -> BuildOrder:
    return BuildOrder(
        only=words.only,
        engine=words.engine,
        time_limit_s=None if words.time_limit_min is None else words.time_limit_min * 60,
        wheelhouse=words.wheelhouse,
        wheelhouse_url=words.wheelhouse_url,
    )


def _formats(words: LockWords) -> tuple[LockFormat, ...]:
    return () if words.output.lock_format is None else (LockFormat(words.output.lock_format),)

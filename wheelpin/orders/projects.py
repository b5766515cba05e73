"""From a project's file, and what is said over it, to orders."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace

from wheelpin.errors import InputError
from wheelpin.orders.finding import FoundProject, path_seen_from, shown
from wheelpin.orders.inputs import Host
from wheelpin.orders.model import LockOrder, Outputs, RefreshCommand, described
from wheelpin.orders.overruling import Overruling
from wheelpin.orders.project_settings import options_within
from wheelpin.orders.project_targets import WantedTarget, wanted_targets
from wheelpin.orders.targets import each_once
from wheelpin.project.model import ProjectInputs
from wheelpin.project.reading import PYPROJECT
from wheelpin.project.table import Table
from wheelpin.requirements import FormatControl, Sources
from wheelpin.texts import read_text
from wheelpin.values import Origin


class NothingToLockError(InputError):
    """A project's file names no requirements, and the pyproject.toml beside it has none."""

    hint = 'name files in it, for example: requirements = ["requirements.in"]'

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.file = file

    def __str__(self) -> str:
        return f"{self.file} says nothing of requirements, and no [project] of a {PYPROJECT} beside it does"


class SameLockError(InputError):
    """Two targets of a project's file would have their locks in one file."""

    def __init__(self, file: str, path: str, names: tuple[str, str]) -> None:
        super().__init__(file, path, names)
        self.file, self.path, self.names = file, path, names

    def __str__(self) -> str:
        return f"{self.file}: the targets {' and '.join(self.names)} would both have {self.path} as their lock"


class LockOfProjectError(InputError):
    """Other requirements would be locked over a lock of the project's file."""

    hint = "say with -o or --output-dir where the lock of these requirements is to go"

    def __init__(self, path: str, name: str, file: str) -> None:
        super().__init__(path, name, file)
        self.path, self.name, self.file = path, name, file

    def __str__(self) -> str:
        return f"{self.path} is the lock of {self.name} in {self.file}, and not for other requirements"


def orders_of(found: FoundProject, over: Overruling, host: Host) -> tuple[LockOrder, ...]:
    """Return an order for every group of targets with the same inputs; raise a branch of `InputError`.

    Without a target in the file and in *over* there is one order, whose inputs have to name it.
    """
    groups: dict[object, list[WantedTarget]] = {}
    for each in wanted_targets(found, over, host.folder):
        groups.setdefault((each.said.inputs, each.said.formats), []).append(each)
    orders = tuple(_order(found, over, group, host) for group in groups.values() or [[]])
    _refuse_shared_locks(found.project.file, orders)
    return orders


def order_within(order: LockOrder, found: FoundProject, over: Overruling, host: Host) -> LockOrder:
    """Return *order*, which has inputs of its own, with the targets, indexes and rules of a project's file.

    Raise `LockOfProjectError` where its lock would go over one of the project's.
    """
    wanted = wanted_targets(found, over, host.folder) if over.targets else ()
    if over.lock_file is None and over.lock_folder is None:
        own = wanted_targets(found, Overruling(), host.folder)
        theirs = {file.path for each in own for file in _outputs(found, over, [each], host).of(each.target)}
        for each in wanted:
            for output in order.outputs.of(each.target):
                if output.path in theirs:
                    raise LockOfProjectError(output.path.as_posix(), each.target.name, found.project.file)
    return _ruled(order, found, wanted)


def _order(found: FoundProject, over: Overruling, wanted: Sequence[WantedTarget], host: Host) -> LockOrder:
    inputs = wanted[0].said.inputs if wanted else found.project.inputs
    sources, override_files = _sources(found, over, inputs, host)
    order = LockOrder(
        folder=found.folder,
        sources=sources,
        override_files=override_files,
        described_inputs=described(sources, override_files),
        targets=(),
        python_full_version=over.python_full_version,
        marker_values=over.marker_values,
        options=over.options,
        prereleases=over.prereleases,
        align=over.align,
        upgrade=over.upgrade,
        upgraded=over.upgraded,
        building=over.building,
        outputs=_outputs(found, over, wanted, host),
        refresh=over.refresh,
    )
    return _ruled(order, found, [_seen_from_project(each, found, host) for each in wanted])


def _seen_from_project(wanted: WantedTarget, found: FoundProject, host: Host) -> WantedTarget:
    if wanted.is_named or wanted.word == wanted.target.name:
        return wanted
    return replace(wanted, word=path_seen_from(wanted.word, found.folder, host.folder))


def _ruled(order: LockOrder, found: FoundProject, wanted: Sequence[WantedTarget]) -> LockOrder:
    """Return *order* for the targets of *wanted*, under the file's rules and with its indexes."""
    project, refresh = found.project, order.refresh or RefreshCommand()
    return replace(
        order,
        targets=each_once(each.target for each in wanted),
        options=options_within(found, order.options),
        format_control=FormatControl(only_binary=project.only_binary, no_binary=project.no_binary),
        building=replace(order.building, recipes=project.recipes, recipe_folder=found.folder),
        prereleases=order.prereleases or project.prereleases,
        align=order.align or project.align,
        refresh=replace(refresh, targets={each.target.name: each.word for each in wanted}),
        rests_on=(*order.rests_on, *(str(each.path) for each in wanted)),
    )


def _sources(
    found: FoundProject, over: Overruling, inputs: ProjectInputs, host: Host
) -> tuple[Sources, tuple[str, ...]]:
    """Return what is to be locked, and the files of overrides."""
    files = _default_files(found) if inputs.requirements is None else inputs.requirements
    if not files and not inputs.groups:
        raise NothingToLockError(found.project.file)
    constraints, overrides = (
        tuple(path_seen_from(path, found.folder, host.folder) for path in paths)
        for paths in (over.inputs.constraints, over.inputs.overrides)
    )
    sources = Sources(
        requirement_files=files,
        constraint_files=constraints or inputs.constraints,
        extras=over.inputs.extras or inputs.extras,
        all_extras=over.inputs.all_extras or inputs.all_extras,
        groups=inputs.groups,
        environ=host.environ,
        origin=Origin(found.project.file),
    )
    return sources, overrides or inputs.overrides


def _default_files(found: FoundProject) -> tuple[str, ...]:
    """Return the pyproject.toml, if it has a table of dependencies."""
    path = found.folder / PYPROJECT
    if not path.is_file() or "project" not in Table.parse(read_text(path), path.as_posix()).values:
        return ()
    return (PYPROJECT,)


def _outputs(found: FoundProject, over: Overruling, wanted: Sequence[WantedTarget], host: Host) -> Outputs:
    project = found.project
    formats = wanted[0].said.formats if wanted else project.formats
    if over.lock_folder is not None:
        return Outputs(formats=over.formats or formats, folder=over.lock_folder)
    return Outputs(
        formats=over.formats or formats,
        folder=Path(shown(found.folder / project.lockfiles, host.folder)),
        file=over.lock_file,
        files={
            each.target.name: Path(shown(found.folder / each.said.lockfile, host.folder))
            for each in wanted
            if each.said.lockfile is not None
        },
    )


def _refuse_shared_locks(file: str, orders: Iterable[LockOrder]) -> None:
    owners: dict[Path, str] = {}
    for order in orders:
        for target in order.targets:
            for output in order.outputs.of(target):
                owner = owners.setdefault(output.path, target.name)
                if owner != target.name and order.outputs.file is None:
                    raise SameLockError(file, output.path.as_posix(), (owner, target.name))

"""From a project's file, and what is said over it, to orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import NormalizedName

from wheelpin.errors import InputError
from wheelpin.locks import LockFormat
from wheelpin.orders.finding import FoundProject, shown
from wheelpin.orders.model import STANDARD_OUTPUT, LockOrder, Outputs, RefreshCommand, described
from wheelpin.orders.targets import TargetText, each_once, read_target, spelled
from wheelpin.project.model import NamedTarget, ProjectInputs
from wheelpin.project.reading import PYPROJECT
from wheelpin.project.table import Table
from wheelpin.requirements import FormatControl, Sources, is_address
from wheelpin.settings import ExplicitOptions, Layer, Said
from wheelpin.target import Target
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruling:
    """What a command says over a project's file; empty and None mean "not said". Paths start where the command runs."""

    targets: tuple[str, ...] = ()
    """Names of the file's targets, and targets as one spells them anywhere."""
    python_full_version: str | None = None
    marker_values: tuple[tuple[str, str], ...] = ()
    inputs: ProjectInputs = field(default_factory=ProjectInputs)
    options: ExplicitOptions = field(default_factory=ExplicitOptions)
    formats: tuple[LockFormat, ...] = ()
    lock_file: Path | None = None
    lock_folder: Path | None = None
    prereleases: bool = False
    align: bool = False
    upgrade: bool = False
    upgraded: frozenset[NormalizedName] = frozenset()
    refresh: RefreshCommand = field(default_factory=RefreshCommand)
    """The words that lead here, targets apart."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A target to be locked, and what the file says for it."""

    said: NamedTarget
    target: Target
    word: str
    """What ``--target`` has to say to lead there."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A project's file, what is said over it, and from where."""

    found: FoundProject
    over: Overruling
    seen_from: Path
    environ: Mapping[str, str]


def orders_of(
    found: FoundProject, over: Overruling, *, environ: Mapping[str, str], seen_from: Path
) -> tuple[LockOrder, ...]:
    """Return an order for every group of targets with the same inputs; raise a branch of `InputError`.

    Without a target in the file and in *over* there is one order, whose inputs have to name it.
    """
    reading = _Reading(found, over, seen_from, environ)
    wanted = _wanted(reading)
    if not wanted:
        return (_order(reading, (), found.project.inputs, found.project.formats),)
    groups: dict[tuple[ProjectInputs, tuple[LockFormat, ...]], list[_Wanted]] = {}
    for each in wanted:
        groups.setdefault((each.said.inputs, each.said.formats), []).append(each)
    orders = tuple(_order(reading, group, inputs, formats) for (inputs, formats), group in groups.items())
    _refuse_shared_locks(found.project.file, orders)
    return orders


def settings_layer(found: FoundProject) -> Layer:
    """Spell what the file says of indexes, with pip's words; paths start at its folder."""
    indexes, table = found.project.indexes, found.project.table
    said: dict[str, tuple[str, ...]] = {
        "index-url": (indexes.index_url,) if indexes.index_url is not None else (),
        "extra-index-url": indexes.extra_index_urls,
        "find-links": indexes.find_links,
        "no-index": ("yes",) if indexes.no_index else (),
        "exclude-newer": (indexes.exclude_newer,) if indexes.exclude_newer is not None else (),
    }
    places = ("index-url", "extra-index-url", "find-links")
    return {
        name: tuple(
            Said(
                _place(text, found.folder) if name in places else text,
                Origin(f"{table.file.name}, {'.'.join((*table.keys, name))}"),
            )
            for text in texts
        )
        for name, texts in said.items()
        if texts
    }


def _order(
    reading: _Reading, wanted: Iterable[_Wanted], inputs: ProjectInputs, formats: tuple[LockFormat, ...]
) -> LockOrder:
    found, over, project = reading.found, reading.over, reading.found.project
    wanted = tuple(wanted)
    sources, override_files = _sources(reading, inputs)
    folder = Path(shown(found.folder / project.lockfiles, reading.seen_from))
    options = over.options
    return LockOrder(
        folder=found.folder,
        sources=sources,
        override_files=override_files,
        described_inputs=described(sources, override_files),
        targets=each_once(each.target for each in wanted),
        python_full_version=over.python_full_version,
        marker_values=over.marker_values,
        options=replace(
            options,
            project_indexes={
                **{name: _place(url, found.folder) for name, url in project.indexes.project_indexes.items()},
                **options.project_indexes,
            },
            project_layer=settings_layer(found),
        ),
        format_control=FormatControl(only_binary=project.only_binary, no_binary=project.no_binary),
        prereleases=over.prereleases or project.prereleases,
        align=over.align or project.align,
        upgrade=over.upgrade,
        upgraded=over.upgraded,
        outputs=Outputs(
            formats=over.formats or formats,
            folder=over.lock_folder or folder,
            file=over.lock_file,
            files={
                each.target.name: Path(shown(found.folder / each.said.lockfile, reading.seen_from))
                for each in wanted
                if each.said.lockfile is not None and over.lock_folder is None
            },
        ),
        refresh=replace(over.refresh, targets={each.target.name: each.word for each in wanted}),
    )


def _sources(reading: _Reading, inputs: ProjectInputs) -> tuple[Sources, tuple[str, ...]]:
    """Return what is to be locked, and the files of overrides."""
    found, said = reading.found, reading.over.inputs
    from_here = [_from(reading, path) for path in said.constraints], [_from(reading, path) for path in said.overrides]
    constraints, overrides = map(tuple, from_here)
    groups = inputs.groups
    files = _default_files(found) if inputs.requirements is None else inputs.requirements
    if not files and not groups:
        raise NothingToLockError(found.project.file)
    sources = Sources(
        requirement_files=files,
        constraint_files=constraints or inputs.constraints,
        extras=said.extras or inputs.extras,
        all_extras=said.all_extras or inputs.all_extras,
        groups=groups,
        environ=reading.environ,
        origin=Origin(found.project.file),
    )
    return sources, overrides or inputs.overrides


def _default_files(found: FoundProject) -> tuple[str, ...]:
    """Return the pyproject.toml, if it has a table of dependencies."""
    path = found.folder / PYPROJECT
    if not path.is_file() or "project" not in Table.parse(read_text(path), path.as_posix()).values:
        return ()
    return (PYPROJECT,)


def _wanted(reading: _Reading) -> tuple[_Wanted, ...]:
    """Return the targets that *over* names, all of the file where it names none."""
    project, over = reading.found.project, reading.over
    if not over.targets:
        return tuple(_of_file(reading, said) for said in project.targets)
    named = {said.name: said for said in project.targets}
    return tuple(_of_file(reading, named[text]) if text in named else _spelled(reading, text) for text in over.targets)


def _of_file(reading: _Reading, said: NamedTarget) -> _Wanted:
    found, over = reading.found, reading.over
    text = TargetText(
        text=said.tags,
        python_full_version=over.python_full_version or said.python_full_version,
        marker_values=tuple({**said.markers, **dict(over.marker_values)}.items()),
        origin=Origin(found.project.file),
    )
    try:
        target = read_target(text, found.folder)
    except InputError:
        # Only now is the line worth looking for.
        target = read_target(replace(text, origin=found.project.table.origin_of(*said.keys)), found.folder)
    if said.name is None:
        return _Wanted(said, target, spelled(text, target, found.folder))
    return _Wanted(said, replace(target, name=said.name), said.name)


def _spelled(reading: _Reading, word: str) -> _Wanted:
    project, over = reading.found.project, reading.over
    text = TargetText(text=word, python_full_version=over.python_full_version, marker_values=over.marker_values)
    target = read_target(text, reading.seen_from)
    way = spelled(text, target, reading.seen_from)
    said = NamedTarget(name=None, tags=word, inputs=project.inputs, formats=project.formats, keys=("targets",))
    return _Wanted(said, target, way if way == target.name else _from(reading, way))


def _from(reading: _Reading, path: str) -> str:
    """Spell a path or address of the command line as the project's folder sees it."""
    if path == "-" or is_address(path) or reading.seen_from == reading.found.folder:
        return path
    return shown(reading.seen_from / path, reading.found.folder)


def _place(text: str, folder: Path) -> str:
    """Make the path of a folder absolute; addresses and paths of a home stay."""
    return text if is_address(text) or text.startswith("~") else str(folder / text)


def _refuse_shared_locks(file: str, orders: Iterable[LockOrder]) -> None:
    owners: dict[Path, str] = {}
    for order in orders:
        for target in order.targets:
            for output in order.outputs.of(target):
                owner = owners.setdefault(output.path, target.name)
                if owner != target.name and output.path != STANDARD_OUTPUT:
                    raise SameLockError(file, output.path.as_posix(), (owner, target.name))

"""Everything that a user names, read and joined into one `Inputs`."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, assert_never

from msgspec import Struct, field
from msgspec.structs import replace
from packaging.utils import canonicalize_name

from wheelpin.errors import InputError
from wheelpin.requirements.addresses import is_folder_address, relative_path_of
from wheelpin.requirements.logical_lines import Directive, read_directive
from wheelpin.requirements.model import FormatControl, IndexOptions, Inputs, PythonDemand, Requirement
from wheelpin.requirements.parse import parse_requirement, with_name
from wheelpin.requirements.pip_file import (
    IgnoredOption,
    IncludeLine,
    RequirementLine,
    Setting,
    SettingLine,
    iter_statements,
)
from wheelpin.requirements.reader import Document, IncludeCycleError, Reader, UnreadableInputError
from wheelpin.requirements.syntax import UnsupportedRequirementError
from wheelpin.values import COMMAND_LINE, Origin

if TYPE_CHECKING:
    from wheelpin.requirements.project_file import ProjectFile

PROJECT_FILE = "pyproject.toml"

_FOREIGN_LOCKS = {
    "uv.lock": "uv export --format pylock.toml -o pylock.toml",
    "pdm.lock": "pdm export -f pylock -o pylock.toml",
    "poetry.lock": "poetry export -o requirements.txt",
    "Pipfile": "pipenv requirements > requirements.txt",
    "Pipfile.lock": "pipenv requirements > requirements.txt",
}
"""Files of other tools that have no standard form, and the command that gives them one."""

_PYLOCK = re.compile(r"pylock\.(?:[^.]+\.)?toml")
_LAST_PART = re.compile(r"[^/\\]*$")


class Sources(Struct, frozen=True, kw_only=True):
    """What the user names, in the order of the command line."""

    requirements: tuple[str, ...] = ()
    """Requirements in full."""
    requirement_files: tuple[str, ...] = ()
    """``-r``: requirements files, locks, pyproject.toml, pylock.toml; paths, addresses or ``-``."""
    constraint_files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    """Extras of the project files among the requirement files."""
    all_extras: bool = False
    groups: tuple[str, ...] = ()
    """Dependency groups: ``GROUP`` of the project files named, or of that in the working folder; ``FILE:GROUP``."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Fills ``${VAR}`` in requirements files."""
    origin: Origin = COMMAND_LINE
    """Where the user names all this."""


class ConstraintError(InputError):
    """A constraint asks for what a constraint cannot ask for."""

    def __init__(self, requirement: str, reason: str, origin: Origin) -> None:
        super().__init__(requirement, reason, origin)
        self.requirement, self.reason, self.origin = requirement, reason, origin

    def __str__(self) -> str:
        """Name the place, the constraint and the reason."""
        return f"{self.origin}: {self.requirement!r} is no constraint: {self.reason}"


class DirectivesDifferError(InputError):
    """Two files are meant for different targets."""

    def __init__(self, first: Directive, second: Directive) -> None:
        super().__init__(first, second)
        self.first, self.second = first, second

    def __str__(self) -> str:
        """Name both places."""
        return f"{self.second.origin} asks for another target than {self.first.origin}"


class HashMissingError(InputError):
    """``--require-hashes`` was said, and a requirement has none."""

    def __init__(self, requirement: str, origin: Origin) -> None:
        super().__init__(requirement, origin)
        self.requirement, self.origin = requirement, origin

    def __str__(self) -> str:
        """Name the place and the requirement."""
        return f"{self.origin}: {self.requirement!r} has no --hash, and --require-hashes asks for one"


class ExtrasWithoutProjectError(InputError):
    """Extras are asked for, and no project file is."""

    hint = f"add -r {PROJECT_FILE}, or write NAME[EXTRA] for an extra of another project"

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self.origin = origin

    def __str__(self) -> str:
        """Name the place."""
        return f"{self.origin}: extras are asked for, but of no project"


def read_inputs(sources: Sources, reader: Reader) -> Inputs:
    """Read all *sources*, and what they include, in pip's order; order and duplicates are kept.

    Raise a branch of `InputError` that names the file and the line.
    """
    collector = _Collector(sources, reader)
    for location in sources.constraint_files:
        collector.read(location, _Including(is_constraint=True, origin=sources.origin))
    for text in sources.requirements:
        collector.add(collector.parsed(text, sources.origin), _Including())
    for location in sources.requirement_files:
        collector.read(location, _Including(origin=sources.origin))
    collector.read_groups()
    return collector.inputs()


class _Including(Struct, frozen=True):
    """Where a file or requirement is included from."""

    chain: tuple[Document, ...] = ()
    """The files around it, outermost first."""
    is_constraint: bool = False
    origin: Origin = COMMAND_LINE

    @property
    def location(self) -> str | None:
        return self.chain[-1].location if self.chain else None


class _Collector(Struct):
    """Gathers what the sources say, in order."""

    sources: Sources
    reader: Reader
    requirements: list[Requirement] = field(default_factory=list)
    constraints: list[Requirement] = field(default_factory=list)
    projects: "list[ProjectFile]" = field(default_factory=list)
    index_url: str | None = None
    extra_index_urls: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    trusted_hosts: list[str] = field(default_factory=list)
    only_binary: set[str] = field(default_factory=set)
    no_binary: set[str] = field(default_factory=set)
    flags: set[Setting] = field(default_factory=set)
    directive: Directive | None = None
    python_demands: list[PythonDemand] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def inputs(self) -> Inputs:
        if Setting.REQUIRE_HASHES in self.flags:
            for requirement in self.requirements:
                if not requirement.hashes and "sha256=" not in (requirement.url or ""):
                    raise HashMissingError(str(requirement), requirement.origin)
        said = self.directive
        return Inputs(
            requirements=tuple(self.requirements),
            constraints=tuple(self.constraints),
            options=IndexOptions(
                index_url=self.index_url,
                extra_index_urls=tuple(self.extra_index_urls),
                find_links=tuple(self.find_links),
                no_index=Setting.NO_INDEX in self.flags,
                trusted_hosts=tuple(self.trusted_hosts),
            ),
            format_control=FormatControl(only_binary=frozenset(self.only_binary), no_binary=frozenset(self.no_binary)),
            allow_prereleases=Setting.PRE in self.flags,
            target=None if said is None else said.target,
            python_full_version=None if said is None else said.python_full_version,
            directive_origin=None if said is None else said.origin,
            warnings=tuple(self.warnings),
            python_demands=tuple(self.python_demands),
        )

    def read(self, location: str, including: _Including) -> None:
        """Read one file of any kind in the place that includes it."""
        document = self.reader.read(location, relative_to=including.location, asked_by=including.origin)
        names = [around.name for around in including.chain]
        if document.location in (around.location for around in including.chain):
            raise IncludeCycleError((*names, document.name), including.origin)
        inside = replace(including, chain=(*including.chain, document))
        filename = _LAST_PART.findall(document.name)[0]
        if (command := _FOREIGN_LOCKS.get(filename)) is not None:
            reason = "this form is its own tool's alone"
            raise UnreadableInputError(location, reason, including.origin, f"export it first: {command}")
        if _PYLOCK.fullmatch(filename):
            self._read_pylock(document, inside)
        elif filename.endswith(".toml"):
            self._read_project_file(document, inside)
        else:
            self._read_requirements_file(document, inside)

    def read_groups(self) -> None:
        """Read the dependency groups asked for, and make sure that the extras were those of some project."""
        for asked in self.sources.groups:
            location, colon, group = asked.rpartition(":")
            if colon or not self.projects:
                project = self._open_project(location or PROJECT_FILE)
                self._add_all(project.iter_group(group), _Including())
            else:
                for project in self.projects:
                    self._add_all(project.iter_group(group), _Including())
        if (self.sources.extras or self.sources.all_extras) and not self.projects:
            raise ExtrasWithoutProjectError(self.sources.origin)

    def add(self, requirement: Requirement, including: _Including, *, paths_beside: str | None = None) -> None:
        """Keep one requirement or constraint, its path made absolute."""
        if requirement.url is not None and (path := relative_path_of(requirement.url)) is not None:
            address = self.reader.address_of(path, relative_to=paths_beside)
            _, mark, fragment = requirement.url.partition("#")
            requirement = replace(requirement, url=f"{address}{mark}{fragment}")
        if requirement.url is not None and is_folder_address(requirement.url):
            requirement = replace(requirement, url=self._folder(requirement.url, requirement))
        if not including.is_constraint:
            self.requirements.append(requirement)
        elif requirement.extras:
            raise ConstraintError(str(requirement), "it has extras", requirement.origin)
        else:
            self.constraints.append(requirement)

    def parsed(self, text: str, origin: Origin) -> Requirement:
        """Read one requirement; the folder of a project needs no name before it."""
        return parse_requirement(with_name(text, self.reader.project_in), origin)

    def _folder(self, url: str, requirement: Requirement) -> str:
        """Return the address of a project's folder, its digest behind it: with another content it is another one."""
        address = url.partition("#")[0]
        if (digest := self.reader.digest_of_folder(address)) is None:
            reason = "leads neither to a wheel or an sdist nor to the folder of a project"
            raise UnsupportedRequirementError(str(requirement), reason, requirement.origin)
        return f"{address}#sha256={digest}"

    def _add_all(self, requirements: Iterable[Requirement], including: _Including, beside: str | None = None) -> None:
        for requirement in requirements:
            self.add(requirement, including, paths_beside=beside)

    def _open_project(self, location: str) -> "ProjectFile":
        return _parse_project(self.reader.read(location, relative_to=None, asked_by=self.sources.origin))

    def _read_pylock(self, document: Document, including: _Including) -> None:
        from wheelpin.requirements.pylock_file import parse_pylock  # noqa: PLC0415 - 5 ms, for those who have one

        requirements, demand = parse_pylock(document.text, document.name)
        self.python_demands.extend([demand] if demand else [])
        self._add_all(requirements, including, beside=document.location)

    def _read_project_file(self, document: Document, including: _Including) -> None:
        project = _parse_project(document)
        demand = project.python_demand()
        self.python_demands.extend([demand] if demand else [])
        self._add_all(project.iter_dependencies(), including)
        if including.is_constraint:
            return
        self.projects.append(project)
        wanted = project.extras if self.sources.all_extras else map(canonicalize_name, self.sources.extras)
        for extra in wanted:
            self._add_all(project.iter_extra(extra), including)

    def _read_requirements_file(self, document: Document, including: _Including) -> None:
        if not including.is_constraint:
            self._heed(read_directive(document.text, document.name))
        for statement in iter_statements(document.text, document.name, self.sources.environ):
            match statement:
                case RequirementLine(text=text, hashes=hashes, origin=origin):
                    self.add(replace(self.parsed(text, origin), hashes=hashes), including)
                case IncludeLine(location=location, is_constraint=is_constraint, origin=origin):
                    self.read(location, replace(including, is_constraint=is_constraint, origin=origin))
                case SettingLine():
                    self._apply(statement, document)
                case IgnoredOption(option=option, origin=origin):
                    self.warnings.append(f"{origin}: {option} changes nothing here")
                case _:
                    assert_never(statement)

    def _heed(self, directive: Directive | None) -> None:
        if directive is None or self.directive is None:
            self.directive = self.directive or directive
        elif (directive.target, directive.python_full_version) != (
            self.directive.target,
            self.directive.python_full_version,
        ):
            raise DirectivesDifferError(self.directive, directive)

    def _apply(self, line: SettingLine, document: Document) -> None:
        match line.setting:
            case Setting.INDEX_URL:
                self.index_url = line.value
            case Setting.EXTRA_INDEX_URL:
                self.extra_index_urls.append(line.value)
            case Setting.FIND_LINKS:
                self.find_links.append(self.reader.find_links(line.value, relative_to=document.location))
            case Setting.TRUSTED_HOST:
                self.trusted_hosts.append(line.value)
            case Setting.ONLY_BINARY:
                _choose(line.value, self.only_binary, self.no_binary)
            case Setting.NO_BINARY:
                _choose(line.value, self.no_binary, self.only_binary)
            case Setting.NO_INDEX | Setting.PRE | Setting.REQUIRE_HASHES:
                self.flags.add(line.setting)
            case _:
                assert_never(line.setting)


def _parse_project(document: Document) -> "ProjectFile":
    from wheelpin.requirements.project_file import ProjectFile  # noqa: PLC0415 - 5 ms, for those who have one

    return ProjectFile.parse(document.text, document.name)


def _choose(names: str, chosen: set[str], other: set[str]) -> None:
    """Apply one ``--only-binary`` or ``--no-binary``: a name is in one of the two, and the later word counts."""
    for name in names.split(","):
        match name.strip():
            case ":all:":
                other.clear()
                chosen.clear()
                chosen.add(":all:")
            case ":none:":
                chosen.clear()
            case "":
                pass
            case project:
                other.discard(canonicalize_name(project))
                chosen.add(canonicalize_name(project))
